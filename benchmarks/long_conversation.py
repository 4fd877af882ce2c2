"""CPU of a turn late in a conversation beside one early in it, in the same run and the same thread.

A shopper without a model pushes a small shop's recommendation around for 300 turns, in a thread
that is kept in SQLite after every turn. Prints the median CPU milliseconds of turns 9 to 24 and of
turns 285 to 300, their ratio (asked: at most 1.3), and the size of the file.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

TURNS = 300
WORDS = (
    "dresses up to £{}",
    "no red",
    "what if I went up to £{}?",
    "any colour is fine",
    "20% more",
    "back to the first budget",
    "how many do you have?",
    "cheaper please",
)


def main() -> None:
    """Runs the conversation and prints both ends."""
    from agent.session import kept_session
    from tests.support.shop import shop_context, small_catalog

    with tempfile.TemporaryDirectory(prefix="interarec-bench-") as name:
        folder = Path(name)
        context = shop_context(small_catalog(folder), folder)
        took = []
        with kept_session(context, "long", folder) as session:
            for turn in range(TURNS):
                words = WORDS[turn % len(WORDS)].format(40 + turn % 17)
                start = time.process_time()
                session.turn(words)
                took.append((time.process_time() - start) * 1000)
        size = (folder / "threads.sqlite").stat().st_size
        context.frames.close()
    # Whole rounds of the same eight sentences on both sides.
    early, late = statistics.median(took[8:24]), statistics.median(took[-16:])
    print(f"turns 9 to 24      {early:7.2f} ms CPU a turn (median)")
    print(f"turns 285 to 300   {late:7.2f} ms CPU a turn (median)")
    print(f"ratio              {late / early:7.2f}")
    print(f"the thread's file  {size / 1000:7.0f} kB after {TURNS} turns")


if __name__ == "__main__":
    main()
