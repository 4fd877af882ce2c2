"""An item's own page, made from what the products file tells of it, in varied layouts."""

from __future__ import annotations

import base64
import random
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Literal

from tools.colors import basic_color, find_colors
from tools.money import show_money

LAYOUTS = ("beside", "above", "right")
FACES = ("Liberation Sans", "DejaVu Sans", "Noto Sans", "Liberation Serif")
ACCENTS = ("#8a1c3b", "#14532d", "#1d3a6e", "#3b2f63")
PICTURE = ".shot"
"""Where the product's picture stands, as a CSS selector."""
MOST_BYTES = 4_000_000
_TYPES = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}
_PAINTS = {
    "black": "#25262b", "white": "#f5f4f0", "gray": "#8b8f95", "red": "#c8282f",
    "orange": "#ea7a26", "yellow": "#f2c42f", "green": "#1b7f54", "blue": "#2450ab",
    "purple": "#7043a8", "pink": "#ee8db0", "brown": "#7a5238", "beige": "#dac8a8",
}  # fmt: skip


def item_page(item: str, told: Mapping[str, str], folder: Path, *, seed: int = 0) -> str:
    """The document of an item's page; layout, type and colours follow from the id and the seed.

    Args:
        item: the id.
        told: column of the products file -> value.
        folder: where the file lies; a picture is looked for there and nowhere else.
        seed: of the layouts.
    """
    chance = random.Random(f"{seed} {item}")
    layout, face, accent = (chance.choice(of) for of in (LAYOUTS, FACES, ACCENTS))
    dark = chance.random() < 0.2
    ink, ground, pale = ("#eee", "#16181c", "#9a9da3") if dark else ("#111", "#fff", "#777")
    facts = [f"<h1>{escape(told.get('title') or item)}</h1>"]
    if brand := told.get("brand"):
        facts.insert(0, f"<div class=brand>{escape(brand)}</div>")
    if rating := told.get("rating"):
        facts.append(f"<div class=pale>{escape(rating)} out of 5 stars</div>")
    if price := _price(told):
        facts.append(f"<div class=price>{escape(price)}</div>")
    if color := told.get("color"):
        facts.append(f"<div>Colour: <b>{escape(color)}</b></div>")
    facts.append("<button>Add to basket</button>")
    if about := told.get("description"):
        facts.append(f"<p>{escape(about[:600])}</p>")
    direction = {"beside": "row", "above": "column", "right": "row-reverse"}[layout]
    style = (
        f"*{{box-sizing:border-box}}body{{margin:0 28px 30px;background:{ground};color:{ink};"
        f"font:15px '{face}'}}header{{padding:16px 0;font-size:17px}}"
        f"main{{display:flex;flex-direction:{direction};gap:34px}}.shot{{width:340px;flex:none}}"
        f".shot img,.shot svg{{width:100%;display:block}}.text{{max-width:640px}}"
        f"h1{{font-size:25px;margin:6px 0}}.brand{{font-weight:700}}.pale{{color:{pale}}}"
        ".price{font-size:26px;margin:10px 0}"
        f"button{{background:{accent};color:#fff;border:0;padding:10px 22px;font-size:16px;"
        "margin:14px 0}"
    )
    shop = chance.choice(["Corner Shop", "Marigold & Sons", "kiosk 24", "The Long Shelf"])
    return (
        f"<!doctype html><meta charset=utf-8><title>{escape(told.get('title') or item)}</title>"
        f"<style>{style}</style><header><b>{escape(shop)}</b></header><main>"
        f"<div class=shot>{_shot(told, folder)}</div>"
        f"<div class=text>{''.join(facts)}</div></main>"
    )


def picture_kind(told: Mapping[str, str], folder: Path) -> Literal["photo", "shape", "blank"]:
    """What stands for the item: the data's own picture, a plain shape in its colour, or nothing."""
    if _file(told, folder) is not None:
        return "photo"
    return "blank" if _color(told) is None else "shape"


def _shot(told: Mapping[str, str], folder: Path) -> str:
    file = _file(told, folder)
    if file is not None:
        kind = _TYPES[file.suffix.lower()]
        data = base64.b64encode(file.read_bytes()).decode()
        return f'<img src="data:image/{kind};base64,{data}">'
    paint = _PAINTS.get(_color(told) or "", "")
    mark = f'<rect x="60" y="50" width="80" height="130" rx="14" fill="{paint}"/>' if paint else ""
    return f'<svg viewBox="0 0 200 240"><rect width="200" height="240" fill="#eceef0"/>{mark}</svg>'


def _color(told: Mapping[str, str]) -> str | None:
    """The column's colour; without one, the first that the title names."""
    named = basic_color(told.get("color") or "")
    return named or next((term for _, term in find_colors(told.get("title") or "")), None)


def _file(told: Mapping[str, str], folder: Path) -> Path | None:
    """The picture that the products file names, if it lies in the folder of the data."""
    name = told.get("image") or ""
    if not name or "://" in name or Path(name).suffix.lower() not in _TYPES:
        return None
    path = (folder / name).resolve()
    inside = path.is_relative_to(folder.resolve())
    return path if inside and path.is_file() and path.stat().st_size <= MOST_BYTES else None


def _price(told: Mapping[str, str]) -> str:
    try:
        amount = Decimal((told.get("price") or "").strip())
    except InvalidOperation:
        return ""
    currency = (told.get("currency") or "").strip().upper()
    if not amount.is_finite() or amount <= 0:
        return ""
    return show_money(amount, currency) if currency else f"{amount:.2f}"


def file_name(item: str) -> str:
    """A name for an item's files that no file system minds."""
    return sha256(item.encode("utf-8", "replace")).hexdigest()[:20]
