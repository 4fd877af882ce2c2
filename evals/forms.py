"""Sixty pages with a shopper's own data on them, and what must stay readable beside it.

Checkouts, confirmations and account pages of eleven countries, the same everywhere for one seed:
 thirty with the data in form fields, fifteen as text, fifteen as pixels only (drawn). Each page
is rendered in a real Chromium; the places of every personal item and of every price, article
number and model on it are measured there.
"""

# ruff: noqa: E501 - style sheets, scripts and tables of addresses are clearer whole
from __future__ import annotations

import html
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from evals.forms_data import COUNTRIES, Country, card, ean, email, filled, iban

if TYPE_CHECKING:
    from playwright.sync_api import Page

Where = Literal["field", "text", "pixels"]
PAGES = 60
SEED = 20_261_121


@dataclass(frozen=True)
class Item:
    """Something on a page, with the rectangles that it fills (left, top, right, bottom; pixels)."""

    kind: str
    value: str
    rects: tuple[tuple[float, float, float, float], ...] = ()


@dataclass(frozen=True)
class FormPage:
    """One page of the set."""

    name: str
    country: str
    where: Where
    html: str


@dataclass(frozen=True)
class Measured:
    """What stands on a rendered page."""

    own: tuple[Item, ...]
    """The shopper's own data."""
    keep: tuple[Item, ...]
    """Prices, article numbers, models, dates, ratings."""


def form_pages(count: int = PAGES, seed: int = SEED) -> list[FormPage]:
    """The set: fields, text, fields, pixels, and again."""
    order: Sequence[Where] = ("field", "text", "field", "pixels")
    return [_page(at, order[at % 4], random.Random(f"{seed} {at}")) for at in range(count)]


_STYLE = """
body { font: 15px/1.45 FONT; margin: 0; color: #222; background: BACK; }
header { padding: 14px 32px; background: HEAD; color: #fff; display: flex; gap: 28px; }
main { display: flex; gap: 40px; padding: 22px 32px; } form, .main { width: 640px; }
aside { width: 420px; background: #fff; border: 1px solid #ddd; padding: 16px; }
label { display: block; margin-top: 9px; font-size: 13px; color: #555; }
input, textarea { font: inherit; width: 100%; padding: 7px 9px; border: 1px solid #aaa; border-radius: RADIUS; box-sizing: border-box; background: #fff; }
.row { display: flex; gap: 14px; } .row > div { flex: 1; } dl { display: grid; grid-template-columns: 190px 1fr; gap: 7px 14px; }
dt { color: #666; } dd { margin: 0; } h1 { font-size: 24px; margin: 4px 0 12px; } h2 { font-size: 17px; margin: 14px 0 6px; }
.line { display: flex; justify-content: space-between; gap: 12px; padding: 8px 0; border-bottom: 1px solid #eee; }
.small { font-size: 12.5px; color: #555; } table { border-collapse: collapse; width: 100%; } td { padding: 5px 10px 5px 0; }
"""
_FONTS = (
    "Arial, sans-serif",
    "'DejaVu Sans', sans-serif",
    "Georgia, serif",
    "'Liberation Sans', sans-serif",
)
_GOODS = (
    ("Samsung Galaxy S24 Ultra 256 GB", "SM-S928BZKH"), ("Sony WH-1000XM5 Headphones", "WH1000XM5B.CE7"),
    ("Nike Pegasus 40 Running Shoes", "DV3853-001"), ("LG OLED 55 inch 4K TV", "OLED55C34LA"),
    ("Midi Wrap Dress in Forest Green", "G10-2241-08"), ("Bosch Drill 18V 2x 2.0Ah", "06019H1100"),
    ("MacBook Air M2 8GB 256GB", "MLXW3D/A"), ("Linen Sofa 3 Seater Beige", "SOF-3321-BE"),
)  # fmt: skip


def _page(at: int, where: Where, draw: random.Random) -> FormPage:
    country = COUNTRIES[at % len(COUNTRIES)]
    own = _person(country, draw)
    style = (
        _STYLE.replace("FONT", draw.choice(_FONTS))
        .replace("BACK", draw.choice(("#fff", "#f6f6f6", "#fdfaf4")))
        .replace("HEAD", draw.choice(("#222", "#14532d", "#7c2d12", "#1e3a8a")))
        .replace("RADIUS", draw.choice(("0", "4px", "10px")))
    )
    aside = _basket(country, draw)
    if where == "field":
        body = _form(
            country, own, draw, draw.choice(("above", "aria", "placeholder", "autocomplete"))
        )
    elif where == "text":
        body = draw.choice((_confirmation, _account))(country, own, draw)
    else:
        body = _drawn(country, own, draw)
    text = (
        f"<!doctype html><html lang={country.code.lower()}><meta charset=utf-8><title>Shop</title>"
        f"<style>{style}</style><header><b>Fennel &amp; Co</b><span>Sale</span><span>New in</span>"
        f"<span>24/7</span></header><main>{body}{aside}</main></html>"
    )
    return FormPage(f"{at:02}-{country.code}-{where}", country.code, where, text)


