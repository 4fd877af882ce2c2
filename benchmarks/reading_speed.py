"""Reading a browse of the demo shop against plain OCR of the same frames, in one run.

    python benchmarks/reading_speed.py

The demo shop is browsed in Chromium (extra `capture`) and its window photographed 26 times:
idling, scrolling, filters, other pages. Each frame goes through RapidOCR as it comes (detection
and recognition of the whole frame) and through this project's reader (repeats dropped, then only
new pixels read). Printed are CPU seconds on both sides with their ratio, the same for half a page
of scrolling, CPU milliseconds from a file that shows nothing new to its being dropped, and the
peak memory of reading.
"""

from __future__ import annotations

import io
import logging
import os
import resource
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from PIL import Image

from agent.capture.folder import collect
from agent.capture.frames import Frame
from agent.capture.gate import admit
from agent.capture.guard import Guard
from agent.capture.repeats import drop_duplicates
from agent.config import load_settings
from agent.demo.record import record
from agent.reader import EmbeddedReader
from agent.reader.ocr import _load_model

STILL: dict[str, Any] = {"scroll": 0, "did": "Looks"}
HALF_PAGE = 400
STEPS: list[dict[str, Any]] = [
    {"go": "/", "did": "Opens the shop"}, STILL,
    {"search": "summer dress", "did": "Searches"}, STILL, STILL,
    {"scroll": 200, "did": "Scrolls"}, STILL,
    {"scroll": HALF_PAGE, "did": "Scrolls"}, STILL, STILL,
    {"scroll": HALF_PAGE, "did": "Scrolls"}, STILL,
    {"filter": "colour-green", "did": "Filters"}, STILL, STILL,
    {"scroll": 300, "did": "Scrolls"}, STILL,
    {"open": "G10025", "did": "Opens a dress"}, STILL, STILL,
    {"scroll": HALF_PAGE, "did": "Scrolls"}, STILL,
    {"back": 1, "did": "Goes back"}, STILL,
    {"order": "rated", "did": "Sorts"}, STILL,
]  # fmt: skip
BEFORE_SCROLL, AFTER_SCROLL = 6, 7
"""Frames (from 0) around a scroll of half a page."""


def browse(folder: Path) -> list[Path]:
    """The 26 pictures of the browse."""
    script = {
        "title": "A browse", "shopper": "Looks around.", "currency": "GBP",
        "steps": STEPS, "gold": {},
    }  # fmt: skip
    (folder / "script.yaml").write_text(yaml.safe_dump(script), encoding="utf-8")
    record("browse", folder)
    return sorted(folder.glob("*.jpg"))


def load(files: Sequence[Path]) -> list[Frame]:
    """The pictures as frames, repeats and all."""
    return [admit(file.read_bytes(), file.name) for file in files]


def plain(frames: Sequence[Frame]) -> float:
    """CPU seconds of RapidOCR on every frame as it is."""
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    model = _load_model()
    model(frames[0].rgb()[:, :, ::-1].copy(), use_cls=False)
    start = time.process_time()
    for frame in frames:
        model(frame.rgb()[:, :, ::-1].copy(), use_cls=False)
    return time.process_time() - start


def ours(frames: Sequence[Frame], first: Sequence[Frame] = ()) -> tuple[float, int]:
    """CPU seconds of dropping repeats and reading the rest after `first`; how many were read."""
    reader = EmbeddedReader()
    # The models are loaded and warm on both sides.
    reader.read([_blank(frames[0])])
    if first:
        reader.read(first)
    start = time.process_time()
    kept, _ = drop_duplicates(frames)
    reader.read(kept)
    return time.process_time() - start, len(kept)


def _blank(frame: Frame) -> Frame:
    buffer = io.BytesIO()
    Image.new("RGB", (frame.width, frame.height), "#808080").save(buffer, "JPEG")
    return admit(buffer.getvalue(), "blank.jpg")


def dropped(picture: Path, folder: Path, kind: str, count: int = 40) -> float:
    """CPU milliseconds from a file that shows what the last one did to its being dropped.

    Args:
        picture: the file that was kept.
        folder: where the files are written.
        kind: "same" bytes, "again" coded as JPEG of quality 85, or "png".
        count: files to average over.
    """
    copies = []
    for number in range(count):
        copy = folder / f"{kind}-{number:03}{'.png' if kind == 'png' else '.jpg'}"
        if kind == "same":
            copy.write_bytes(picture.read_bytes())
        else:
            with Image.open(picture) as image:
                # A comment of its own, so that no two files are equal byte by byte.
                form = "PNG" if kind == "png" else "JPEG"
                image.save(copy, form, quality=85, comment=f"{number}".encode())
        copies.append(copy)
    check = Guard.of(load_settings()).check
    drop_duplicates(collect([picture, copies[0]], check)[0])
    # As `take` does it, up to where a repeat leaves: what is kept goes on to be read.
    start = time.process_time()
    frames, _ = collect([picture, *copies], check)
    kept, _ = drop_duplicates(frames)
    spent = time.process_time() - start
    assert len(kept) == 1, "a repeat was kept"
    return 1000 * spent / (count + 1)


def main() -> None:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        files = browse(folder)
        frames = load(files)
        mine, read = ours(frames)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        scroll, _ = ours([frames[AFTER_SCROLL]], [frames[BEFORE_SCROLL]])
        theirs = plain(frames)
        whole = plain([frames[AFTER_SCROLL]])
        waste = {kind: dropped(files[2], folder, kind) for kind in ("same", "again", "png")}
    print(f"browse of the demo shop, {len(frames)} frames: plain OCR {theirs:.1f} s CPU, ", end="")
    print(f"reader {mine:.1f} s CPU")
    print(f"  {theirs / mine:.1f} times faster (asked 2.5); {read} frames read")
    print(f"half-page scroll: plain OCR {whole:.2f} s CPU, reader {scroll:.2f} s CPU")
    print(f"  ratio {scroll / whole:.2f} (asked at most 0.65)")
    told = ", ".join(f"{kind} {spent:.1f}" for kind, spent in waste.items())
    print(f"unchanged frame, ms CPU from file to dropped (asked under 8): {told}")
    print(f"peak memory of reading {peak:.0f} MB (asked under 900)")


if __name__ == "__main__":
    main()
