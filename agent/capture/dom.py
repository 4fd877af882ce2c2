"""What a page in the browser tells about itself: where personal data stand, and where pictures.

The page is asked for the text in its viewport, through frames and shadow roots (open ones, and
closed ones that scripts made), and for its filled fields. What cannot be asked is covered whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.capture.domains import DomainRules
from agent.capture.frames import Box
from agent.capture.personal import Piece, find_personal
from agent.capture.personal.labels import FIELD_LABEL, NOT_PERSONAL_FIELD, SECRET_LABEL
from agent.capture.redact import Area

if TYPE_CHECKING:
    from playwright.sync_api import Frame as PageFrame
    from playwright.sync_api import JSHandle
    from playwright.sync_api import Page as BrowserPage

_PERSONAL_AUTOCOMPLETE = re.compile(
    r"\b(?:name|honorific-\w+|(?:given|additional|family)-name|nickname|username|(?:new"
    r"|current)-password"
    r"|one-time-code|organization(?:-title)?|street-address|address-line\d|address-level\d"
    r"|postal-code"
    r"|cc-\S+|bday\S*|sex|tel\S*|email|impp)\b"
)
_PERSONAL_NAME = re.compile(
    r"(?i)(?<![^\W_])(?:e?[- ]?mail(?:adresse)?|courriel|correo|phone|tel(?:efon\w*|éfono|efone"
    r"|ephone)?|mobile?|handy|celular|card|karte\w*|carte|tarjeta|cartão|carta|cc|cvv|cvc|csc|iban"
    r"|bic|konto\w*|account|addr|address\w*|adress\w*|anschrift|dirección|indirizzo|endereço|morada"
    r"|adres|street\w*|stra(?:ß|ss)e|rue|calle|via|rua|straat|ulica|sokak|house|hausn\w+|apt"
    r"|apartment|flat|post\s?code|postal|zip\w*|plz|cep|cap|pin\s?code|city|town|stadt|ort|ville"
    r"|ciudad|città|cidade|stad|miasto|şehir|(?:first|last|full|sur|given|family|user|vor|nach)?"
    r"name|nom|prénom|nombre|apellidos?|nome|cognome|sobrenome|naam|imię|soyad|birth\w*|dob"
    r"|geburt\w*|ssn|cpf|dni|nif|tax|passport|vat|(?:order|tracking|invoice|customer|member\w*)"
    r"[-_ ]?(?:id|no|nr|num\w*|ref\w*|code)|bestell\w*|commande|pedido|ordine|kunden\w*|login"
    r"|passwor[dt]|住所|氏名|電話|郵便|メール)\d*(?![^\W_])"
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PLAIN_TYPES = frozenset({"search", "number", "range", "month", "week", "time", "color", "url"})


@dataclass(frozen=True)
class Told:
    """One look at a page, in picture pixels."""

    boxes: Mapping[tuple[object, ...], Box]
    """Over what is personal; the key names the thing, so that two looks can be compared."""
    pictures: Sequence[Area]
    url: str
    title: str
    scroll_x: float
    scroll_y: float


class PageUnreadable(Exception):
    """The page changed or went away while it was asked; the look has to be taken again."""


@cache
def script(name: str) -> str:
    """The text of a script that runs in pages."""
    return Path(__file__).with_name(f"{name}.js").read_text("utf-8")


def look(page: BrowserPage, rules: DomainRules, width: int) -> Told:
    """What the page shows now.

    Args:
        page: a page of the browser.
        rules: frames from denied sites are covered whole.
        width: of the picture, pixels; more than the page's own on displays with small pixels.

    Raises PageUnreadable where the page itself could not be asked.
    """
    from playwright.sync_api import Error

    try:
        handle = page.main_frame.evaluate_handle(script("probe"))
        told: dict[str, Any] = handle.evaluate("h => h.told")
        scale = width / max(1, told["width"])
        boxes = dict(_of_frame("", handle, told, (0.0, 0.0), scale))
        pictures = list(_areas(told["pictures"], (0.0, 0.0), scale))
        handle.dispose()
    except Error as error:
        raise PageUnreadable(str(error)) from None
    for number, frame in enumerate(page.frames[1:]):
        found, areas = _in_frame(f"frame {number}", frame, rules, scale, told)
        boxes |= found
        pictures += areas
    return Told(
        boxes, pictures, told["url"], told["title"], float(told["scrollX"]), float(told["scrollY"])
    )


def _in_frame(
    name: str, frame: PageFrame, rules: DomainRules, scale: float, main: Mapping[str, Any]
) -> tuple[dict[tuple[object, ...], Box], list[Area]]:
    """A frame inside the page; one that cannot be asked, or may not be seen, is covered whole."""
    from playwright.sync_api import Error

    try:
        element = frame.frame_element()
        place = element.bounding_box()
        if place is None or place["width"] < 4 or place["height"] < 4:
            return {}, []
        edge: list[float] = element.evaluate("e => [e.clientLeft, e.clientTop]")
    except Error:
        # Gone, or in a page part that is being replaced: the second look will tell.
        return {}, []
    left, top = place["x"], place["y"]
    right, bottom = left + place["width"], top + place["height"]
    if right <= 0 or bottom <= 0 or left >= main["width"] or top >= main["height"]:
        return {}, []
    whole = _box((left, top, right, bottom), (0.0, 0.0), scale, "hidden")
    own = frame.url.startswith(("about:", "data:", "blob:", "javascript:")) or not frame.url
    if not own and rules.why_not(frame.url) is not None:
        return {(name,): whole}, []
    try:
        handle = frame.evaluate_handle(script("probe"))
        told = handle.evaluate("h => h.told")
        at = (left + edge[0], top + edge[1])
        found = dict(_of_frame(name, handle, told, at, scale))
        areas = list(_areas(told["pictures"], at, scale))
        handle.dispose()
    except Error:
        return {(name,): whole}, []
    return found, areas


def _of_frame(
    name: str, handle: JSHandle, told: Mapping[str, Any], at: tuple[float, float], scale: float
) -> Iterator[tuple[tuple[object, ...], Box]]:
    pieces = [Piece(text, *rect) for text, *rect in told["runs"]]
    fields = told["fields"]
    # A field's value takes part as text, so that a label that is no <label> counts, too.
    whole = [*pieces, *(Piece(f["value"], *f["rect"]) for f in fields)]
    found = find_personal(whole)
    spans = [[f.piece, f.start, f.end] for f in found if f.piece < len(pieces)]
    if spans:
        rects = handle.evaluate("(h, spans) => h.rects(spans)", spans)
        kinds = [f for f in found if f.piece < len(pieces)]
        for one, places in zip(kinds, rects, strict=True):
            for part, rect in enumerate(places):
                key = (name, pieces[one.piece].text, one.start, part, one.piece)
                yield key, _box(_wider(rect), at, scale, one.kind)
    by_value = {f.piece - len(pieces): f.kind for f in found if f.piece >= len(pieces)}
    for number, kind in personal_fields(fields, by_value):
        yield (name, "field", number), _box(fields[number]["rect"], at, scale, kind)


def personal_fields(
    fields: Sequence[Mapping[str, Any]], by_value: Mapping[int, str]
) -> Iterator[tuple[int, str]]:
    """(position, kind) of the filled fields that hold the shopper's own data.

    A field is the shopper's own by its type, its autocomplete name (HTML Standard, section
    4.10.18.7), its name or label, its value, or because the browser filled it in; and so is every
    other free text of a form that has such a field.
    """
    sure: dict[int, str] = {}
    for at, f in enumerate(fields):
        names = _CAMEL.sub(" ", f["names"])
        looking_for = bool(NOT_PERSONAL_FIELD.search(names)) or f["type"] == "search"
        if f["type"] in ("password", "email", "tel"):
            sure[at] = "secret" if f["type"] == "password" else "field"
        elif f["filled"] or _PERSONAL_AUTOCOMPLETE.search(f["autocomplete"]):
            sure[at] = "field"
        elif at in by_value:
            sure[at] = by_value[at]
        elif (
            not looking_for
            and f["type"] not in ("range",)
            and (
                _PERSONAL_NAME.search(names)
                or SECRET_LABEL.search(names)
                or any(FIELD_LABEL.match(part) for part in names.split(" | "))
            )
        ):
            sure[at] = "field"
    forms = {fields[at]["form"] for at in sure} - {-1}
    for at, f in enumerate(fields):
        if at in sure:
            yield at, sure[at]
        elif (
            f["form"] in forms
            and f["tag"] != "SELECT"
            and f["type"] not in _PLAIN_TYPES
            and not NOT_PERSONAL_FIELD.search(f["names"])
        ):
            yield at, "field"


def hulls(one: Told, other: Told) -> list[Box]:
    """Boxes that hold for every moment between two looks at a page that moves."""
    boxes = [*one.boxes.values(), *other.boxes.values()]
    for key, a in one.boxes.items():
        b = other.boxes.get(key)
        if b is not None:
            boxes.append(
                Box(
                    min(a.left, b.left),
                    min(a.top, b.top),
                    max(a.right, b.right),
                    max(a.bottom, b.bottom),
                    a.kind,
                )
            )
    return boxes


def _wider(rect: Sequence[float]) -> tuple[float, float, float, float]:
    left, top, right, bottom = rect
    return left - 2, top - 1, right + 2, bottom + 1


def _box(rect: Sequence[float], at: tuple[float, float], scale: float, kind: str) -> Box:
    left, top, right, bottom = _pixels(rect, at, scale)
    return Box(left, top, right, bottom, kind)


def _areas(
    pictures: Iterable[Sequence[Any]], at: tuple[float, float], scale: float
) -> Iterator[Area]:
    for *rect, name in pictures:
        yield Area(*_pixels(rect, at, scale), str(name))


def _pixels(
    rect: Sequence[float], at: tuple[float, float], scale: float
) -> tuple[int, int, int, int]:
    left, top, right, bottom = rect
    # Outwards, so that no edge of a letter shows.
    return (
        int((left + at[0]) * scale // 1),
        int((top + at[1]) * scale // 1),
        -int(-(right + at[0]) * scale // 1),
        -int(-(bottom + at[1]) * scale // 1),
    )