def _person(country: Country, draw: random.Random) -> dict[str, str]:
    name = draw.choice(country.names)
    street = draw.choice(country.streets).format(n=draw.randint(2, 189))
    town = filled(draw.choice(country.towns), draw)
    found = {
        "email": email(name, draw),
        "phone": filled(draw.choice(country.phones), draw),
        "card": card(draw),
        "address": street,
        "postcode": filled(country.postcode, draw),
        "town": town,
        "order": filled(draw.choice(country.orders), draw),
        "name": name,
    }
    account = iban(country, draw)
    return found | ({"iban": account} if account else {})


def _own(kind: str, value: str) -> str:
    return f'<span data-own="{kind}">{html.escape(value)}</span>'


def _keep(kind: str, value: str) -> str:
    return f'<span data-keep="{kind}">{html.escape(value)}</span>'


def _price(country: Country, draw: random.Random) -> str:
    amount = draw.uniform(4, 1900)
    text = f"{amount:,.2f}"
    if country.code not in ("GB", "US", "IN"):
        text = text.replace(",", " ").replace(".", ",").replace(" ", ".")
    return country.price.format(text)


def _basket(country: Country, draw: random.Random) -> str:
    lines = []
    for title, model in draw.sample(_GOODS, 3):
        lines.append(
            f"<div class=line><div>{_keep('title', title)}<div class=small>EAN "
            f"{_keep('ean', ean(draw))}<br>Model {_keep('model', model)}<br>"
            f"{_keep('rating', f'{draw.uniform(3, 5):.1f}')} ({draw.randint(10, 9999):,})</div>"
            f"</div>"
            f"<div>{_keep('price', _price(country, draw))}</div></div>"
        )
    day = f"{draw.randint(1, 28):02}.{draw.randint(1, 12):02}.2026"
    return (
        f"<aside><h2>{country.labels['pay']}</h2>{''.join(lines)}"
        f"<div class=line><b>Total</b><b>{_keep('price', _price(country, draw))}</b></div>"
        f"<div class=small>{_keep('date', day)}</div></aside>"
    )


_AUTO = {
    "name": "name", "email": "email", "phone": "tel", "card": "cc-number", "address": "street-address",
    "postcode": "postal-code", "town": "address-level2",
}  # fmt: skip


def _form(country: Country, own: dict[str, str], draw: random.Random, how: str) -> str:
    kinds = ["name", "email", "phone", "address", "postcode", "card"]
    kinds.insert(draw.randint(1, 5), "order")
    if "iban" in own:
        kinds.append("iban")
    fields = []
    for kind in kinds:
        label, value = country.labels[kind], html.escape(own[kind], quote=True)
        mark = f'data-own="{kind}" value="{value}"'
        if how == "above":
            fields.append(
                f"<label for=f-{kind}>{label}</label><input id=f-{kind} type=text {mark}>"
            )
        elif how == "aria":
            fields.append(f'<label>{label}</label><input aria-label="{label}" {mark}>')
        elif how == "placeholder":
            fields.append(
                f'<label>{label}</label><input placeholder="{label}" name="{kind}" {mark}>'
            )
        else:
            auto = _AUTO.get(kind, "off")
            fields.append(f'<label>{label} <input autocomplete="{auto}" {mark}></label>')
    half = len(fields) // 2 * 2
    rows = [f"<div class=row><div>{a}</div><div>{b}</div></div>"
            for a, b in zip(fields[:half:2], fields[1:half:2], strict=True)]  # fmt: skip
    rows += fields[half:]
    quantity = '<label>Qty</label><input type=number value="2" style="width:70px">'
    return f"<form><h1>Checkout</h1>{''.join(rows)}{quantity}</form>"


def _confirmation(country: Country, own: dict[str, str], draw: random.Random) -> str:
    said = country.labels
    account = f"<p>IBAN: {_own('iban', own['iban'])}</p>" if "iban" in own else ""
    return (
        f"<div class=main><h1>Thank you!</h1><p>{said['order']}: {_own('order', own['order'])}</p>"
        f"<h2>{said['ship']}</h2><div>{html.escape(own['name'])}<br>"
        f"{_own('address', own['address'])}"
        f"<br>{_own('postcode', own['town'])}</div><h2>{said['contact']}</h2>"
        f"<p>{_own('email', own['email'])} &middot; {_own('phone', own['phone'])}</p>"
        f"<h2>{said['pay']}</h2><p>Visa {_own('card', own['card'])}</p>{account}</div>"
    )


