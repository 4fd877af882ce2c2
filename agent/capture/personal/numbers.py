"""Numbers that check: payment cards (Luhn) and bank accounts (IBAN), and telephone numbers.

Text from OCR loses digits' neighbours and swaps look-alikes, so a number in the grouping of a card
or with the country, length and grouping of an IBAN counts even where its check digits do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int, str]
"""Start, end, kind."""

# Letters that OCR puts for digits.
_LOOK_ALIKE = str.maketrans("OoQDIl|ZSBＯ", "00001112580")
_D = r"[\dOoQDIl|ZSB]"

# Issuer prefixes and lengths (ISO/IEC 7812 and the networks' published ranges).
_ISSUERS = (
    (re.compile(r"4\d*"), (16, 19)),
    (re.compile(r"(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)\d*"), (16,)),
    (re.compile(r"3[47]\d*"), (15,)),
    (re.compile(r"3(0[0-5]|09|6|8|9)\d*"), (14, 16)),
    (re.compile(r"(6011|64[4-9]|65)\d*"), (16, 19)),
    (re.compile(r"35(2[89]|[3-8])\d*"), (16, 19)),
    (re.compile(r"62\d*"), (16, 17, 18, 19)),
    (re.compile(r"(50|5[6-8]|6[0137])\d*"), (16, 17, 18, 19)),
    (re.compile(r"(220[0-4]|9792|60|81|82|508|606282)\d*"), (16,)),
)
_CARD = re.compile(r"(?<![\d.,#])\d(?:[ \u00a0\u2009.·_–-]{0,2}\d){12,18}(?![\d]|[.,]\d)")
_GROUPED_CARD = re.compile(
    rf"(?<![\w])(?:{_D}{{4}}[ \u00a0.·–-]{{1,2}}){{3}}{_D}{{4}}"
    rf"(?:[ \u00a0.·–-]{{1,2}}\d{{3}})?(?!\w)"
    rf"|(?<![\w])3[47]\d\d[ \u00a0.·–-]{{1,2}}{_D}{{6}}[ \u00a0.·–-]{{1,2}}{_D}{{5}}(?!\w)"
    rf"|(?<![\w])3[068]\d\d[ \u00a0.·–-]{{1,2}}{_D}{{6}}[ \u00a0.·–-]{{1,2}}{_D}{{4}}(?!\w)"
)

# Length by country: the IBAN registry (SWIFT, release 97).
_IBAN_LENGTH = {
    country: int(length)
    for length, countries in {
        "15": "NO",
        "16": "BE",
        "18": "DK FI FO GL NL",
        "19": "MK SI",
        "20": "AT BA EE KZ LT LU XK",
        "21": "CH HR LI LV",
        "22": "BG BH CR DE GB GE IE ME RS VA",
        "23": "AE GI IL IQ TL OM",
        "24": "AD CZ ES MD PK RO SA SE SK TN VG",
        "25": "PT ST",
        "26": "IS TR",
        "27": "FR GR IT MC MR SM",
        "28": "AL AZ BY CY DO GT HU LB NI PL SV",
        "29": "BR EG PS QA UA",
        "30": "JO KW MU",
        "31": "MT SC",
        "32": "LC",
    }.items()
    for country in countries.split()
}
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])([A-Z]{2})([ -]?[\dOIl]{2})((?:[ \u00a0-]?[A-Za-z0-9]){11,30})"
)


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of those before it (ISO/IEC 7812-1, annex B)."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + at % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def iban_checks(compact: str) -> bool:
    """Whether an IBAN without spaces has its country's length and checks modulo 97 (ISO 13616)."""
    if _IBAN_LENGTH.get(compact[:2]) != len(compact) or not compact.isalnum():
        return False
    turned = (compact[4:] + compact[:4]).upper()
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def cards(text: str) -> Iterator[Span]:
    """Payment card numbers: an issuer's prefix and length with Luhn, or a card's grouping."""
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if luhn(digits) and any(
            prefix.fullmatch(digits) and len(digits) in lengths for prefix, lengths in _ISSUERS
        ):
            yield match.start(), match.end(), "card"
    for match in _GROUPED_CARD.finditer(text):
        read = match[0].translate(_LOOK_ALIKE)
        digits = re.sub(r"\D", "", read)
        # A run of letters that could be digits is no number.
        if sum(c.isdigit() for c in match[0]) >= 0.7 * len(digits) and digits[0] in "234569":
            yield match.start(), match.end(), "card"


