"""Numbers in a line of text that may be money: where they stand, their sign, their value.

price-parser turns a cleaned single token into a number; everything around it (which tokens are
amounts at all, glued tokens, discount arithmetic) is decided here, from the text alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from agent.reader.currency import SIGNS
from agent.reader.lexicon import NOW_PRICE, OLD_PRICE, OTHER_BEFORE, RATING_WORDS

# Japanese, Chinese and Korean write no space before a number.
_IDEOGRAPHS = r"\u3005\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
_START = rf"(?<![^\W{_IDEOGRAPHS}])(?<![.,])"
_SYMBOLS = "|".join(sorted((re.escape(s) for s in SIGNS if not s.isalpha()), key=len, reverse=True))
# Codes in capitals only: "Try 30 days" is no price in Turkish liras.
_CODES = "(?-i:" + "|".join(s for s in SIGNS if re.fullmatch("[A-Z]{3}", s)) + ")|USD|EUR"
_WORDS = r"Rs\.?|TL|CHF|kr\.?|zł|zl|Kč|Lei|(?-i:RM)|Rp\.?|Tk\.?|KSh\.?|元|円|원|руб\.?|грн|บาท"
_SIGN = rf"{_SYMBOLS}|{_CODES}|{_WORDS}"
_AFTER = (
    r"€|£|₺|₽|₫|₴|₸|₼|฿|元|円|원|บาท|د\.إ|ر\.س|ден|лв\.?|\$(?!\s?\d)|"
    rf"(?:{_CODES}|TL|kr|zł|zl|Kč|Lei|руб\.?|грн|(?-i:đ|KD))(?![^\W\d_])"
)
_GROUPED = r"\d{1,3}(?:[,.'’]\d{2,3})*[,.'’]\d{3}(?:[.,]\d{1,2})?"
_PLAIN = r"\d{1,7}(?:[.,]\d{1,2})?"
_NUMBER = rf"(?:{_GROUPED}(?!\d)|{_PLAIN}(?![.,]?\d))"
# A space groups digits only where a sign shows that it is an amount (14 995 kr, kr 14 995).
_SPACED = r"\d{1,3}(?:[ \u00a0]\d{3})+(?:[.,]\d{2})?(?![.,]?\d)"
_SPACING = r"kr\.?|zł|Kč|(?-i:NOK|SEK|DKK|PLN|CZK|HUF|RUB|UAH|ZAR|CHF)|₽|₴"
_AMOUNT = re.compile(
    rf"{_START}(?P<pre1>{_SPACING})\s?(?P<a1>{_SPACED})"
    rf"|{_START}(?P<pre2>€)\s?(?P<a2>\d{{1,3}}(?:[ \u00a0]\d{{3}})+,\d{{2}}(?!\d))"
    rf"|{_START}(?P<pre3>{_SIGN})\s?[.\-]?\s?(?P<a3>{_NUMBER})(?:\s?(?P<post3>€|円|TL|₺|{_CODES}))?"
    # One letter, and a length: only where the number cannot be a size or a model.
    rf"|^(?P<pre4>(?-i:R|S/))\s?(?P<a4>{_SPACED}|{_GROUPED}(?!\d)|\d{{3,7}}(?:[.,]\d{{2}})?"
    rf"(?![.,]?\d)|\d+[.,]\d{{2}}(?!\d))"
    rf"|{_START}(?<![/-])(?P<a5>{_SPACED}|{_GROUPED})\s?(?P<post5>(?-i:Ft))(?!\w)"
    rf"|{_START}(?<![/-])(?P<a6>{_SPACED}|{_NUMBER})\s?(?P<post6>{_AFTER})"
    rf"|{_START}(?<![/-])(?<!\d:)(?P<a7>{_NUMBER})(?!(?!税)[\w%°\"”″'/:-])",
    re.I,
)
_CURRENCY_O = re.compile(r"((?:[$€£₹]|Rs\.?\s?)\d*)[Oo](?=[\d.,!]|\b)")
_UNITS = re.compile(
    r"^\s*(?:(?:gb|tb|mb|mah|wh|mm|cm|kg|g|lbs?|oz|ml|l|hz|w|v|mp|px|inch|inches|in|ft|yd|pcs?|"
    r"packs?|count|sheets?|cups?|colou?rs?|rolls?|years?|months?|days?|hours?|hrs?|min|mins|people|"
    r"generation|gen|th|st|nd|rd|bit|cores?|stars?|out of|bewertung(?:en)?|sold|views?|likes?|"
    r"followers|items?|results?|products?|miles?|km|sqft|sq|bds?|beds?|ba|baths?|reams?|"
    r"threads?|watts?|volts?|liters?|litres?|grams?|stück|stk|piezas?|peças|pièces|adet)"
    r"(?![^\W\d_])|x\s?\d|of\s+\d|\"|″|%|°)",
    re.I,
)  # fmt: skip
_PERCENT = re.compile(r"[-−–↓]?\s?(\d{1,2}(?:[.,]\d)?)\s?%")


def clean(text: str) -> str:
    """The text with the recogniser's usual slips inside amounts mended (O for 0, B$ for R$)."""
    text = _CURRENCY_O.sub(r"\g<1>0", text)
    text = re.sub(r"(?<=[\d.,])[Oo](?=\b)", "0", text)
    text = re.sub(r"\bB\$(?=[\s.]?\d)", "R$", text)
    # "249:-" is 249 Swedish crowns; "1.299,-" and "12'990.-" are whole amounts in any currency.
    text = re.sub(r"(?<=\d)\s?:[-–—](?!\w)", " kr", text)
    text = re.sub(r"(?<=\d)[.,]\s?[-–—]{1,2}(?!\w)", "", text)
    return re.sub(r"\bR\$\.?-?(?=\d)", "R$", text)


