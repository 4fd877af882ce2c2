"""Check the solvers against instances with known answers and print asked beside reached.

    python benchmarks/assortment_conformance.py DATA

DATA holds `conformance/instances.json`, `mmnl_hard/`, `nested_hard/` and `tafeng_mnl/` in the
dialect of docs/assortment.md, each instance with its `expected` answer.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tools.assortment import Problem, conflicts, explain_limits, solve
from tools.assortment.instance import read_instance


def close(value: float, expected: float, tolerance: float = 1e-6) -> bool:
    return abs(value - expected) <= tolerance * max(abs(expected), 1e-9)


def check_one(problem: Problem, expected: dict[str, Any]) -> list[str]:
    """What is wrong with the answers to one instance, in words."""
    if not expected["feasible"]:
        found = conflicts(problem, all=True)
        wrong = []
        if {frozenset(c) for c in found.conflicts} != {
            frozenset(c) for c in expected["minimal_conflicts"]
        }:
            wrong.append(f"conflicts {found.conflicts}")
        if {frozenset(r.drop) for r in found.relaxations} != {
            frozenset(r) for r in expected["minimal_relaxations"]
        }:
            wrong.append(f"relaxations {[r.drop for r in found.relaxations]}")
        values = {r.drop: r.value for r in found.relaxations}
        for names, value in expected["value_after_dropping"].items():
            key = next((d for d in values if set(d) == set(names.split("+"))), None)
            got = values.get(key) if key else None
            if got is None or not close(got, value):
                wrong.append(f"value after dropping {names}: {got}, expected {value}")
        if solve(problem).status != "infeasible":
            wrong.append("solve finds a set")
        return wrong
    solved = solve(problem)
    wrong = []
    if solved.status != "optimal":
        wrong.append(f"status {solved.status}")
    if not close(solved.value, expected["value"]):
        wrong.append(f"value {solved.value}, expected {expected['value']}")
    if problem.broken(solved.items):
        wrong.append(f"breaks {problem.broken(solved.items)}")
    if expected.get("unique") and list(solved.items) != sorted(expected["items"]):
        wrong.append(f"items {solved.items}, expected {expected['items']}")
    for cost in explain_limits(problem, solved):
        want = expected.get("value_without", {}).get(cost.name)
        if want is not None and not close(cost.value_without, want):
            wrong.append(f"without {cost.name}: {cost.value_without}, expected {want}")
    return wrong


def conformance(folder: Path) -> bool:
    rows = json.loads((folder / "instances.json").read_text())
    begin = time.perf_counter()
    passed: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for row in rows:
        wrong = check_one(read_instance(row).problem, row["expected"])
        total[row["kind"]] += 1
        passed[row["kind"]] += not wrong
        for line in wrong:
            print(f"  {row['id']}: {line}")
    seconds = time.perf_counter() - begin
    for kind in total:
        print(f"  {kind:20s} {passed[kind]} of {total[kind]}")
    good = sum(passed.values())
    print(
        f"conformance: asked {len(rows)} of {len(rows)} at 1e-6 with value_without, conflicts and "
        f"relaxations; reached {good} ({seconds:.1f} s)"
    )
    return good == len(rows)


def tafeng(folder: Path) -> bool:
    with (folder / "items.csv").open() as file:
        items = list(csv.DictReader(file))
    shared: dict[str, Any] = {
        "model": {"type": "mnl", "v0": 1.0, "v": [float(i["v"]) for i in items]},
        "price": [float(i["price"]) for i in items],
        "subclass": [int(i["subclass"]) for i in items],
    }
    tasks = json.loads((folder / "problems.json").read_text())
    side_kinds = {"linear", "linear_attr", "mean_attr", "implies"}
    proved = greedy = quick = 0
    slowest = 0.0
    for task in tasks:
        problem = read_instance(shared | task).problem
        best = min((solve(problem) for _ in range(3)), key=lambda s: s.seconds)
        right = best.status == "optimal" and close(best.value, task["expected"]["value"])
        proved += right
        if not side_kinds & {c["kind"] for c in task["constraints"]}:
            greedy += 1
            quick += right and best.seconds < 0.05
            slowest = max(slowest, best.seconds)
        print(f"  {task['id']:22s} {best.seconds * 1e3:9.2f} ms  {'ok' if right else 'WRONG'}")
    print(
        f"tafeng_mnl: asked {len(tasks)} of {len(tasks)} proved; reached {proved}. Asked the "
        f"{greedy} matroid-type tasks under 50 ms each; reached {quick}, slowest "
        f"{slowest * 1e3:.1f} ms"
    )
    return proved == len(tasks) and quick == greedy


def mixed(folder: Path) -> bool:
    files = sorted(folder.glob("*.json"))
    good = 0
    slowest = worst = 0.0
    for path in files:
        row = json.loads(path.read_text())
        problem = read_instance(row).problem
        best = min((solve(problem, prove=False) for _ in range(2)), key=lambda s: s.seconds)
        expected = row["expected"]["value"]
        short = (expected - best.value) / expected
        worst, slowest = max(worst, short), max(slowest, best.seconds)
        good += short <= 1e-6 and best.seconds < 1.0
        print(
            f"  {row['id']:32s} {best.seconds * 1e3:7.1f} ms  short by {short:9.2e}  "
            f"bound above by {best.gap:.2%}"
        )
    print(
        f"mmnl_hard: asked {len(files)} of {len(files)} within 1e-6 under 1 s each; reached {good} "
        f"(worst shortfall {worst:.1e}, slowest {slowest:.2f} s)"
    )
    return good == len(files)


def nested(folder: Path) -> bool:
    files = sorted(folder.glob("*.json"))
    good = proved = 0
    worst = slowest = below = 0.0
    for path in files:
        row = json.loads(path.read_text())
        solved = solve(read_instance(row).problem)
        bound = row["expected"]["upper_bound"]
        gap = (bound - solved.value) / bound
        known = row["expected"].get("best_found")
        if known:
            below = max(below, (known - solved.value) / known)
        worst, slowest = max(worst, gap), max(slowest, solved.seconds)
        good += gap <= 0.0025
        proved += solved.status == "optimal"
        print(
            f"  {row['id']:26s} {solved.seconds * 1e3:7.1f} ms  {gap:.4%} below the published "
            f"bound, own gap {solved.gap:.1e}, {solved.status}"
        )
    print(
        f"nested_hard: asked within 0.25 % of the published bound; reached {good} of {len(files)} "
        f"(worst {worst:.3%}, {proved} proved optimal, never more than {below:.1e} below the best "
        f"known, slowest {slowest:.2f} s)"
    )
    return good == len(files)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", choices=["conformance", "tafeng", "mixed", "nested"])
    args = parser.parse_args()
    checks = {
        "conformance": (conformance, "conformance"),
        "tafeng": (tafeng, "tafeng_mnl"),
        "mixed": (mixed, "mmnl_hard"),
        "nested": (nested, "nested_hard"),
    }
    good = True
    for name, (check, folder) in checks.items():
        if args.only in (None, name):
            good = check(args.data / folder) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
