from __future__ import annotations

from decimal import Decimal

from agent.reader.cards import build_entries
from agent.reader.layout import Paragraph, Piece, paragraphs_of
from agent.reader.prices import find_amounts
from agent.reader.ratings import find_ratings
from agent.reader.titles import is_title_like
from tests.reader.drawn import piece


def entries_of(pieces: list[Piece]) -> dict[str, tuple[Decimal | None, Decimal | None]]:
    """Title -> (price, old price)."""
    amounts = find_amounts(pieces)
    words = [p for p in pieces if sum(c.isalpha() for c in p.text) > 3]
    entries, _ = build_entries(
        amounts, paragraphs_of(words), pieces, find_ratings(pieces), typical=14
    )
    return {
        e.title.text if e.title else "": (
            e.price.value if e.price else None,
            e.old.value if e.old else None,
        )
        for e in entries
    }


def test_a_grid_joins_each_price_to_the_title_above_it() -> None:
    pieces = []
    for i, (title, price) in enumerate(
        [("Linen shirt", "$35.00"), ("Wool coat with belt", "$120.00"), ("Red scarf", "$12.50")]
    ):
        pieces += [piece(title, 40 + 300 * i, 400), piece(price, 40 + 300 * i, 428)]
    found = entries_of(pieces)
    assert {t: p for t, (p, _) in found.items()} == {
        "Linen shirt": 35, "Wool coat with belt": 120, "Red scarf": Decimal("12.5")
    }  # fmt: skip


def test_homes_have_their_price_above_the_description() -> None:
    pieces = []
    for i, (price, text) in enumerate(
        [("$549,900", "3 bds 2 ba House"), ("$1,250,000", "5 bds 4 ba House"),
         ("$325,000", "2 bds 1 ba Condo")]
    ):  # fmt: skip
        pieces += [piece(price, 40 + 330 * i, 400), piece(text, 40 + 330 * i, 428)]
    found = entries_of(pieces)
    assert {t: p for t, (p, _) in found.items()} == {
        "3 bds 2 ba House": 549_900, "5 bds 4 ba House": 1_250_000, "2 bds 1 ba Condo": 325_000
    }  # fmt: skip


def test_a_list_joins_each_price_to_the_title_on_its_row() -> None:
    pieces = [
        piece("Cordless drill 18 V with case", 200, 100), piece("$89.95", 900, 102),
        piece("Tool box 19 inch, steel", 200, 220), piece("$34.50", 900, 222),
    ]  # fmt: skip
    found = entries_of(pieces)
    assert {t: p for t, (p, _) in found.items()} == {
        "Cordless drill 18 V with case": Decimal("89.95"),
        "Tool box 19 inch, steel": Decimal("34.5"),
    }


def test_line_totals_do_not_make_second_products() -> None:
    pieces = [
        piece("Paper speaker cone", 200, 100),
        piece("$36.49", 700, 100),
        piece("$72.98", 900, 100),
    ]
    found = {title: prices for title, prices in entries_of(pieces).items() if title}
    assert found == {"Paper speaker cone": (Decimal("36.49"), None)}


def test_the_old_price_stays_with_its_product() -> None:
    pieces = [
        piece("Armless sofa bed", 40, 400), piece("$169.99 $183.99", 40, 428),
        piece("Velvet sleeper sofa", 340, 400), piece("$829.99 $389.99 -53%", 340, 428),
    ]  # fmt: skip
    assert entries_of(pieces) == {
        "Armless sofa bed": (Decimal("169.99"), Decimal("183.99")),
        "Velvet sleeper sofa": (Decimal("389.99"), Decimal("829.99")),
    }


def test_a_product_without_a_price_is_found_by_its_rating() -> None:
    pieces = [piece("Back open platform shoe", 40, 400), piece("3.9 ★ (368)", 40, 428)]
    assert entries_of(pieces) == {"Back open platform shoe": (None, None)}


def test_bare_numbers_are_no_prices_without_company() -> None:
    pieces = [
        piece("Green", 40, 100),
        piece("15", 120, 100),
        piece("Pink", 40, 130),
        piece("11", 120, 130),
    ]
    assert entries_of(pieces) == {}


def paragraph(text: str) -> Paragraph:
    return Paragraph((piece(text, 0, 0),), text)


def test_what_can_be_a_title() -> None:
    for text in (
        "Puff para sala", "De'Longhi Stilosa EC230.BK, 2 cups", "グリーンスムージ", "iPad",
        "Scotch Heavy Duty Shipping and Moving Packing Tape, Clear, 6 rolls with dispenser",
    ):  # fmt: skip
        assert is_title_like(paragraph(text)), text
    for text in (
        "Add to cart", "View Details", "FREE delivery Wed, 11 Mar", "In stock", "Subtotal:",
        "$25.00",
        "50+ bought in past month", "Brands", "Size: M", "Color - White", "Shopping Cart",
        "★★★★☆(12)",
        "Limited time deal", "Home > Art > Prints", "Extended Warranty for",
        "(63% off)", "Quantity:",
    ):  # fmt: skip
        assert not is_title_like(paragraph(text)), text


def test_narrow_columns_do_not_lend_each_other_their_prices() -> None:
    pieces = [
        piece("Oak side table", 26, 400), piece("1.679,87 € 2.099,84 €", 26, 428, 24, 8),
        piece("Wool coat", 225, 400), piece("1.871,75 €", 225, 428, 24, 8),
    ]  # fmt: skip
    assert entries_of(pieces) == {
        "Oak side table": (Decimal("1679.87"), Decimal("2099.84")),
        "Wool coat": (Decimal("1871.75"), None),
    }
