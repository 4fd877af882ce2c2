"""The catalogue's commands: JSON on stdout, one line on stderr, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agent.commands.catalog import catalog_app
from tools.errors import InputError


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch, home: Path, tmp_path: Path) -> None:
    monkeypatch.setenv("INTERAREC_HOME", str(home))
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    outcome = CliRunner().invoke(catalog_app, [*arguments, "--json"])
    if isinstance(outcome.exception, Exception):
        raise outcome.exception
    return outcome.exit_code, json.loads(outcome.stdout)


def test_build_search_facts(tmp_path: Path) -> None:
    source = tmp_path / "shop.csv"
    source.write_text(
        "id,title,price,currency,brand,colour\n"
        "1,Blue desk lamp,20,GBP,Kestrel,Blue\n2,Red desk lamp,30,GBP,Kestrel,Red\n"
        "3,Blue rug,90,GBP,Nimbus,Navy\n4,broken,-1,GBP,,\n"
    )
    out = str(tmp_path / "catalog")
    code, report = run("build", str(source), "--out", out, "--encoder", "hashing")
    assert code == 3
    assert (report["kept"], report["quarantined"]) == (3, 1)
    assert report["warnings"]
    code, found = run("search", "lamp", "--catalog", out, "--color", "blue", "--k", "5")
    assert code == 0
    assert (found["exact"], found["filtered"]) == (True, 2)
    assert [i["id"] for i in found["items"]] == ["1", "3"]
    assert found["items"][0]["price"] == 20
    assert found["items"][0]["currency"] == "GBP"
    code, found = run("search", "", "--catalog", out, "--exclude", "id=1", "--price-upper", "50")
    assert [i["id"] for i in found["items"]] == ["2"]
    code, facts = run("facts", "--catalog", out, "--brand", "kestrel")
    assert code == 0
    assert (facts["count"], facts["price_lower"], facts["price_upper"]) == (2, 20, 30)
    code, facts = run("facts", "--catalog", out, "--price-upper", "5", "--currency", "EUR")
    assert code == 3
    assert facts["count"] == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("search", "x", "--catalog", "absent"), "absent"),
        (("build", "absent.csv", "--out", "x"), r"absent\.csv"),
        (("build", "absent.csv", "--out", "x", "--map", "price"), "--map takes NAME=VALUE"),
    ],
)
def test_bad_input_is_one_clear_error(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        run(*arguments)


@pytest.mark.parametrize("bad", ["flavour=mint", "color=", "color"])
def test_unknown_exclusions_are_refused(shop_folder: Path, bad: str) -> None:
    with pytest.raises(InputError, match="--exclude takes"):
        run("search", "x", "--catalog", str(shop_folder), "--exclude", bad)


@pytest.mark.parametrize("bad", ["storage", "storage>=many", "=5"])
def test_unreadable_attribute_filters_are_refused(shop_folder: Path, bad: str) -> None:
    with pytest.raises(InputError, match=r"--attribute takes|known unit"):
        run("facts", "--catalog", str(shop_folder), "--attribute", bad)


def test_words_of_the_query_become_filters(shop_folder: Path) -> None:
    where = ("--catalog", str(shop_folder))
    _, found = run("search", "red running shoe under £120", *where, "--k", "50")
    limits = found["constraints"]
    assert (limits["price_upper"], limits["currency"]) == (120, "GBP")
    assert limits["colors"] == ["red"]
    assert found["items"]
    assert all(i["price"] <= 120 and "red" in i["title"] for i in found["items"])
    assert found["text"] == "running shoe", "what became a filter is no text any more"
    _, without = run("search", "running shoe, not red", *where, "--k", "50")
    assert without["constraints"]["exclude"]["colors"] == ["red"]
    assert without["items"]
    assert not any("red" in i["title"] for i in without["items"])
    assert "red" not in without["text"], "products would be found for the word that is not wanted"
    _, literal = run("search", "red running shoe under £120", *where, "--literal")
    assert literal["constraints"]["colors"] == []
    _, option = run("search", "red running shoe", *where, "--color", "navy")
    assert option["constraints"]["colors"] == ["navy"]
    code, none = run("search", "red shoe under £1", *where)
    assert code == 3
    assert none["items"]
    assert none["warnings"][0]["code"] == "words_not_filters"


def test_what_was_read_as_filters_is_told(shop_folder: Path) -> None:
    asked = ["search", "red running shoe under £120", "--catalog", str(shop_folder)]
    told = CliRunner().invoke(catalog_app, asked).stdout
    assert "read as filters: up to £120, in red; looked for: running shoe" in told
    plain = CliRunner().invoke(catalog_app, [*asked, "--literal"]).stdout
    assert "read as filters" not in plain


def test_attribute_filters(shop_folder: Path) -> None:
    _, every = run("facts", "--catalog", str(shop_folder), "--attribute", "storage>=1MB")
    _, large = run("facts", "--catalog", str(shop_folder), "--attribute", "storage>=0.128TB")
    _, named = run("facts", "--catalog", str(shop_folder), "--attribute", "storage=64 gb")
    assert 0 < large["count"] < every["count"] == large["count"] + named["count"]


def test_an_unknown_option_is_bad_usage() -> None:
    outcome = CliRunner().invoke(catalog_app, ["search", "x", "--flavour", "mint"])
    assert outcome.exit_code == 2


def test_the_report_page_shows_what_is_sold(shop_folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    outcome = CliRunner().invoke(
        catalog_app, ["report", "--catalog", str(shop_folder), "--out", str(page)]
    )
    assert outcome.exit_code == 0
    text = page.read_text()
    _, facts = run("facts", "--catalog", str(shop_folder))
    assert f"<b>{facts['count']}</b>products in stock" in text
    assert "Marks &amp; Tanner" in text, "words of the shop are text, never markup"
    assert text.count("<rect") == 30
    assert "<script" not in text


def test_more_like_a_product_and_its_pages(shop_folder: Path) -> None:
    where = ("--catalog", str(shop_folder))
    _, found = run("search", "--like", "item-3", *where, "--k", "4")
    assert "item-3" not in [i["id"] for i in found["items"]]
    _, second = run("search", "--like", "item-3", *where, "--k", "2", "--offset", "2")
    assert [i["id"] for i in second["items"]] == [i["id"] for i in found["items"][2:]]
    _, red = run("search", "--like", "item-3", *where, "--color", "red", "--exact")
    assert red["exact"]
    assert all("Red" in i["colors"] or "red" in i["title"] for i in red["items"])
    with pytest.raises(InputError, match="alone"):
        run("search", "lamp", "--like", "item-3", *where)
    with pytest.raises(InputError, match="'nope'"):
        run("search", "--like", "nope", *where)
    with pytest.raises(InputError, match="relevance, price"):
        run("search", "lamp", "--sort", "colour", *where)
    with pytest.raises(InputError, match="hybrid, dense, lexical"):
        run("search", "lamp", "--mode", "psychic", *where)
