"""What a catalogue on a Postgres server costs beside the same one in local files.

    python benchmarks/postgres_catalog.py [--rows 20000] [--url postgresql://…] [--home DIR]

Products and their vectors are those of catalog_shop.py, queries go through the real encoder.
Without `--url` a server of its own is started (the wheel of the tests). Wall time, both sides in
turn in one process: the server works in processes of its own, so its CPU time is not this one's.
Of a large catalogue the server's index is measured too: recall@10 of what it finds, by score, and
its time beside that of scoring all products.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

from catalog_shop import KINDS, WORDS, write_shop

from tests.support.postgres import running_postgres
from tools.catalog import Catalog, open_catalog
from tools.catalog.embedding import prepare_encoder
from tools.catalog.opening import build_at, update_at
from tools.catalog.search import Mode
from tools.domain import Constraints

# A quarter of a small machine's memory, as servers are set up.
_SERVER = {"shared_buffers": "1GB"}
_MODES: tuple[Mode, ...] = ("dense", "hybrid")


def least(work: Callable[[], object], times: int = 5) -> float:
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    ask.add_argument("--rows", type=int, default=20_000)
    ask.add_argument("--url")
    ask.add_argument("--home", type=Path, help="Keep the exported encoder here.")
    asked = ask.parse_args()
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        url = asked.url or held.enter_context(running_postgres(**_SERVER)).new_database()
        home, places = asked.home or folder / "home", (folder / "local", f"{url}#bench")
        source = folder / "shop.csv"
        write_shop(source, asked.rows, prepare_encoder(None, home, "int8"))
        how: dict[str, Any] = {"engine": "int8", "progress": False, "home": home}
        print(f"{asked.rows} products of 384 dimensions; wall, least of five; local / server")
        line("build, s", [least(lambda p=p: build_at(source, p, **how), 1) for p in places], 1)
        shops = [held.enter_context(open_catalog(p, home)) for p in places]
        print(f"index of the server: {shops[1].manifest['index']}")
        line("open, ms", [least(lambda p=p: open_catalog(p, home).close()) for p in places])
        searches(shops)
        if shops[1].manifest["index"]["kind"] != "flat":
            recall(shops[1])
        few = Constraints.of("said", brands=["kestrel"])
        line("facts, 0.5 %, ms", [least(lambda s=s: s.facts(few)) for s in shops])
        line("facts, all, ms", [least(lambda s=s: s.facts()) for s in shops])
        line("columns for the optimiser, s", [
            least(lambda p=p: open_catalog(p, home).prices.sum(), 1) for p in places
        ], 1)  # fmt: skip
        changes(shops[0], places, home)


def searches(shops: list[Catalog]) -> None:
    """Search of the same words under filters, exact on both sides."""
    few = Constraints.of("said", brands=["kestrel"])
    half = Constraints.of("said", colors=["red", "navy", "olive"])
    for title, limits in (("no filter", None), ("0.5 %", few), ("50 %", half)):
        times = [
            least(lambda s=s, w=limits: s.search("a folding brass lamp", w, exact=True))
            for s in shops
        ]
        line(f"search, {title}, ms", times)


def recall(shop: Catalog) -> None:
    """Recall@10 by score and time of the index, beside scoring all, for queries of a few words."""
    draw = random.Random(3)
    queries = [f"{' '.join(draw.sample(WORDS, 2))} {draw.choice(KINDS)}" for _ in range(40)]
    for mode in _MODES:
        shares: list[float] = []
        times: dict[bool, list[float]] = {False: [], True: []}
        for query in queries:
            found = {}
            for exact in (False, True):
                start = time.perf_counter()
                found[exact] = shop.search(query, k=10, mode=mode, exact=exact)
                times[exact].append(time.perf_counter() - start)
            least_score = found[True].hits[-1].score - 1e-5
            shares.append(sum(hit.score >= least_score for hit in found[False].hits) / 10)
        by_index, by_all = (median(times[exact]) * 1e3 for exact in (False, True))
        print(
            f"{mode}: index {by_index:.1f} ms, all {by_all:.1f} ms (median of {len(queries)}); "
            f"recall@10 {sum(shares) / len(shares):.3f}"
        )


def changes(shop: Catalog, places: tuple[Any, ...], home: Path) -> None:
    """One price changed, and a thousand."""
    draw = random.Random(1)
    for count in (1, 1000):
        some = shop.get([f"P{n}" for n in draw.sample(range(len(shop)), count)])
        fresh = [
            p.model_copy(update={"price": p.price.model_copy(update={"amount": Decimal("7.77")})})
            for p in some
            if p.price
        ]
        times = [least(lambda p=p, f=fresh: update_at(p, home=home, products=f), 1) for p in places]
        line(f"{count} prices changed, ms", times)


def line(title: str, seconds: list[float], factor: float = 1000) -> None:
    here, there = (s * factor for s in seconds)
    print(f"{title:32s} {here:9.1f} / {there:9.1f}   x{there / here:.1f}")


if __name__ == "__main__":
    main()
