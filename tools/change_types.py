"""The typed changes that a turn of the conversation can make to the limits, and their schema.

`tools.changes` applies them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, TypeAdapter, WithJsonSchema, model_validator

from tools.domain import Amount, CurrencyCode, Frozen, Words

__all__ = [
    "Change",
    "ChangeList",
    "CountItems",
    "DropValues",
    "ExcludeValues",
    "Family",
    "LimitAttribute",
    "LimitGroup",
    "MinimumRating",
    "OnSale",
    "OnlyValues",
    "RequireItems",
    "Reset",
    "Restore",
    "SetPrice",
    "ShiftPrice",
    "SwapItem",
    "ValueField",
    "WantValues",
    "change_schema",
]

ValueField = Literal["colors", "brands", "categories", "sizes", "attributes"]
Family = Literal[
    "price", "price_lower", "price_upper", "colors", "brands", "categories", "sizes", "attributes",
    "rating", "sale", "count", "groups", "items",
]  # fmt: skip
"""What can be reset or restored on its own."""

_Number = Annotated[Amount, WithJsonSchema({"type": "number"})]
_Soft = Annotated[
    bool, Field(description="True for a mere preference: 'ideally', 'preferably', 'if possible'.")
]
_Values = Annotated[Words, Field(description="In the shopper's own words.")]


class SetPrice(Frozen):
    """Set the least or the most to pay for an item; a bound left null stays as it is."""

    op: Literal["set_price"] = "set_price"
    lower: Annotated[_Number | None, Field(description="Least to pay.")] = None
    upper: Annotated[_Number | None, Field(description="Most to pay; a plain budget is this.")] = (
        None
    )
    currency: Annotated[
        CurrencyCode | None, Field(description="ISO 4217, only when the shopper named one.")
    ] = None
    soft: _Soft = False
    note: Annotated[str, Field(description="How the figure came about, when not said.")] = ""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.lower is None and self.upper is None:
            raise ValueError("a price change names a lower or an upper limit")
        return self


class ShiftPrice(Frozen):
    """Raise or lower a price limit that stands, by an amount or by a percentage."""

    op: Literal["shift_price"] = "shift_price"
    direction: Literal["up", "down"]
    bound: Annotated[
        Literal["upper", "lower"], Field(description="Which limit; a budget is the upper one.")
    ] = "upper"
    amount: Annotated[_Number | None, Field(description="By how much money, not negative.")] = None
    percent: Annotated[
        _Number | None,
        Field(description="In percent; doubling is 100 up, halving 50 down."),
    ] = None
    currency: Annotated[CurrencyCode | None, Field(description="Of the amount, if named.")] = None

    @model_validator(mode="after")
    def _one_measure(self) -> Self:
        if (self.amount is None) == (self.percent is None):
            raise ValueError("a shift of the price names either an amount or a percentage")
        size = self.amount if self.amount is not None else self.percent
        if size is not None and size < 0:
            raise ValueError("a shift of the price is not negative; turn its direction instead")
        return self


class WantValues(Frozen):
    """Ask for some values of a field: they replace what was asked for, or are added to it."""

    op: Literal["want"] = "want"
    field: ValueField
    values: _Values
    add: Annotated[
        bool, Field(description="True for 'also', 'as well'; false replaces earlier wishes.")
    ] = False
    soft: _Soft = False


class OnlyValues(Frozen):
    """Allow nothing but these values of a field; no substitute will be offered."""

    op: Literal["only"] = "only"
    field: ValueField
    values: _Values


class ExcludeValues(Frozen):
    """Refuse some values of a field ("no red", "anything but Nike")."""

    op: Literal["exclude"] = "exclude"
    field: ValueField
    values: _Values
    soft: _Soft = False


class DropValues(Frozen):
    """Forget wishes about a field: some values, or all of them when none is named."""

    op: Literal["drop"] = "drop"
    field: ValueField
    values: _Values = ()


class LimitAttribute(Frozen):
    """Limit one attribute by values or by a numeric range ("at least 128 GB", "3 bedrooms")."""

    op: Literal["attribute"] = "attribute"
    name: Annotated[str, Field(description="Name of the attribute, for example storage.")]
    values: _Values = ()
    lower: Annotated[float | None, Field(description="Least number.")] = None
    upper: Annotated[float | None, Field(description="Greatest number.")] = None
    unit: Annotated[str, Field(description="Unit of the numbers, may be empty.")] = ""
    exclude: Annotated[bool, Field(description="True to refuse instead of ask for.")] = False
    soft: _Soft = False


class MinimumRating(Frozen):
    """Ask for a least rating in stars, 0 to 5; null drops it."""

    op: Literal["min_rating"] = "min_rating"
    stars: Annotated[float | None, Field(description="0 to 5.")]
    soft: _Soft = False


class OnSale(Frozen):
    """Ask for reduced items only; false or null drops that."""

    op: Literal["on_sale"] = "on_sale"
    value: bool | None
    soft: _Soft = False


class CountItems(Frozen):
    """Say how many items to recommend; "show me 3" is 3 and 3, a bound left null is freed."""

    op: Literal["count"] = "count"
    minimum: int | None = None
    maximum: int | None = None


class LimitGroup(Frozen):
    """Say how many of the recommended items may share something ("two of these in blue")."""

    op: Literal["group"] = "group"
    attribute: Literal["brand", "color", "category", "size"]
    value: Annotated[
        str | None, Field(description="Null: for each value, as in 'at most one per brand'.")
    ] = None
    minimum: int = 0
    maximum: int | None = None


class SwapItem(Frozen):
    """Take one recommended item out for good, so that another comes in."""

    op: Literal["swap_item"] = "swap_item"
    item: Annotated[str, Field(description="Id of the item.")]
    reason: Annotated[str, Field(description="In the shopper's words, may be empty.")] = ""


class RequireItems(Frozen):
    """Keep some items in the recommendation whatever else changes."""

    op: Literal["require_items"] = "require_items"
    items: Annotated[Words, Field(description="Ids of items.")]


class Reset(Frozen):
    """Forget all limits, or all limits of one family."""

    op: Literal["reset"] = "reset"
    family: Annotated[Family | None, Field(description="Null: everything.")] = None


class Restore(Frozen):
    """Bring back limits of an earlier turn, all of them or one family."""

    op: Literal["restore"] = "restore"
    to: Annotated[
        Literal["undo", "first"],
        Field(description="undo: as before the last change; first: as first said."),
    ]
    family: Annotated[Family | None, Field(description="Null: everything.")] = None
    steps: Annotated[
        int, Field(ge=1, le=20, description="How many changes to undo; 1 but for 'two steps'.")
    ] = 1


Change = Annotated[
    SetPrice
    | ShiftPrice
    | WantValues
    | OnlyValues
    | ExcludeValues
    | DropValues
    | LimitAttribute
    | MinimumRating
    | OnSale
    | CountItems
    | LimitGroup
    | SwapItem
    | RequireItems
    | Reset
    | Restore,
    Field(discriminator="op"),
]


class ChangeList(Frozen):
    """Changes of the limits, in the order in which they apply."""

    changes: tuple[Change, ...]


def change_schema() -> dict[str, Any]:
    """The JSON schema of `ChangeList` in the strict dialect of tool calls.

    No references, `anyOf` for the union, every property required (null where it may be left out)
    and no others allowed.
    """
    schema = TypeAdapter(ChangeList).json_schema()
    definitions = schema.pop("$defs", {})
    strict: dict[str, Any] = _strict(schema, definitions)
    return strict


_KEYWORDS = {"type", "properties", "required", "items", "anyOf", "enum", "const", "description"}


def _strict(node: Any, definitions: dict[str, Any]) -> Any:
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = definitions[node["$ref"].rsplit("/", 1)[-1]]
        return _strict({**target, **{k: v for k, v in node.items() if k != "$ref"}}, definitions)
    node = {("anyOf" if key == "oneOf" else key): value for key, value in node.items()}
    out: dict[str, Any] = {key: value for key, value in node.items() if key in _KEYWORDS}
    if "properties" in out:
        out["properties"] = {k: _strict(v, definitions) for k, v in out["properties"].items()}
        out["required"] = list(out["properties"])
        out["additionalProperties"] = False
    if "items" in out:
        out["items"] = _strict(out["items"], definitions)
    if "anyOf" in out:
        out["anyOf"] = [_strict(option, definitions) for option in out["anyOf"]]
    if "const" in out:
        out["enum"] = [out.pop("const")]
    return out
