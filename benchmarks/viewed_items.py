"""From screens to sessions: items recognised in the demo shop's recorded pictures.

Reads every picture of the recorded sessions with the embedded reader and sets the items it
recognised, by titles and prices alone, beside those whose pages were open. Prints, per session and
in all, how many views were found and how many of those found are right, with Wilson intervals.

    python benchmarks/viewed_items.py [--session NAME]
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

from agent.capture.gate import admit
from agent.config import Settings
from agent.demo.catalogs import demo_catalogs
from agent.demo.recorded import session_frames, session_names, session_story
from agent.reading import read_session
from agent.viewed import viewed_items
from tools.catalog import Catalog


def wilson(hits: int, n: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    if not n:
        return 0.0, 1.0
    z, p = 1.96, hits / n
    mid = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return mid - half, mid + half


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--session", choices=session_names(), action="append")
    arguments.add_argument("--home", type=Path, default=Path(".interarec"))
    given = arguments.parse_args()
    shops = {c.currency: c for c in map(Catalog.open, demo_catalogs(given.home))}
    settings = Settings(home=given.home)
    open_pages = found = right = 0
    for name in given.session or session_names():
        story = session_story(name)
        frames = [admit(path.read_bytes(), path.name) for path in session_frames(name)]
        read = read_session(frames, settings)
        begun = time.process_time()
        views = [v for v in viewed_items(read.readings, shops[story["currency"]]) if v.counted]
        seconds = time.process_time() - begun
        truth = [
            {p["id"] for p in one["products"] if p["role"] == "detail"} for one in story["frames"]
        ]
        wanted = {i for ids in truth for i in ids}
        basket = {
            p["id"] for one in story["frames"] for p in one["products"] if p["role"] != "card"
        }
        got = {v.id for v in views}
        open_pages += len(wanted)
        right += len(got & wanted)
        found += len(got - (basket - wanted))
        print(
            f"{name:10s} items opened {len(wanted)}, of them found {len(got & wanted)}; wrong "
            f"{sorted(got - basket)}; {seconds * 1000 / max(1, len(frames)):.1f} ms CPU a frame"
        )
    for what, hits, n in (("found", right, open_pages), ("right", right, found)):
        low, high = wilson(hits, n)
        print(f"{what}: {hits} of {n} = {hits / max(1, n):.3f} [{low:.3f}, {high:.3f}]")


if __name__ == "__main__":
    main()
