"""Pictures as `data:` addresses, made small enough for one page to carry them all."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

from agent.capture.frames import FORMATS, Frame
from agent.capture.gate import MAX_BYTES, admit
from agent.report.story import Draw
from tools.domain import Product
from tools.errors import FrameRefused

FRAMES_BUDGET = 2_600_000
"""Bytes for all screens together; as base64 they take a third more."""
PRODUCTS_BUDGET = 600_000
MAX_SVG = 100_000

# Width in pixels and WebP quality, from the best down; text stays readable to the third.
_STEPS = ((960, 72), (800, 68), (640, 62), (480, 56), (320, 48), (200, 40))
_TALL = 3.0
"""A screen taller than this many widths is made narrower instead."""


def frame_pictures(frames: Sequence[Frame], budget: int = FRAMES_BUDGET) -> dict[str, str]:
    """Digest -> address of the downscaled screen, within `budget` bytes in all.

    Every screen gets the same share. Where even the smallest size exceeds it, the screen is left
    out, and the page shows the boxes alone.
    """
    share = budget // max(1, len(frames))
    shown = {}
    for frame in frames:
        small = _within(frame, _STEPS, share)
        if small is not None:
            shown[frame.digest] = _address("image/webp", small)
    return shown


def product_picture(
    product: Product, folder: Path | None, draw: Draw | None, budget: int
) -> str | None:
    """The address of a product's picture, or None where there is none to show offline.

    Taken from a `data:` address or a file inside the catalogue's folder, through the same gate as
    screens; else drawn. A picture on the web is not fetched: the page makes no request.
    """
    found = _own_picture(product, folder, budget)
    if found is None and draw is not None:
        try:
            svg = draw(product).encode("utf-8")
        except KeyError:
            return None
        found = _address("image/svg+xml", svg) if len(svg) <= min(MAX_SVG, budget) else None
    return found


def _own_picture(product: Product, folder: Path | None, budget: int) -> str | None:
    given = product.image or ""
    data = _embedded(given) if given.startswith("data:") else _file(given, folder)
    if data is None:
        return None
    if data[:200].lstrip().startswith((b"<svg", b"<?xml")):
        # As the source of an <img>, an SVG runs no script and loads nothing.
        small_enough = len(data) <= min(MAX_SVG, budget)
        return _address("image/svg+xml", data) if small_enough else None
    try:
        frame = admit(data, product.id)
    except FrameRefused:
        return None
    small = _within(frame, ((400, 78), (240, 70), (120, 60)), budget)
    return None if small is None else _address("image/webp", small)


def _embedded(address: str) -> bytes | None:
    head, comma, body = address.partition(",")
    if not comma or not re.match(r"data:image/", head) or len(body) > MAX_BYTES:
        return None
    try:
        return base64.b64decode(body) if head.endswith(";base64") else unquote(body).encode()
    except binascii.Error:
        return None


def _file(name: str, folder: Path | None) -> bytes | None:
    if not name or folder is None or "\0" in name or re.match(r"[a-zA-Z][\w+.-]*:|//", name):
        return None
    root = folder.resolve()
    path = (root / name).resolve()
    # A catalogue row may name any path; only what lies with the catalogue is its own.
    if not path.is_relative_to(root) or not path.is_file() or path.stat().st_size > MAX_BYTES:
        return None
    return path.read_bytes()


def _within(frame: Frame, steps: Sequence[tuple[int, int]], budget: int) -> bytes | None:
    from PIL import Image

    with Image.open(io.BytesIO(frame.data), formats=FORMATS) as opened:
        picture = opened.convert("RGB")
    for width, quality in steps:
        small = _encoded(picture, width, quality)
        if len(small) <= budget:
            return small
    return None


def _encoded(picture: object, width: int, quality: int) -> bytes:
    from PIL import Image

    assert isinstance(picture, Image.Image)
    w, h = picture.size
    scale = min(1.0, width / w, width * _TALL / h)
    size = (max(1, round(w * scale)), max(1, round(h * scale)))
    out = io.BytesIO()
    picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0).save(
        out, "WEBP", quality=quality, method=2
    )
    return out.getvalue()


def _address(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"
