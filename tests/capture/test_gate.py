from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageCms, ImageDraw, PngImagePlugin

from agent.capture.gate import MAX_BYTES, admit
from tools.errors import FrameRefused

MARKER = b"51.5007N-0.1246W"


def page(size: tuple[int, int] = (320, 200), color: str = "white") -> Image.Image:
    picture = Image.new("RGB", size, color)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((20, 20, 120, 80), fill="green")
    draw.ellipse((150, 40, 260, 170), fill="red")
    return picture


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + body))
    return struct.pack(">I", len(body)) + name + body + check


def png_bomb(width: int = 13_000, height: int = 13_000) -> bytes:
    """A one-bit PNG of 169 Mpx in about 21 kB."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    row = b"\x00" * (1 + -(-width // 8))
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def refusal(data: bytes, name: str = "shot.png") -> FrameRefused:
    with pytest.raises(FrameRefused) as caught:
        admit(data, name)
    assert name in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("kind", "media"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")]
)
def test_a_plain_picture_keeps_its_bytes(kind: str, media: str) -> None:
    data = encoded(page(), kind)
    frame = admit(data, "a")
    assert (frame.media_type, frame.width, frame.height, frame.name) == (media, 320, 200, "a")
    with Image.open(io.BytesIO(data)) as given:
        assert np.array_equal(frame.rgb(), np.asarray(given.convert("RGB")))
    assert frame.data == data or kind == "JPEG"  # Pillow pads no JPEG, but may add APP0 density
    assert admit(frame.data, "b").digest == frame.digest


def test_the_type_is_told_by_content_not_by_name() -> None:
    assert admit(encoded(page(), "WEBP"), "shot.png").media_type == "image/webp"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"just some text in a file\n" * 50, "not_a_picture"),
        (b"<html><body>not a picture</body></html>", "not_a_picture"),
        (b"\x00" * 5000, "not_a_picture"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "unsupported"),
        (b"%PDF-1.7\n1 0 obj", "unsupported"),
        (b"SIMPLE  =                    T", "unsupported"),
        (encoded(page(), "GIF"), "unsupported"),
        (encoded(page(), "BMP"), "unsupported"),
        (encoded(page(), "TIFF"), "unsupported"),
        (b"\x89PNG\r\n\x1a\n", "truncated"),
        (b"\xff\xd8\xff", "truncated"),
        (b"RIFF\x10\x00\x00\x00WEBP", "truncated"),
    ],
)
def test_what_is_no_readable_picture_is_refused_with_its_code(data: bytes, code: str) -> None:
    assert refusal(data).code == code


def test_an_animated_gif_is_refused() -> None:
    data = encoded(page(), "GIF", save_all=True, append_images=[page(color="blue")])
    assert refusal(data).code == "unsupported"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("share", [0.03, 0.3, 0.6, 0.9, 0.99])
def test_a_truncated_picture_is_refused(kind: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (120, 160, 3), dtype=np.uint8)
    data = encoded(Image.fromarray(noise), kind)
    assert refusal(data[: int(len(data) * share)]).code == "truncated"


def test_too_many_bytes_are_refused() -> None:
    assert refusal(b"\x89PNG\r\n\x1a\n" + b"\x00" * MAX_BYTES).code == "too_large"


def test_a_tall_capture_is_admitted_and_a_taller_one_refused() -> None:
    assert admit(encoded(Image.new("RGB", (1280, 16_384)), "PNG"), "tall").height == 16_384
    assert refusal(encoded(Image.new("L", (8, 16_385)), "PNG")).code == "too_large"


def test_forty_megapixels_are_the_limit() -> None:
    def claim(width: int, height: int) -> bytes:
        return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", width, height)

    assert refusal(claim(8_000, 5_001)).code == "too_large"
    assert refusal(claim(8_000, 5_000)).code == "truncated"
    assert refusal(claim(0, 5_000)).code == "truncated"


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_a_small_file_that_claims_a_huge_picture_costs_no_memory(tmp_path: Path, kind: str) -> None:
    data = png_bomb()
    assert len(data) < 25_000
    if kind == "WEBP":  # a VP8X header with a canvas of 16,384 x 16,384
        size = (16_383).to_bytes(3, "little")
        data = b"RIFF" + struct.pack("<I", 1000) + b"WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00"
        data += size + size + b"ANIM" + b"\x00" * 970
    if kind == "JPEG":
        small = encoded(page(), "JPEG")
        at = small.index(b"\xff\xc0")
        data = small[: at + 5] + struct.pack(">HH", 13_000, 13_000) + small[at + 9 :]
    file = tmp_path / "bomb"
    file.write_bytes(data)
    script = f"""
