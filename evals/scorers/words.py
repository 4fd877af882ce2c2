"""When two words, titles, sizes or colours count as the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_UNITS = {
    "inch": "in inch inches in. ″ \"",
    "foot": "ft foot feet ft. ' ′",
    "yard": "yd yds yard yards",
    "meter": "m meter meters metre metres",
    "centimeter": "cm cms centimeter centimeters centimetre",
    "millimeter": "mm millimeter millimeters millimetre",
    "ounce": "oz ounce ounces oz.",
    "pound": "lb lbs pound pounds lb.",
    "gram": "g gr gram grams",
    "kilogram": "kg kgs kilo kilos kilogram kilograms",
    "liter": "l liter liters litre litres ltr",
    "milliliter": "ml milliliter milliliters millilitre",
    "gallon": "gal gallon gallons",
    "quart": "qt quart quarts",
    "watt": "w watt watts",
    "volt": "v volt volts",
    "amp": "a amp amps ampere amperes",
    "hertz": "hz hertz",
    "gigabyte": "gb gig gigs gigabyte gigabytes",
    "terabyte": "tb terabyte terabytes",
    "megabyte": "mb megabyte megabytes",
    "month": "mo mos month months",
    "year": "yr yrs year years",
    "pack": "pk pack packs pcs pc pieces piece count ct",
}  # fmt: skip
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words.split()}

_GARMENT = {
    "extra small": "xs", "x small": "xs", "small": "s", "medium": "m", "large": "l",
    "extra large": "xl", "x large": "xl", "xlarge": "xl", "xx large": "xxl", "2 xl": "xxl",
    "2 x large": "xxl", "xxx large": "xxxl", "3 xl": "xxxl", "3 x large": "xxxl",
}  # fmt: skip

_SPELLINGS = {"grey": "gray", "multicolour": "multicolor", "multi color": "multicolor"}


@lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """Compatibility form, lower case, punctuation to single spaces; letters of any script stay."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", " ", text).strip()


def holds(text: str, phrase: str) -> bool:
    """Whether the text says the phrase; one with signs in it (a tag, a link) stands as it is."""
    if re.fullmatch(r"[\w\s]+", phrase):
        return f" {fold(phrase)} " in f" {fold(text)} "
    return phrase.casefold() in text.casefold()


@lru_cache(maxsize=20_000)
def same_size(text: str) -> str:
    """A size in one spelling: "Size 12" and "12", "10 oz." and "10 ounces", "Large" and "L"."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("”", '"').replace("’", "'")
    text = re.sub(r"(?<=\d)\s*[x×*]\s*(?=\d)", "x", text)
    text = re.sub(r"(?<=\d)\s*(?!x\d)(?=[a-z\"'″′])|(?<=\d)-(?=[a-z])", " ", text)
    text = re.sub(r"[^\w./\"'″′ ]+", " ", text)
    bare = [w for w in text.split() if w not in {"size", "sized", "sz"}]
    # A unit follows a number: a lone "m" is medium, "2 m" is two metres.
    words = [
        _UNIT_OF.get(word, word) if before[-1:].isdigit() else word
        for before, word in zip(["", *bare], bare, strict=False)
    ]
    flat = " ".join(words) or text.strip()
    return _GARMENT.get(flat, flat)


@lru_cache(maxsize=20_000)
def same_color(text: str) -> str:
    """A colour in one spelling; "navy" and "blue" stay two words."""
    clean = fold(text)
    return " ".join(_SPELLINGS.get(word, word) for word in _SPELLINGS.get(clean, clean).split())


@lru_cache(maxsize=20_000)
def same_name(text: str) -> str:
    """A brand or a name without case, spaces and punctuation."""
    return fold(text).replace(" ", "")


def close_names(one: str, other: str) -> bool:
    """Whether two brand names are equal up to one slip of an OCR reader in about eight letters."""
    from rapidfuzz.fuzz import ratio

    a, b = same_name(one), same_name(other)
    return bool(a) and (a == b or (min(len(a), len(b)) >= 4 and ratio(a, b) >= 87))


# What shoppers and shops call the same kind of thing; each line is one kind, plurals implied.
_KINDS = (
    "phone|mobile|mobile phone|smartphone|cell phone|cellphone|iphone",
    "sofa|couch|settee|sectional|loveseat|sleeper sofa",
    "sneaker|trainer|running shoe|shoe|footwear|athletic shoe",
    "earbud|earphone|headphone|airpod|in ear headphone|headset",
    "tablet case|tablet cover|ipad case|folio|ipad cover|ipad accessory|tablet accessory",
    "speaker|loudspeaker|audio|bluetooth speaker|soundbar",
    "wall art|art print|print|poster|picture|painting|art|art collectible|wall decor|printable",
    "clothing|clothes|apparel|fashion|garment|wear|women clothing|men clothing",
    "furniture|living room furniture|home furniture|home",
    "laptop|notebook|notebook computer|ultrabook|macbook",
    "television|tv|smart tv",
    "refrigerator|fridge",
    "dress|gown|frock",
    "trouser|pant|slack|chino",
    "t shirt|tee|tshirt",
    "jumper|sweater|pullover|jersey",
    "handbag|bag|purse|tote",
    "watch|wristwatch|smartwatch",
    "book|novel|paperback|hardcover",
    "grocery|food|snack",
    "toy|game",
    "makeup|cosmetic|beauty",
    "jewelry|jewellery",
    "sunglass|sunglasses|eyewear",
    "graphics card|gpu|video card",
)  # fmt: skip


def _singular(word: str) -> str:
    for ending, stem in (
        ("ies", "y"),
        ("sses", "ss"),
        ("shes", "sh"),
        ("ches", "ch"),
        ("xes", "x"),
    ):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + stem
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def same_kind(text: str) -> str:
    """A kind of product in the singular, folded."""
    return " ".join(_singular(word) for word in fold(text).split() if word not in {"for", "s"})


@lru_cache(maxsize=10_000)
def close_kinds(one: str, other: str) -> bool:
    """Whether two category names speak of one kind of thing.

    Equal in the singular; or both in one line of the table of kinds; or one ends with the other
    ("case" is not "tablet case", but "sleeper sofa" is a sofa).
    """
    a, b = same_kind(one), same_kind(other)
    if not a or not b:
        return False
    if a == b or f" {a}".endswith(f" {b}") or f" {b}".endswith(f" {a}"):
        return True
    lines = [set(line.split("|")) for line in _KINDS]
    return any(_of_kind(a, kinds) and _of_kind(b, kinds) for kinds in lines)


def _of_kind(text: str, kinds: Iterable[str]) -> bool:
    return any(text == kind or text.endswith(f" {kind}") for kind in kinds)
