"""From screens to sessions: which items of the catalogue a shopper viewed, and how sure that is.

An item counts as viewed when its own page was shown or it lay in the basket; what a page merely
lists was chosen by the shop. The address of the page names the item best; without one, the title
on the page is compared with the catalogue's, and the price decides between like titles.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from agent.matching import SAME_PRODUCT, likeness, titled
from agent.reader.aggregate import Followed, follow
from tools.domain import Frozen

if TYPE_CHECKING:
    from tools.catalog import Catalog
    from tools.domain import Product
    from tools.preferences import FrameReading, SeenProduct

SURE = 0.6
"""Confidence from which an item is counted among those viewed."""
MOST = 30
"""Items looked up in the catalogue, the latest ones."""
NEAR = 8
"""Products compared with a title: colours of one thing differ in a word, so more than a few."""
CLOSE = 2.0
"""Percent of likeness within which two titles cannot be told apart by what was read."""
OTHER_PRICE = 0.6
"""Factor on the confidence where the page shows another price than the catalogue."""
UNRELATED = 40.0
"""Likeness below which the title on a page contradicts the item that the address names."""

_ITEM_WORDS = frozenset({"p", "pd", "dp", "ip", "prd", "item", "items", "product", "products"})
_ITEM_FIELDS = ("id", "pid", "sku", "item", "item_id", "product", "product_id", "productid")
_LONG_ID = 5
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})

How = Literal["address", "title and price", "title"]


class ViewedItem(Frozen):
    """An item that the shopper viewed."""

    id: str
    how: How
    """What it was recognised by."""
    confidence: float
    """0 to 1; `SURE` and more is counted."""
    frame: int
    """Position of the frame that showed it, from 0."""

    @property
    def counted(self) -> bool:
        """Whether it is sure enough to stand for what was viewed."""
        return self.confidence >= SURE


def viewed_items(
    readings: Sequence[FrameReading],
    catalog: Catalog,
    addresses: Mapping[str, str] | None = None,
) -> list[ViewedItem]:
    """The items viewed, oldest view first; staying on an item is one view, coming back another.

    Args:
        readings: the frames of the session in order.
        catalog: of the shop.
        addresses: digest of a frame -> address of its page, for frames that a browser took.
    """
    told = addresses or {}
    whole = {
        (frame, id(seen)): product
        for product in follow(readings)
        for frame, seen in product.sightings
    }
    looked_up: dict[int, tuple[str, How, float] | None] = {}
    views: list[ViewedItem] = []
    for frame in range(len(readings) - 1, -1, -1):
        reading = readings[frame]
        opened = [p for p in reading.products if p.opened or p.in_basket]
        found: list[tuple[str, How, float]] = []
        if address := told.get(reading.digest):
            title = opened[0].title if len(opened) == 1 else ""
            if named := named_by(address, catalog, title):
                found.append((named.id, "address", 1.0))
        for seen in opened if not found else []:
            followed = whole[frame, id(seen)]
            if id(followed) not in looked_up:
                if len(looked_up) >= MOST:
                    continue
                looked_up[id(followed)] = _recognised(followed, seen, catalog)
            if match := looked_up[id(followed)]:
                found.append(match)
        views += [
            ViewedItem(id=item, how=how, confidence=round(sure, 3), frame=frame)
            for item, how, sure in reversed(found)
        ]
    return _once_each_stay(views[::-1])


def _once_each_stay(views: Sequence[ViewedItem]) -> list[ViewedItem]:
    """Views without those of an item that the frame before showed already."""
    kept: list[ViewedItem] = []
    last: dict[str, int] = {}
    for view in views:
        if last.get(view.id, -2) < view.frame - 1:
            kept.append(view)
        last[view.id] = view.frame
    return kept


def named_by(address: str, catalog: Catalog, title: str = "") -> Product | None:
    """The item that the address of a page names; None for other pages and other shops.

    The catalogue's id stands in the path or in a field of the query; or the path spells the title
    and the catalogue knows the product by that address.

    Args:
        address: an absolute address, or a path.
        catalog: of the shop.
        title: read on the page, "" when unknown; one that is quite another contradicts the id.
    """
    try:
        parts = urlsplit(address)
        fields = parse_qs(parts.query)
    except ValueError:
        return None
    steps = [unquote(step) for step in parts.path.split("/") if step]
    ids = [
        step
        for before, step in zip(["", *steps], steps, strict=False)
        if before.casefold() in _ITEM_WORDS
        or (len(step) >= _LONG_ID and any(c.isdigit() for c in step))
    ]
    ids += [value for name in _ITEM_FIELDS for value in fields.get(name, ())]
    for row in (catalog.row_of(each) for each in reversed(ids)):
        if row is not None:
            product = catalog.product(row)
            alike = likeness(title, product.title) if title else None
            # At another host another shop may count alike.
            at_home = _same_shop(parts.hostname, product)
            if (at_home and alike is None) or (alike or 0) >= (
                UNRELATED if at_home else SAME_PRODUCT
            ):
                return product
    spelt = " ".join(re.findall(r"[^\W\d_]+", steps[-1])) if steps else ""
    near = [p for p, _ in titled(spelt, catalog, NEAR)] if len(spelt) >= _LONG_ID else []
    return next((p for p in near if p.url and _place(p.url) == _place(address)), None)


def _same_shop(host: str | None, product: Product) -> bool:
    """Whether the host is the catalogue's; on this machine it is the shop's own trial."""
    own = urlsplit(product.url).hostname if product.url else None
    return not (host and own) or host in _THIS_MACHINE or _bare(host) == _bare(own)


def _place(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return _bare(parts.hostname or ""), parts.path.rstrip("/")


def _bare(host: str) -> str:
    return host.casefold().removeprefix("www.")


def _recognised(
    followed: Followed, seen: SeenProduct, catalog: Catalog
) -> tuple[str, How, float] | None:
    """The catalogue's product behind one on the screens: id, by what, how sure."""
    # What is read on the item's own page counts before longer titles of lists and baskets.
    titles = dict.fromkeys([*(p.title for _, p in followed.sightings if p.opened), followed.title])
    near: dict[str, tuple[Product, float]] = {}
    for title in [t for t in titles if t][:2]:
        for product, alike in titled(title, catalog, NEAR):
            if alike > near.get(product.id, (product, 0.0))[1]:
                near[product.id] = product, alike
    if not near:
        return None
    best = max(alike for _, alike in near.values())
    if best < SAME_PRODUCT:
        return None
    price = followed.latest("price")
    agree: dict[str, bool | None] = {}
    for product, alike in near.values():
        if alike < best - CLOSE:
            continue
        known = product.price
        comparable = price is not None and known is not None
        if comparable and known is not None and seen.currency not in (None, known.currency):
            comparable = False
        agree[product.id] = known.amount == price if comparable and known else None
    same = [item for item, fits in agree.items() if fits]
    left = same or list(agree)
    item = max(left, key=lambda i: near[i][1])
    sure = near[item][1] / 100 / len(left)
    if agree[item] is False:
        sure *= OTHER_PRICE
    return item, "title and price" if agree[item] else "title", sure