import resource
from pathlib import Path
from PIL import Image
from agent.capture.gate import admit
from tools.errors import FrameRefused
Image.init()
data = Path({str(file)!r}).read_bytes()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    admit(data, "bomb.png")
except FrameRefused as error:
    print(error.code, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    code, grown = done.stdout.split()
    assert code == "too_large"
    assert float(grown) < 50


def test_a_picture_on_its_side_is_put_upright() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # to be turned a quarter clockwise
    frame = admit(encoded(page(), "JPEG", exif=exif, quality=95, subsampling=0), "phone.jpg")
    assert (frame.width, frame.height) == (200, 320)
    wanted = np.asarray(page().transpose(Image.Transpose.ROTATE_270)).astype(int)
    assert np.abs(frame.rgb().astype(int) - wanted).mean() < 3
    assert admit(frame.data, "again").digest == frame.digest


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_metadata_go_and_the_pixels_stay(kind: str) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = MARKER.decode()
    options: dict[str, object] = {"exif": exif}
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", MARKER.decode())
        options["pnginfo"] = text
    else:
        options["xmp"] = b"<x:xmpmeta>" + MARKER + b"</x:xmpmeta>"
    if kind == "JPEG":
        options["comment"] = MARKER
    plain = encoded(page(), kind)
    laden = encoded(page(), kind, **options)
    assert MARKER in laden
    frame = admit(laden + (MARKER if kind != "WEBP" else b""), "a")
    assert MARKER not in frame.data
    assert np.array_equal(frame.rgb(), admit(plain, "b").rgb())
    assert not Image.open(io.BytesIO(frame.data)).getexif()


def test_what_stands_behind_the_end_of_a_cropped_picture_goes() -> None:
    for kind in ("PNG", "JPEG"):
        assert MARKER not in admit(encoded(page(), kind) + MARKER, "cropped").data


@pytest.mark.parametrize("mode", ["CMYK", "L", "P", "1", "RGBA", "LA", "I;16"])
def test_every_colour_mode_becomes_rgb_or_grey(mode: str) -> None:
    source = page() if mode != "I;16" else page().convert("L")
    if mode == "I;16":
        deep = (np.asarray(source).astype(np.uint16) << 8) | 0x7F
        picture = Image.fromarray(deep)
    else:
        picture = source.convert(mode)
    frame = admit(encoded(picture, "JPEG" if mode == "CMYK" else "PNG"), "a")
    with Image.open(io.BytesIO(frame.data)) as kept:
        assert kept.mode in ("RGB", "L", "P", "1", "RGBA", "LA")
    wanted = (
        page() if mode in ("CMYK", "P", "RGBA") else page().convert("L" if mode != "1" else "1")
    )
    off = np.abs(frame.rgb().astype(int) - np.asarray(wanted.convert("RGB")).astype(int)).mean()
    assert off < 4


def test_a_sixteen_bit_colour_png_becomes_eight_bits() -> None:
    pixels = bytes.fromhex("ffff00000000")  # one red pixel of three 16-bit channels
    raw = zlib.compress(b"".join(b"\x00" + pixels * 4 for _ in range(4)))

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 16, 2, 0, 0, 0))
    frame = admit(data + chunk(b"IDAT", raw) + chunk(b"IEND", b""), "deep.png")
    assert frame.data[24] == 8
    assert (frame.rgb() == [255, 0, 0]).all()


def test_what_is_transparent_becomes_white() -> None:
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    clear.paste((0, 128, 0, 255), (10, 10, 30, 30))
    frame = admit(encoded(clear, "PNG"), "clear.png")
    assert frame.rgb()[0, 0].tolist() == [255, 255, 255]
    assert frame.rgb()[20, 20].tolist() == [0, 128, 0]


def test_of_an_animated_picture_the_first_one_is_kept() -> None:
    later = [page(color="blue"), page(color="black")]
    for kind in ("WEBP", "PNG"):
        data = encoded(page(), kind, save_all=True, append_images=later, duration=80, lossless=True)
        frame = admit(data, "moving")
        with Image.open(io.BytesIO(frame.data)) as kept:
            assert getattr(kept, "n_frames", 1) == 1
        assert np.array_equal(frame.rgb(), np.asarray(page()))


def test_another_colour_space_is_converted_to_srgb() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    same = admit(encoded(page(), "PNG", icc_profile=srgb), "srgb.png")
    assert np.array_equal(same.rgb(), np.asarray(page()))
    assert b"iCCP" not in same.data
    # A made-up space whose red is the blue of sRGB.
    name = "sRGB".encode("utf-16-be")
    assert name in srgb
    other = srgb.replace(name, "Swap".encode("utf-16-be"))
    table = (
        other[:400].replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
    )
    other = table + other[400:]
    red = Image.new("RGB", (8, 8), (255, 0, 0))
    for kind in ("PNG", "JPEG", "WEBP"):
        swapped = admit(encoded(red, kind, icc_profile=other), "swapped")
        assert np.abs(swapped.rgb().astype(int) - [0, 0, 255]).max() < 6, kind


def test_a_blank_page_is_admitted() -> None:
    frame = admit(encoded(Image.new("RGB", (1280, 800), "white"), "PNG"), "blank.png")
    assert (frame.rgb() == 255).all()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_whatever_comes_is_a_frame_or_a_refusal(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["PNG", "JPEG", "WEBP"]))
    good = bytearray(encoded(page((48, 40)), kind))
    for at, byte in data.draw(
        st.lists(st.tuples(st.integers(0, len(good) - 1), st.integers(0, 255)), max_size=6)
    ):
        good[at] = byte
    try:
        frame = admit(bytes(good), "fuzzed")
    except FrameRefused:
        return
    assert frame.rgb().shape == (frame.height, frame.width, 3)
    assert admit(frame.data, "again").digest == frame.digest
