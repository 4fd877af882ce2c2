"""What surrounds the pixels: sizes from headers, and files cut down to nothing but the picture.

Works on the bytes, so nothing is decoded and nothing is lost. Written from the format
descriptions: PNG (W3C PNG, third edition), JPEG (ITU-T T.81), WebP (RFC 9649).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

# The chunks that decide how a PNG looks. acTL, fcTL and fdAT are not among them: an animated PNG
# becomes its still picture.
_PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB"}
_WEBP_DROPPED = {b"EXIF", b"XMP ", b"ICCP"}
_WEBP_FLAGS_DROPPED = 0x20 | 0x08 | 0x04  # ICC profile, EXIF, XMP

_SOI, _EOI, _SOS, _APP0, _APP14, _APP15, _COM = 0xD8, 0xD9, 0xDA, 0xE0, 0xEE, 0xEF, 0xFE
# Within entropy-coded data FF is followed by 00 (stuffing), a restart marker or another FF.
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


class Malformed(ValueError):
    """The file does not hold together as the format that its first bytes promise."""


def kind_of(data: bytes) -> str | None:
    """PNG, JPEG or WEBP by the first bytes, the name of another picture format, or None.

    Other formats are told apart only to be refused by name: GIF, BMP, TIFF, PDF, SVG, AVIF, HEIC.
    """
    head = data[:64]
    if head.startswith(PNG_SIGNATURE):
        return "PNG"
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        return {b"avif": "AVIF", b"avis": "AVIF", b"heic": "HEIC", b"heix": "HEIC"}.get(head[8:12])
    others = {
        b"GIF8": "GIF",
        b"BM": "BMP",
        b"II*\x00": "TIFF",
        b"MM\x00*": "TIFF",
        b"%PDF-": "PDF",
        b"SIMPLE  =": "FITS",
        b"%!PS": "PostScript",
    }
    for start, name in others.items():
        if head.startswith(start):
            return name
    return "SVG" if b"<svg" in data[:1024].lower() else None


def header_size(data: bytes, kind: str) -> tuple[int, int]:
    """(width, height) as the header claims them, with no decoder run.

    Raises Malformed when the header is missing or cut off.
    """
    try:
        if kind == "PNG":
            if data[12:16] != b"IHDR":
                raise Malformed("no IHDR chunk at the start")
            width, height = struct.unpack_from(">II", data, 16)
        elif kind == "JPEG":
            width, height = _jpeg_size(data)
        else:
            width, height = _webp_size(data)
    except (struct.error, IndexError):
        raise Malformed("the header is cut off") from None
    return width, height


def only_pixels(data: bytes, kind: str) -> bytes:
    """The same picture without metadata, thumbnails, animation, or bytes behind its end.

    Screenshots cropped in place have leaked what was cut off, behind the end mark of the file
    (CVE-2023-21036), so everything behind it goes. The pixels stay as they are, bit for bit; an
    ICC profile goes too, so colours must have been converted before where one mattered.

    Raises Malformed when the file ends too early.
    """
    try:
        if kind == "PNG":
            return _png_pixels(data)
        if kind == "JPEG":
            return _jpeg_pixels(data)
        return _webp_pixels(data)
    except (struct.error, IndexError):
        raise Malformed("the file ends too early") from None


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(PNG_SIGNATURE)
    while True:
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise Malformed("a chunk is cut off")
        yield name, data[at:end]
        if name == b"IEND":
            return
        at = end


def _png_pixels(data: bytes) -> bytes:
    return PNG_SIGNATURE + b"".join(chunk for name, chunk in _png_chunks(data) if name in _PNG_KEPT)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(marker, bytes) up to and with EOI; a scan's entropy-coded data belongs to its SOS."""
    yield _SOI, data[:2]
    at = 2
    while True:
        if data[at] != 0xFF:
            raise Malformed("a marker is missing")
        start = at
        while data[at + 1] == 0xFF:  # fill bytes before a marker
            at += 1
        marker = data[at + 1]
        if marker == _EOI:
            yield marker, b"\xff\xd9"
            return
        (length,) = struct.unpack_from(">H", data, at + 2)
        end = at + 2 + length
        if end > len(data):
            raise Malformed("a segment is cut off")
        if marker == _SOS:
            found = _NEXT_MARKER.search(data, end)
            if found is None:
                raise Malformed("the picture data have no end")
            end = found.start()
        yield marker, data[start:end]
        at = end


def _jpeg_size(data: bytes) -> tuple[int, int]:
    for marker, segment in _jpeg_segments(data):
        # SOF0-SOF15 without DHT (C4), JPG (C8) and DAC (CC).
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", segment.lstrip(b"\xff"), 4)
            return width, height
        if marker == _SOS:
            break
    raise Malformed("no frame header")


def _jpeg_pixels(data: bytes) -> bytes:
    def kept(marker: int, segment: bytes) -> bool:
        if marker == _APP0:
            return segment[4:9] == b"JFIF\x00"
        if marker == _APP14:  # says how the colour channels are coded
            return segment[4:9] == b"Adobe"
        return not (_APP0 < marker <= _APP15 or marker == _COM)

    return b"".join(s for marker, s in _jpeg_segments(data) if kept(marker, s))


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    (size,) = struct.unpack_from("<I", data, 4)
    end = 8 + size
    if end > len(data):
        raise Malformed("the file is shorter than its header says")
    at = 12
    while at + 8 <= end:
        name, length = struct.unpack_from("<4sI", data, at)
        after = at + 8 + length
        if after > end:
            raise Malformed("a chunk is cut off")
        yield name, data[at + 8 : after]
        at = after + length % 2


def _webp_size(data: bytes) -> tuple[int, int]:
    name = data[12:16]
    if name == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
        return width + 1, height + 1
    if name == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return 1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF)
    if name == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    raise Malformed("no picture chunk at the start")


def _webp_pixels(data: bytes) -> bytes:
    body = bytearray(b"WEBP")
    for name, payload in _webp_chunks(data):
        if name in _WEBP_DROPPED:
            continue
        flagless = bytes([payload[0] & ~_WEBP_FLAGS_DROPPED & 0xFF]) + payload[1:]
        kept = flagless if name == b"VP8X" else payload
        body += name + struct.pack("<I", len(kept)) + kept + b"\x00" * (len(kept) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + bytes(body)
