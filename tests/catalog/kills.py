"""Updates that are killed: a catalogue of sixty products, of which every update renames forty."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tools.catalog import Catalog, open_catalog
from tools.catalog.opening import update_at

ROWS = 60
_RENAMED = 40
_WRITERS = """
import os, sys
from tests.catalog.kills import rename
place, home = sys.argv[1:]
number = 0
for _ in sys.stdin:
    number += 1000
    child = os.fork()
    if child:
        print(child, flush=True)
        os.waitpid(child, 0)
        print("gone", flush=True)
        continue
    while True:
        number += 1
        rename(place, home, number)
        print("done", flush=True)
"""


def rename(place: str, home: str | Path, number: int) -> None:
    """One update: another title for the first forty products."""
    with open_catalog(place, Path(home)) as catalog:
        products = catalog.products(range(_RENAMED))
    fresh = [p.model_copy(update={"title": f"round {number} {p.id}"}) for p in products]
    update_at(place, home=Path(home), products=fresh)


def whole(catalog: Catalog) -> set[str]:
    """The round whose titles a catalogue shows, after it was found to show one alone."""
    assert len(catalog) == ROWS
    titles = [p.title.partition(" item")[0] for p in catalog.products(range(_RENAMED))]
    rounds = {t for t in titles if t.startswith("round")}
    assert not rounds or (len(rounds) == 1 and len(set(titles)) == 1)
    assert len(catalog.search("round", k=100).hits) == catalog.available.sum()
    return rounds


def kill_writers(place: str, home: Path, times: int) -> Iterator[None]:
    """Kill -9 writers in the middle of an update, and give control after each of them."""
    draw = random.Random(3)
    # One process that has everything imported, and a fresh child of it for every kill.
    parent = subprocess.Popen(
        [sys.executable, "-c", _WRITERS, place, str(home)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert parent.stdin is not None
    assert parent.stdout is not None
    for _ in range(times):
        parent.stdin.write("\n")
        parent.stdin.flush()
        child = int(parent.stdout.readline())
        start = time.monotonic()
        for _ in range(draw.randint(1, 2)):
            assert parent.stdout.readline() == "done\n"
            took, start = time.monotonic() - start, time.monotonic()
        time.sleep(draw.uniform(0, took))  # Anywhere in the update that is under way now.
        os.kill(child, signal.SIGKILL)
        while (line := parent.stdout.readline()) != "gone\n":
            assert line == "done\n"
        yield
    parent.stdin.close()
    parent.wait()
    parent.stdout.close()
