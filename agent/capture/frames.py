"""A frame: one admitted picture of what the shopper saw."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from agent.reader.ocr import Line


FORMATS = ("PNG", "JPEG", "WEBP")
"""The only decoders that are ever tried on a picture from outside (Pillow's names)."""


@dataclass(frozen=True)
class Page:
    """Where a captured picture comes from."""

    url: str
    title: str = ""
    taken: float = 0.0
    """Seconds since 1970."""
    scroll_x: float = 0.0
    scroll_y: float = 0.0
    """Pixels that the page is scrolled by."""


@dataclass(frozen=True)
class Box:
    """A solid box over something personal, in picture pixels from the top left."""

    left: int
    top: int
    right: int
    bottom: int
    kind: str
    """card, email, phone, iban, postcode, address, order, name, secret, field or hidden."""


@dataclass(frozen=True)
class Frame:
    """A picture that passed the gate: upright, without metadata, of a known type."""

    digest: str
    """SHA-256 of `data`, in hex; the frame's name everywhere else."""
    data: bytes = field(repr=False)
    """The picture as kept: PNG, JPEG or WebP."""
    media_type: str
    """image/png, image/jpeg or image/webp."""
    width: int
    height: int
    name: str
    """What the person called it (a path as given); shown, never opened again."""
    page: Page | None = field(default=None, compare=False)
    """The page that it shows, where a browser took it."""
    checked: bool = field(default=False, compare=False)
    """Whether the gate looked for personal data, or was told by its owner not to."""
    boxes: tuple[Box, ...] = field(default=(), compare=False)
    """What the gate covered."""
    lines: tuple[Line, ...] | None = field(default=None, compare=False, repr=False)
    """The text of exactly these pixels where the gate has read it already; lives in memory only."""

    def rgb(self) -> npt.NDArray[np.uint8]:
        """The pixels, shape (height, width, 3), red-green-blue, 0 to 255."""
        import io

        import numpy as np
        from PIL import Image

        with Image.open(io.BytesIO(self.data), formats=FORMATS) as picture:
            return np.asarray(picture.convert("RGB"))


@dataclass(frozen=True)
class Refusal:
    """A file that gave no frame, and why; the shape in which warnings show it."""

    file: str
    code: str
    """One word: empty, not_a_picture, too_large, truncated, unsupported or unreadable."""
    reason: str
    """One sentence for a person."""
