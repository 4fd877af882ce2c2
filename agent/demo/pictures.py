"""Simple drawn product pictures: a silhouette a type, in the product's colour and pattern."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

import yaml

from agent.demo.words import hex_of, load_range, shelf_of
from tools.domain import Product

WIDTH, HEIGHT = 200, 240

_PATTERNS = {
    "striped": '<path d="M0 4H16" stroke="{light}" stroke-width="4.5"/>',
    "polka dot": '<circle cx="4" cy="4" r="2.6" fill="{light}"/>'
    '<circle cx="12" cy="12" r="2.6" fill="{light}"/>',
    "checked": '<path d="M4 0V16M0 4H16" stroke="{dark}" stroke-width="3" opacity=".7"/>'
    '<path d="M12 0V16M0 12H16" stroke="{light}" stroke-width="2"/>',
    "floral": '<g fill="{light}"><circle cx="5" cy="2.6" r="2"/><circle cx="5" cy="7.4" r="2"/>'
    '<circle cx="2.6" cy="5" r="2"/><circle cx="7.4" cy="5" r="2"/></g>'
    '<circle cx="5" cy="5" r="1.4" fill="#e9b949"/><circle cx="13" cy="12.5" r="1.5" '
    'fill="{light}"/>',
    "geometric": '<path d="M8 0L16 8L8 16L0 8Z" fill="none" stroke="{light}" stroke-width="2"/>',
    "zari woven": '<path d="M8 5L11 8L8 11L5 8Z" fill="#d9a93a"/>',
    "cable knit": '<path d="M4 0C10 4 -2 12 4 16M12 0C18 4 6 12 12 16" fill="none" '
    'stroke="{dark}" stroke-width="1.6"/>',
    # The colours of what is sold as multicoloured.
    "many": '<path d="M0 0H16V4H0Z" fill="#e2603f"/><path d="M0 4H16V8H0Z" fill="#f0b93c"/>'
    '<path d="M0 8H16V12H0Z" fill="#3f9a72"/><path d="M0 12H16V16H0Z" fill="#4a6fb5"/>',
}
_ALIKE = {
    "gingham": "checked",
    "printed": "floral",
    "block": "geometric",
    "bandhani": "polka dot",
    "embroidered": "zari woven",
    "graphic": "geometric",
}

_SLEEVES = {
    ("dress", "Short Sleeve"): "_short",
    ("dress", "Puff Sleeve"): "_short",
    ("dress", "Long Sleeve"): "_long",
    ("top", "Long Sleeve"): "_long",
    ("shirt", "Short Sleeve"): "_short",
}
# Of dresses and skirts: (width, height) against the drawing.
_LENGTHS = {"Mini": (1.0, 0.82), "Maxi": (0.88, 1.03)}


def draw_product(product: Product) -> str:
    """The picture of one product of the demo shop as an SVG document of 200 by 240 units.

    Ids inside are unique to the product, so several pictures can stand inline in one page.
    Raises KeyError for a category that the demo shop does not have.
    """
    shade = product.attributes.get("shade")
    color = product.colors[0]
    main = hex_of(shade) if isinstance(shade, str) else _first_shade(color)
    pattern = str(product.attributes.get("pattern", "")).casefold()
    key = "many" if color == "multicolor" else _ALIKE.get(pattern, pattern)
    sleeve = str(product.attributes.get("sleeve", ""))
    shape = shelf_of(product.categories[-1]).shape
    shape += _SLEEVES.get((shape, sleeve), "")
    return draw(
        shape,
        main,
        _PATTERNS.get(key),
        key=re.sub(r"\W", "", product.id),
        title=product.title,
        stretch=_LENGTHS.get(str(product.attributes.get("length", "")), (1.0, 1.0)),
    )


def draw(
    shape: str,
    main: str,
    pattern: str | None,
    *,
    key: str,
    title: str,
    stretch: tuple[float, float] = (1.0, 1.0),
) -> str:
    """One silhouette in the RGB hex colour `main`; `key` makes the ids inside unique.

    `stretch` scales width and height about the middle of the bottom.
    """
    across, down = stretch
    moved = f"translate({WIDTH / 2 * (1 - across):.4g} {216 * (1 - down):.4g})"
    tones = {
        "main": main,
        "dark": _mixed(main, "#000000", 0.28),
        "light": _mixed(main, "#ffffff", 0.5),
        "line": _mixed(main, "#000000", 0.42),
    }
    parts = _silhouettes()[shape]
    body, detail = parts["body"], parts["detail"].format_map(tones)
    overlay = tile = ""
    if pattern:
        tile = (
            f'<pattern id="p{key}" width="16" height="16" patternUnits="userSpaceOnUse">'
            f"{pattern.format_map(tones)}</pattern>"
        )
        overlay = f'<g fill="url(#p{key})" opacity=".9">{body}</g>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{_escaped(title)}"><defs>'
        f'<linearGradient id="g{key}" x1="0" y1="0" x2="1" y2="1">'
        f'<stop offset="0" stop-color="{_mixed(main, "#ffffff", 0.16)}"/>'
        f'<stop offset="1" stop-color="{_mixed(main, "#000000", 0.1)}"/></linearGradient>{tile}'
        f'</defs><rect width="{WIDTH}" height="{HEIGHT}" fill="#f4f4f2"/>'
        f'<ellipse cx="100" cy="219" rx="70" ry="6" fill="#000" opacity=".07"/>'
        f'<g transform="{moved} scale({across} {down})">'
        f'<g fill="url(#g{key})" stroke="{tones["line"]}" stroke-width="1.2" '
        f'stroke-linejoin="round">{body}</g>{overlay}{detail}</g></svg>'
    )


@cache
def _silhouettes() -> dict[str, dict[str, str]]:
    text = resources.files("agent.demo").joinpath("silhouettes.yaml").read_text("utf-8")
    shapes: dict[str, dict[str, str]] = yaml.safe_load(text)
    return shapes


def _first_shade(basic: str) -> str:
    return next(iter(load_range().shades[basic].values()))


def _mixed(one: str, other: str, share: float) -> str:
    """The colour `share` of the way from one to the other, both RGB hex."""
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
