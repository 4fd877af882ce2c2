from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from evals.cases import AnswerGold, DialogueGold, LimitsGold, PictureGold, RequestGold, SessionGold
from evals.loaders import (
    load_cases,
    load_dialogues,
    load_pictures,
    load_queries,
    load_sessions,
    load_utterances,
)
from tools.errors import CaseError

PICTURE: dict[str, Any] = {
    "id": "p1", "file": "images/p1.jpg", "session": "s1", "currency": "EUR", "site": "shop",
    "products": [{"title": "Cap", "brand": None, "price": 19.9, "old_price": None,
                  "color": "gray", "rating": None, "reviews": None}],
    "clipped_products": [{"title": "Sofa", "brand": None, "price": 899.51, "old_price": None}],
    "other_amounts": [{"amount": 50, "what": "free delivery"}], "promotions": ["-25 %"],
}  # fmt: skip
SESSION: dict[str, Any] = {
    "session_id": "s1", "frames": ["p1"],
    "summary": {"Product Characteristics": "A cap", "Lowest Price": "€19.90",
                "Highest Price": "€19.90", "Brand Preference": "not available",
                "Product Specifications": "not available",
                "User Reviews and Testimonials": "not available",
                "Comparisons": "not available", "Promotions": "-25 %"},
    "constraints": {"lowest_price": 19.9, "highest_price": 19.9, "currency": "EUR",
                    "color": "gray", "brand": None, "category": "hat"},
    "accept": {"color": ["black"]},
}  # fmt: skip
DIALOGUE: dict[str, Any] = {
    "id": "d1",
    "turns": [
        {"user": "a cap under $50", "op": "new", "expected_state": {"price_upper": 50}},
        {"user": "any colour", "op": "reset_color", "expected_state": {"color": None}},
    ],
}
QUERY: dict[str, Any] = {
    "id": "q1", "text": "red cap under $30",
    "gold": {"color": ["red"], "product_type": ["cap"], "price_span": ["under $30"],
             "price_lower": None, "price_upper": 30.0, "currency": "USD"},
}  # fmt: skip
UTTERANCE: dict[str, Any] = {
    "id": "u1", "text": "a cap over 5 pesos", "intent": "product",
    "gold": {"items": [{"price_lower": 5, "price_upper": None, "currency": "PHP", "color": None}]},
}  # fmt: skip


