"""Streets and postcodes: what can stand alone, and what counts only beside an address."""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int, str]

# The 124 postcode areas of the United Kingdom (Royal Mail), so that "M1 8GB" is no postcode.
_UK_AREAS = (
    "AB|AL|B|BA|BB|BD|BF|BH|BL|BN|BR|BS|BT|BX|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN"
    "|DT|DY|E|EC|EH|EN|EX|FK|FY|G|GL|GU|GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|L|LA"
    "|LD|LE|LL|LN|LS|LU|M|ME|MK|ML|N|NE|NG|NN|NP|NR|NW|OL|OX|PA|PE|PH|PL|PO|PR|RG|RH|RM|S|SA|SE"
    "|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|W|WA|WC|WD|WF|WN|WR|WS|WV|YO"
    "|ZE"
)
_UK = re.compile(
    rf"(?<![A-Za-z0-9-])(?:{_UK_AREAS})\d[A-Z\d]? ?\d(?!GB|TB|GH|HZ|LB|WD"
    rf"|ST\b)[ABD-HJLNP-UW-Z]{{2}}(?![A-Za-z0-9-])"
)
_CANADA = re.compile(
    r"(?<![A-Za-z0-9-])[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] \d[ABCEGHJ-NPRSTV-Z]\d(?!\w)"
)
_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ"
    "|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|NSW|VIC|QLD|TAS|ACT|NT|PR"
)
_CITY = r"[A-ZÀ-ÖØ-ÞĀ-Ž][\w'’.À-ž-]+"
_STATE_ZIP = re.compile(
    rf"(?<!\w)(?:{_CITY}[ ]){{0,2}}{_CITY},? ?(?:{_STATES}),? ?(?:\d{{5}}(?:-\d{{4}})?"
    rf"|(?<=[A-Z] )\d{{4}})(?!\w)"
)
_JAPAN = re.compile(
    r"〒 ?\d{3}[-−ー]?\d{4}|(?<!\d)\d{3}-\d{4}(?= ?\w{1,4}[都道府県])"
    r"|\w{1,4}[都道府県]\w{1,8}[市区郡町]\S*"
)

STRONG = (_UK, _CANADA, _STATE_ZIP, _JAPAN)

# Digits that are a postcode only beside an address, with the town that follows or goes before.
_WEAK_POSTCODES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<![\w.,])(?:[A-Z]{{1,2}}-)?\d{{4,5}},? {_CITY}(?:[ -]{_CITY}){{0,3}}",
        rf"(?<![\w.,])\d{{4}} ?[A-Z]{{2}}(?:,? {_CITY}){{0,3}}(?!\w)",
        rf"(?<![\w.,])\d{{2}}-\d{{3}},? {_CITY}",
        rf"(?<![\w.,])\d{{4}}-\d{{3}},? {_CITY}",
        rf"(?<![\w.,])\d{{3}} \d{{2}},? {_CITY}",
        rf"(?:{_CITY}[ ,/–-]+){{1,4}}\d{{5}}-\d{{3}}(?!\d)|(?<![\w.,])\d{{5}}-\d{{3}}(?!\d)",
        rf"(?:{_CITY}[ ,–-]+){{1,4}}[1-9]\d{{2}} ?\d{{3}}(?!\d)",
        rf"(?:{_CITY}[ ,/–-]+){{1,4}}\d{{4,5}}(?![\d.,])",
    )
)
_JUST_POSTCODE = re.compile(
    r"(?<![\w.,])(?:[A-Z]{1,2}-)?(?:\d{4,7}|\d{2,5}[ -]\d{2,4}|\d{4} ?[A-Z]{2}"
    r"|[A-Z]{1,2}\d\w? ?\d[A-Z]{2}"
    r"|[A-Z]\d[A-Z] ?\d[A-Z]\d)(?:-\d{4})?(?![\w])"
)

