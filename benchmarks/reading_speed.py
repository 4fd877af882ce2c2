"""Reading a browse against plain OCR of the same frames, in one run.

    python benchmarks/reading_speed.py

A page of a shop is drawn and browsed in 26 frames: idling, scrolling by 40 to 600 pixels, a
changed banner, another page. Each frame goes through RapidOCR as it comes (detection and
recognition of the whole frame) and through this project's reader (repeats dropped, then only new
pixels read). CPU seconds on both sides, their ratio, and the peak memory.
"""

from __future__ import annotations

import hashlib
import io
import logging
import random
import resource
import time

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from agent.capture.frames import Frame
from agent.capture.repeats import drop_duplicates
from agent.reader import EmbeddedReader
from agent.reader.ocr import _load_model

WIDTH, HEIGHT, HEAD = 1280, 800, 64
WORDS = ["linen", "wool", "cotton", "velvet", "oak", "walnut", "copper", "steel", "shirt", "coat"]
Pixels = npt.NDArray[np.uint8]


def page(seed: int, rows: int = 7) -> Pixels:
    """A long listing with four products a row."""
    chance = random.Random(seed)
    image = Image.new("RGB", (WIDTH, rows * 330 + 40), "white")
    pen = ImageDraw.Draw(image)
    for row in range(rows):
        for column in range(4):
            left, top = 30 + 310 * column, 20 + 330 * row
            color = tuple(chance.randrange(40, 220) for _ in range(3))
            pen.rectangle((left, top, left + 280, top + 200), fill="#f2f2f2")
            pen.ellipse((left + 70, top + 30, left + 210, top + 170), fill=color)
            price = chance.randrange(900, 30_000) / 100
            texts = [
                (" ".join(chance.sample(WORDS, 4)).capitalize(), 17),
                (f"{chance.randrange(30, 50) / 10} stars, {chance.randrange(9, 999)} reviews", 14),
                (f"${price:,.2f}", 20),
                ("Free delivery", 13),
            ]
            for line, (text, size) in enumerate(texts):
                font = ImageFont.load_default(size)
                pen.text((left, top + 208 + 26 * line), text, font=font, fill="black")
    return np.asarray(image)


def view(whole: Pixels, top: int, banner: str) -> Frame:
    """The window at a scroll position, below a fixed head, as a JPEG frame."""
    head = Image.new("RGB", (WIDTH, HEAD), "#203040")
    pen = ImageDraw.Draw(head)
    pen.text((30, 18), "Corner Shop", font=ImageFont.load_default(26), fill="white")
    pen.text((900, 22), banner, font=ImageFont.load_default(18), fill="white")
    pixels = np.vstack([np.asarray(head), whole[top : top + HEIGHT - HEAD]])
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
    data = buffer.getvalue()
    return Frame(hashlib.sha256(data).hexdigest(), data, "image/jpeg", WIDTH, HEIGHT, f"{top}.jpg")


def browse() -> list[Frame]:
    """26 frames: two pages, idle moments, scrolls and a banner that changes."""
    first, second = page(1), page(2)
    sale, news = "Sale ends today", "New arrivals are here"
    tops = [0, 0, 0, 40, 40, 200, 200, 400, 400, 800, 800, 800, 1200]
    frames = [view(first, top, sale) for top in tops]
    frames += [view(first, 1200, news), view(first, 1200, news)]
    tops = [0, 0, 0, 300, 300, 700, 700, 700, 1300, 1300, 1300]
    return frames + [view(second, top, news) for top in tops]


def plain(frames: list[Frame]) -> float:
    """CPU seconds of RapidOCR on every frame as it is."""
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    model = _load_model()
    model(frames[0].rgb()[:, :, ::-1].copy(), use_cls=False)
    start = time.process_time()
    for frame in frames:
        model(frame.rgb()[:, :, ::-1].copy(), use_cls=False)
    return time.process_time() - start


def ours(frames: list[Frame]) -> tuple[float, int]:
    """CPU seconds of dropping repeats and reading the rest; how many were read."""
    reader = EmbeddedReader()
    reader.read([view(page(9), 0, "warm up")])
    start = time.process_time()
    kept, _ = drop_duplicates(frames)
    reader.read(kept)
    return time.process_time() - start, len(kept)


def half_page(top: int = 368) -> tuple[float, float]:
    """CPU seconds of a half-page scroll: plain OCR of the frame, and ours after the one before."""
    whole = page(5)
    before, after = view(whole, 0, "Sale"), view(whole, top, "Sale")
    reader = EmbeddedReader()
    reader.read([before])
    start = time.process_time()
    reader.read([after])
    mine = time.process_time() - start
    return plain([after]), mine


def dropped() -> float:
    """CPU milliseconds from an unchanged frame to its being dropped."""
    whole = page(6)
    one = view(whole, 0, "Sale")
    again = [one, *(view(whole, 0, "Sale") for _ in range(1))]
    copies = [
        Frame(f"{i:064d}", again[1].data, "image/jpeg", WIDTH, HEIGHT, "x") for i in range(40)
    ]
    start = time.process_time()
    kept, _ = drop_duplicates([one, *copies])
    assert len(kept) == 1
    return 1000 * (time.process_time() - start) / 41


def main() -> None:
    frames = browse()
    mine, read = ours(frames)
    theirs = plain(frames)
    print(f"browse of {len(frames)} frames: plain OCR {theirs:.1f} s CPU, reader {mine:.1f} s CPU")
    print(f"  {theirs / mine:.1f} times faster (asked 2.5); {read} frames read")
    whole, scroll = half_page()
    print(f"half-page scroll: plain OCR {whole:.2f} s CPU, reader {scroll:.2f} s CPU")
    print(f"  ratio {scroll / whole:.2f} (asked at most 0.65)")
    print(f"unchanged frame: {dropped():.1f} ms CPU until dropped (asked under 8)")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB (asked under 900)")


if __name__ == "__main__":
    main()
