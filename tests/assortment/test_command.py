"""The command line: one JSON object on stdout, clear lines on stderr, the agreed exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agent.commands.assortment import assortment_app, choice_app
from tests.assortment.test_instance import GOOD
from tools.errors import InteraRecError

run = CliRunner()


def solve(tmp_path: Path, data: object, *options: str) -> Result:
    path = tmp_path / "instance.json"
    path.write_text(json.dumps(data))
    return run.invoke(assortment_app, ["solve", str(path), *options])


INFEASIBLE = GOOD | {
    "id": "no",
    "constraints": [
        {"name": "size", "kind": "cardinality", "min": 3},
        {"name": "brand", "kind": "group_each_max", "attr": "brand", "max": 1},
        {"name": "cheap", "kind": "price_range", "lo": 0, "hi": 5},
    ],
}


def test_solve_prints_one_object(tmp_path: Path) -> None:
    done = solve(tmp_path, [GOOD, INFEASIBLE], "--json", "--all-conflicts")
    assert done.exit_code == 0
    lines = done.stdout.splitlines()
    assert len(lines) == 1
    good, bad = json.loads(lines[0])["instances"]
    assert good["id"] == "hand"
    assert good["status"] == "optimal"
    # 0.5 of 20 and 0.25 of 40 against leaving at 1; a third item would only lower it.
    assert good["items"] == [1, 2]
    assert good["value"] == pytest.approx(20 / 1.75)
    assert good["gap"] == 0
    assert good["value_without"]["size"] == pytest.approx(20 / 1.75)
    assert good["value_without_proved"] == {"size": True}
    assert bad["status"] == "infeasible"
    assert bad["value"] is None
    assert bad["conflicts"] == [["size", "brand"], ["size", "cheap"]]
    assert {frozenset(r["drop"]) for r in bad["relaxations"]} == {
        frozenset({"size"}),
        frozenset({"brand", "cheap"}),
    }


def test_one_conflict_unless_all_are_asked(tmp_path: Path) -> None:
    done = solve(tmp_path, INFEASIBLE, "--json")
    assert len(json.loads(done.stdout)["instances"][0]["conflicts"]) == 1


def test_solve_speaks_plainly(tmp_path: Path) -> None:
    done = solve(tmp_path, [GOOD, INFEASIBLE])
    assert done.exit_code == 0
    assert "hand: optimal" in done.stdout
    assert "cannot be kept together: size, brand" in done.stdout


def test_bad_input_is_an_error_meant_for_people(tmp_path: Path) -> None:
    done = solve(tmp_path, GOOD | {"price": [1]}, "--json")
    assert isinstance(done.exception, InteraRecError)
    assert done.stdout == ""


def test_objectives_and_mixed_models(tmp_path: Path) -> None:
    done = solve(tmp_path, GOOD, "--json", "--objective", "balanced")
    assert json.loads(done.stdout)["instances"][0]["objective"] == "balanced"
    mixed = GOOD | {
        "model": {
            "type": "mmnl",
            "weights": [0.5, 0.5],
            "v0": [1, 1],
            "v": [[1, 1, 0, 0], [0, 0, 1, 1]],
        }
    }
    found = json.loads(solve(tmp_path, mixed, "--json").stdout)["instances"][0]
    assert found["status"] == "optimal"


def test_fit_prints_keeps_and_draws(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("offered,bought\n1 2,1\n1 2,\n1 2,2\n1,\n1,1\n")
    database, picture = tmp_path / "p.sqlite", tmp_path / "fit.svg"
    done = run.invoke(
        choice_app,
        ["fit", str(path), "--json", "--save", str(database), "--plot", str(picture)],
    )
    assert done.exit_code == 0
    report = json.loads(done.stdout)
    assert {"coef", "se", "loglik", "n_obs", "seconds"} <= set(report)
    assert report["version"] == 1
    assert picture.read_text().startswith("<svg")
    plain = run.invoke(choice_app, ["fit", str(path)])
    assert "log-likelihood" in plain.stdout


def test_fit_takes_a_specification(tmp_path: Path) -> None:
    path, spec = tmp_path / "c.csv", tmp_path / "s.yaml"
    path.write_text(
        "choice,alternative,chosen,x\n1,a,1,1\n1,b,0,2\n2,a,0,3\n2,b,1,1\n3,a,0,1\n3,b,1,0\n"
        "4,a,1,2\n4,b,0,1\n"
    )
    spec.write_text("generic: [x]\n")
    with_spec = json.loads(
        run.invoke(choice_app, ["fit", str(path), "--spec", str(spec), "--json"]).stdout
    )
    without = json.loads(run.invoke(choice_app, ["fit", str(path), "--json"]).stdout)
    assert with_spec["coef"] == without["coef"]
    assert with_spec["n_obs"] == 4


def test_a_choice_file_that_is_no_text_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "choices.csv"
    path.write_bytes(b"a\xff,b\n1,2\n")
    done = run.invoke(choice_app, ["fit", str(path)])
    assert isinstance(done.exception, InteraRecError)
    assert "UTF-8" in str(done.exception)