def separate(text: str, centers: Sequence[float] = ()) -> str:
    """The text with spaces put back between amounts that were read as one run of characters.

    Spaces go before a sign that follows a digit, where two characters stand far apart (a sign
    that the recogniser does not know was there), and where discount arithmetic finds the cut:
    "7991,99960%" is 799, 1,999 and 60 %, because 799 is 1,999 less 60 %.
    """
    text = re.sub(r"(?<![\d.,])([\d.,]{5,16})(\d{2})(?=\s?%)", _cut_by_discount, text)
    # "4,5995,399" is no number, but two grouped ones.
    grouped = r"\d{1,3}(?:,\d{2,3})*,\d{3}"
    text = re.sub(rf"(?<![\d.,])({grouped})(?={grouped}(?!\d))", r"\1 ", text)
    text = _spaced_by_gaps(text, centers)
    text = re.sub(r"(?<=\d)(?=(?:R\$|US\$|\$|£|₹|Rs\.?\s?(?=\d)))", " ", text)
    text = re.sub(r"(?<=\d)(?=M\.?\s?R\.?\s?P\b)", " ", text)
    text = re.sub(r"(\d[.,]\d{2})(?=\d{1,2}\s?%)", r"\1 ", text)
    text = re.sub(r"(?<![\d.,])(\d{1,3}(?:[.,]\d{2,3})*[.,]\d{3})(?=\d{2}\s?%)", r"\1 ", text)
    return re.sub(rf"((?:{_SIGN})\s?\d{{1,6}})(?=\d{{2}}\s?%)", r"\1 ", text, flags=re.I)


