"""Turns made of the phrases, with the limits that stand before them and what they ask for.

A line of `phrases/*.txt` is a template and its operations: `call it {A} tops -> SET_UPPER`. `{A}`
is filled with an amount (`{A2}` with another, the one in force where a new maximum is set), `{P}`
with a percentage, `{B}`, `{C}`, `{S}` with a brand, a colour, a size, `{G}` with a kind of thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from random import Random

from agent.language.model import ShownItem, Understanding
from agent.language.operations.view import View, view_amounts, view_turn
from agent.language.parse import read_turn
from agent.language.vocabulary import SimpleVocabulary
from tools.domain import Constraints, Provenance

PHRASES = Path(__file__).parent / "phrases"
COPIES = 3
"""Turns made of one template; the last is read without its embedding."""
_PRICE = {
    "SET_UPPER": "set_upper", "SET_LOWER": "set_lower", "RANGE": "range", "UP": "up",
    "DOWN": "down", "UP_PCT": "up_percent", "DOWN_PCT": "down_percent", "FREE_PRICE": "free",
    "FREE_UPPER": "free_upper", "FREE_LOWER": "free_lower", "FIRST_PRICE": "first",
    "FIRST_ALL": "first_all", "UNDO": "undo", "KEEP": "none", "NONE": "none",
}  # fmt: skip
_WISH = {"UPPER": "set_upper", "LOWER": "set_lower", "RANGE": "range", "NOLIMIT": "none"}
_VALUES = {"SET": "want", "SET2": "want", "FREE": "free", "NOT": "refuse"}
_FIELDS = {"B": "brands", "C": "colors", "S": "sizes"}
_BRANDS = ("Nike", "Adidas", "Puma", "Sony", "Bosch", "Samsung", "New Balance", "Under Armour",
           "IKEA", "Philips", "Lego", "Canon")  # fmt: skip
_COLORS = ("black", "white", "navy", "red", "green", "blue", "grey", "brown", "pink", "purple",
           "beige", "yellow")  # fmt: skip
_OF_SIZE = re.compile(r"\b(size[sd]?|sz|fits?|wear\w*|feet|foot|uk|us|eu)\b", re.I)
_LETTERS: tuple[str, ...] = ("small", "medium", "large", "XL")
_SIZES: tuple[str, ...] = (*_LETTERS, "8", "10", "9.5", "42")
_KINDS = ("shoes", "jacket", "sofa", "dress", "headphones", "phone case", "lamp", "backpack")
VOCABULARY = SimpleVocabulary(
    brands=_BRANDS, colors=_COLORS, categories=_KINDS, sizes=("S", "M", "L", *_SIZES)
)
_SHOWN = (ShownItem(id="p1", title="a lamp", price=Decimal(55), currency="GBP", turn=1),)
_WORDS = {5: "five", 10: "ten", 15: "fifteen", 20: "twenty", 25: "twenty five", 30: "thirty",
          40: "forty", 50: "fifty", 60: "sixty", 80: "eighty", 100: "a hundred"}  # fmt: skip
_MONEY = ("£{}", "£{}", "${}", "€{}", "{} pounds", "{} dollars", "{} euros", "{}", "{} bucks",
          "{} quid")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """A turn, what stands before it, what the grammar reads in it, and what it asks for."""

    source: str
    """The file of phrases."""
    copy: int
    said: str
    view: View
    current: Constraints
    understood: Understanding
    labels: dict[str, str]
    """The operation, by head."""


def read_phrases(path: Path) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """(template, operations, whether it is a first request) of a file's lines.

    Those after a comment that names part 4 are first requests.
    """
    first = False
    for line in path.read_text(encoding="utf-8").splitlines():
        template, arrow, operations = line.rpartition("->")
        if line.startswith("#"):
            first = "Part 4" in line if "Part" in line else first
        elif arrow:
            yield template.strip(), tuple(operations.split()), first


def phrases_digest() -> str:
    """SHA-256 of all phrases, which the weights carry: they say what they were fitted to."""
    state = sha256()
    for path in sorted(PHRASES.glob("*.txt")):
        state.update(f"{path.name} {sha256(path.read_bytes()).hexdigest()}\n".encode())
    return state.hexdigest()


def make_examples(paths: Sequence[Path], copies: int = COPIES) -> list[Example]:
    """Every template of some files, filled `copies` times; the same examples every time."""
    out = []
    for path in paths:
        for template, operations, first in read_phrases(path):
            random = Random(f"{template} {operations}")
            for copy in range(copies):
                scene = _Scene(template, operations, random, first=first)
                example = _read(path.stem, copy, scene, operations)
                if example is not None:
                    out.append(example)
    return out


def _read(source: str, copy: int, scene: _Scene, operations: tuple[str, ...]) -> Example | None:
    first = scene.first
    read = read_turn(scene.said, VOCABULARY, scene.current, () if first else _SHOWN, "GBP")
    view = view_amounts(read.symbols) if first else view_turn(read.symbols)
    if not read.symbols or view is None:
        return None
    labels = labels_of(operations, first=first)
    return Example(source, copy, scene.said, view, scene.current, read.understood, labels)


def labels_of(operations: Sequence[str], *, first: bool) -> dict[str, str]:
    """The operation of every head that a template's operations stand for.

    Args:
        operations: as in the files, for example `("C_SET", "UP")`.
        first: whether it is a first request.
    """
    if first:
        return {"wish": _WISH[operations[0]]}
    prices = [_PRICE[o] for o in operations if o in _PRICE]
    if "RESET_ALL" in operations:
        return dict.fromkeys((*_FIELDS.values(), "price"), "free")
    labels = dict.fromkeys(_FIELDS.values(), "none")
    if len(prices) < 2:
        labels["price"] = prices[0] if prices else "none"
    for operation in operations:
        letter, _, deed = operation.partition("_")
        if letter in _FIELDS:
            labels[_FIELDS[letter]] = _VALUES[deed]
    return labels


class _Scene:
    """Amounts and values for one template, and limits before it that it makes sense after."""

    def __init__(
        self, template: str, operations: tuple[str, ...], random: Random, *, first: bool
    ) -> None:
        self.first = first
        upper = random.choice([30, 40, 50, 60, 80, 90, 100, 120, 150, 200, 250])
        moved = _amount(operations, upper, random)
        other = moved + max(5, round(moved * random.choice([0.3, 0.5, 1])))
        if "SET_UPPER" in operations and "{A2}" in template:
            other, upper = upper if upper != moved else upper + 10, other
            upper = other
        fill = {
            "A": _money(moved, random),
            "A2": _money(other, random),
            "P": random.choice(["{}%", "{}%", "{} percent", "{} per cent"]).format(
                random.choice([5, 10, 15, 20, 25, 30, 50])
            ),
            "G": random.choice(_KINDS),
        }
        # A bare number would as well be an amount where the template does not speak of sizes.
        sizes = _SIZES if _OF_SIZE.search(template) else _LETTERS
        for letter, values in (("B", _BRANDS), ("C", _COLORS), ("S", sizes)):
            fill[letter], fill[letter + "2"] = random.sample(values, 2)
        if random.random() < 0.4:
            fill["B"] = fill["B"].lower()
        self.said = re.sub(r"\{(\w+)\}", lambda match: fill[match[1]], template)
        self.current = Constraints()
        if not first:
            self.current = _standing(template, operations, upper, fill, random)


def _amount(operations: Sequence[str], upper: int, random: Random) -> int:
    if "UP" in operations or "DOWN" in operations:
        shares = [0.05, 0.1, 0.15, 0.2, 0.3, 0.5]
    elif "SET_LOWER" in operations or "LOWER" in operations:
        shares = [0.2, 0.3, 0.5, 0.7]
    else:
        shares = [0.03, 0.15, 0.4, 0.6, 0.75, 0.8, 0.9, 1.1, 1.2, 1.3, 1.5, 2, 2.5]
    amount = max(2, round(upper * random.choice(shares)))
    return round(amount / 5) * 5 if amount >= 20 and random.random() < 0.7 else amount


def _money(amount: int, random: Random) -> str:
    if amount in _WORDS and random.random() < 0.12:
        return _WORDS[amount] + random.choice([" pounds", " dollars", " quid", ""])
    written = f"{amount - 0.01:.2f}" if random.random() < 0.05 and amount > 10 else str(amount)
    return random.choice(_MONEY).format(written)


def _standing(
    template: str,
    operations: Sequence[str],
    upper: int,
    fill: dict[str, str],
    random: Random,
) -> Constraints:
    """Limits before a turn: a maximum, at times a minimum, a colour, a brand, a size."""
    limits: dict[str, object] = {"price_upper": Decimal(upper), "currency": "GBP"}
    needed = {"FREE_LOWER", "FREE_UPPER"} & set(operations)
    if "FREE_LOWER" in operations or random.random() < (0.8 if needed else 0.15):
        limits["price_lower"] = Decimal(round(upper * random.choice([0.3, 0.4, 0.5])))
    if random.random() < 0.1 and not {"UP", "DOWN", "UP_PCT", "DOWN_PCT"} & set(operations):
        del limits["price_upper"]
    for letter, field, values in (
        ("B", "brands", _BRANDS),
        ("C", "colors", _COLORS),
        ("S", "sizes", _SIZES),
    ):
        freed = f"{letter}_FREE" in operations
        if freed and "{" + letter + "}" in template:
            limits[field] = (fill[letter],)
        elif freed or random.random() < 0.5:
            limits[field] = (random.choice([v for v in values if v != fill[letter]]),)
    origin = Provenance(source="said", strength="hard", turn=1)
    return Constraints.model_validate(limits | {"provenance": dict.fromkeys(limits, origin)})
