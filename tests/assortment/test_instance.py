"""Instance files: what they say is what is solved, and bad input is one clear sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tools.assortment import MNL, MixedMNL, NestedLogit, Problem, SizeLimit, solve
from tools.assortment.instance import read_instance, read_instances
from tools.errors import InstanceError

GOOD: dict[str, Any] = {
    "id": "hand",
    "model": {"type": "mnl", "v0": 1.0, "v": [1.0, 0.5, 0.25, 2.0]},
    "price": [10, 20, 40, 5],
    "brand": ["a", "a", "b", "b"],
    "space": [1, 2, 3, 4],
    "constraints": [{"name": "size", "kind": "cardinality", "max": 2}],
}


def with_rule(**rule: Any) -> dict[str, Any]:
    return GOOD | {"constraints": [{"name": "r"} | rule]}


def test_every_kind_of_constraint_is_read() -> None:
    kinds: list[dict[str, Any]] = [
        {"kind": "cardinality", "min": 1, "max": 3},
        {"kind": "group", "attr": "brand", "value": "a", "min": 1},
        {"kind": "group", "attr": "brand", "value": "nowhere", "max": 1},
        {"kind": "group_each_max", "attr": "brand", "max": 1},
        {"kind": "include", "items": [3]},
        {"kind": "exclude", "items": [2]},
        {"kind": "price_range", "lo": 10, "hi": 20},
        {"kind": "attr_in", "attr": "brand", "values": ["b"]},
        {"kind": "linear", "coef": [1, 1, 0, 0], "max": 1},
        {"kind": "linear_attr", "attr": "space", "max": 4},
        {"kind": "mean_attr", "attr": "price", "max": 15},
        {"kind": "implies", "if": 2, "then": 0},
        {"kind": "not_both", "items": [1, 2]},
    ]
    for kind in kinds:
        problem = read_instance(with_rule(**kind)).problem
        solved = solve(problem)
        assert solved.status == "optimal", kind
        assert not problem.broken(solved.items)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": {"type": "mnl", "v": [1, float("nan"), 1, 1]}}, r"model\.v\[1\] is nan"),
        ({"model": {"type": "mnl", "v": [1, float("inf"), 1, 1]}}, r"model\.v\[1\] is inf"),
        ({"model": {"type": "mnl", "v": [1, -1, 1, 1]}}, r"model\.v\[1\] is -1"),
        ({"model": {"type": "mnl", "v": [1, 1e308, 1, 1]}}, r"model\.v\[1\] is 1e\+308; .*within"),
        ({"price": [1, 2, 1e308, 4]}, r"price\[2\] is 1e\+308; it must be finite and within"),
        ({"price": [1, 2, 10**400, 4]}, "price must be numbers"),
        ({"model": {"type": "mnl", "v0": 10**400, "v": [1, 1, 1, 1]}}, r"model\.v0"),
        (
            {"model": {"type": "mmnl", "weights": [1], "v0": [1], "v": [[1, 1e99, 1, 1]]}},
            r"model\.v is beyond 1e\+12 times",
        ),
        ({"model": {"type": "mnl", "v": ["x", 1, 1, 1]}}, r"model\.v must be numbers"),
        ({"model": {"type": "mnl", "v0": 0, "v": [1, 1, 1, 1]}}, r"model\.v0 is 0"),
        ({"model": {"type": "mnl", "v0": "a", "v": [1, 1, 1, 1]}}, r"model\.v0 must be a number"),
        ({"model": {"type": "mnl", "v": []}, "price": []}, "catalogue is empty"),
        ({"model": {"type": "probit", "v": [1]}}, "model.type is 'probit'"),
        ({"model": {"type": "mnl"}}, r"'model\.v' is missing"),
        ({"price": [1, 2, 3]}, "price has shape"),
        ({"price": [1, 2, 3, float("nan")]}, r"price\[3\] is nan"),
        ({"price": "free"}, "'price' must be a list"),
        ({"constraints": "none"}, "constraints must be a list"),
        ({"constraints": [3]}, r"constraints\[0\]"),
        ({"constraints": [{"name": "x"}]}, "'kind' is missing"),
        ({"constraints": [{"name": "x", "kind": "magic"}]}, "'magic' is unknown"),
        ({"fixed_cost": [1]}, "fixed_cost has shape"),
    ],
)
def test_a_malformed_field_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InstanceError, match=message):
        read_instance(GOOD | change)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"kind": "cardinality", "min": 3, "max": 1}, "minimum 3 is above its maximum 1"),
        ({"kind": "cardinality", "max": -1}, "not negative"),
        ({"kind": "cardinality", "max": 1.5}, "whole number"),
        ({"kind": "group_each_max", "attr": "colour", "max": 1}, "no attribute 'colour'"),
        ({"kind": "group_each_max", "attr": "brand"}, "'max' is missing"),
        ({"kind": "include", "items": [7]}, "item 7, but there are 4"),
        ({"kind": "include", "items": ["a"]}, "list of item numbers"),
        ({"kind": "linear", "coef": [1, 2], "max": 1}, "coef has shape"),
        ({"kind": "linear", "coef": [1, 2, 3, 4]}, "neither a minimum nor a maximum"),
        ({"kind": "linear_attr", "attr": "brand", "max": 1}, "must be numbers"),
        ({"kind": "implies", "if": 0}, "list of item numbers"),
    ],
)
def test_a_malformed_constraint_is_named(rule: dict[str, Any], message: str) -> None:
    with pytest.raises(InstanceError, match=message):
        read_instance(with_rule(**rule))


def test_two_rules_of_one_name_are_refused() -> None:
    rule = {"name": "size", "kind": "cardinality", "max": 2}
    with pytest.raises(InstanceError, match="two rules are called 'size'"):
        read_instance(GOOD | {"constraints": [rule, rule]})


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "is not JSON"), ("[]", "holds no instance"), ("[1]", "instance 0: an instance is")],
)
def test_a_malformed_file_is_one_sentence(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(InstanceError, match=message):
        read_instances(path)


def test_a_missing_or_binary_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InstanceError, match="cannot be read"):
        read_instances(tmp_path / "absent.json")
    path = tmp_path / "x.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InstanceError, match="UTF-8"):
        read_instances(path)


def test_the_instance_is_named_in_the_message(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps([GOOD, GOOD | {"id": "second", "price": [1]}]))
    with pytest.raises(InstanceError, match=r"x\.json, instance 'second': price"):
        read_instances(path)


def test_models_refuse_what_is_out_of_range() -> None:
    one = np.ones(2)
    with pytest.raises(InstanceError, match="weights add up"):
        MixedMNL(np.array([0.5, 0.2]), np.ones((2, 2)), one)
    with pytest.raises(InstanceError, match=r"v0\[1\] is 0"):
        MixedMNL(np.array([0.5, 0.5]), np.ones((2, 2)), np.array([1.0, 0.0]))
    with pytest.raises(InstanceError, match="item 1 is in 0 nests"):
        NestedLogit(one, [np.array([0])], np.array([0.5]), np.array([0.0]))
    with pytest.raises(InstanceError, match=r"gamma\[0\] is 0"):
        NestedLogit(one, [np.array([0, 1])], np.array([0.0]), np.array([0.0]))
    with pytest.raises(InstanceError, match="beyond any number"):
        MNL.from_utilities([800.0])


def test_rules_on_a_catalogue_of_another_size_are_refused() -> None:
    with pytest.raises(InstanceError, match="two rules are called 'a'"):
        Problem(MNL(np.ones(2)), np.ones(2), (SizeLimit("a"), SizeLimit("a")))
    problem = Problem(MNL(np.ones(2)), np.ones(2), (SizeLimit("a", 0, 1),))
    with pytest.raises(InstanceError, match="no rule is called 'b'"):
        problem.without("b")
    with pytest.raises(InstanceError, match="two rules are called 'a'"):
        problem.plus(SizeLimit("a"))


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"kind": "cardinality", "max": float("nan")}, "max must be a whole number"),
        ({"kind": "group", "attr": "brand", "value": ["a"], "max": 1}, "value must be plain"),
        ({"kind": "attr_in", "attr": "brand", "values": [{"a": 1}]}, "values must be plain"),
        ({"kind": "include", "items": [10**30]}, "items must be a list of item numbers"),
        ({"kind": "linear", "coef": [1, 1, 1, 1], "max": float("nan")}, "max must be a number"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_named(rule: dict[str, Any], message: str) -> None:
    with pytest.raises(InstanceError, match=message):
        read_instance(with_rule(**rule))


def test_bounds_beyond_any_catalogue_are_bounds() -> None:
    solved = solve(read_instance(with_rule(kind="cardinality", max=1e300)).problem)
    assert solved.status == "optimal"
    solved = solve(read_instance(with_rule(kind="cardinality", min=10**30)).problem)
    assert solved.status == "infeasible"
    solved = solve(read_instance(with_rule(kind="price_range", lo=-(10**400), hi=10**400)).problem)
    assert solved.status == "optimal"


@pytest.mark.parametrize("text", ["[" * 200_000, "9" * 6000])
def test_what_json_cannot_hold_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(InstanceError, match=r"number too long or lists too deep"):
        read_instances(path)
