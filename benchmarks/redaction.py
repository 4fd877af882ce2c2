"""What the gate covers of sixty pages with a shopper's own data, and what it covers wrongly.

Every page is rendered in a real Chromium and goes through the gate twice: as captured from the
browser (the page tells where things stand) and as a bare picture (OCR tells). An item counts as
covered when at least 98 % of its ink lies under boxes. Prints recall by kind and by place with 95 %
intervals (clusters: pages), the misses one by one, and the share of prices, article numbers and
other things of the shop that were hit.

    python benchmarks/redaction.py [--pages 60] [--seed N] [--pictures DIR]
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

from evals.forms import PAGES, SEED, form_pages
from evals.redaction import COVERED, HIT, WAYS, Seen, looked_at
from evals.statistics import cluster_bootstrap


def told_of(seen: list[Seen], hit: float) -> str:
    """A rate with its interval and count."""
    found = cluster_bootstrap([s.share >= hit for s in seen], None, [s.page.name for s in seen])
    return f"{found.estimate:5.3f} [{found.low:.3f}, {found.high:.3f}] of {len(seen)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--pictures", type=Path, help="folder for the covered pictures")
    parser.add_argument("--way", choices=WAYS, action="append")
    args = parser.parse_args()
    asked = args.way or WAYS
    every = list(looked_at(form_pages(args.pages, args.seed), args.pictures, asked))
    for way in asked:
        own = [s for s, is_own in every if is_own and s.way == way]
        keep = [s for s, is_own in every if not is_own and s.way == way]
        print(f"\n{'captured from the page' if way == 'page' else 'the picture alone'}")
        print(f"  recall          {told_of(own, COVERED)}")
        groups = defaultdict(list)
        for s in own:
            groups["kind " + s.item.kind].append(s)
            groups["in " + s.page.where].append(s)
        for name in sorted(groups):
            hits = sum(s.share >= COVERED for s in groups[name])
            print(f"    {name:<14} {hits:4} of {len(groups[name])}")
        print(f"  wrongly covered {told_of(keep, HIT)}")
        for s in own:
            if s.share < COVERED:
                print(
                    f"    missed {s.page.name:<14} {s.item.kind:<9} {s.share:4.0%} {s.item.value}"
                )
        for s in keep:
            if s.share >= HIT:
                print(
                    f"    wrong  {s.page.name:<14} {s.item.kind:<9} {s.share:4.0%} {s.item.value}"
                )


if __name__ == "__main__":
    main()
