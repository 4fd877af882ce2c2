"""The story in the words and numbers that the page shows; the template only lays them out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from agent.capture.frames import Frame
from agent.report.overlay import Drawn, Line, drawn, lines
from agent.report.pictures import PRODUCTS_BUDGET, frame_pictures, product_picture
from agent.report.story import Story
from tools.domain import Constraints, show_money
from tools.phrases import name_of, phrase
from tools.preferences import FrameReading, PreferenceSummary
from tools.solution import ChosenItem, Solution

KINDS = {
    "listing": "list of products",
    "detail": "product page",
    "cart": "basket",
    "checkout": "checkout",
    "other": "page",
}
SOURCES = {"seen": "seen on screen", "said": "said by the shopper", "assumed": "assumed"}
STAGES = {
    "intake": "Take in what is new",
    "summarize": "Read the screens and sum them up",
    "decompose": "Turn the summary into limits",
    "assistant": "Choose the tools",
    "tools": "Run the tools",
    "compose": "Write the message",
    "check": "Check every figure in it",
}
TOOLS = {
    "search_catalog": "finds products by meaning among those that fit the limits",
    "optimize_assortment": "proves the best set within the limits",
    "what_if": "changes the limits and solves before and after",
    "get_products": "looks products up",
    "catalog_facts": "counts what the shop sells",
    "explain": "says why a product is or is not in the set",
    "rank_next_items": "ranks what comes next in such a session",
    "ask_shopper": "asks the shopper one question",
}
_ABOUT = {
    "price_lower": "Price",
    "price_upper": "Price",
    "colors": "Colour",
    "brands": "Brand",
    "categories": "Kind",
    "sizes": "Size",
    "attributes": "Detail",
    "min_rating": "Rating",
    "on_sale": "Sale",
    "count_min": "How many",
    "count_max": "How many",
    "group_limits": "How many of a kind",
    "must_include": "Items",
    "must_exclude": "Items",
}
LISTED = 3
"""Products listed under a screen in the strip; all of them stand under the enlarged one."""


@dataclass(frozen=True)
class Screen:
    """One frame of the strip."""

    number: int
    name: str
    kind: str
    width: int
    height: int
    picture: str | None
    drawn: tuple[Drawn, ...]
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    """Search words, active filters and the like, as read."""

    @property
    def listed(self) -> tuple[Line, ...]:
        """The products shown in the strip."""
        return self.lines[:LISTED]


@dataclass(frozen=True)
class Spans:
    """Consecutive screens as one link: "1–7"."""

    first: int
    text: str


@dataclass(frozen=True)
class Claim:
    """One of the eight categories."""

    name: str
    text: str
    available: bool
    confidence: int
    """Percent."""
    screens: tuple[Spans, ...]


@dataclass(frozen=True)
class Limit:
    """One limit in force."""

    field: str
    """What it is about."""
    text: str
    source: str
    source_key: str
    strength: str
    """hard, soft or let go."""
    note: str


@dataclass(frozen=True)
class Item:
    """One recommended item."""

    number: int
    title: str
    brand: str
    price: str
    list_price: str
    saved: str
    reasons: tuple[str, ...]
    percent: float
    picture: str | None
    url: str | None


@dataclass(frozen=True)
class Cost:
    """What one limit costs."""

    text: str
    cost: str
    without: str
    share: float
    """Of the largest cost, in percent, for the bar."""
    free: bool


@dataclass(frozen=True)
class Stage:
    """One stage of the turn and its time."""

    name: str
    node: str
    seconds: float
    share: float

    @property
    def shown(self) -> str:
        """The time in the unit that suits it."""
        if self.seconds < 0.0995:
            return f"{self.seconds * 1000:.0f} ms" if self.seconds >= 0.001 else "under 1 ms"
        return f"{self.seconds:.1f} s"


@dataclass(frozen=True)
class Call:
    """One tool call."""

    name: str
    what: str
    args: str


def screens(story: Story) -> tuple[Screen, ...]:
    """The frames in the order they were read, with what was read on each."""
    readings = story.state.get("readings", [])
    kept = [story.frames[r.digest] for r in readings if r.digest in story.frames]
    pictures = frame_pictures(list({f.digest: f for f in kept}.values()))
    return tuple(
        _screen(number, reading, story.frames.get(reading.digest), pictures)
        for number, reading in enumerate(readings, 1)
    )


def _screen(
    number: int, reading: FrameReading, frame: Frame | None, pictures: Mapping[str, str]
) -> Screen:
    width, height = (frame.width, frame.height) if frame else (1280, 800)
    notes = []
    if reading.search_query:
        notes.append(f"searched for “{reading.search_query}”")
    if reading.active_filters:
        notes.append(f"filtered by {', '.join(reading.active_filters)}")
    return Screen(
        number=number,
        name=re.split(r"[\\/]", frame.name)[-1] if frame else "",
        kind=KINDS[reading.kind],
        width=width,
        height=height,
        picture=pictures.get(reading.digest),
        drawn=drawn(reading, width, height) if frame else (),
        lines=lines(reading),
        notes=tuple(notes),
    )


def claims(summary: PreferenceSummary) -> tuple[Claim, ...]:
    """The eight categories with the screens each rests on."""
    return tuple(
        Claim(
            name=key.replace("_", " ").capitalize(),
            text=category.text if category.available else "Not available on these screens.",
            available=category.available,
            confidence=round(category.confidence * 100),
            screens=spans([i + 1 for i in category.frames]),
        )
        for key, category in summary.items()
    )


def spans(numbers: Sequence[int]) -> tuple[Spans, ...]:
    """Runs of consecutive numbers: 1, 2, 3, 7 becomes 1–3 and 7."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return tuple(
        Spans(run[0], str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}") for run in runs
    )


