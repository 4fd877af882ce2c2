"""Where the CPU of one cold `interarec recommend` on ten frames goes, and how much memory.

Runs a fresh process on the pictures of a folder (the first ten; by default the recorded session
of the demo shop) with a warm catalogue, and prints CPU seconds by stage beside the whole.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

FRAMES = 10


def main() -> None:
    """Runs the child once to warm the catalogue and once to measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=Path, default=None, help="a folder of pictures")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(measure(args.frames)))
        return
    subprocess.run(
        [sys.executable, "-m", "agent", "demo", "--prepare"], check=True, stdout=subprocess.DEVNULL
    )
    command = [sys.executable, __file__, "--child"]
    if args.frames:
        command += ["--frames", str(args.frames)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    peak = found.pop("peak MB")
    whole = sum(found.values())
    for stage, seconds in found.items():
        print(f"{stage:<10} {seconds:6.2f} s CPU  {seconds / whole:5.0%}")
    print(f"{'all':<10} {whole:6.2f} s CPU")
    print(f"{'all but reading':<10} {whole - found['reading']:6.2f} s CPU")
    print(f"peak memory {peak:.0f} MB")


def measure(folder: Path | None) -> dict[str, float]:
    """CPU seconds by stage of one turn in this process, and the peak resident size."""
    import resource
    import time

    clock = time.process_time
    spent = dict.fromkeys(("import", "reading", "embedding", "solving", "graph"), 0.0)

    from agent.assembly import make_context
    from agent.capture.guard import Guard
    from agent.capture.take import take
    from agent.config import load_settings
    from agent.demo.recorded import session_frames
    from agent.session import one_turn
    from tools.catalog import Catalog
    from tools.scenario import Engine

    spent["import"] = clock()  # since the process began: the interpreter's own start included

    def timed(owner: type, name: str, stage: str, inside: str | None = None) -> None:
        original = getattr(owner, name)

        def wrapper(*args: object, **kwargs: object) -> object:
            start, nested = clock(), spent[inside] if inside else 0.0
            try:
                return original(*args, **kwargs)
            finally:
                spent[stage] += clock() - start - ((spent[inside] - nested) if inside else 0.0)

        setattr(owner, name, wrapper)

    timed(Catalog, "similarity", "embedding")
    timed(Catalog, "search", "embedding")
    timed(Engine, "solve", "solving", inside="embedding")
    # The gate reads the text first, in search of personal data; the reader takes it over.
    timed(Guard, "clear", "reading")
    start = clock()
    frames = take([folder] if folder else session_frames("dresses")).kept[:FRAMES]
    context = make_context(load_settings())
    timed(type(context.vision), "read", "reading")
    one_turn(context, "", frames)
    whole = clock() - start
    spent["graph"] = whole - sum(spent[s] for s in ("reading", "embedding", "solving"))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**spent, "peak MB": peak}


if __name__ == "__main__":
    main()