def write(path: Path, *rows: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def shots(folder: Path, *pictures: Any, sessions: tuple[Any, ...] = ()) -> Path:
    write(folder / "labels.jsonl", *pictures)
    write(folder / "sessions.jsonl", *sessions)
    (folder / "images").mkdir()
    (folder / "images" / "p1.jpg").write_bytes(b"")
    return folder


def test_the_layouts_of_outside_data_become_cases(tmp_path: Path) -> None:
    folder = shots(tmp_path / "shots", PICTURE, sessions=(SESSION,))
    (picture,) = load_pictures(folder)
    assert isinstance(picture.gold, PictureGold)
    assert (picture.group, picture.gold.prices) == ("s1", [Decimal("19.9")])
    assert picture.gold.other_amounts == (Decimal(50),)
    (session,) = load_sessions(folder)
    assert isinstance(session.gold, SessionGold)
    assert session.frames == (str(folder / "images/p1.jpg"),)
    assert session.gold.limits.colors == ("gray", "black")
    assert session.gold.limits.brands == ()
    assert session.gold.summary["user_reviews"] == "not available"
    (dialogue,) = load_dialogues(write(tmp_path / "d.jsonl", DIALOGUE))
    assert isinstance(dialogue.gold, DialogueGold)
    assert dialogue.gold.states == ({"price_upper": 50}, {"color": None})
    (query,) = load_queries(write(tmp_path / "q.jsonl", QUERY))
    assert isinstance(query.gold, LimitsGold)
    assert (query.gold.price_upper, query.gold.price_named) == (Decimal(30), True)
    (request,) = load_utterances(write(tmp_path / "u.jsonl", UTTERANCE))
    assert isinstance(request.gold, RequestGold)
    assert request.gold.items[0].lower == Decimal(5)


OWN = {
    "id": "c1",
    "why": "no tool is needed for a greeting",
    "texts": ["hello"],
    "gold": {"kind": "answer", "calls": []},
    "metrics": ["calls", "grounding"],
}


def test_own_cases_are_read_from_json_lines_and_yaml(tmp_path: Path) -> None:
    import yaml

    jsonl = load_cases(write(tmp_path / "own.jsonl", OWN))
    (tmp_path / "own.yaml").write_text(yaml.safe_dump([OWN]), encoding="utf-8")
    assert jsonl == load_cases(tmp_path / "own.yaml")
    assert isinstance(jsonl[0].gold, AnswerGold)


def without(row: dict[str, Any], key: str) -> dict[str, Any]:
    return {k: v for k, v in row.items() if k != key}


BAD_OWN = {
    "gold missing": (without(OWN, "gold"), "gold: Field required"),
    "kind unknown": (OWN | {"gold": {"kind": "poem"}}, "gold"),
    "metric unknown": (OWN | {"metrics": ["vibes"]}, "no metric 'vibes'; known are"),
    "metric of another kind": (OWN | {"metrics": ["prices"]}, "needs a gold of kind 'picture'"),
    "no input": (OWN | {"texts": []}, "needs frames or texts"),
    "states and turns differ": (
        OWN | {"gold": {"kind": "dialogue", "states": [{}, {}]}, "metrics": []},
        "1 turns are said and 2 states",
    ),
    "strange field": (OWN | {"weight": 2}, "weight"),
    "not an object": ("[1, 2]", "a row is an object"),
    "not JSON": ("{", "not JSON"),
    "not a number": ('{"id": "x", "gold": {"value": NaN}}', "gold.value is not a finite number"),
}


@pytest.mark.parametrize("fault", BAD_OWN)
def test_a_bad_row_is_one_line_with_file_and_row(tmp_path: Path, fault: str) -> None:
    row, reason = BAD_OWN[fault]
    path = write(tmp_path / "own.jsonl", OWN, row)
    with pytest.raises(CaseError) as caught:
        load_cases(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: row 2: ")
    assert reason in message
    assert "\n" not in message


def test_duplicate_ids_name_both_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "d.jsonl", DIALOGUE, DIALOGUE | {"id": "d2"}, DIALOGUE)
    with pytest.raises(CaseError, match=r"row 3: the id 'd1' already stands in row 1"):
        load_dialogues(path)


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_files_without_rows_and_without_existence(tmp_path: Path, content: str) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text(content, encoding="utf-8")
    with pytest.raises(CaseError, match="there are no rows"):
        load_queries(empty)
    with pytest.raises(CaseError, match="No such file"):
        load_queries(tmp_path / "none.jsonl")


def test_outside_rows_that_do_not_fit_are_named(tmp_path: Path) -> None:
    broken = QUERY | {"gold": without(QUERY["gold"], "price_upper")}
    with pytest.raises(CaseError, match=r"row 2: gold\.price_upper: Field required"):
        load_queries(write(tmp_path / "q.jsonl", QUERY, broken))
    state = {"id": "x", "turns": [{"user": "hi", "expected_state": {"colour": "red"}}]}
    with pytest.raises(CaseError, match=r"row 1: turns\.0\.expected_state\.colour"):
        load_dialogues(write(tmp_path / "d.jsonl", state))
    with pytest.raises(CaseError, match="there is no picture"):
        load_pictures(shots(tmp_path / "a", PICTURE | {"file": "images/gone.jpg"}))
    unlabelled = SESSION | {"frames": ["p1", "p9"]}
    with pytest.raises(CaseError, match="frame 'p9' is not in labels"):
        load_sessions(shots(tmp_path / "b", PICTURE, sessions=(unlabelled,)))
    summary = without(SESSION["summary"], "Promotions")
    with pytest.raises(CaseError, match="the category 'promotions'"):
        load_sessions(shots(tmp_path / "c", PICTURE, sessions=(SESSION | {"summary": summary},)))
