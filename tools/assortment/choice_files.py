"""Choice files (CSV, also gzipped, or Parquet) as arrays for the estimators."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tools.assortment.arrays import Floats, Ints, Mask
from tools.assortment.choice_sets import ChoiceSets
from tools.assortment.choice_spec import Expression, Spec, terms
from tools.assortment.expressions import Column, evaluate
from tools.errors import InstanceError

_BOUGHT = ("chosen", "bought", "purchased")


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length; words stay words, numbers and true/false become floats."""

    columns: dict[str, Column]
    rows: int

    def column(self, name: str, what: str) -> Column:
        """A column by name.

        Raises:
            InstanceError: the file has no such column.
        """
        if name not in self.columns:
            known = ", ".join(list(self.columns)[:30])
            raise InstanceError(f"the file has no column {name!r} ({what}); it has {known}")
        return self.columns[name]

    def value(self, text: Expression) -> Floats:
        """An expression as numbers.

        Raises:
            InstanceError: it does not give numbers.
        """
        value = evaluate(text, self.columns, self.rows)
        if value.dtype.kind not in "fiub":
            raise InstanceError(f"{text!r} does not give numbers")
        return value.astype(np.float64)

    def where(self, keep: Mask) -> Table:
        """The rows where `keep` is true."""
        return Table({k: v[keep] for k, v in self.columns.items()}, int(keep.sum()))


def read_table(path: Path, words: tuple[str, ...] = ()) -> Table:
    """A CSV (plain or .gz) or Parquet file; the columns `words` are kept as text.

    Raises:
        InstanceError: the file cannot be read.
    """
    import pyarrow as pa
    from pyarrow import csv, parquet

    try:
        if path.suffix == ".parquet":
            table: Any = parquet.read_table(path)
        else:
            options = csv.ConvertOptions(column_types=dict.fromkeys(words, pa.string()))
            table = csv.read_csv(path, convert_options=options)
    except OSError as error:
        reason = error.strerror or str(error).splitlines()[0]
        raise InstanceError(f"{path} cannot be read: {reason}") from None
    except pa.ArrowInvalid as error:
        raise InstanceError(f"{path} cannot be read: {str(error).splitlines()[0]}") from None
    try:
        names = list(table.column_names)
    except UnicodeDecodeError:
        raise InstanceError(f"{path} is no text table in UTF-8, or it is compressed") from None
    columns: dict[str, Column] = {}
    for name in names:
        column = table.column(name)
        kind = column.type
        if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind):
            filled = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
            columns[name] = np.asarray(filled, dtype=np.float64)
        else:
            columns[name] = np.asarray(
                ["" if v is None else str(v) for v in column.to_pylist()], dtype=object
            )
    return Table(columns, table.num_rows)


def guess_layout(columns: list[str], spec: Spec) -> str:
    """`long`, `wide` or `transactions`, from the columns and what the specification names."""
    if spec.layout:
        return spec.layout
    if spec.offered in columns and (spec.chosen or any(n in columns for n in _BOUGHT)):
        return "transactions"
    return "wide" if spec.alternatives is not None else "long"


def header(path: Path) -> list[str]:
    """The column names of a choice file.

    Raises:
        InstanceError: the file cannot be read.
    """
    return list(read_table(path).columns)


def read_choice_sets(table: Table, spec: Spec, layout: str) -> ChoiceSets:
    """Choice situations as the specification describes them.

    Raises:
        InstanceError: a column is missing, an alternative was chosen that was not on offer, or a
            number is not finite.
    """
    if spec.where:
        keep = np.asarray(evaluate(spec.where, table.columns, table.rows), dtype=np.bool_)
        table = table.where(keep)
    if not table.rows:
        raise InstanceError("the choice file holds no usable rows")
    return _wide(table, spec) if layout == "wide" else _long(table, spec)


def _label(value: Any) -> str:
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)


def _codes(values: Column) -> tuple[Ints, list[str]]:
    found, inverse = np.unique(values, return_inverse=True)
    return inverse.astype(np.int64), [_label(v) for v in found]


