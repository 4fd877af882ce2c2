"""Instances in the project's JSON dialect: one object per problem.

The dialect is described in docs/assortment.md. Every error names the field at fault.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tools.assortment.arrays import Floats, Ints, finite
from tools.assortment.models import MNL, ChoiceModel, MixedMNL, NestedLogit
from tools.assortment.problem import Problem
from tools.assortment.rules import (
    Allowed,
    EachGroupMax,
    Exclude,
    GroupLimit,
    Implies,
    Include,
    Linear,
    NotTogether,
    Rule,
    SizeLimit,
)
from tools.errors import InstanceError

_NO_ATTRIBUTES = {"id", "kind", "model", "price", "fixed_cost", "constraints", "expected"}
_MOST = 2**31 - 1
_RATIO = 1e12


@dataclass(frozen=True, eq=False)
class Instance:
    """A named problem."""

    id: str
    problem: Problem


def read_instances(path: Path) -> list[Instance]:
    """The instances of a JSON file: one object, or a list of them.

    Raises:
        InstanceError: the file cannot be read, is no JSON, or a field is malformed; the message
            names the place.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InstanceError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InstanceError(f"{path} is not a text file in UTF-8") from None
    except json.JSONDecodeError as error:
        raise InstanceError(
            f"{path} is not JSON: {error.msg} in line {error.lineno}, column {error.colno}"
        ) from None
    except (RecursionError, ValueError):
        raise InstanceError(f"{path} holds a number too long or lists too deep") from None
    rows = data if isinstance(data, list) else [data]
    if not rows:
        raise InstanceError(f"{path} holds no instance")
    out = []
    for place, row in enumerate(rows):
        where = f"instance {place}"
        if isinstance(row, Mapping) and "id" in row:
            where = f"instance {row['id']!r}"
        try:
            out.append(read_instance(row, default_id=str(place)))
        except InstanceError as error:
            raise InstanceError(f"{path.name}, {where}: {error}") from None
    return out


def read_instance(data: Any, default_id: str = "0") -> Instance:
    """One instance from its JSON object.

    Raises:
        InstanceError: a field is missing or malformed.
    """
    if not isinstance(data, Mapping):
        raise InstanceError("an instance is a JSON object")
    model = _model(_field(data, "model", Mapping))
    price = finite(_field(data, "price", list), "price", (model.n,))
    cost = data.get("fixed_cost")
    columns = _Columns(data, model.n)
    constraints = data.get("constraints", [])
    if not isinstance(constraints, list):
        raise InstanceError("constraints must be a list")
    rules = []
    for place, entry in enumerate(constraints):
        try:
            rules.append(_rule(entry, columns, price))
        except InstanceError as error:
            name = entry.get("name") if isinstance(entry, Mapping) else None
            raise InstanceError(f"constraints[{place}] ({name}): {error}") from None
    problem = Problem(
        model,
        price,
        tuple(rules),
        None if cost is None else finite(cost, "fixed_cost", (model.n,)),
    )
    return Instance(str(data.get("id", default_id)), problem)


def _field(data: Mapping[str, Any], name: str, kind: type) -> Any:
    if name not in data:
        raise InstanceError(f"the field {name!r} is missing")
    if not isinstance(data[name], kind):
        what = "a list" if kind is list else "a text" if kind is str else "an object"
        raise InstanceError(f"the field {name!r} must be {what}")
    return data[name]


def _model(data: Mapping[str, Any]) -> ChoiceModel:
    kind = data.get("type")
    match kind:
        case "mnl":
            return MNL(_numbers(data, "v", 1), _number(data, "v0", "model.v0", 1.0))
        case "mmnl":
            mixed = MixedMNL(
                _numbers(data, "weights", 1), _numbers(data, "v", 2), _numbers(data, "v0", 1)
            )
            # Local search keeps running sums, in which v0 would drown beside larger numbers.
            if (mixed.v > _RATIO * mixed.v0[:, None]).any():
                raise InstanceError(f"model.v is beyond {_RATIO:g} times its segment's v0")
            return mixed
        case "nested":
            nests = _field(data, "nests", list)
            m = len(nests)
            return NestedLogit(
                _numbers(data, "v", 1),
                [_items(nest, f"model.nests[{k}]") for k, nest in enumerate(nests)],
                _numbers(data, "gamma", 1),
                _numbers(data, "nest_v0", 1) if "nest_v0" in data else np.zeros(m),
                _number(data, "v0", "model.v0", 1.0),
            )
    raise InstanceError(f"model.type is {kind!r}; known are mnl, mmnl, nested")


def _numbers(data: Mapping[str, Any], name: str, dimensions: int) -> Floats:
    if name not in data:
        raise InstanceError(f"the field 'model.{name}' is missing")
    array = finite(data[name], f"model.{name}")
    if array.ndim != dimensions:
        what = "a list of numbers" if dimensions == 1 else "a list of equally long lists"
        raise InstanceError(f"model.{name} must be {what}")
    return array


