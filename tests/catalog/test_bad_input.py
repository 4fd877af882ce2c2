"""Files and requests that nobody should send: one clear sentence, and nothing is obeyed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from typer.testing import CliRunner

from agent.cli import main
from agent.commands.catalog import catalog_app
from tests.catalog.conftest import Importer, write_jsonl
from tools.catalog.search import Mode
from tools.catalog.values import clean
from tools.domain import Constraints
from tools.errors import InputError

HOSTILE = (
    "\x1b[31mred\x1b[0m \x9b1mlamp\x1b]0;owned\x07 \x1b]8;;http://e\x1b\\of brass\x1b]8;;\x1b\\"
)


def test_what_a_terminal_obeys_is_no_part_of_a_text() -> None:
    assert clean(HOSTILE) == "red lamp of brass"
    assert clean("half \ud800 a character") == "half a character"
    assert clean("\x85next\x85line") == "next line"


def test_no_command_prints_what_a_terminal_obeys(
    importer: Importer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = importer.folder / "hostile.csv"
    source.write_text(f"id,title,price,currency,{HOSTILE}\n1,{HOSTILE},5,GBP,x\n", "utf-8")
    where = ["--catalog", str(importer.out)]
    for asked in (
        ["build", str(source), "--out", str(importer.out), "--encoder", "hashing"],
        ["search", "lamp", *where],
        ["facts", *where],
        ["search", HOSTILE, *where],
        ["build", str(source), "--out", str(importer.out), "--map", "id=no"],
        ["search", "lamp", *where, "--attribute", f"{HOSTILE}=1"],
    ):
        monkeypatch.setattr("sys.argv", ["interarec", "catalog", *asked])
        with pytest.raises(SystemExit):
            main()
        printed = "".join(capsys.readouterr())
        assert printed
        assert all(c.isprintable() or c == "\n" for c in printed)


def test_a_quote_that_is_never_closed_costs_only_its_line(importer: Importer) -> None:
    rows = [f'{n},"rug, number {n}",3,GBP\n' for n in range(5)]
    rows.insert(2, '9,"lamp,3,GBP\n')
    rows[-1] = '8,"two\nlines",3,GBP\n'
    rows.append('7,"lamp,3,GBP\n')
    report = importer.text("id,title,price,currency\n" + "".join(rows))
    assert importer.open().ids == ("0", "1", "2", "3", "8")
    assert report.reasons == {"a quote that is opened and never closed": 2}
    assert [entry["line"] for entry in importer.quarantine()] == [4, 9]


def test_prices_below_any_coin_are_refused(importer: Importer) -> None:
    report = importer.text("id,title,price,currency\n1,lamp,1e-9,GBP\n2,rug,0.01,GBP\n")
    assert (report.kept, report.reasons) == (1, {"the price is less than any coin": 1})


def test_a_file_in_several_currencies_says_which_one_is_taken(importer: Importer) -> None:
    rows = "id,title,price,currency\n1,lamp,5,GBP\n2,rug,6,GBP\n3,bed,7,EUR\n"
    report = importer.text(rows)
    assert (report.currency, report.kept) == ("GBP", 2)
    assert "in GBP and in EUR" in report.warnings[0]
    assert importer.text(rows, currency="EUR").kept == 1
    assert importer.text(rows, where={"currency": "GBP"}).warnings == ()


def test_an_attribute_that_nothing_has_is_one_clear_error(shop_folder: Path) -> None:
    def facts(*asked: str) -> Any:
        where = ["facts", "--catalog", str(shop_folder), *asked]
        return CliRunner().invoke(catalog_app, where)

    refused = facts("--attribute", "flavour=mint").exception
    assert isinstance(refused, InputError)
    assert "'flavour'" in str(refused)
    assert "material" in str(refused)
    assert facts("--attribute", "kind=lamp").exit_code == 0, "titles say it"
    assert facts("--attribute", "material=gold").exit_code == 0, "carried, only not in gold"


def test_a_large_catalogue_of_equal_items(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.catalog.embedding.FLAT_ROWS", 1000)
    same = {"title": "Plain mug", "price": 9.99, "currency": "GBP", "brand": "Acme"}
    report = importer.file(
        write_jsonl(importer.folder / "s.jsonl", [{"id": f"p{n}", **same} for n in range(3000)])
    )
    assert (report.kept, report.alike) == (3000, 2999)
    with importer.open() as catalog:
        assert catalog.manifest["index"]["recall@10"] == 1
        for limits in (None, Constraints.of("said", brands=["acme"])):
            for mode in get_args(Mode):
                first = catalog.search("plain mug", limits, mode=mode)
                later = catalog.search("plain mug", limits, mode=mode, offset=20)
                ids = [hit.id for hit in (*first.hits, *later.hits)]
                assert len(set(ids)) == 40, "no page shows what another showed"
                assert len({hit.score for hit in (*first.hits, *later.hits)}) == 1
        assert catalog.facts().count == 3000