def _long(table: Table, spec: Spec) -> ChoiceSets:
    situation, _ = _codes(table.column(spec.choice, "the choice situation"))
    code, names = _codes(table.column(spec.alternative, "the alternative"))
    flag = table.column(spec.chosen or "chosen", "whether the row was chosen")
    if flag.dtype.kind == "f":
        chosen = flag > 0.5
    else:
        chosen = np.asarray([str(v).strip().lower() in ("1", "true", "yes", "t") for v in flag])
    keep = np.ones(table.rows, np.bool_)
    if spec.availability is not None:
        keep = _available(table, spec, code, names)
        if (chosen & ~keep).any():
            place = int(np.flatnonzero(chosen & ~keep)[0])
            raise InstanceError(
                f"row {place + 1}: alternative {names[code[place]]!r} was chosen but not on offer"
            )
    generic = spec.generic
    bare = not (spec.by_alternative or spec.case or spec.constants or spec.utilities)
    if generic is None and bare:
        taken = {spec.choice, spec.alternative, spec.chosen or "chosen", spec.weight, spec.person}
        generic = [
            name
            for name, column in table.columns.items()
            if name not in taken
            and column.dtype.kind == "f"
            and np.isfinite(column).all()
            and _differs(column[keep], situation[keep])
        ]
    lines = _design(table, spec, generic or [], code, names)
    weight = table.value(spec.weight)[keep] if spec.weight else None
    person = _codes(table.column(spec.person, "who chose"))[0][keep] if spec.person else None
    return ChoiceSets.of(
        np.stack(list(lines.values()), axis=1)[keep],
        situation[keep],
        chosen[keep],
        tuple(lines),
        weight,
        person,
        code[keep],
        tuple(names),
    )


def _differs(column: Column, situation: Ints) -> bool:
    """Whether a column differs between the alternatives of some situation."""
    order = np.argsort(situation, kind="stable")
    values, groups = column[order], situation[order]
    same = groups[1:] == groups[:-1]
    return bool((same & (values[1:] != values[:-1])).any())


def _available(table: Table, spec: Spec, code: Ints, names: list[str]) -> Mask:
    keep = np.ones(table.rows, np.bool_)
    for k, name in enumerate(names):
        mine = code == k
        if isinstance(spec.availability, str):
            text: Expression = spec.availability.replace("{alt}", name)
        else:
            text = (spec.availability or {}).get(name, 1.0)
        keep[mine] = table.value(text)[mine] > 0
    return keep


def _design(
    table: Table, spec: Spec, generic: Any, code: Ints, names: list[str]
) -> dict[str, Floats]:
    """Coefficient name -> attribute of each row of a long table."""
    reference = spec.reference
    if reference is None:
        reference = names[0]
    if reference not in names:
        raise InstanceError(
            f"the reference {reference!r} is none of the alternatives {', '.join(names)}"
        )
    lines: dict[str, Floats] = {}

    def add(name: str, values: Floats, mine: Mask | None = None) -> None:
        line = lines.setdefault(name, np.zeros(table.rows))
        line += values if mine is None else np.where(mine, values, 0.0)

    for name, text in terms(generic).items():
        add(name, table.value(text))
    for k, alternative in enumerate(names):
        mine = code == k
        if spec.constants and alternative != reference:
            add(f"asc_{alternative}", np.ones(table.rows), mine)
        if alternative != reference:
            for name, text in terms(spec.case).items():
                add(f"{name}_{alternative}", table.value(text), mine)
        for name, text in terms(spec.by_alternative).items():
            add(f"{name}_{alternative}", table.value(text), mine)
        for name, text in spec.utilities.get(alternative, {}).items():
            add(name, table.value(text), mine)
    for alternative in spec.utilities:
        if alternative not in names:
            raise InstanceError(f"utilities: there is no alternative {alternative!r}")
    if not lines:
        raise InstanceError("the specification names no coefficient, and no column can be one")
    return lines