def limits(standing: Constraints, solution: Solution | None) -> tuple[Limit, ...]:
    """The limits in force, each with where it came from and how hard it is."""
    relaxed = {r.limit: r.reason for r in solution.relaxed} if solution else {}
    shown = []
    for field in standing.standing():
        if field == "currency":
            continue
        origin = standing.provenance[field]
        notes = [origin.note, relaxed.get(field, "")]
        notes += [
            f"“{word}” is read as {', '.join(values)}" if values else f"“{word}” is not sold here"
            for word, values in origin.matched.items()
            if tuple(v.casefold() for v in values) != (word.casefold(),)
        ]
        text = phrase(standing, field)
        shown.append(
            Limit(
                field=_ABOUT.get(field.removeprefix("exclude."), "Other"),
                text=text[:1].upper() + text[1:],
                source=SOURCES[origin.source],
                source_key=origin.source,
                strength="let go" if field in relaxed else origin.strength,
                note="; ".join(note for note in notes if note),
            )
        )
    return tuple(shown)


def shared_reasons(solution: Solution) -> tuple[str, ...]:
    """The reasons that speak for every item alike; said once rather than at each."""
    if len(solution.items) < 2:
        return ()
    first, *others = solution.items
    return tuple(r for r in first.reasons if all(r in item.reasons for item in others))


def items(story: Story, solution: Solution) -> tuple[Item, ...]:
    """The recommended items, most likely first."""
    share = PRODUCTS_BUDGET // max(1, len(solution.items))
    alike = shared_reasons(solution)
    return tuple(
        _item(story, item, number, share, alike) for number, item in enumerate(solution.items, 1)
    )


def _item(story: Story, item: ChosenItem, number: int, share: int, alike: tuple[str, ...]) -> Item:
    product = story.products.get(item.id)
    reduced = bool(item.list_price and item.list_price > item.price)
    saved = f"{item.list_price - item.price} off" if reduced and item.list_price else ""
    return Item(
        number=number,
        title=item.title,
        brand=item.brand or "",
        price=str(item.price),
        list_price=str(item.list_price) if reduced else "",
        saved=saved,
        reasons=tuple(r for r in item.reasons if r != saved and r not in alike),
        percent=round(item.choice_probability * 100, 1),
        picture=product_picture(product, story.folder, story.draw, share) if product else None,
        url=_web(product.url) if product else None,
    )


def _web(url: str | None) -> str | None:
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme.lower() in ("http", "https") and parts.netloc else None


def costs(standing: Constraints, solution: Solution) -> tuple[Cost, ...]:
    """What each limit costs, dearest first."""
    known = [c for c in solution.limit_costs if c.cost is not None]
    top = max((c.cost or 0.0 for c in known), default=0.0)
    shown = []
    for c in sorted(known, key=lambda c: -(c.cost or 0.0)):
        cost = c.cost or 0.0
        # Less than half a cent is rounding, not a cost.
        free = cost < 0.005
        shown.append(
            Cost(
                text=_limit_name(standing, c.limit, len(solution.items)),
                cost="nothing" if free else amount(cost, solution),
                without=amount(c.value_without or 0.0, solution),
                share=0.0 if free or top <= 0 else round(100 * cost / top, 1),
                free=free,
            )
        )
    return tuple(shown)


def _limit_name(standing: Constraints, limit: str, shown: int) -> str:
    if limit in standing.standing():
        text = phrase(standing, limit)
    elif limit == "count":
        text = "how many are shown"
    else:
        text = name_of(limit)
    return text[:1].upper() + text[1:]


def amount(value: float, solution: Solution) -> str:
    """An amount in the solution's currency, to the cent."""
    return show_money(round(value, 2), solution.currency)


def stages(seconds: Mapping[str, float], read: int) -> tuple[Stage, ...]:
    """The stages in the order they ran; `read` is how many screens the reading took in."""
    whole = sum(seconds.values()) or 1.0
    made = []
    for node, spent in seconds.items():
        name = STAGES.get(node, node.replace("_", " ").capitalize())
        if node == "summarize" and read > 1:
            name += f" ({spent / read:.1f} s a screen)"
        made.append(Stage(name, node, spent, 100 * spent / whole))
    return tuple(made)


def calls(story: Story) -> tuple[Call, ...]:
    """The tool calls of the turn, in order."""
    return tuple(
        Call(
            use.name,
            TOOLS.get(use.name, ""),
            json.dumps(use.args, ensure_ascii=False, indent=1, default=str) if use.args else "",
        )
        for use in story.state["tools_used"]
    )


def named(fields: Sequence[str], standing: Constraints) -> str:
    """Some limits by what they say: "up to £40 and by Aster"."""
    words = [
        phrase(standing, f) if f in standing.standing() else name_of(f) for f in fields
    ]  # fmt: skip
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
