"""The one gate: every picture from a file, an upload or a browser passes here or is refused."""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
import zlib
from typing import TYPE_CHECKING

from agent.capture.container import Malformed, header_size, kind_of, only_pixels
from agent.capture.frames import FORMATS, Frame
from tools.errors import FrameRefused

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 40_000_000
MAX_SIDE = 16_384
MAX_BYTES = 32 * 1024 * 1024

# What Pillow raises for a broken file: OSError (truncated), SyntaxError (broken PNG), ValueError
# (a text chunk that inflates too far) and, from deeper down, these.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error)


def admit(data: bytes, name: str) -> Frame:
    """Check one picture and give it as a frame: upright, in RGB or grey, without metadata.

    PNG, JPEG and WebP are told by content. Size limits (40 Mpx, 16,384 px a side, 32 MiB) are
    checked on the header before anything is decoded. The bytes are kept as they are wherever that
    is possible; they are written anew (PNG, or JPEG for a JPEG) when the picture lies on its side
    (EXIF), is transparent, CMYK, 16 bits deep, animated (first frame) or in another colour space
    than sRGB. Admitting a frame's own data again gives the same frame.

    Raises FrameRefused with code `empty`, `not_a_picture`, `unsupported`, `too_large` or
    `truncated`.
    """
    from PIL import Image

    kind = _checked_kind(data, name)
    cut = FrameRefused("truncated", f"{name} is cut short or damaged and cannot be shown in full")
    try:
        width, height = header_size(data, kind)
    except Malformed:
        raise cut from None
    if not (width and height):
        raise cut
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise FrameRefused(
            "too_large",
            f"{name} claims {width:,} x {height:,} pixels; "
            f"at most {MAX_PIXELS // 10**6} million and {MAX_SIDE:,} a side are read",
        )
    try:
        with warnings.catch_warnings():
            # Cannot happen after the check above; if it ever does, it must not pass silently.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                picture.load()
                new = _rewritten(picture, data, kind)
        kept = only_pixels(data, kind) if new is None else new
        if new is not None:
            kind = kind_of(new) or kind
            width, height = header_size(new, kind)
    except (Malformed, *_BROKEN):
        raise cut from None
    digest = hashlib.sha256(kept).hexdigest()
    return Frame(digest, kept, f"image/{kind.lower()}", width, height, name)


def _checked_kind(data: bytes, name: str) -> str:
    if not data:
        raise FrameRefused("empty", f"{name} is empty")
    if len(data) > MAX_BYTES:
        raise FrameRefused(
            "too_large",
            f"{name} has {len(data) / 2**20:,.0f} MiB; at most {MAX_BYTES // 2**20} are read",
        )
    kind = kind_of(data)
    if kind is None:
        raise FrameRefused("not_a_picture", f"{name} is not a picture")
    if kind not in FORMATS:
        raise FrameRefused("unsupported", f"{name} is {kind}; PNG, JPEG and WebP are read")
    return kind


def _rewritten(picture: Image.Image, data: bytes, kind: str) -> bytes | None:
    """The picture encoded anew where its pixels cannot stay as they are, else None."""
    from PIL import ExifTags, ImageOps

    turned = picture.getexif().get(ExifTags.Base.Orientation, 1) not in (0, 1)
    animated = kind == "WEBP" and getattr(picture, "n_frames", 1) > 1
    deep = kind == "PNG" and data[24] == 16
    profile = _foreign_profile(picture)
    plain = picture.mode in ("RGB", "L", "P", "1") and "transparency" not in picture.info
    if not plain and not deep:
        plain = picture.mode in ("RGBA", "LA", "P") and _opaque(picture)
    if plain and not (turned or animated or deep or profile):
        return None
    upright = ImageOps.exif_transpose(picture) if turned else picture
    flat = _to_srgb(_flatten(upright), profile)
    out = io.BytesIO()
    if kind == "JPEG":
        flat.save(out, "JPEG", quality=92, subsampling=0)
    else:
        # Level 3 is a third of the time of the default for a few per cent more bytes.
        flat.save(out, "PNG", compress_level=3)
    return only_pixels(out.getvalue(), "JPEG" if kind == "JPEG" else "PNG")


def _opaque(picture: Image.Image) -> bool:
    low, _ = picture.convert("RGBA").getchannel("A").getextrema()
    return low == 255


def _flatten(picture: Image.Image) -> Image.Image:
    """RGB or CMYK of 8 bits; what is transparent becomes white, as most shop pages are."""
    import numpy as np
    from PIL import Image

    if picture.mode.startswith("I"):
        return Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8)).convert("RGB")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return picture if picture.mode == "CMYK" else picture.convert("RGB")


def _foreign_profile(picture: Image.Image) -> bytes | None:
    """The embedded ICC profile, unless it is sRGB (the assumption without one) or unusable."""
    from PIL import ImageCms

    profile = picture.info.get("icc_profile")
    if not profile:
        return None
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        described = ImageCms.getProfileDescription(opened)
    except (ImageCms.PyCMSError, OSError):
        return None
    matches = str(opened.profile.xcolor_space).strip() == _icc_space(picture.mode)
    return profile if matches and "srgb" not in described.casefold() else None


def _icc_space(mode: str) -> str:
    return {"CMYK": "CMYK", "L": "GRAY", "LA": "GRAY", "1": "GRAY", "I;16": "GRAY"}.get(mode, "RGB")


def _to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    from PIL import ImageCms

    if profile is None:
        return picture.convert("RGB")
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    if str(source.profile.xcolor_space).strip() == "GRAY":
        return picture.convert("RGB")
    try:
        converted = ImageCms.profileToProfile(
            picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except ImageCms.PyCMSError:
        return picture.convert("RGB")
    return converted if converted is not None else picture.convert("RGB")
