"""What the pictures of a batch cost a model: as they are, and as InteraRec sends them.

Over the shipped browsing sessions, by the published tiling rule. Every screen of the first table is
a different one, so all that is saved there comes from cutting to what is new and from scaling. In
the second each screen is seen twice, as a capture every second sees it, coded anew in between.

    python benchmarks/image_tokens.py                 # tokens
    python benchmarks/image_tokens.py --legibility    # and prices that OCR reads at each scale
"""

from __future__ import annotations

import argparse
import io
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from agent.capture.frames import Frame
from agent.capture.gate import admit
from agent.capture.repeats import drop_duplicates
from agent.models.image_plan import QUALITY, SMALLEST_SCALE, Plan, plan
from agent.models.image_tokens import ImageRule, Patches, Tiles

SESSIONS = Path(__file__).parent.parent / "agent" / "demo" / "sessions"
BATCH = 10
WANTED = 0.6
SCALES = (1.0, 0.8, 0.72, 0.64, 0.56, 0.5)
READ_AT = (("dresses", 1), ("phones", 3), ("sarees", 6))
"""Session and number of the frames whose prices are read: two lists, one product page."""


def frames_of(session: Path) -> list[Frame]:
    """The screens of a session, in order."""
    files = sorted(session.glob("*.jpg"))
    return [replace(admit(f.read_bytes(), f.name), checked=True) for f in files]


def seen_twice(frames: Sequence[Frame]) -> Iterator[Frame]:
    """Each screen, and the same pixels coded anew."""
    for frame in frames:
        yield frame
        out = io.BytesIO()
        Image.fromarray(frame.rgb()).save(out, "JPEG", quality=QUALITY, subsampling=0)
        yield replace(admit(out.getvalue(), f"again {frame.name}"), checked=True)


def lost(frames: Sequence[Frame], planned: Plan) -> int:
    """Cells of 8 pixels that are new, and yet not sent, over the whole batch."""
    from agent.reader.changes import CELL, unchanged_cells

    missing = 0
    for frame, cut in zip(frames, planned.cuts, strict=True):
        if cut.like is None:
            continue
        earlier, later = frames[cut.like].rgb(), frame.rgb()
        new = ~unchanged_cells(earlier, later, 0)
        if cut.scrolled:
            new &= ~unchanged_cells(earlier, later, -cut.scrolled)
        new[cut.top // CELL : -(-cut.bottom // CELL), cut.left // CELL : -(-cut.right // CELL)] = 0
        missing += int(new.sum())
    return missing


def row(name: str, batch: Sequence[Frame], rule: ImageRule) -> tuple[int, int, int]:
    """Prints one batch; gives tokens as they are, tokens sent, cells lost."""
    kept, _ = drop_duplicates(batch)
    plain = sum(rule.tokens(f.width, f.height, "high") for f in batch)
    planned = plan(kept, rule, "high", 4 * rule.tokens(1280, 800, "high"))
    missing = lost(kept, planned)
    smallest = min(cut.scale for cut in planned.cuts)
    cut = sum(c.like is not None for c in planned.cuts)
    print(
        f"{name:22} {len(batch):6} {len(kept):5} {cut:4} {plain:8,} {planned.tokens:7,} "
        f"{1 - planned.tokens / plain:7.1%} {smallest:9.2f} {missing:5}"
    )
    return plain, planned.tokens, missing


def table(rule: ImageRule, title: str, *, twice: bool) -> bool:
    """Prints the batches of all sessions; whether each is as wanted."""
    print(f"\n{title}")
    print("session                frames  kept  cut   as is    sent   saved  smallest  lost")
    good = True
    for session in sorted(p for p in SESSIONS.iterdir() if p.is_dir()):
        frames = frames_of(session)
        stream = list(seen_twice(frames)) if twice else frames
        for start in range(0, len(stream) - BATCH + 1, BATCH):
            batch = stream[start : start + BATCH]
            plain, sent, missing = row(f"{session.name} {start + 1}-{start + BATCH}", batch, rule)
            good &= sent <= (1 - WANTED) * plain and missing == 0
    return good


def legibility() -> None:
    """Prints how many of the prices on a few screens our OCR reader reads at each scale."""
    from agent.reader.ocr import LineReader

    reader = LineReader()
    print("\nprices read by OCR of those printed in full (selling and struck-through)")
    print("screen        " + "".join(f"{scale:>10.2f}" for scale in SCALES))
    sums = [[0, 0] for _ in SCALES]
    for name, number in READ_AT:
        told = json.loads((SESSIONS / name / "session.json").read_text(encoding="utf-8"))
        frame = told["frames"][number - 1]
        printed = [p for p in frame["products"] if not p.get("clipped")]
        prices = [p[k] for p in printed for k in ("price", "list_price") if p.get(k)]
        cells = []
        with Image.open(SESSIONS / name / frame["file"]) as opened:
            whole = opened.convert("RGB")
        for place, scale in enumerate(SCALES):
            text = " | ".join(line.text for line in reader.read(scaled(whole, scale)))
            text = re.sub(r"(?<=\d)[, ](?=\d{2,3})", "", text)
            read = sum(bool(re.search(rf"(?<!\d){written(p)}(?!\d)", text)) for p in prices)
            cells.append(f"{read:>5} of {len(prices)}")
            sums[place][0] += read
            sums[place][1] += len(prices)
        print(f"{name:8} {number:>4} " + "".join(f"{cell:>10}" for cell in cells), flush=True)
    print("all           " + "".join(f"{read:>4} of {of:>3}" for read, of in sums))
    print(f"nothing is sent at less than {SMALLEST_SCALE}")


def written(price: float) -> str:
    """A price as a pattern: with its pence, or without where there are none."""
    return re.escape(f"{price:.2f}".removesuffix(".00"))


def scaled(whole: Image.Image, scale: float) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The pixels of a picture as a model would be sent them at this scale."""
    size = round(whole.width * scale), round(whole.height * scale)
    small = whole if scale == 1 else whole.resize(size, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=QUALITY, subsampling=0)
    with Image.open(out) as sent:
        return np.asarray(sent.convert("RGB"))


def main() -> None:
    """Prints the tables; exit code 1 if a batch saves less than wanted or loses something."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--legibility", action="store_true")
    given = parser.parse_args()
    good = table(Tiles(), "ten different screens, tiles (85 + 170 a tile)", twice=False)
    good &= table(Tiles(), "each screen seen twice, tiles", twice=True)
    good &= table(Patches(1.62), "ten different screens, patches (x 1.62)", twice=False)
    if given.legibility:
        legibility()
    sys.exit(not good)


if __name__ == "__main__":
    main()