def _number(data: Mapping[str, Any], key: str, name: str, default: float | None = None) -> float:
    value = data.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InstanceError(f"{name} must be a number")
    if isinstance(value, int):  # of any length; no float is that large
        value = max(-sys.float_info.max, min(value, sys.float_info.max))
    if math.isnan(value):
        raise InstanceError(f"{name} must be a number")
    return float(value)


def _items(value: Any, name: str) -> Ints:
    if not isinstance(value, list) or not all(
        isinstance(item, int) and not isinstance(item, bool) and abs(item) <= _MOST
        for item in value
    ):
        raise InstanceError(f"{name} must be a list of item numbers")
    return np.asarray(value, dtype=np.int64)


class _Columns:
    """The item attributes of an instance, read when a rule needs them."""

    def __init__(self, data: Mapping[str, Any], n: int) -> None:
        self.data, self.n = data, n
        self._codes: dict[str, tuple[Ints, dict[Any, int]]] = {}

    def values(self, name: Any) -> list[Any]:
        if not isinstance(name, str) or name not in self.data:
            known = [*sorted(k for k in self.data if k not in _NO_ATTRIBUTES), "price"]
            raise InstanceError(f"there is no attribute {name!r}; known are {', '.join(known)}")
        values = self.data[name]
        if not isinstance(values, list) or len(values) != self.n:
            raise InstanceError(f"the attribute {name!r} needs one entry per item ({self.n})")
        return values

    def codes(self, name: Any) -> tuple[Ints, dict[Any, int]]:
        values = self.values(name)
        if name not in self._codes:
            table: dict[Any, int] = {}
            try:
                codes = np.asarray([table.setdefault(v, len(table)) for v in values], np.int64)
            except TypeError:
                raise InstanceError(f"the attribute {name!r} must hold plain values") from None
            self._codes[name] = (codes, table)
        return self._codes[name]

    def numbers(self, name: Any) -> Floats:
        return finite(self.values(name), f"the attribute {name!r}", (self.n,))


def _count(entry: Mapping[str, Any], key: str) -> int | None:
    value = entry.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value % 1 != 0:
        raise InstanceError(f"{key} must be a whole number")
    # More than any catalogue holds is as good as that, and fits the solvers' integers.
    return int(max(-_MOST, min(value, _MOST)))


def _rule(entry: Any, columns: _Columns, price: Floats) -> Rule:
    if not isinstance(entry, Mapping):
        raise InstanceError("a constraint is a JSON object")
    name = _field(entry, "name", str)
    kind = _field(entry, "kind", str)
    n = columns.n
    match kind:
        case "cardinality":
            return SizeLimit(name, _count(entry, "min") or 0, _count(entry, "max"))
        case "group":
            codes, table = columns.codes(entry.get("attr"))
            code = table.get(_plain(_field_any(entry, "value"), "value"), len(table))
            return GroupLimit(
                name,
                codes=codes,
                code=code,
                minimum=_count(entry, "min") or 0,
                maximum=_count(entry, "max"),
            )
        case "group_each_max":
            codes, _ = columns.codes(entry.get("attr"))
            most = _count(entry, "max")
            if most is None:
                raise InstanceError("the field 'max' is missing")
            return EachGroupMax(name, maximum=most, codes=codes)
        case "include":
            return Include(name, _items(entry.get("items"), "items"))
        case "exclude":
            return Exclude(name, _items(entry.get("items"), "items"))
        case "price_range":
            low = _number(entry, "lo", "lo", 0.0)
            high = _number(entry, "hi", "hi", float("inf"))
            return Allowed(name, (price >= low) & (price <= high))
        case "attr_in":
            codes, table = columns.codes(entry.get("attr"))
            values = [_plain(v, "values") for v in _field(entry, "values", list)]
            wanted = [table[v] for v in values if v in table]
            return Allowed(name, np.isin(codes, wanted))
        case "linear":
            coef = finite(_field(entry, "coef", list), "coef", (n,))
            return Linear(name, coef, _end(entry, "min"), _end(entry, "max"))
        case "linear_attr":
            coef = columns.numbers(entry.get("attr"))
            return Linear(name, coef, _end(entry, "min"), _end(entry, "max"))
        case "mean_attr":
            column = columns.numbers(entry.get("attr"))
            return Linear.mean_at_most(name, column, _number(entry, "max", "max"))
        case "implies":
            one, other = _items([entry.get("if"), entry.get("then")], "if and then")
            return Implies(name, int(one), int(other))
        case "not_both":
            return NotTogether(name, _items(entry.get("items"), "items"))
    raise InstanceError(f"its kind {kind!r} is unknown")


def _plain(value: Any, name: str) -> Any:
    if isinstance(value, list | dict):
        raise InstanceError(f"{name} must be plain: a text or a number")
    return value


def _field_any(entry: Mapping[str, Any], key: str) -> Any:
    if key not in entry:
        raise InstanceError(f"the field {key!r} is missing")
    return entry[key]


def _end(entry: Mapping[str, Any], key: str) -> float | None:
    return None if entry.get(key) is None else _number(entry, key, key)
