"""Whole conversations through the graph, each turn against the limits it has to lead to.

`python -m tests.language.dialogues FILE…` prints the score of some files and every miss.
"""

from __future__ import annotations

import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.models.embedded import EmbeddedChatModel
from tests.support.shop import catalog_of, shop_context
from tools.catalog import Catalog
from tools.domain import Constraints

if TYPE_CHECKING:
    from agent.context import Context
    from agent.language.operations.classifier import Encode

FOLDER = Path(__file__).parent / "dialogues"
NAMES = {
    "lower": "price_lower", "upper": "price_upper", "cur": "currency", "colors": "colors",
    "brands": "brands", "sizes": "sizes", "xcolors": "exclude.colors",
    "xbrands": "exclude.brands", "xsizes": "exclude.sizes", "count_min": "count_min",
    "count_max": "count_max", "rating": "min_rating", "sale": "on_sale", "cats": "categories",
    "attrs": "attributes", "xcats": "exclude.categories",
}  # fmt: skip
OPTIONAL = ("cur", "cats", "attrs", "xcats")
"""Scored only from the turn on in which the dialogue names them."""
ANY = "?"

BRANDS = ("Nike", "Adidas", "Puma", "Sony", "Bosch", "Samsung", "Under Armour", "New Balance")
KINDS: dict[str, dict[str, Any]] = {
    "Dresses": {"price": 30, "sizes": ["S", "M", "L", "8", "10", "12"]},
    "Shoes": {"price": 45, "sizes": ["7", "8", "9", "10", "11"]},
    "Jackets": {"price": 60, "sizes": ["S", "M", "L", "XL"]},
    "Headphones": {"price": 35, "sizes": []},
    "Phones": {"price": 150, "sizes": []},
    "Sofas": {"price": 300, "sizes": []},
}
COLORS = ("Black", "White", "Navy", "Red", "Green", "Blue", "Grey", "Cream", "Brown", "Pink")
MATERIALS = ("cotton", "leather", "wool", "linen")


def conversation_shop(folder: Path) -> Catalog:
    """A catalogue of six kinds, eight brands and ten colours: 480 products."""
    rows: list[dict[str, Any]] = []
    for (kind, about), color, (b, brand) in product(KINDS.items(), COLORS, enumerate(BRANDS)):
        number = len(rows)
        rows.append(
            {
                "id": f"p{number}",
                "title": f"{brand} {color.lower()} {kind.lower()}",
                "brand": brand,
                "price": about["price"] + 9 * b + 2 * COLORS.index(color),
                "currency": "GBP",
                "colors": [color],
                "categories": [kind],
                "sizes": about["sizes"],
                "attributes": {"material": MATERIALS[number % len(MATERIALS)]},
                "rating": 3 + 0.25 * b,
                "reviews": 10 + number,
                "stock": 5,
            }
        )
    return catalog_of(rows, folder)


def make_context(folder: Path, encode: Encode | None = None) -> Context:
    """What the graph runs with: that shop, and no model but the encoder that reads turns."""
    catalog = conversation_shop(folder)
    chat = EmbeddedChatModel(vocabularies={"GBP": catalog.vocabulary()}, encode=encode)
    return shop_context(catalog, folder, chat=chat, embedded_chat=chat)


@dataclass(frozen=True)
class Turn:
    """One line of a dialogue."""

    said: str
    wanted: dict[str, Any]
    """Every limit after the turn, by the short names; `ANY` where nothing is scored."""
    asks: bool | None
    missed: bool = False
    """It is known to be misread; it counts as wrong, and what it sets is scored no more."""


@dataclass(frozen=True)
class Dialogue:
    """A conversation, and where it stands."""

    name: str
    turns: tuple[Turn, ...]


@dataclass
class Score:
    """What came of one dialogue."""

    dialogue: Dialogue
    misses: list[str] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    price: list[bool] = field(default_factory=list)
    """Whether both ends of the price range are right, turn by turn."""


def read_dialogues(path: Path) -> Iterator[Dialogue]:
    """The dialogues of a file."""
    block: list[str] = []
    for number, line in enumerate([*path.read_text(encoding="utf-8").splitlines(), ""], 1):
        if line.startswith("#"):
            continue
        if line.strip():
            block.append(line)
        elif block:
            yield Dialogue(f"{path.stem}:{number - len(block)}", tuple(_turns(block)))
            block = []


