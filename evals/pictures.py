"""The pictures of suites: shipped ones, pages rendered on demand, and banners drawn over either.

A frame in a suite is written as

* ``demo:dresses/04``: the fourth picture of a recorded session of the demo shop;
* ``page:17 dark 420 jpeg60``: page 17 of `evals.dressed` in that dress (each part may be left out);
* either of them, followed by `` + TEXT``: with a banner across it that says TEXT;
* anything else: the path of a picture.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.errors import CaseError

if TYPE_CHECKING:
    from agent.capture.frames import Frame
    from evals.dressed import Dress

_DEMO = re.compile(r"demo:(\w+)/(\d\d)")
_PAGE = re.compile(r"page:(\d+)((?: \w+)*)")
MADE = ("demo:", "page:", "visit:")
"""How frames begin that are no paths."""


def frames_of(names: Sequence[str], home: Path) -> list[Frame]:
    """The frames that a case names, in order.

    Args:
        names: as above.
        home: rendered pages are kept below it.

    Raises:
        CaseError: a name is not understood, or the picture is not there.
        MissingExtra: a page is to be rendered, and playwright is not installed.
    """
    found = []
    for name in names:
        base, _, banner = name.partition(" + ") if name.startswith(MADE) else (name, "", "")
        data = _bytes_of(base, home)
        found.append(_frame(_with_banner(data, banner) if banner else data, name))
    return found


def _frame(data: bytes, name: str) -> Frame:
    from agent.capture.gate import admit

    # Made for the suite: nobody's data to cover.
    return replace(admit(data, name), checked=True)


def _bytes_of(name: str, home: Path) -> bytes:
    if found := _DEMO.fullmatch(name):
        picture = files("agent.demo") / "sessions" / found[1] / f"{found[2]}.jpg"
        if not picture.is_file():
            raise CaseError(f"there is no picture {name!r} in the demo shop's sessions")
        return picture.read_bytes()
    if found := _PAGE.fullmatch(name):
        return _page(int(found[1]), found[2].split(), home)
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise CaseError(f"{name}: cannot be read: {error.strerror}") from None


def _page(number: int, words: Sequence[str], home: Path) -> bytes:
    from evals.dressed import a_browser, make_page, photograph

    dress = dress_of(words)
    page = make_page(number)
    html = page.html(dress)
    kept = home / "evals" / "pages" / f"{sha256(f'{html}{dress}'.encode()).hexdigest()[:24]}"
    if not kept.is_file():
        with a_browser() as browser:
            data = photograph(browser, html, dress).data
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(data)
    return kept.read_bytes()


def dress_of(words: Sequence[str]) -> Dress:
    """The dress that the words of a page's name describe.

    Raises:
        CaseError: a word is not understood.
    """
    from evals.dressed import Dress

    told: dict[str, Any] = {}
    for word in words:
        if word in ("dark", "light"):
            told["dark"] = word == "dark"
        elif word.isdigit():
            told["width"] = int(word)
        elif quality := re.fullmatch(r"jpeg(\d+)", word):
            told["jpeg"] = int(quality[1])
        else:
            raise CaseError(f"a page is not dressed in {word!r}; write dark, a width, or jpeg60")
    return Dress(**told)


def _with_banner(data: bytes, text: str) -> bytes:
    """The picture with a light bar across its upper part, as an advertiser might place one."""
    import io
    import textwrap

    from PIL import Image, ImageDraw, ImageFont

    with Image.open(io.BytesIO(data)) as opened:
        picture = opened.convert("RGB")
    font = ImageFont.load_default(size=22)
    lines = textwrap.wrap(text, max(20, picture.width // 12))
    top, height = 90, 18 + 30 * len(lines)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, top, picture.width, top + height), fill=(255, 246, 214))
    for number, line in enumerate(lines):
        draw.text((24, top + 10 + 30 * number), line, fill=(20, 20, 20), font=font)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue()