def _account(country: Country, own: dict[str, str], draw: random.Random) -> str:
    said = country.labels
    rows = [("order", own["order"]), ("email", own["email"]), ("phone", own["phone"]),
            ("address", own["address"]), ("postcode", own["postcode"]), ("card", own["card"])]  # fmt: skip
    if "iban" in own:
        rows.append(("iban", own["iban"]))
    if draw.random() < 0.5:
        inner = "".join(f"<dt>{said[k]}</dt><dd>{_own(k, v)}</dd>" for k, v in rows)
        table = f"<dl>{inner}</dl>"
    else:
        inner = "".join(
            f"<tr><td class=small>{said[k]}:</td><td>{_own(k, v)}</td></tr>" for k, v in rows
        )
        table = f"<table>{inner}</table>"
    return f"<div class=main><h1>{html.escape(own['name'])}</h1>{table}</div>"


def _drawn(country: Country, own: dict[str, str], draw: random.Random) -> str:
    """The same as pixels only, as a scanned invoice or a picture of a label is."""
    said = country.labels
    lines: list[tuple[str, str, str]] = [
        (f"{said['order']}: ", "order", own["order"]),
        (f"{said['ship']}:", "", ""),
        (own["name"], "", ""),
        ("", "address", own["address"]),
        ("", "postcode", own["town"]),
        (f"{said['email']}: ", "email", own["email"]),
        (f"{said['phone']}: ", "phone", own["phone"]),
        (f"{said['card']}: ", "card", own["card"]),
    ]
    if "iban" in own:
        lines.append(("IBAN ", "iban", own["iban"]))
    size, font = draw.choice((15, 16, 18)), draw.choice(("Arial", "DejaVu Sans", "Georgia"))
    ink = draw.choice(("#111", "#333", "#1e3a8a"))
    return (
        "<div class=main><h1>Invoice</h1><canvas id=c width=620 height=460></canvas></div><script>{"
        f"const lines = {json.dumps(lines)}; const c = "
        f"document.getElementById('c').getContext('2d');"
        f"c.fillStyle = '#fff'; c.fillRect(0, 0, 620, 460); c.fillStyle = '{ink}';"
        f"c.font = '{size}px {font}'; window.drawn = []; let y = 40;"
        "for (const [label, kind, value] of lines) { c.fillText(label + value, 24, y);"
        f" if (kind) window.drawn.push([kind, value, 24 + c.measureText(label).width, y - {size},"
        f" 24 + c.measureText(label + value).width, y + {size} * 0.28]);"
        f" y += {size} * 1.9; }} }}</script>"
    )


_MEASURE = """() => {
  const text = (e, a) => { const range = document.createRange(); range.selectNodeContents(e);
    return [e.getAttribute(a), e.textContent, [...range.getClientRects()].map(r => [r.left, r.top, r.right, r.bottom])]; };
  const field = e => { const s = getComputedStyle(e), r = e.getBoundingClientRect(), c = document.createElement('canvas').getContext('2d');
    c.font = s.font; const wide = c.measureText(e.value).width, left = r.left + parseFloat(s.paddingLeft) + parseFloat(s.borderLeftWidth);
    return [e.dataset.own, e.value, [[left, r.top + 6, Math.min(left + wide, r.right - 4), r.bottom - 6]]]; };
  const own = [...document.querySelectorAll('span[data-own]')].map(e => text(e, 'data-own'));
  own.push(...[...document.querySelectorAll('input[data-own]')].map(field));
  if (document.getElementById('c')) { const r = document.getElementById('c').getBoundingClientRect();
    own.push(...window.drawn.map(([k, v, a, b, c, d]) => [k, v, [[a + r.left, b + r.top, c + r.left, d + r.top]]])); }
  return {own, keep: [...document.querySelectorAll('span[data-keep]')].map(e => text(e, 'data-keep'))}; }"""


def measure(page: Page) -> Measured:
    """Where everything stands on the page that is shown; what lies below the fold is left out."""
    told: dict[str, Any] = page.evaluate(_MEASURE)

    def items(rows: Sequence[Any]) -> tuple[Item, ...]:
        made = [Item(k, v, tuple(tuple(r) for r in rects)) for k, v, rects in rows]
        return tuple(i for i in made if i.rects and all(r[3] <= 798 for r in i.rects))

    return Measured(tuple(i for i in items(told["own"]) if i.kind != "name"), items(told["keep"]))