def _spaced_by_gaps(text: str, centers: Sequence[float]) -> str:
    places = [i for i, c in enumerate(text) if not c.isspace()]
    if len(places) != len(centers):
        return text
    cuts = []
    for run in re.finditer(r"[\d.,%]{4,}", text):
        # A well-formed amount stays whole; a long bare integer may be two without their signs.
        if re.fullmatch(_NUMBER, run.group()) and not re.fullmatch(r"\d{5,}", run.group()):
            continue
        first = places.index(run.start())
        steps = [centers[k + 1] - centers[k] for k in range(first, first + len(run.group()) - 1)]
        usual = sorted(steps)[len(steps) // 2]
        cuts += [
            run.start() + k + 1
            for k, step in enumerate(steps)
            if step > 1.75 * usual and text[run.start() + k].isdigit()
            and text[run.start() + k + 1].isdigit()
        ]  # fmt: skip
    for cut in reversed(cuts):
        text = text[:cut] + " " + text[cut:]
    return text


def _cut_by_discount(match: re.Match[str]) -> str:
    run, share = match.group(1), int(match.group(2))
    for cut in range(2, len(run) - 1):
        low, high = run[:cut], run[cut:]
        if not (re.fullmatch(_NUMBER, low) and re.fullmatch(_NUMBER, high)):
            continue
        price, old = parse_number(low), parse_number(high)
        if price and old and price < old and abs(100 * float(1 - price / old) - share) <= 1:
            return f"{low} {high} {match.group(2)}"
    return match.group(0)


def parse_number(token: str, *, thousandths: bool = False) -> Decimal | None:
    """The number of one cleaned token (1,06,999 or 12,34 or 1.299,00), None when it has none.

    Args:
        token: without sign and words.
        thousandths: its currency has a thousand parts, so three digits after a point are those.
    """
    from price_parser import Price

    token = token.strip()
    # "12.498.00": grouping and decimals with the same mark; the last two digits are the cents.
    if re.fullmatch(r"\d{1,3}([.,])\d{3}\1\d{2}", token):
        token = token[:-3].replace(".", "").replace(",", "") + "." + token[-2:]
    if thousandths and re.fullmatch(r"\d{1,4}\.\d{3}", token):
        return Decimal(token)
    amount = Price.fromstring(token).amount
    return amount if isinstance(amount, Decimal) and amount.is_finite() else None


def find_percents(text: str) -> list[float]:
    """The percentages named in a text, 1 to 99; of digits glued together, the last two."""
    text = (
        re.sub(r"(?<=[\d.,])(?=\d{2}\s?%)", " ", text) if re.search(r"\d{3,}\s?%", text) else text
    )
    return [
        float(m.group(1).replace(",", "."))
        for m in _PERCENT.finditer(text)
        if 1 <= float(m.group(1).replace(",", ".")) <= 99
    ]


def find_tokens(text: str) -> Iterator[tuple[int, int, str, str | None]]:
    """(start, end, number, sign) of every candidate amount of a line, cleaned and separated."""
    for match in _AMOUNT.finditer(text):
        found = {name: value for name, value in match.groupdict().items() if value}
        number = next(value for name, value in found.items() if name.startswith("a"))
        signs = [value for name, value in found.items() if not name.startswith("a")]
        # "$1,299 MXN": the code behind says which dollar.
        yield match.start(), match.end(), number, signs[-1] if signs else None
    # "$1,59999": the raised cents of a grouped amount, read as its last two digits.
    for match in re.finditer(rf"({_SIGN})\s?(\d{{1,3}}(?:,\d{{3}})+)(\d{{2}})(?!\d)", text, re.I):
        yield match.start(), match.end(), f"{match.group(2)}.{match.group(3)}", match.group(1)


def may_be_price(number: str, before: str, after: str, text: str) -> bool:
    """Whether a number without a sign can be a price at all."""
    if (
        _UNITS.match(after)
        or RATING_WORDS.search(after[:24])
        or re.match(r"\s*[-/]\s*\d(?!\d?\s?%)", after)
    ):
        return False
    if re.search(r"[★☆食會会#:]\s*\(?\s*$|\($", before) and not re.search(
        r"(price|preis|preço|precio|fiyat|prix|m\.?r\.?p\.?)\s*:\s*$", before, re.I
    ):
        return False
    grouped = re.search(r"[,.']\d{3}(?!\d)", number)
    cents = re.search(r"\d[.,]\d{2}$", number)
    if re.search(
        r"[A-Za-z]{3,}",
        re.sub(
            r"(?i)m\.?r\.?p|from|price|now|was|off|you|saved?|extra|only|incl|inkl|mwst|tax(?:es)?|deal|sie|sparen",
            "",
            text,
        ),
    ):
        # In running text only amounts after a price word count.
        return bool(
            (grouped or cents)
            and (
                OLD_PRICE.search(before)
                or NOW_PRICE.search(before)
                or OTHER_BEFORE.search(before)
                or re.match(r"\s*M\.?R\.?P", after, re.I)
                or re.search(r"-?\d+%\s*$", before)
            )
        )
    if grouped or cents:
        return True
    bare = len(number) <= 6 and number.isdigit() and (len(number) >= 2)
    return bool(bare and not re.match(r"(19|20)\d{2}$", number))
