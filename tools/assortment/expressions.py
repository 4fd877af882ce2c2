"""Small arithmetic over table columns, for specifications: numbers, columns, + - * / and tests.

Nothing but the listed operations is evaluated: no calls, no attributes other than dotted column
names, no subscripts.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tools.errors import InstanceError

Column = npt.NDArray[Any]

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_TESTS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def evaluate(text: str | float, columns: Mapping[str, Column], rows: int) -> Column:
    """The value of an expression for every row, shape (rows,).

    Args:
        text: the expression; a bare number stands for itself.
        columns: name -> values, shape (rows,).
        rows: number of rows.

    Raises:
        InstanceError: the expression does not parse, names no column, or uses something else.
    """
    if isinstance(text, int | float):
        return np.full(rows, float(text))
    if text in columns:
        return columns[text]
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        raise InstanceError(f"the expression {text!r} cannot be read") from None
    with np.errstate(divide="ignore", invalid="ignore"):
        value = _value(tree, columns, text)
    return np.broadcast_to(np.asarray(value), (rows,))


def _name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = _name(node.value)
        return None if before is None else f"{before}.{node.attr}"
    return None


def _value(node: ast.expr, columns: Mapping[str, Column], text: str) -> Any:
    name = _name(node)
    if name is not None:
        if name not in columns:
            raise InstanceError(
                f"the expression {text!r} names the column {name!r}, which the file lacks"
            )
        return columns[name]
    match node:
        case ast.Constant(value=bool() | int() | float() | str() as constant):
            return constant
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            one, other = _value(left, columns, text), _value(right, columns, text)
            return _apply(_BINARY[type(op)], one, other, text)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -np.asarray(_value(operand, columns, text), dtype=np.float64)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return ~np.asarray(_value(operand, columns, text), dtype=np.bool_)
        case ast.BoolOp(op=op, values=values):
            parts = [np.asarray(_value(v, columns, text), dtype=np.bool_) for v in values]
            join = np.logical_and if isinstance(op, ast.And) else np.logical_or
            return join.reduce(np.broadcast_arrays(*parts))
        case ast.Compare(left=left, ops=ops, comparators=others):
            held: Any = True
            one = _value(left, columns, text)
            for test, right in zip(ops, others, strict=True):
                if type(test) not in _TESTS:
                    break
                other = _value(right, columns, text)
                held = np.logical_and(held, _apply(_TESTS[type(test)], one, other, text))
                one = other
            else:
                return held
        case _:
            pass
    raise InstanceError(
        f"the expression {text!r} uses more than columns, numbers, + - * / and tests"
    )


def _apply(function: Callable[[Any, Any], Any], one: Any, other: Any, text: str) -> Any:
    def plain(value: Any) -> Any:
        array = np.asarray(value)
        return array.astype(np.float64) if array.dtype.kind == "b" else value

    try:
        return function(plain(one), plain(other))
    except TypeError:
        raise InstanceError(f"the expression {text!r} mixes words and numbers") from None
