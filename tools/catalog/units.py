"""Quantities with units: reading them, and bringing units of one kind to a common one.

Factors are those of the SI and of the international yard and pound agreement (1959); storage is
counted in powers of ten, as it is sold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tools.domain import Quantity

# kind -> unit as written (lower case) -> factor to the kind's base unit
_KINDS: Mapping[str, Mapping[str, float]] = {
    "storage": {"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12},
    "length": {"mm": 1e-3, "cm": 1e-2, "m": 1.0, "km": 1e3, "metre": 1.0, "metres": 1.0,
               "meter": 1.0, "meters": 1.0, "in": 0.0254, "inch": 0.0254, "inches": 0.0254,
               '"': 0.0254, "”": 0.0254, "″": 0.0254, "ft": 0.3048, "foot": 0.3048, "feet": 0.3048,
               "'": 0.3048, "yd": 0.9144, "zoll": 0.0254},
    "mass": {"mg": 1e-6, "g": 1e-3, "gram": 1e-3, "grams": 1e-3, "kg": 1.0, "kgs": 1.0, "kilo": 1.0,
             "lb": 0.45359237, "lbs": 0.45359237, "pound": 0.45359237, "pounds": 0.45359237,
             "oz": 0.028349523125, "ounce": 0.028349523125, "ounces": 0.028349523125},
    "volume": {"ml": 1e-3, "cl": 1e-2, "l": 1.0, "litre": 1.0, "litres": 1.0, "liter": 1.0,
               "liters": 1.0, "fl oz": 0.0295735295625, "gal": 3.785411784, "gallon": 3.785411784,
               "gallons": 3.785411784},
    "power": {"w": 1.0, "watt": 1.0, "watts": 1.0, "kw": 1e3, "mw": 1e6},
    "voltage": {"v": 1.0, "volt": 1.0, "volts": 1.0, "kv": 1e3},
    "charge": {"mah": 1e-3, "ah": 1.0},
    "energy": {"wh": 1.0, "kwh": 1e3},
    "frequency": {"hz": 1.0, "khz": 1e3, "mhz": 1e6, "ghz": 1e9},
    "time": {"s": 1.0, "sec": 1.0, "min": 60.0, "minutes": 60.0, "h": 3600.0, "hr": 3600.0,
             "hrs": 3600.0, "hour": 3600.0, "hours": 3600.0, "day": 86400.0, "days": 86400.0},
    "resolution": {"mp": 1.0, "megapixel": 1.0, "megapixels": 1.0},
    "area": {"sq ft": 0.09290304, "sqft": 0.09290304, "ft²": 0.09290304, "m²": 1.0, "sqm": 1.0,
             "sq m": 1.0},
    "share": {"%": 1.0, "percent": 1.0},
}  # fmt: skip
_UNIT: Mapping[str, tuple[str, float]] = {
    unit: (kind, factor) for kind, units in _KINDS.items() for unit, factor in units.items()
}
# A count of things: compared as a bare number.
_COUNTS = frozenset(
    {
        "bedroom",
        "bedrooms",
        "bed",
        "beds",
        "bathroom",
        "bathrooms",
        "room",
        "rooms",
        "piece",
        "pieces",
        "pc",
        "pcs",
        "pack",
        "packs",
        "person",
        "persons",
        "people",
        "seat",
        "seats",
        "seater",
        "door",
        "doors",
        "drawer",
        "drawers",
        "shelf",
        "shelves",
        "port",
        "ports",
        "speed",
        "speeds",
        "light",
        "lights",
        "core",
        "cores",
        "year",
        "years",
        "month",
        "months",
        "count",
        "ct",
        "pair",
        "pairs",
        "set",
        "sets",
    }
)
_QUANTITY = re.compile(
    r"(?<![\w.,-])(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\s*-?\s*("
    + "|".join(sorted((re.escape(u) for u in [*_UNIT, *_COUNTS]), key=len, reverse=True))
    + r")(?![\w])",
    re.I,
)
_BARE = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$", re.I)


def parse_quantity(text: str) -> Quantity | None:
    """The quantity that a whole text is ("128 GB", "3", "5.5 inch"), else None."""
    text = text.strip()
    if len(text) > 40:
        return None
    if _BARE.match(text):
        number = float(text)
        return Quantity(number=number) if abs(number) < 1e15 else None
    match = _QUANTITY.fullmatch(text)
    return _quantity(match) if match else None


def find_quantities(text: str) -> list[Quantity]:
    """Every number with a known unit in a text, in order."""
    return [_quantity(m) for m in _QUANTITY.finditer(text)]


def _quantity(match: re.Match[str]) -> Quantity:
    return Quantity(number=float(match[1].replace(",", "")), unit=match[2])


def to_base(unit: str) -> tuple[str, float]:
    """(kind, factor to the kind's base unit); a unit not known here is a kind of its own.

    Counts ("bedrooms", "pcs") and the empty unit are one kind, a bare number.
    """
    plain = unit.strip().lower().rstrip(".")
    if not plain or plain in _COUNTS:
        return "", 1.0
    return _UNIT.get(plain, (plain, 1.0))


def units_of(kind: str) -> tuple[str, ...]:
    """The units of a kind as they are written; a kind that is not known here is its own unit."""
    return tuple(_KINDS.get(kind, (kind,)))
