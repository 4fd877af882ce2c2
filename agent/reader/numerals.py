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

_SIGN = (
    "|".join(sorted((re.escape(s) for s in SIGNS if not s.isalpha()), key=len, reverse=True))
    + r"|Rs\.?|"
    + "|".join(s for s in SIGNS if s.isalpha() and s.isascii() and len(s) == 3)
    + (r"|TL|CHF|kr\.?|zł|zl|Kč|Ft|Lei|RM|Rp\.?|元|円|원")
)
_GROUPED = r"\d{1,3}(?:[,.'’]\d{2,3})*[,.'’]\d{3}(?:[.,]\d{1,2})?"
_PLAIN = r"\d{1,7}(?:[.,]\d{1,2})?"
_NUMBER = rf"(?:{_GROUPED}(?!\d)|{_PLAIN}(?![.,]?\d))"
# A space groups digits only where a sign after the number shows that it is an amount (14 995 kr).
_SPACED = r"\d{1,3}(?:[ \u00a0]\d{3})+(?:[.,]\d{2})?"
_AMOUNT = re.compile(
    rf"(?<![\w.,])(?P<pre>{_SIGN})\s?[.\-]?\s?(?P<a>{_NUMBER})(?:\s?(?P<post0>€|円|TL|₺))?"
    rf"|(?<![\w.,/-])(?P<b>{_SPACED}|{_NUMBER})\s?(?P<post>€|£|円|元|원|₺|₽|₫|zł|Kč|(?:TL|kr|USD|"
    rf"EUR|GBP|INR|TRY|CHF|PLN|SEK|Lei)(?![a-z]))"
    rf"|(?<![\w.,/-])(?<!\d:)(?P<c>{_NUMBER})(?![\w%°\"”″'/:-])",
    re.I,
)
_CURRENCY_O = re.compile(r"((?:[$€£₹]|Rs\.?\s?)\d*)[Oo](?=[\d.,!]|\b)")
_UNITS = re.compile(
    r"^\s*(?:gb|tb|mb|mah|mm|cm|kg|g|lb|lbs|oz|ml|l|hz|w|v|mp|px|inch|inches|in\b|\"|″|ft|yd|"
    r"pcs?|"
    r"pack|count|sheets?|cups?|colou?rs?|rolls?|years?|months?|days?|hours?|hrs?|min|mins|people|"
    r"generation|gen\b|th\b|st\b|nd\b|rd\b|x\s?\d|bit|core|stars?|out of|of\s+\d|bewertung|"
    r"sold|views?|likes?|followers|items?|results?|products?|miles?|km|sqft|sq\b|bds?\b|beds?|"
    r"ba\b|"
    r"baths?|reams?|%|°)",
    re.I,
)  # fmt: skip
_PERCENT = re.compile(r"[-−–↓]?\s?(\d{1,2}(?:[.,]\d)?)\s?%")


def clean(text: str) -> str:
    """The text with the recogniser's usual slips inside amounts mended (O for 0, B$ for R$)."""
    text = _CURRENCY_O.sub(r"\g<1>0", text)
    text = re.sub(r"(?<=[\d.,])[Oo](?=\b)", "0", text)
    text = re.sub(r"\bB\$(?=[\s.]?\d)", "R$", text)
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


def parse_number(token: str) -> Decimal | None:
    """The number of one cleaned token (1,06,999 or 12,34 or 1.299,00), None when it has none."""
    from price_parser import Price

    token = token.strip()
    # "12.498.00": grouping and decimals with the same mark; the last two digits are the cents.
    if re.fullmatch(r"\d{1,3}([.,])\d{3}\1\d{2}", token):
        token = token[:-3].replace(".", "").replace(",", "") + "." + token[-2:]
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
        number = match.group("a") or match.group("b") or match.group("c")
        yield (
            match.start(),
            match.end(),
            number,
            match.group("pre") or match.group("post") or (match.group("post0")),
        )
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
