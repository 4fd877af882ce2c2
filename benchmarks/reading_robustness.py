"""Reading rendered pages in other dress, beside the same pages clean: everything that is read.

    python benchmarks/reading_robustness.py [--pages 30] [--misses]

Shop pages whose content is known are rendered by Chromium (extra `capture`): three layouts, five
currencies. Each is read as a PNG in light dress at 1280 pixels ("clean"), and in one other dress
(light or dark, at 1280, 900 or 420 pixels), as a PNG and as a JPEG of quality 60. Scored are
prices, currency, ends, titles, brands, ratings, offers and colours, as `python -m evals score
reading` scores them; intervals and differences are by page.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from agent.capture.frames import Frame
from agent.reader import EmbeddedReader
from evals.cases import Case
from evals.dressed import CLEAN, OTHERS, ShopPage, a_browser, make_page, photograph
from evals.paired import Comparison, compare_paired
from evals.scorers import Judgement, figures, judge_case, scorers_for
from evals.statistics import cluster_bootstrap
from evals.traces import PictureTrace
from tools.errors import TooFewClusters

MOST = 0.05
"""Points that another dress may cost."""
SHOWN = (
    "price_recall", "price_precision", "currency", "old_price_taken", "both_ends_exact", "joined",
    "page_brand_f1", "rating_exact", "promotions_any", "promotions_invented", "color_exact",
    "color_near",
)  # fmt: skip
DRESSES = ("clean", "other dress", "other dress, JPEG 60")


def frames_of(pages: Sequence[ShopPage], chromium: str) -> list[tuple[Frame, Frame, Frame]]:
    """Every page clean, in another dress, and the latter as a JPEG of quality 60."""
    found = []
    with a_browser(chromium) as browser:
        for page in pages:
            # Five currencies in turn, so that every one meets every dress.
            dress = OTHERS[(page.number + page.number // 5) % len(OTHERS)]
            rough = replace(dress, jpeg=60)
            found.append(
                (
                    photograph(browser, page.html(CLEAN), CLEAN, f"{page.number} clean"),
                    photograph(browser, page.html(dress), dress, f"{page.number} {dress}"),
                    photograph(browser, page.html(rough), rough, f"{page.number} {rough}"),
                )
            )
    return found


def judge(page: ShopPage, frame: Frame) -> Judgement:
    """One picture read on its own and scored against what its page holds."""
    # A reader of its own: one that has read the page clean would know its lines by their pixels.
    embedded = EmbeddedReader()
    case = Case(id=str(page.number), frames=(frame.name,), gold=page.gold)
    trace = PictureTrace(case=case.id, reading=embedded.read([frame])[0])
    return judge_case(scorers_for(case), case, trace)


def tallies(judged: Sequence[Judgement], name: str) -> tuple[list[float], list[float]]:
    """Hits and chances of one figure, one each per page; no chance where it does not apply."""
    found = [j.tallies.get(name) for j in judged]
    return [t.hits if t else 0.0 for t in found], [t.chances if t else 0.0 for t in found]


def show(value: float, low: float, high: float, sign: str = "") -> str:
    """A figure with its interval, in per cent."""
    return f"{100 * value:{sign}.1f} [{100 * low:{sign}.1f}, {100 * high:{sign}.1f}]"


def against_clean(name: str, clean: Sequence[Judgement], other: Sequence[Judgement]) -> Comparison:
    """The paired difference of one figure, by page."""
    pairs = [
        (str(i), a.tallies[name], b.tallies[name])
        for i, (a, b) in enumerate(zip(clean, other, strict=True))
        if name in a.tallies and name in b.tallies
    ]
    return compare_paired(
        [a.hits for _, a, _ in pairs],
        [b.hits for _, _, b in pairs],
        [page for page, _, _ in pairs],
        first_denominators=[a.chances for _, a, _ in pairs],
        second_denominators=[b.chances for _, _, b in pairs],
    )


def print_table(judged: dict[str, list[Judgement]]) -> bool:
    """One line a figure and dress; whether no dress costs more than it may."""
    meanings = figures(scorers_for(Case(id="x", frames=("x",), gold=make_page(0).gold)))
    pages = [str(i) for i in range(len(judged["clean"]))]
    print(f"{'per cent [95 % interval by page]':50} {'':22} {'reached':>24}  against clean")
    fine = True
    for name in SHOWN:
        label = meanings[name].label
        for dress in DRESSES:
            top, bottom = tallies(judged[dress], name)
            if not sum(bottom):
                continue
            try:
                found = cluster_bootstrap(top, bottom, pages)
            except TooFewClusters:
                rate = 100 * sum(top) / sum(bottom)
                print(f"{label:50} {dress:22} {rate:.1f} (under 10 pages)")
                continue
            line = f"{label:50} {dress:22} {show(found.estimate, found.low, found.high):>24}"
            if dress != "clean":
                paired = against_clean(name, judged["clean"], judged[dress])
                lost = paired.difference if meanings[name].low_is_good else -paired.difference
                kept = lost <= MOST
                fine &= kept
                line += f"  {show(paired.difference, paired.low, paired.high, '+')}"
                line += "" if kept else "  MORE THAN 5 POINTS"
            print(line)
            label = ""
    return fine


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pages", type=int, default=30)
    parser.add_argument("--first", type=int, default=0, help="number of the first page")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--misses", action="store_true", help="print every miss")
    given = parser.parse_args()
    began = time.process_time()
    pages = [make_page(given.first + number) for number in range(given.pages)]
    judged: dict[str, list[Judgement]] = defaultdict(list)
    for page, frames in zip(pages, frames_of(pages, given.chromium), strict=True):
        for dress, frame in zip(DRESSES, frames, strict=True):
            judgement = judge(page, frame)
            judged[dress].append(judgement)
            if given.misses:
                for miss in judgement.misses:
                    print(f"  {frame.name}: {miss}")
    fine = print_table(judged)
    seconds = time.process_time() - began
    verdict = "no dress costs" if fine else "A DRESS COSTS"
    print(f"\n{given.pages} pages, {seconds:.0f} s CPU; {verdict} more than five points")


if __name__ == "__main__":
    main()
