"""Which currency a page speaks: signs, codes, the shop's address, its words and number format.

The OCR models know neither the rupee nor the lira sign, so the absence of a sign says nothing and
a lone yen sign on a page that is otherwise Indian is a misread rupee.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

SIGNS: dict[str, str] = {
    "R$": "BRL", "US$": "USD", "USD": "USD", "U$S": "USD", "A$": "AUD", "AU$": "AUD",
    "AUD": "AUD", "C$": "CAD", "CA$": "CAD", "CAD": "CAD", "NZ$": "NZD", "NZD": "NZD",
    "HK$": "HKD", "HKD": "HKD", "S$": "SGD", "SGD": "SGD", "NT$": "TWD", "MX$": "MXN",
    "MXN": "MXN", "$": "USD", "€": "EUR", "EUR": "EUR", "£": "GBP", "GBP": "GBP",
    "₹": "INR", "INR": "INR", "RS.": "INR", "RS": "INR", "₺": "TRY", "TL": "TRY", "TRY": "TRY",
    "¥": "JPY", "￥": "JPY", "円": "JPY", "JPY": "JPY", "元": "CNY", "CNY": "CNY", "RMB": "CNY",
    "₩": "KRW", "원": "KRW", "KRW": "KRW", "CHF": "CHF", "FR.": "CHF", "KR": "SEK", "SEK": "SEK",
    "NOK": "NOK", "DKK": "DKK", "ZŁ": "PLN", "ZL": "PLN", "PLN": "PLN", "KČ": "CZK", "CZK": "CZK",
    "FT": "HUF", "HUF": "HUF", "₽": "RUB", "РУБ": "RUB", "RUB": "RUB", "₴": "UAH", "UAH": "UAH",
    "₫": "VND", "VND": "VND", "RP": "IDR", "IDR": "IDR", "RM": "MYR", "MYR": "MYR", "฿": "THB",
    "THB": "THB", "₱": "PHP", "PHP": "PHP", "₪": "ILS", "ILS": "ILS", "AED": "AED", "SAR": "SAR",
    "EGP": "EGP", "ZAR": "ZAR", "₦": "NGN", "NGN": "NGN", "KSH": "KES", "KES": "KES",
    "BDT": "BDT", "৳": "BDT", "TK": "BDT", "PKR": "PKR", "LKR": "LKR", "LEI": "RON", "RON": "RON",
    "R": "ZAR", "S/": "PEN", "KWD": "KWD", "KD": "KWD", "BHD": "BHD", "OMR": "OMR", "JOD": "JOD",
    "QAR": "QAR", "د.إ": "AED", "ر.س": "SAR", "COP": "COP", "ARS": "ARS", "CLP": "CLP",
    "Đ": "VND", "บาท": "THB", "ГРН": "UAH", "РУБ.": "RUB", "ЛВ": "BGN", "BGN": "BGN",
    "ДЕН": "MKD", "₸": "KZT", "KZT": "KZT", "₾": "GEL", "₼": "AZN", "GH₵": "GHS", "GHS": "GHS",
    "RSD": "RSD", "ISK": "ISK",
}  # fmt: skip
"""Sign or code (upper case) -> ISO 4217. A bare dollar sign is the US dollar, "kr" the Swedish
crown, unless the address says otherwise."""

_COUNTRIES = {
    "in": "INR", "de": "EUR", "fr": "EUR", "it": "EUR", "es": "EUR", "nl": "EUR", "at": "EUR",
    "ie": "EUR", "be": "EUR", "pt": "EUR", "fi": "EUR", "gr": "EUR", "uk": "GBP", "jp": "JPY",
    "br": "BRL", "tr": "TRY", "ca": "CAD", "au": "AUD", "mx": "MXN", "pl": "PLN", "se": "SEK",
    "ch": "CHF", "sg": "SGD", "cn": "CNY", "kr": "KRW", "nz": "NZD", "no": "NOK", "dk": "DKK",
    "cz": "CZK", "ae": "AED", "za": "ZAR", "hu": "HUF", "ro": "RON", "bg": "BGN", "ua": "UAH",
    "ru": "RUB", "th": "THB", "vn": "VND", "my": "MYR", "id": "IDR", "ph": "PHP", "hk": "HKD",
    "tw": "TWD", "sa": "SAR", "eg": "EGP", "ng": "NGN", "il": "ILS", "sk": "EUR", "ee": "EUR",
    "lt": "EUR", "lv": "EUR", "hr": "EUR", "pk": "PKR", "bd": "BDT", "lk": "LKR", "cl": "CLP",
    "ar": "ARS", "pe": "PEN",
}  # fmt: skip

THOUSANDTHS = frozenset({"KWD", "BHD", "OMR", "JOD"})
"""Currencies of a thousand parts, printed with three digits after the point."""

_ADDRESS = re.compile(
    r"(?:^|(?<=[\s/.|]))[a-z][a-z-]{2,24}\.(?:com?\.)?([a-z]{2})(?=$|[/\s:?,)])", re.I
)
_SHOPS = {
    "INR": r"flipkart|myntra|ajio|meesho|nykaa|snapdeal|tata ?cliq|croma|bigbasket|jiomart",
    "TRY": r"trendyol|hepsiburada|\bn11\b|gittigidiyor|çiçeksepeti",
    "BRL": r"mercado ?livre|magazine luiza|magalu|americanas|casas bahia|submarino",
    "GBP": r"\bargos\b|john lewis|currys|tesco|sainsbury",
    "EUR": r"\botto\.de|zalando\.de|mediamarkt|bol\.com|fnac",
    "JPY": r"楽天|ヨドバシ|\bmercari\.jp",
    "USD": r"walmart|target\.com|best ?buy|wayfair|zillow|costco|home ?depot|newegg",
}  # Shops that sell in one country only, or under another address there.
_WORDS = {
    "INR": r"\bm\.?r\.?p\b|\bno cost emi\b|\bemi\b|\bpin ?code\b|\blakh|\brupees?\b|\bupi\b",
    "BRL": r"carrinho|\bfrete\b|avaliaç|\bcartão de crédito|\bcep\b",
    "TRY": r"sepet|kargo|\bürün|fiyat|taksit|değerlendirme|\bindirim",
    "EUR": r"warenkorb|lieferung|einkaufswagen|inkl\. mwst|panier|livraison|añadir a la cesta|"
    r"carrello|winkelwagen",
    "JPY": r"[\u3041-\u309f\u30a1-\u30fa]",
    "GBP": r"\bpounds? sterling|\bbasket\b.*\bdelivery\b",
    "PLN": r"koszyk|dostawa", "RUB": r"корзин|доставк", "KRW": r"장바구니|배송", "CNY": r"购物车",
    "SEK": r"varukorg|fri frakt|leverans", "DKK": r"læg i kurv|levering\b.*\bkurv",
    "NOK": r"handlekurv", "CZK": r"do košíku|doprava zdarma", "HUF": r"kosárba|szállítás",
    "RON": r"adaugă în coș|livrare", "VND": r"giỏ hàng|miễn phí vận chuyển",
    "IDR": r"keranjang|gratis ongkir", "THB": r"ตะกร้า|จัดส่งฟรี", "UAH": r"кошик",
}  # fmt: skip
_INDIAN_GOODS = re.compile(
    r"\bsar(?:ee|i)s?\b|\bkurt[ai]s?\b|\blehengas?\b|\bsalwar\b|\bdupatta|\banarkali\b", re.I
)
"""Clothes that are sold for yen nowhere: a yen sign beside them is a rupee sign misread. Sold for
pounds or dollars they are, so they say nothing beside those signs."""
_LAKH = re.compile(r"(?<![\d,])\d{1,2},\d{2},\d{3}(?![\d,])")
_SWISS = re.compile(r"(?<![\d'])\d{1,3}(?:['’]\d{3})+(?:\.\d{2}|\.[-–])?(?![\d'])")


def currency_of_sign(sign: str) -> str | None:
    """ISO 4217 code of a printed sign or code, None when it is unknown."""
    return SIGNS.get(sign.strip().upper()) or SIGNS.get(sign.strip().upper().rstrip("."))


def page_currency(signs: Iterable[str], texts: Sequence[str]) -> str | None:
    """The currency of a page, None when nothing points at one.

    Args:
        signs: the signs printed next to amounts of the page, with repetition.
        texts: all lines of the page.

    In order of trust: signs that are not dollar, yen or crown (those are shared by countries or
    confused by the OCR), the shop's address or name, the ambiguous signs, the grouping of digits
    (1,06,999 is written in India only), the words of the page.
    """
    votes = Counter(code for s in signs if (code := currency_of_sign(s)))
    hints = address_currency(texts)
    clear = Counter({c: n for c, n in votes.items() if c not in ("USD", "JPY", "SEK", "CNY")})
    if hints and hints != "USD":
        # The address settles what a lone odd sign leaves open, not what the page prints plainly.
        ambiguous = sum(votes.values()) - sum(clear.values())
        strongest = clear.most_common(1)
        if not strongest or strongest[0][0] == hints or strongest[0][1] < 3:
            return _dollar_country(hints, votes) if ambiguous else hints
    words = word_currency(texts)
    if votes:
        best, count = votes.most_common(1)[0]
        if best in ("JPY", "CNY", "USD", "GBP") and words == "INR" and (best != "USD"):
            return "INR"
        if best in ("JPY", "CNY") and any(_INDIAN_GOODS.search(text) for text in texts):
            return "INR"
        if best == "GBP" and words == "TRY":
            return "TRY"
        tied = [c for c, n in votes.items() if n == count]
        return hints if hints in tied else best
    return hints or words


def _dollar_country(hint: str, votes: Counter[str]) -> str:
    """A dollar shop abroad keeps the dollar only if its country has none of its own."""
    dollars = {"CAD", "AUD", "NZD", "SGD", "HKD", "MXN"}
    if votes.get("USD", 0) >= 2 and hint not in dollars and votes.most_common(1)[0][0] == "USD":
        return "USD"
    return hint


def address_currency(texts: Sequence[str]) -> str | None:
    """The currency of the country in an address such as amazon.in, or of a one-country shop."""
    found: Counter[str] = Counter()
    for text in texts:
        low = text.lower()
        for match in _ADDRESS.finditer(low if len(low) < 90 else ""):
            if code := _COUNTRIES.get(match.group(1)):
                found[code] += 1
        for code, pattern in _SHOPS.items():
            if re.search(pattern, low):
                found[code] += 1
    return found.most_common(1)[0][0] if found else None


def word_currency(texts: Sequence[str]) -> str | None:
    """The currency that the words and the number format of a page point at."""
    found: Counter[str] = Counter()
    for text in texts:
        low = text.lower()
        if _LAKH.search(low):
            found["INR"] += 3
        if _SWISS.search(low):
            found["CHF"] += 3
        for code, pattern in _WORDS.items():
            if re.search(pattern, low):
                found[code] += 1
    return found.most_common(1)[0][0] if found else None
