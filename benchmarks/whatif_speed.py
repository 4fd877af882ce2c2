"""What a what-if turn costs on a large shop, and whether a long conversation slows down.

Both halves run through the whole graph (intake, assistant, tools, compose, check) with the
embedded model, over a generated catalogue, warm. The first prints the milliseconds of a turn that
moves the budget, beside the bare two solves that such a turn cannot do without; the second the
turn at place 10 beside the one at place 300 of one conversation, kept in memory as the command
keeps it in its file. CPU time of this process; the median of some repeats.

    python benchmarks/whatif_speed.py [ITEMS] [TURNS]
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.context import Context
    from agent.session import Session

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

ITEMS, TURNS = 100_000, 300
WINDOW = 9
"""Turns around the tenth and the last whose median is taken."""
REPEATS = 15


def main() -> None:
    """Prints both comparisons."""
    items = int(sys.argv[1]) if len(sys.argv) > 1 else ITEMS
    turns = int(sys.argv[2]) if len(sys.argv) > 2 else TURNS
    with tempfile.TemporaryDirectory(prefix="interarec-bench-") as folder:
        context = make_context(Path(folder), items)
        what_if(context, items)
        long_talk(context, turns)


def make_context(folder: Path, items: int) -> Context:
    """What the graph runs with over a shop of `items` products, and no model."""
    from tests.support.shop import catalog_of, shop_context

    return shop_context(catalog_of(products(items), folder), folder)


def products(items: int) -> Iterator[dict[str, object]]:
    """That many products of forty kinds, fifty brands and ten colours."""
    colors = ("black", "white", "navy", "red", "green", "blue", "grey", "cream", "brown", "pink")
    for number in range(items):
        kind, brand = f"Kind {number % 40}", f"Brand {number % 50}"
        color = colors[number % len(colors)]
        yield {
            "id": f"p{number}", "title": f"{brand} {color} {kind} no {number}",
            "brand": brand, "price": 5 + (number * 7919) % 49_500 / 100, "currency": "GBP",
            "colors": [color], "categories": [kind], "rating": 3 + number % 5 * 0.5,
            "reviews": number % 400, "stock": 3,
        }  # fmt: skip


def what_if(context: Context, items: int) -> None:
    """A warm what-if turn beside its two bare solves."""
    session = new_session(context, "speed")
    session.turn("something green up to £200")
    session.turn("what if my budget were £150?")
    engine = context.engine("GBP")
    sides: dict[str, list[float]] = {"what-if turn": [], "its two solves": []}
    for repeat in range(REPEATS):
        start = time.process_time()
        state = session.turn(f"what if my budget were £{100 + 7 * repeat}?")
        sides["what-if turn"].append(time.process_time() - start)
        assert state["scenario"] is not None
        start = time.process_time()
        engine.compare(state["scenario"].before, state["limits"], state.get("wish", ""))
        sides["its two solves"].append(time.process_time() - start)
    turn, bare = (1000 * statistics.median(times) for times in sides.values())
    print(f"what-if turn, {items:,} items, warm: {turn:.1f} ms CPU (asked < 150)")
    print(f"its two bare solves:              {bare:.1f} ms CPU; ratio {turn / bare:.2f}")


def long_talk(context: Context, turns: int) -> None:
    """The tenth turn of a conversation beside its last one."""
    session = new_session(context, "long")
    session.turn("something green up to £200")
    took: list[float] = []
    for number in range(1, turns + WINDOW):
        said = (f"what if my budget were £{100 + number % 90}?", "20% less", "undo that")[
            number % 3
        ]
        start = time.process_time()
        session.turn(said)
        took.append(time.process_time() - start)
    # The three kinds of turn take turns, so a window holds as many of each.
    early = 1000 * statistics.median(took[9 : 9 + WINDOW])
    late = 1000 * statistics.median(took[-WINDOW:])
    print(f"turn 10: {early:.1f} ms CPU; turn {turns}: {late:.1f} ms CPU")
    print(f"ratio {late / early:.2f} (asked <= 1.3)")


def new_session(context: Context, thread: str) -> Session:
    """A conversation kept in memory."""
    from langgraph.checkpoint.memory import InMemorySaver

    from agent.graph import make_graph
    from agent.session import Session

    return Session(context, thread, make_graph(InMemorySaver()))


if __name__ == "__main__":
    main()