def ibans(text: str) -> Iterator[Span]:
    """Bank account numbers: checked, or in groups of four with their country's length."""
    for match in _IBAN.finditer(text):
        country = match[1]
        length = _IBAN_LENGTH.get(country)
        if length is None:
            continue
        # The pattern runs on into the words behind; the country says where the number ends.
        end, count = match.start(), 0
        for at in range(match.start(), match.end()):
            count += text[at].isalnum()
            if count == length:
                end = at + 1
                break
        if count < length:
            # OCR drops a character now and then; a number in groups of four is one all the same.
            if count >= length - 2 and re.fullmatch(r"\w{4}([ \u00a0-]\w{1,4}){3,8}", match[0]):
                yield match.start(), match.end(), "iban"
            continue
        whole = text[match.start() : end]
        compact = re.sub(r"[^A-Za-z0-9]", "", whole)
        grouped = re.fullmatch(r"\w{4}([ \u00a0-]\w{4}){3,7}([ \u00a0-]\w{1,3})?", whole)
        digits = sum(c.isdigit() for c in compact)
        if iban_checks(compact.upper()) or (digits >= 0.6 * length and (grouped or length >= 18)):
            yield match.start(), end, "iban"


_GAP = r"[ \u00a0\u2009./·()–-]{0,3}"
_INTERNATIONAL = re.compile(
    rf"(?<![\w+])(?:\+|00)\s?\(?[1-9]\d{{0,3}}\)?(?:{_GAP}\d){{6,12}}(?!\d)"
)
_NATIONAL = tuple(
    re.compile(rf"(?<![\w+./#-])(?:{pattern})(?![\w]|[-/]\d|[.,]\d)")
    for pattern in (
        r"(?:1[ .-])?\(\d{3}\)[ .-]?\d{3}[ .-]?\d{4}",  # (212) 555-0123
        r"(?:1[ .-])?[2-9]\d{2}[.-][2-9]\d{2}[.-]\d{4}",  # 212-555-0123
        r"[2-9]\d{2} [2-9]\d{2}-\d{4}",
        r"07\d{3}[ -]?\d{3}[ -]?\d{3}",  # UK mobile
        r"0[12378]\d{1,4}[ -]\d{3,4}[ -]\d{3,4}",  # UK, AU, NL …
        r"\(0\d{1,5}\)[ -]?\d{3,4}[ -]?\d{3,5}",
        r"0\d{3,4}[ ]\d{5,6}",
        r"0[1-9](?:[ .-]\d{2}){4}",  # FR
        r"0[1-9]\d{8}",  # FR, unspaced: labels and prices never begin with 0
        r"0\d{2,4} ?[/–-] ?\d{3,4}[ -]?\d{2,5}(?:[ -]\d{2,4})?",  # DE 030/1234567, 0171-1234567
        r"0\d{2,4} \d{5,8}",
        r"0\d{2,4} \d{2,4} \d{2,4}(?: \d{2,4})?",
        r"0\d{1,3}-\d{2,4}-\d{3,4}",  # JP
        r"\(\d{2}\) ?9? ?\d{4}[ -]?\d{4}",  # BR
        r"[6-9]\d{4}[ -]\d{5}",  # IN
        r"0[6-9]\d{9}",
        r"05\d{2} \d{3} \d{2} \d{2}",  # TR
        r"3\d{2} \d{3} \d{4}",  # IT mobile
        r"[67]\d{2} \d{3} \d{3}",  # ES and PL mobile
        r"[67]\d{2}[ ]\d{2}[ ]\d{2}[ ]\d{2}",
    )
)
_DATE = re.compile(
    r"(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}"
)


def phones(text: str) -> Iterator[Span]:
    """Telephone numbers: international, or in a national grouping that nothing else has."""
    for match in _INTERNATIONAL.finditer(text):
        if not _DATE.fullmatch(match[0].strip()):
            yield match.start(), match.end(), "phone"
    for pattern in _NATIONAL:
        for match in pattern.finditer(text):
            if not _DATE.fullmatch(match[0]):
                yield match.start(), match.end(), "phone"
