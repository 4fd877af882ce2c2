"""Offers printed on a page: percentages off, sales, coupons, free delivery."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.reader.layout import Piece
from agent.reader.lexicon import is_suspicious
from agent.reader.numerals import find_percents
from tools.preferences import Promotion

_OFFER = re.compile(
    r"\d\s?%\s*\)?\s*(off|rabatt|de desconto|desconto|sconto|indirim|reducci|dto|less|"
    r"discount|korting|rabat|"
    r"sleva|zniżki|taniej|de (réduction|remise|descuento)|descuento|remise|reducere|引き|"
    r"cash ?back)|"
    r"[-−–↓(]\s?\d{1,2}\s?%|\bextra\s?\W?\d|\boff\b.{0,24}\b(order|transactions?|purchase)|"
    r"[$€£₹]\s?\d+ off\b|\b\d+ off\b|"
    r"\b(limited[- ]time|special|lightning|today'?s?|best|hot|flash|daily) (deal|offer|price)\b|"
    r"\b(on|clearance|flash|summer|winter|spring|holiday|mega|big|biggest|final|"
    r"black friday) sale\b|\bsale (ends|price|now)|"
    r"^\W*(sale|deal|oferta|angebot|promo(tion)?|indirim|soldes|descuento|offer)!?\W*$|"
    r"\bmarkdown\b|"
    r"\bfree (delivery|shipping|gift|returns?)\b|\bkostenlose (lieferung|versand)|"
    r"\bversandkostenfrei|"
    r"\bfrete gr[áa]tis|\bgratis ?versand|\bgratis (verzending|frakt|fragt|ongkir)|\bfri frakt|"
    r"\b(verzending|spedizione) grat|\bspedizione gratuita|\bdarmowa dostawa|"
    r"\bdoprava zdarma|\bingyenes szállítás|\blivrare gratuit|бесплатная доставка|"
    r"miễn phí vận chuyển|包邮|무료배송|"
    r"\benv[ií]o gratis|\blivraison gratuite|\bücretsiz kargo|送料無料|セール|割引|"
    r"\bcoupons?\b|\bcupom|\bcup[oó]n|\bvoucher|\bgutschein|\bpromo code|\bkupon|\bbank offer|"
    r"\bcash ?back|\bdaily cash|"
    r"\bno cost emi|\bexchange offer|\binterest[- ]free|\bsave (up to|extra|₹|\$|€|£|rs)|"
    r"\bsparen sie|"
    r"\byou save|economizando|\bbuy \d.{0,12}get|\b2 for\b|\b\d for \d\b|\bbogo\b|"
    r"\bspecial price|\bprice drop|"
    r"\b\d+ offers? from|\bangebote\b|\bfree .{2,20} with\b|\bdiscount(ed)?\b|\bdays? returns?\b|"
    r"\bbest ?seller\b|amazon's choice|\bnew season\b|\bshop deals\b|\bdeal of|\bgünstiger\b|"
    r"\baktion\b",
    re.I,
)
_CHROME = re.compile(
    r"^\W*(today's deals|sales? & deals|deals & discounts|all discounts|best ?sellers?|"
    r"gift cards?|coupons|eligible for free.*|"
    r"get free shipping on eligible|free shipping|terms?|angebote|bestseller|special offers|"
    r"deals|discount|"
    r"best sellers in .*|\d+ offers?|0% off|apply coupon codes?)\W*$|best sellers?$|"
    r"^\W*\(?-?0\s?%",
    re.I,
)
_WEAK = re.compile(
    r"^\W*(free (shipping|delivery)|best ?seller|amazon's choice|new season|apply coupon|"
    r"discount)\b",
    re.I,
)


def _offer_only(text: str) -> str:
    """The offer of a line that also holds prices: "Rs 606 Rs1045 42% OFF" is "42% OFF"."""
    share = re.search(
        r"[-−–(]?\s?(?<!\d)(\d{1,2})\s?%\s*\)?\s*(off|rabatt|desconto|indirim)?\)?", text, re.I
    )
    glued = re.search(r"\d(\d{2})\s?%\s*(off|rabatt|desconto|indirim)?", text, re.I)
    amounts = re.findall(r"(?:rs\.?|r\$|[$€£₹])[\s-]?\d|\d[.,]\d{2,3}", text, re.I)
    words = re.findall(r"[^\W\d_]{3,}", re.sub(r"(?i)\b(off|mrp|rs)\b|m\.r\.p", "", text))
    if not amounts or len(words) > 1:
        return text
    if share:
        return share.group(0).strip(" ()")
    return glued.group(0)[1:].strip() if glued else text


def is_offer(text: str) -> bool:
    """Whether a line is an offer."""
    return bool(_OFFER.search(text))


def find_promotions(pieces: Sequence[Piece], width: int) -> tuple[Promotion, ...]:
    """The offers of a page in reading order, each once, at most twelve; page chrome left out."""
    found: dict[str, Promotion] = {}
    for piece in pieces:
        text = re.sub(r"\s+", " ", piece.text).strip(" |·•")
        if not 3 <= len(text) <= 140 or is_suspicious(text):
            continue
        if not _OFFER.search(text):
            continue
        if _CHROME.search(text):
            # Free delivery is an offer beside a product, and a checkbox in the filter column.
            beside = piece.left > 0.22 * width and piece.top > 100
            if not (beside and re.fullmatch(r"(?i)\W*(free shipping|best ?seller)\W*", text)):
                continue
        text = _offer_only(text)
        percents = find_percents(text)
        found.setdefault(
            text.casefold(),
            Promotion(text=text, percent=max(percents) if percents else None),
        )
    strong = [p for p in found.values() if not _WEAK.search(p.text)]
    weak = [p for p in found.values() if _WEAK.search(p.text)]
    return tuple((strong + weak)[:12])
