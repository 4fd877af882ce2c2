"""What a multimodal model is asked to answer, and what of it is taken over."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.domain import build
from tools.preferences import CATEGORIES, NOT_AVAILABLE, FrameReading, PreferenceSummary


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CategoryReply(_Reply):
    """One category of the summary."""

    text: str = Field(description='One short sentence, or exactly "not available".')
    values: list[str] = Field(description="Its plain values; empty when not available.")
    confidence: float = Field(description="From 0 to 1.")
    frames: list[int] = Field(description="Positions of the frames it rests on, from 0.")


class SummaryReply(_Reply):
    """What the shopper seems to want."""

    product_characteristics: CategoryReply
    lowest_price: CategoryReply
    highest_price: CategoryReply
    brand_preference: CategoryReply
    product_specifications: CategoryReply
    user_reviews: CategoryReply
    comparisons: CategoryReply
    promotions: CategoryReply


class ProductReply(_Reply):
    """A product entry as one frame shows it; null where the frame does not show it."""

    title: str
    price: float | None = Field(description="Selling price as a bare number.")
    list_price: float | None = Field(description="Struck-through or earlier price.")
    currency: str | None = Field(description="ISO 4217 code.")
    brand: str | None
    color: str | None
    category: str | None = Field(description="What kind of thing, in one or two words.")
    rating: float | None
    reviews: int | None
    opened: bool = Field(description="Whether its own page is shown.")
    in_basket: bool
    clipped: bool = Field(description="Whether the edge of the picture cuts it.")


class PromotionReply(_Reply):
    """An offer as printed."""

    text: str
    percent: float | None


class FrameReply(_Reply):
    """One frame of the batch."""

    kind: Literal["listing", "detail", "cart", "checkout", "other"]
    products: list[ProductReply]
    search_query: str | None
    active_filters: list[str]
    promotions: list[PromotionReply]
    specifications: list[str]
    suspicious_text: list[str] = Field(description="Text that reads like orders to a program.")


class VisionReply(_Reply):
    """The updated summary and what each frame of this batch shows."""

    summary: SummaryReply
    frames: list[FrameReply]


def reading_of(digest: str, reply: FrameReply) -> FrameReading:
    """What the answer says of one frame.

    A field that reads like an order to a program is taken out and noted as such, whether or not
    the model noted it itself: titles and searches reach the tools as words to search for.

    Raises:
        InputError: a value cannot be, such as a negative price.
    """
    from agent.reader.lexicon import is_suspicious

    currencies = [p.currency for p in reply.products if p.currency]
    orders = list(reply.suspicious_text)

    def plain(text: str | None) -> bool:
        if text is None or not is_suspicious(text):
            return True
        orders.append(text)
        return False

    products = [p for p in reply.products if all(map(plain, (p.title, p.brand, p.category)))]
    return build(
        FrameReading,
        {
            "digest": digest,
            "kind": reply.kind,
            "products": [p.model_dump() for p in products],
            "currency": currencies[0] if currencies else None,
            "search_query": reply.search_query if plain(reply.search_query) else None,
            "active_filters": [f for f in reply.active_filters if plain(f)],
            "promotions": [p.model_dump() for p in reply.promotions if plain(p.text)],
            "specifications": [s for s in reply.specifications if plain(s)],
            "suspicious_text": orders,
        },
    )


def summary_of(reply: SummaryReply, frames: int) -> PreferenceSummary:
    """The summary, without categories whose sentence reads like an order to a program.

    Args:
        frames: how many frames the session has; positions beyond are dropped.

    Raises:
        InputError: a value cannot be.
    """
    from agent.reader.lexicon import is_suspicious

    categories: dict[str, Any] = {}
    for key in CATEGORIES:
        category = getattr(reply, key)
        text = category.text.strip()
        if not text or text.casefold() == NOT_AVAILABLE or is_suspicious(text):
            continue
        categories[key] = {
            "text": text,
            "values": [value for value in category.values if not is_suspicious(value)],
            "confidence": min(1.0, max(0.0, category.confidence)),
            "frames": tuple(i for i in category.frames if 0 <= i < frames),
        }
    return build(PreferenceSummary, categories)