_NAME = r"(?:[A-ZÀ-ÖØ-Þ][\w'’.À-ž-]*|of|the|and|\d{1,3}(?:st|nd|rd|th))"
_UNITS = (
    r"(?i:gb|tb|mb|inch|in|mm|cm|pack|pcs|pieces|piece|x|ml|oz|kg|years?|hard|solid|ssd|usb"
    r"|wheel|flash|disk|disc|dvd|optical)"
)
_STREET_STRONG = (
    r"(?:Street|Road|Avenue|Ave|Lane|Boulevard|Blvd|Parkway|Pkwy|Highway|Hwy|Nagar|Marg|Mawr|Rd)"
)
_STREET_WEAK = (
    r"(?:St|Ln|Drive|Dr|Court|Ct|Close|Way|Place|Pl|Square|Sq|Crescent|Terrace|Gardens|Grove|Circle"
    r"|Trail|Mews|Row|Hill|Park|Walk|Green|View|Rise|Quay|Chowk|Colony|Layout|Vihar|Cross|Main"
    r"|Gate)"
)
_STREETS_STRONG = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<![\w.,£$€₹])(?:No\.? ?)?\d{{1,5}}[A-Za-z]?(?:[-/]\d{{1,4}})?,? (?!{_UNITS}\b)"
        rf"(?:{_NAME}[ ]){{1,4}}{_STREET_STRONG}\b\.?",
        r"(?<!\w)[A-ZÄÖÜ][\wäöüß-]*(?:straße|strasse|str\.|gasse|allee"
        r"|weg)[ ]\d{1,4} ?[a-h]?(?!\w)",
        r"(?<!\w)(?:[A-ZÄÖÜ][\wäöüß]+[ -]){1,3}(?:Straße|Strasse|Str\.|Allee|Weg"
        r"|Platz)[ ]\d{1,4} ?[a-h]?(?!\w)",
        r"(?i)(?<!\w)\d{1,4}(?: ?(?:bis|ter|quater))?,? (?:rue|avenue|boulevard|bd|allée|chemin"
        r"|impasse|quai"
        r"|faubourg)[ ](?:(?:de|du|des|la|le|les|l['’]"
        r"|d['’])[ ]?){0,2}[\wÀ-ž'’-]+(?:[ -][A-ZÀ-Ö][\wÀ-ž'’-]+){0,3}",
        r"(?<!\w)(?:[Cc]alle|C/|[Aa]venida|Avda\.?|Av\.|[Pp]laza|[Pp]aseo|Pza\.?|Carrer|Rua"
        r"|Travessa|Alameda|Praça"
        r"|Rodovia|Largo)[ ]?[\wÀ-ž'’. ]{2,40},? ?(?:n[º°o.]{1,2} ?)?"
        r"\d{1,5}(?:[ ,]+\d{1,2}[ºª°]\w?)?(?!\w)",
        r"(?<!\w)(?:Via|Viale|Piazza|Corso|Vicolo|Piazzale"
        r"|Strada)[ ](?:[\wÀ-ž'’]+[ ]){0,3}[A-ZÀ-Ö][\wÀ-ž'’]+,? \d{1,4}(?:/?[a-zA-Z])?(?!\w)",
        r"(?<!\w)(?:(?:[A-Z]\w+|de|den|der|van|'t)[ ]){0,3}(?:[A-Z][\w-]*)?(?:straat|laan|gracht"
        r"|kade|plein|singel|dijk|gatan|vägen|gränd|vej|gade|veien"
        r"|gata)[ ]\d{1,4}(?:[- ]?[a-zA-Z\d]{1,3})?(?!\w)",
        r"(?<!\w)(?:ul|al|os|pl)\.[ ](?:[\wĄ-ż.-]+[ ]){1,4}"
        r"\d{1,4}[a-zA-Z]?(?:[/ ]?m?\.?[ ]?\d{1,4})?(?!\w)",
        r"(?:[\wÇĞİÖŞÜçğıöşü.]+[ ]){1,3}(?:Mah\.|Mahallesi|Sok\.|Sokak|Sokağı|Cad\.|Caddesi"
        r"|Bulvarı|Bulv\.)(?:[ ]?(?:No|N)[:.]?[ ]?\d+\S*)?",
        r"(?i)(?<!\w)(?:p\.? ?o\.? box|postfach|apartado|boîte postale|bp|caixa postal"
        r"|casella postale)[ ]\d{2,6}(?!\w)",
        r"(?<!\w)(?:Flat|Apt\.?|Apartment|House|Plot|Door|H\.?|Villa)[ ](?:(?:(?:No|Number)\.?[ ]?"
        r"|#)\d{1,4}[A-Za-z]?(?:[-/]\d{1,4})?,? .+|\d{1,4}[A-Za-z]?, [A-Z0-9].+)",
        r"\d{1,4}丁目\S*|\d{1,3}[-−]\d{1,3}[-−]\d{1,3} \w+(?:ハイツ|マンション|ビル)\S*",
    )
)
_STREETS_WEAK = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<![\w.,£$€₹])\d{{1,5}}[A-Za-z]?(?:[-/]\d{{1,4}})?,? (?!{_UNITS}\b)"
        rf"(?:{_NAME}[ ]){{1,4}}{_STREET_WEAK}\b\.?",
        r"(?<!\w)[A-ZÄÖÜ][\wäöüß-]*(?:platz|ring|damm|ufer|berg|hof|markt)[ ]\d{1,4} ?[a-h]?(?!\w)",
        r"(?<!\w)#?\d{1,4}[A-Za-z]?(?:[-/]\d{1,4})?,? \d{1,3}(?:st|nd|rd|th) (?:Cross|Main|Floor"
        r"|Block|Street|Avenue)\b.*",
        r"(?<!\w)(?:Sector|Phase|Block|Tower)[ -]\w{1,4},? .+",
        r"(?<!\w)(?:Apt\.?|Apartment|Unit|Suite|Flat|Floor|Etage|bât\.?|Bâtiment|escalera|piso"
        r"|apto\.?|blok|kat|daire)[ #:.]{1,3}(?:\d\w{0,4}|[A-Z])(?!\w)",
    )
)


def strong_addresses(text: str) -> Iterator[Span]:
    """Streets and postcodes that hardly anything else looks like."""
    for pattern in STRONG:
        for match in pattern.finditer(text):
            yield match.start(), match.end(), "postcode"
    for pattern in _STREETS_STRONG:
        for match in pattern.finditer(text):
            yield match.start(), match.end(), "address"


def weak_addresses(text: str) -> Iterator[Span]:
    """Streets and postcodes that could be something else; for lines beside an address."""
    for pattern in _WEAK_POSTCODES:
        for match in pattern.finditer(text):
            yield match.start(), match.end(), "postcode"
    for pattern in _STREETS_WEAK:
        for match in pattern.finditer(text):
            yield match.start(), match.end(), "address"


def bare_postcodes(text: str) -> Iterator[Span]:
    """Anything shaped like a postcode; for values beside a label that says so."""
    for match in _JUST_POSTCODE.finditer(text):
        yield match.start(), match.end(), "postcode"
