"""A frame: one admitted picture of what the shopper saw."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


FORMATS = ("PNG", "JPEG", "WEBP")
"""The only decoders that are ever tried on a picture from outside (Pillow's names)."""


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
