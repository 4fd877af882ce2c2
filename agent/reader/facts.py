"""Short facts about a product: memory, measures, materials, chosen variants."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.reader.layout import Piece
from agent.reader.lexicon import BUTTON, NOISE
from agent.reader.promotions import is_offer

MOST = 10
LONGEST = 48

_FACT = re.compile(
    r"(?<![\w.,])\d+(?:[.,]\d+)?\s?-?\s?(?:gb|tb|mb|mah|mp|hz|khz|ghz|w|kw|v|kg|g|ml|l|oz|lbs?|"
    r"cm|mm|"
    r"inch(?:es)?|in|ft|\"|″|''|megapixels?|cores?|threads?|bit|bedrooms?|bds?|ba|baths?|sqft|"
    r"sq ft|pieces|"
    r"pcs|pack|sheets|hours?|cups?|seater|doors?|miles|km|pdfs?|years?)(?![\w])|"
    r"\b\d{1,3}\s?%\s?(?:cotton|polyester|wool|silk|leather|baumwolle|algodão|algodón|elastane|"
    r"viscose|linen)|"
    r"\b(?:bluetooth|usb-?c?|wi-?fi|hdmi|ddr|pcie|android|ios|windows)\s?v?\d+(?:\.\d+)?\b|"
    r"\b[45]g\b|\bip[x6]\d?\d?\b|"
    r"\b(?:amoled|oled|anc|noise[- ]cancell?ing|waterproof|water[- ]resistant|stainless steel|"
    r"cotton|polyester|"
    r"leather|velvet|wooden|wood grain|digital download|instant download|upholstered|reversible|"
    r"portable|"
    r"wireless|laceless|organic|vegan|machine washable|solid wood|chipset|charging cable|"
    r"slim fit|"
    r"regular fit|long sleeves?|short sleeves?|high[- ]waist(?:ed)?|knee[- ]length|recycled)\b",
    re.I,
)  # fmt: skip
_SEPARATORS = re.compile(r"\s*[|;•·()\[\]]\s*|,\s+|\s[-–]\s|\.\s+(?=[A-Z])|\s&\s|,(?=[A-Z])")
_NOT_A_FACT = re.compile(
    r"\b(emi|off|offer|cashback|delivery|return|warranty|ratings?|reviews?)\b", re.I
)


def find_facts(titles: Sequence[str], pieces: Sequence[Piece]) -> tuple[str, ...]:
    """The facts in some titles and, given the pieces of a product's own page, in its description.

    A fact is the phrase between two separators that holds a measure, a material or a feature
    ("120Hz Eye Comfort Display"), cut down to the words around it where the phrase is long.
    """
    found: dict[str, str] = {}
    texts = [*titles, *(p.text for p in pieces if _tells(p))]
    for text in texts:
        for phrase in _SEPARATORS.split(text):
            if not _FACT.search(phrase) or _NOT_A_FACT.search(phrase):
                continue
            value = _around(re.sub(r"\s+", " ", phrase).strip(" .:+"))
            key = re.sub(r"\W", "", value).casefold()
            if value and not any(key in other or other in key for other in found):
                found[key] = value
    return tuple(found.values())[:MOST]


def _tells(piece: Piece) -> bool:
    text = piece.text
    return not (
        piece.on_picture
        or BUTTON.match(text)
        or NOISE.search(text)
        or is_offer(text)
        or re.search(r"[$€£₹]\s?\d", text)
    )


def _around(phrase: str) -> str:
    """The phrase, or four words on both sides of its fact where it is too long to be one."""
    if len(phrase) <= LONGEST:
        return phrase
    match = _FACT.search(phrase)
    if match is None:
        return ""
    before = phrase[: match.start()].split()[-2:]
    after = phrase[match.end() :].split()[:3]
    return " ".join([*before, match.group(0), *after])
