"""What a catalogue on a Postgres server costs beside the same one in local files.

    python benchmarks/postgres_catalog.py [--rows 50000] [--url postgresql://…]

Without `--url` a server of its own is started (the wheel of the tests). Wall time, the least of
five runs, both sides in turn in one process: the server works in processes of its own, so its CPU
time is not this one's.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.support.postgres import running_postgres
from tools.catalog import open_catalog
from tools.catalog.opening import build_at, update_at
from tools.domain import Constraints

NOUNS = ("lamp", "rug", "chair", "kettle", "jacket", "phone", "desk", "shirt", "drum", "atlas")


def records(count: int) -> list[dict[str, Any]]:
    draw = random.Random(5)
    words = ["".join(draw.choices("aeioulnrstdkm", k=draw.randint(4, 9))) for _ in range(5000)]
    return [
        {
            "id": f"p{n}",
            "title": f"{draw.choice(NOUNS)} {' '.join(draw.choices(words, k=6))}",
            "brand": f"brand {draw.randint(0, 200)}",
            "price": round(draw.lognormvariate(3, 1), 2) + 0.01,
            "currency": "GBP",
            "colors": [draw.choice(["red", "blue", "green", "black"])],
            "rating": round(draw.uniform(1, 5), 1),
            "reviews": draw.randint(0, 900),
        }
        for n in range(count)
    ]


def least(work: Callable[[], object], times: int = 5) -> float:
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    ask.add_argument("--rows", type=int, default=50_000)
    ask.add_argument("--url")
    asked = ask.parse_args()
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        url = asked.url or held.enter_context(running_postgres()).new_database()
        source = folder / "shop.jsonl"
        with source.open("w") as stream:
            stream.writelines(json.dumps(r) + "\n" for r in records(asked.rows))
        home, places = folder / "home", (folder / "local", f"{url}#bench")
        how: dict[str, Any] = {"encoder": "hashing", "progress": False, "home": home}
        print(f"{asked.rows} products of 256 dimensions; wall, least of five; local / server")
        build_at(source, places[0], **how)  # The encoder's cache is warm for both.
        line("build, s", [least(lambda p=p: build_at(source, p, **how), 1) for p in places], 1)
        shops = [held.enter_context(open_catalog(p, home)) for p in places]
        line("open, ms", [least(lambda p=p: open_catalog(p, home).close()) for p in places])
        few = Constraints.of("said", brands=["brand 7"])
        half = Constraints.of("said", colors=["red", "blue"])
        for title, limits in (("no filter", None), ("0.5 %", few), ("50 %", half)):
            times = [least(lambda s=s, w=limits: s.search("a red lamp", w)) for s in shops]
            line(f"search, {title}, ms", times)
        line("facts, 0.5 %, ms", [least(lambda s=s: s.facts(few)) for s in shops])
        line("facts, all, ms", [least(lambda s=s: s.facts()) for s in shops])
        line("columns for the optimiser, s", [
            least(lambda p=p: open_catalog(p, home).prices.sum(), 1) for p in places
        ], 1)  # fmt: skip
        draw = random.Random(1)
        for count in (1, 1000):
            some = shops[0].get([f"p{n}" for n in draw.sample(range(asked.rows), count)])
            fresh = [
                p.model_copy(
                    update={"price": p.price.model_copy(update={"amount": Decimal("7.77")})}
                )
                for p in some
                if p.price
            ]
            times = [
                least(lambda p=p, f=fresh: update_at(p, home=home, products=f), 1) for p in places
            ]
            line(f"{count} prices changed, ms", times)


def line(title: str, seconds: list[float], factor: float = 1000) -> None:
    here, there = (s * factor for s in seconds)
    print(f"{title:32s} {here:9.1f} / {there:9.1f}   x{there / here:.1f}")


if __name__ == "__main__":
    main()
