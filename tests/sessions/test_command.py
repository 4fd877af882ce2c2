"""`interarec session` as a person or another program meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sessions.worlds import shelves
from tests.support.command import answered, refused, run
from tools.sessions.data import SessionData, Sessions


def written(folder: Path, data: SessionData, *, text: bool = False) -> Path:
    """A folder in the layout."""
    folder.mkdir(parents=True, exist_ok=True)

    def rows(part: Sessions) -> str:
        lines = ["prev_items,next_item"]
        for row, target in zip(part, part.targets, strict=True):
            views = " ".join(data.item_ids[i] for i in row)
            lines.append(f"{views},{data.item_ids[target]}")
        return "\n".join(lines)

    for part in ("train", "valid", "test"):
        (folder / f"sessions_{part}.csv").write_text(rows(getattr(data, part)))
    if text and data.products:
        titles = data.products.columns["title"]
        lines = [f"{i},{t}" for i, t in zip(data.item_ids, titles, strict=True)]
        (folder / "products.csv").write_text("\n".join(["id,title", *lines]))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sessions without any text."""
    return written(tmp_path_factory.mktemp("sessions"), shelves(200))


@pytest.mark.parametrize("model", ["popularity", "vsknn+rules", "hybrid"])
def test_evaluate_prints_what_is_promised(model: str, folder: Path, tmp_path: Path) -> None:
    told = answered(
        run("session", "evaluate", "--data", folder, "--model", model, "--json", home=tmp_path)
    )
    for name in ("recall@20", "recall@50", "mrr@20", "mrr@50"):
        low, high = told["ci"][name]
        assert 0 <= low <= told[name] <= high <= 1
    assert isinstance(told["viewed_removed"], bool)
    assert told["seconds_per_epoch"] >= 0
    assert told["rows"]["test"] == 100


def test_evaluate_compares_in_pairs(folder: Path, tmp_path: Path) -> None:
    done = run(
        "session", "evaluate", "--data", folder, "--model", "vsknn", "--against",
        "popularity, rules", "--test-rows", "60", "--share", "0.5", home=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "60 test rows" in done.stdout
    assert "against popularity" in done.stdout
    assert "against rules" in done.stdout


def test_train_then_rank_and_evaluate_the_same_model(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "model"
    trained = answered(
        run("session", "train", "--data", folder, "--model", "vsknn", "--out", out, "--json",
            home=tmp_path)
    )  # fmt: skip
    ranked = answered(
        run("session", "rank", "i3", "nothing", "--model", out, "--k", "4", "--json",
            home=tmp_path)
    )  # fmt: skip
    assert len(ranked["items"]) == 4
    assert ranked["unknown"] == ["nothing"]
    assert ranked["viewed_removed"] == trained["viewed_removed"]
    # Of a shopper who viewed nothing yet, V-SKNN knows nothing.
    assert answered(run("session", "rank", "--model", out, "--json", home=tmp_path))["items"] == []
    saved = answered(
        run("session", "evaluate", "--data", folder, "--model", out, "--json", home=tmp_path)
    )
    fresh = answered(
        run("session", "evaluate", "--data", folder, "--model", "vsknn", "--json", home=tmp_path)
    )
    assert saved["mrr@20"] == fresh["mrr@20"]
    stored = out / "arrays.safetensors"
    stored.write_bytes(stored.read_bytes()[:100])
    done = run("session", "rank", "i3", "--model", out, home=tmp_path)
    assert "digest" in refused(done)


def test_rivals_of_a_saved_model_keep_their_texts(tmp_path: Path) -> None:
    data = written(tmp_path / "data", shelves(60, text=True), text=True)
    out = tmp_path / "model"
    base = ("session", "evaluate", "--data", data, "--json")
    answered(
        run("session", "train", "--data", data, "--model", "popularity", "--out", out, "--json",
            home=tmp_path)
    )  # fmt: skip
    beside = answered(run(*base, "--model", out, "--against", "text", home=tmp_path))
    alone = answered(run(*base, "--model", "text", home=tmp_path))
    assert beside["against"]["text"]["mrr@20"] == alone["mrr@20"] > 0


def test_the_papers_rule_keeps_recall_at_its_own_length(tmp_path: Path) -> None:
    folder = written(tmp_path / "data", shelves(150, text=True), text=True)
    told = {}
    for rerank in ([], ["--rerank", "paper", "--candidates", "50"]):
        told[len(rerank)] = answered(
            run("session", "evaluate", "--data", folder, "--model", "vsknn", *rerank, "--json",
                home=tmp_path)
        )  # fmt: skip
    plain, again = told[0], told[4]
    side = "without_viewed" if again["viewed_removed"] else "with_viewed"
    assert again["candidates"] == 50
    assert again[side]["recall@50"] == plain[side]["recall@50"]
    assert "not pictures" in again["summary_from"]


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["evaluate", "--data", "nowhere"], "no folder"),
        (["evaluate", "--data", ".", "--model", "vsknn"], "no training sessions"),
        (["evaluate", "--data", "DATA", "--model", "nope"], "no model is called"),
        (["evaluate", "--data", "DATA", "--model", "text"], "items have no text"),
        (["evaluate", "--data", "DATA", "--model", "rules", "--rerank", "x"], "knows 'paper'"),
        (["evaluate", "--data", "DATA", "--share", "2"], "share"),
        (["evaluate", "--data", "DATA", "--model", "vsknn", "--set", "a"], "name=value"),
        (["evaluate", "--data", "DATA", "--model", "vsknn", "--set", "a=1"], "no such setting"),
        (["evaluate", "--data", "DATA", "--locale", "UK"], "no column locale"),
        (["rank", "a", "--model", "nowhere"], "no session model"),
    ],
)
def test_bad_usage_is_one_line(args: list[str], says: str, folder: Path, tmp_path: Path) -> None:
    given = [str(folder) if a == "DATA" else a for a in args]
    assert says in refused(run("session", *given, home=tmp_path, cwd=tmp_path))
