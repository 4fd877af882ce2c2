"""What was read on the screens, and the summary of what the shopper seems to want.

The summary has the eight categories of InteraRec (arXiv 2403.00822, 2024); beside their sentences
stand the products as read, so that limits come from typed values and never from prose.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from tools.domain import Amount, CurrencyCode, Frozen, Price, Words

CATEGORIES = (
    "product_characteristics",
    "lowest_price",
    "highest_price",
    "brand_preference",
    "product_specifications",
    "user_reviews",
    "comparisons",
    "promotions",
)
NOT_AVAILABLE = "not available"

PageKind = Literal["listing", "detail", "cart", "checkout", "other"]


class Box(Frozen):
    """A rectangle on a picture in its own pixels, origin at the top left."""

    left: int = Field(ge=0)
    top: int = Field(ge=0)
    right: int = Field(ge=0)
    bottom: int = Field(ge=0)


class SeenProduct(Frozen):
    """A product entry as one frame shows it; what the frame does not show is None."""

    title: str
    price: Price | None = None
    list_price: Price | None = None
    currency: CurrencyCode | None = None
    brand: str | None = None
    color: str | None = None
    """A basic colour term (tools.colors)."""
    category: str | None = None
    sizes: Words = ()
    rating: float | None = Field(default=None, ge=0, le=5)
    reviews: int | None = Field(default=None, ge=0)
    opened: bool = False
    """Its own page is shown."""
    in_basket: bool = False
    clipped: bool = False
    """Cut by the edge of the picture; not counted for the price range."""
    box: Box | None = None


class Promotion(Frozen):
    """An offer as printed, with the share off in percent where one is named."""

    text: str
    percent: float | None = Field(default=None, ge=0, le=100)


class FrameReading(Frozen):
    """Everything read from one frame."""

    digest: str
    """SHA-256 of the frame as kept, in hex."""
    kind: PageKind = "other"
    products: tuple[SeenProduct, ...] = ()
    currency: CurrencyCode | None = None
    search_query: str | None = None
    active_filters: Words = ()
    breadcrumbs: Words = ()
    headings: Words = ()
    """Lines in large type that are no product's title, largest first."""
    promotions: tuple[Promotion, ...] = ()
    specifications: Words = ()
    """Short facts of an opened product: "128 GB", "100 % cotton"."""
    other_amounts: tuple[Amount, ...] = ()
    """Amounts that are no product's price: totals, shipping, coupons, filter bounds."""
    suspicious_text: Words = ()
    """Lines that read like instructions to a program; kept as data, never followed."""


class Category(Frozen):
    """One of the eight categories of the summary."""

    text: str = NOT_AVAILABLE
    values: Words = ()
    confidence: float = Field(default=0.0, ge=0, le=1)
    frames: tuple[int, ...] = ()
    """Positions (from 0) of the kept frames that it rests on."""

    @property
    def available(self) -> bool:
        """Whether anything was found."""
        return self.text != NOT_AVAILABLE


class PreferenceSummary(Frozen):
    """What the shopper seems to want, in the eight categories of the paper."""

    product_characteristics: Category = Category()
    lowest_price: Category = Category()
    highest_price: Category = Category()
    brand_preference: Category = Category()
    product_specifications: Category = Category()
    user_reviews: Category = Category()
    comparisons: Category = Category()
    promotions: Category = Category()

    def items(self) -> Iterator[tuple[str, Category]]:
        """(key, category) in the paper's order."""
        for key in CATEGORIES:
            yield key, getattr(self, key)

    def text(self) -> str:
        """The summary as a few readable lines, available categories only."""
        return "\n".join(
            f"{key.replace('_', ' ').capitalize()}: {c.text}"
            for key, c in self.items()
            if c.available
        )


class Vote(Frozen):
    """How strongly the browsing points at one value of brand, colour, category or size."""

    value: str
    weight: float = Field(ge=0)
    """Share of all interest in this field, 0 to 1; opened, dwelt-on and basket items weigh more."""
    products: int = Field(ge=0)
    """Distinct products that carry it."""
    opened: bool = False
    in_basket: bool = False
    opened_products: int = Field(default=0, ge=0)
    """Distinct products among them whose own page was opened or that went into the basket."""


class Evidence(Frozen):
    """The typed facts behind a summary, aggregated over all frames of the session so far."""

    currency: CurrencyCode | None = None
    other_currencies: Words = ()
    price_lower: Price | None = None
    price_upper: Price | None = None
    priced_products: int = Field(default=0, ge=0)
    brands: tuple[Vote, ...] = ()
    """Strongest first, as are the other votes."""
    colors: tuple[Vote, ...] = ()
    categories: tuple[Vote, ...] = ()
    sizes: tuple[Vote, ...] = ()
    search_queries: Words = ()
    active_filters: Words = ()
    titles: Words = ()
    """Titles of the products of most interest, strongest first, at most twelve."""
    specifications: Words = ()