def _wide(table: Table, spec: Spec) -> ChoiceSets:
    given = spec.alternatives
    if not given:
        raise InstanceError("a wide file needs its alternatives named in the specification")
    value_of = given if isinstance(given, dict) else {name: name for name in given}
    names = list(value_of)
    picked = table.column(spec.chosen or "chosen", "the chosen alternative")
    labels = np.asarray([_label(v) for v in picked], dtype=object)
    rows = table.rows
    columns: dict[str, Floats] = {}
    available, chosen = [], []
    for k, name in enumerate(names):

        def add(coefficient: str, values: Floats, k: int = k) -> None:
            line = columns.setdefault(coefficient, np.zeros((rows, len(names))))
            line[:, k] += values

        for coefficient, text in terms(spec.generic or []).items():
            template = text.replace("{alt}", name) if isinstance(text, str) else text
            add(coefficient, table.value(template))
        own = spec.model_copy(update={"utilities": {}})
        if spec.constants or terms(spec.case) or terms(spec.by_alternative):
            for coefficient, line in _design(table, own, {}, np.full(rows, k), names).items():
                add(coefficient, line)
        for coefficient, text in spec.utilities.get(name, {}).items():
            add(coefficient, table.value(text))
        available.append(_wide_available(table, spec, name))
        chosen.append(labels == _label(value_of[name]))
    if not columns:
        raise InstanceError("the specification names no coefficient")
    for name in spec.utilities:
        if name not in names:
            raise InstanceError(f"utilities: there is no alternative {name!r}")
    taken = np.stack(chosen, axis=1)
    on_offer = np.stack(available, axis=1)
    for place in np.flatnonzero(~(taken & on_offer).any(axis=1)):
        raise InstanceError(
            f"row {place + 1}: {labels[place]!r} was chosen, which was not on offer there"
        )
    x = np.stack(list(columns.values()), axis=2)
    weight = table.value(spec.weight) if spec.weight else np.ones(rows)
    person = _codes(table.column(spec.person, "who chose"))[0] if spec.person else np.arange(rows)
    keep = on_offer.ravel()
    width = len(names)
    return ChoiceSets.of(
        x.reshape(rows * width, -1)[keep],
        np.repeat(np.arange(rows), width)[keep],
        taken.ravel()[keep],
        tuple(columns),
        np.repeat(weight, width)[keep],
        np.repeat(person, width)[keep],
        np.tile(np.arange(width), rows)[keep],
        tuple(names),
    )


def _wide_available(table: Table, spec: Spec, name: str) -> Mask:
    if spec.availability is None:
        return np.ones(table.rows, np.bool_)
    if isinstance(spec.availability, str):
        text: Expression = spec.availability.replace("{alt}", name)
    else:
        text = spec.availability.get(name, 1.0)
    return table.value(text) > 0


@dataclass(frozen=True, eq=False)
class Transactions:
    """Offers and purchases by item position; `items` holds the items' names."""

    offers: list[Ints]
    purchases: Ints
    counts: Floats
    items: tuple[str, ...]

    def only(self, keep: Mask) -> Transactions:
        """Some of the records."""
        return Transactions(
            [offer for offer, kept in zip(self.offers, keep, strict=True) if kept],
            self.purchases[keep],
            self.counts[keep],
            self.items,
        )


def read_transactions(table: Table, spec: Spec) -> tuple[Transactions, Transactions | None]:
    """(records to fit, records to test or None): a column `split` with "train" divides them.

    Items on offer stand between blanks (or commas, or bars). Nothing bought is an empty cell, or
    the name `outside`; where every offer lists an item "0", that is it.

    Raises:
        InstanceError: a column is missing, an item was bought that was not on offer, or a count is
            not a number of at least 0.
    """
    if spec.where:
        keep = np.asarray(evaluate(spec.where, table.columns, table.rows), dtype=np.bool_)
        table = table.where(keep)
    offered = table.column(spec.offered, "the items on offer")
    name = spec.chosen or next((n for n in _BOUGHT if n in table.columns), "chosen")
    bought = table.column(name, "the item bought")
    sets = [str(cell).replace(",", " ").replace("|", " ").split() for cell in offered]
    outside = spec.outside
    if outside is None and sets and all("0" in cells for cells in sets):
        outside = "0"
    labels = {label for cells in sets for label in cells} - {outside or ""}
    whole = all(label.isdigit() for label in labels)
    items = tuple(sorted(labels, key=lambda s: (int(s) if whole else 0, s)))
    place = {label: k for k, label in enumerate(items)}
    purchases = np.full(table.rows, -1, np.int64)
    for row, cell in enumerate(bought):
        label = _label(cell).strip()
        if label in ("", outside or "", "nan"):
            continue
        if label not in sets[row]:
            raise InstanceError(f"row {row + 1}: item {label!r} was chosen but not offered")
        purchases[row] = place[label]
    counts = np.ones(table.rows)
    if spec.count in table.columns:
        counts = table.value(spec.count)
        if not (np.isfinite(counts).all() and (counts >= 0).all()):
            raise InstanceError(f"the column {spec.count!r} must hold numbers of at least 0")
    offers = [
        np.asarray([place[label] for label in cells if label != outside], dtype=np.int64)
        for cells in sets
    ]
    everything = Transactions(offers, purchases, counts, items)
    split = table.columns.get("split")
    if split is None or "train" not in set(split):
        return everything, None
    train = np.asarray([value == "train" for value in split])
    return everything.only(train), (everything.only(~train) if (~train).any() else None)
