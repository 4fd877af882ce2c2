from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from evals.__main__ import main
from evals.baselines import RegexBaseline
from evals.cases import (
    Case,
    DialogueGold,
    GoldProduct,
    LimitsGold,
    PictureGold,
    PriceLimits,
    RequestGold,
)
from evals.scorers import judge_case, scorers_for
from evals.systems import Language, Reader, System, halves, vocabulary_of

DIALOGUE = Case(
    id="d1",
    texts=(
        "a rain coat for less than £80",
        "only Nordweg, please",
        "what if I could spend £20 more?",
        "any brand is fine",
    ),
    gold=DialogueGold(
        states=(
            {"currency": "GBP", "price_lower": None, "price_upper": 80},
            {"price_upper": 80, "brand": ["Nordweg"]},
            {"price_upper": 100, "brand": ["Nordweg"]},
            {"price_upper": 100, "brand": None},
        )
    ),
)


def judged(system: System, case: Case) -> dict[str, float]:
    return judge_case(scorers_for(case), case, system.run(case)).scores


def test_the_language_system_follows_a_dialogue_turn_by_turn() -> None:
    scores = judged(Language({"brands": ("Nordweg", "Fjell")}), DIALOGUE)
    assert scores["joint_dialogue"] == 1.0
    assert scores["price_turn"] == 1.0


def test_the_language_system_reads_requests_and_queries() -> None:
    request = Case(
        id="r",
        texts=("Find a shop with a lamp for over 20 dollars and a rug between 50 and 90 dollars.",),
        gold=RequestGold(
            currency="USD",
            items=(
                PriceLimits(lower=Decimal(20)),
                PriceLimits(lower=Decimal(50), upper=Decimal(90)),
            ),
        ),
    )
    assert judged(Language(), request)["request_exact"] == 1.0
    query = Case(
        id="q",
        texts=("teal rug under $90",),
        gold=LimitsGold(
            colors=("teal",), categories=("rug",), price_upper=Decimal(90), currency="USD"
        ),
    )
    known = Language({"colors": ("teal",), "categories": ("rug",)})
    scores = judged(known, query)
    assert (scores["color_f1"], scores["price_exact"], scores["invented"]) == (1.0, 1.0, 0.0)


def test_the_baseline_knows_prices_and_nothing_else() -> None:
    scores = judged(RegexBaseline(), DIALOGUE)
    assert scores["price_upper_turn"] == 1.0
    assert scores["set_brand_turn"] == 0.0


def test_the_reader_system_reads_a_drawn_page(tmp_path: Path) -> None:
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("RGB", (900, 520), "white")
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=24)
    entries = (("Trail Jacket", "$89.90", "green"), ("Canvas Shoes", "$45.50", "blue"))
    for column, (title, price, color) in enumerate(entries):
        left = 80 + 420 * column
        draw.rectangle((left, 60, left + 260, 340), fill=color)
        draw.text((left, 360), title, fill="black", font=font)
        draw.text((left, 400), price, fill="black", font=font)
    page.save(tmp_path / "page.png")
    case = Case(
        id="p",
        frames=(str(tmp_path / "page.png"),),
        gold=PictureGold(
            currency="USD",
            products=tuple(
                GoldProduct(title=title, price=Decimal(price[1:]), color=color)
                for title, price, color in entries
            ),
        ),
    )
    scores = judged(Reader(), case)
    assert scores["price_recall"] == scores["price_precision"] == 1.0
    assert scores["currency"] == 1.0


def queries() -> list[Case]:
    return [
        Case(id=f"q{i}", texts=("red cap",), gold=LimitsGold(colors=("Red",), brands=(f"b{i}",)))
        for i in range(40)
    ]


def test_the_vocabulary_comes_from_one_half_and_the_test_from_the_other() -> None:
    built, tested = halves(queries())
    assert len(built) + len(tested) == 40
    assert 10 < len(built) < 30
    assert not {c.id for c in built} & {c.id for c in tested}
    assert halves(queries()[:20])[0] == built[: len(halves(queries()[:20])[0])]
    vocabulary = vocabulary_of(built)
    assert vocabulary["colors"] == ("Red",)
    assert set(vocabulary["brands"]) == {f"b{c.id[1:]}" for c in built}


def test_the_command_prints_the_table_and_keeps_every_case(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert isinstance(DIALOGUE.gold, DialogueGold)
    said = zip(DIALOGUE.texts, DIALOGUE.gold.states, strict=True)
    turns = [{"user": text, "op": "turn", "expected_state": state} for text, state in said]
    data, out = tmp_path / "d.jsonl", tmp_path / "out.jsonl"
    rows = [json.dumps({"id": f"d{i}", "turns": turns}) for i in range(12)]
    data.write_text("\n".join(rows), encoding="utf-8")
    arguments = ["score", "whatif", "--data", str(data), "--out", str(out)]
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--json"])
    assert ended.value.code == 0
    printed = json.loads(capsys.readouterr().out)
    figure = printed["suites"]["dialogues"]["price_turn"]
    assert (figure["estimate"], figure["chances"]) == (1.0, 48)
    assert figure["interval"]["clusters"] == 12
    assert len(out.read_text().splitlines()) == 12
    with pytest.raises(SystemExit):
        main([*arguments, "--baseline"])
    table = capsys.readouterr().out
    assert "price state right, whole dialogue" in table
    assert "NO" in table