def _turns(lines: Sequence[str]) -> Iterator[Turn]:
    state: dict[str, Any] = dict.fromkeys(NAMES) | dict.fromkeys(OPTIONAL, ANY)
    states = [state]
    for line in lines:
        said, outcome = line.rsplit("->", 1)
        words = shlex.split(outcome)
        state = dict(state)
        asks: bool | None = False
        missed = "miss" in words
        for word in words:
            if word == "miss":
                asks = None
            elif word.startswith("@"):
                state = dict(states[int(word[1:])])
            elif word == "ask":
                asks = True
            elif word == ANY:
                state, asks = dict.fromkeys(NAMES, ANY), None
            else:
                short, _, value = word.partition("=")
                if short not in NAMES:
                    raise ValueError(f"{line!r} names {short!r}")
                state[short] = ANY if missed else _wanted(short, value)
        states.append(state)
        yield Turn(said.strip(), state, asks, missed)


def _wanted(short: str, value: str) -> Any:
    if value in ("-", ""):
        return None
    if value == ANY:
        return ANY
    if short in ("lower", "upper", "rating", "count_min", "count_max"):
        return Decimal(value)
    if short == "cur":
        return value
    if short == "sale":
        return True
    return tuple(sorted(v.casefold() for v in value.split(",")))


def _plain(short: str, value: Any) -> Any:
    if short in ("attrs",):
        return tuple(sorted(v.casefold() for a in value for v in (*a.values,))) or None
    if isinstance(value, tuple):
        return tuple(sorted(str(v).casefold() for v in value)) or None
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return Decimal(str(value))


def differences(limits: Constraints, turn: Turn, question: str) -> list[str]:
    """What is wrong with the limits after a turn."""
    wrong = []
    for short, want in turn.wanted.items():
        got = _plain(short, limits.value(NAMES[short]))
        if want not in (ANY, got):
            wrong.append(f"{short} {_show(got)}, not {_show(want)}")
    if turn.asks is not None and bool(question) != turn.asks:
        wrong.append(f"asked {question!r}" if question else "asked nothing")
    return wrong


def _show(value: Any) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)


def run(context: Context, dialogue: Dialogue) -> Score:
    """One dialogue through the graph, as the command line runs it; errors carry on."""
    from langgraph.checkpoint.memory import InMemorySaver

    from agent.graph import make_graph
    from agent.session import Session

    session = Session(context, dialogue.name, make_graph(InMemorySaver()))
    score = Score(dialogue)
    wrong_before: set[str] = set()
    for turn in dialogue.turns:
        state = session.turn(turn.said)
        wrong = differences(state["limits"], turn, state["question"])
        score.right.append(not wrong and not turn.missed)
        score.price.append(not any(w.startswith(("lower", "upper")) for w in wrong))
        if set(wrong) - wrong_before:
            score.misses.append(f"{dialogue.name} | {turn.said} | {'; '.join(wrong)}")
        wrong_before = set(wrong)
    return score


def _mean(right: Sequence[bool]) -> str:
    return f"{sum(right) / len(right):.3f}"


def _whole(right: Sequence[bool]) -> str:
    from evals.proportions import wilson

    low, high = wilson(sum(right), len(right))
    return f"{_mean(right)} [{low:.3f}, {high:.3f}] of {len(right)}"


def main() -> None:
    """Prints turns and dialogues right, with 95 % intervals over dialogues, and the misses."""
    from evals.statistics import cluster_bootstrap
    from tools.catalog.embedding import ready_encoder

    paths = [Path(p) for p in sys.argv[1:]] or sorted(FOLDER.glob("*.txt"))
    with tempfile.TemporaryDirectory(prefix="interarec-dialogues-") as folder:
        context = make_context(Path(folder), ready_encoder())
        for path in paths:
            scores = [run(context, dialogue) for dialogue in read_dialogues(path)]
            for score in scores:
                for miss in score.misses:
                    print(miss)
            by_turn = [(right, s.dialogue.name) for s in scores for right in s.right]
            turns = cluster_bootstrap([float(r) for r, _ in by_turn], None, [n for _, n in by_turn])
            print(
                f"{path.stem}: all limits, per turn {turns.estimate:.3f} "
                f"[{turns.low:.3f}, {turns.high:.3f}] of {len(by_turn)}; dialogues "
                f"{_whole([all(s.right) for s in scores])}; price, per turn "
                f"{_mean([p for s in scores for p in s.price])}; dialogues "
                f"{_whole([all(s.price) for s in scores])}"
            )


if __name__ == "__main__":
    main()
