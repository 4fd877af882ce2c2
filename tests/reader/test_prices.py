from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agent.reader.numerals import find_percents, parse_number, separate
from agent.reader.prices import find_amounts, settle
from tests.reader.drawn import Page, piece


@pytest.mark.parametrize(
    ("token", "value"),
    [
        ("1,06,999", "106999"), ("12,34", "12.34"), ("1.299,00", "1299"), ("1.299", "1299"),
        ("14 995", "14995"), ("1'299.00", "1299"), ("2,499.00", "2499"), ("12.498.00", "12498"),
        ("0.99", "0.99"), ("3863.86", "3863.86"),
    ],
)  # fmt: skip
def test_numbers_of_many_countries(token: str, value: str) -> None:
    assert parse_number(token) == Decimal(value)


@given(st.decimals(min_value=1, max_value=999_999, places=2))
def test_a_number_printed_in_any_common_format_is_read_back(amount: Decimal) -> None:
    english = f"{amount:,.2f}"
    german = english.replace(",", "_").replace(".", ",").replace("_", ".")
    assert parse_number(english) == amount
    assert parse_number(german) == amount


@pytest.mark.parametrize(
    ("glued", "apart"),
    [
        ("$299.95$379.95 -21%", "$299.95 $379.95 -21%"),
        ("Rs 606Rs104542% OFF", "Rs 606 Rs1045 42% OFF"),
        ("$499.9910% Off", "$499.99 10% Off"),
        ("39,790M.R.P: 1,06,999", "39,790 M.R.P: 1,06,999"),
        ("7991,99960% off", "799 1,999 60% off"),
        ("₹11,499", "₹11,499"),
        ("4,5995,399 You save 15%", "4,599 5,399 You save 15%"),
        ("12,345,678", "12,345,678"),
    ],
)
def test_glued_amounts_are_cut(glued: str, apart: str) -> None:
    assert separate(glued) == apart


@given(old=st.integers(1_000, 99_999), share=st.integers(10, 90))
def test_discount_arithmetic_finds_the_cut(old: int, share: int) -> None:
    price = round(old * (100 - share) / 100)
    assume(price >= 10)
    text = separate(f"{price:,}{old:,}{share}%")
    numbers = [parse_number(t) for t in text.removesuffix("%").split()]
    assert len(numbers) == 3
    low, high, percent = (float(n or 0) for n in numbers)
    # More than one cut may satisfy the arithmetic; whichever is taken has to.
    assert abs(100 * (1 - low / high) - percent) <= 1


def test_a_lost_sign_leaves_a_gap_that_tells_two_prices_apart() -> None:
    first = piece("165", 100, 50)
    second = piece("179", 100 + 9 * 5, 50)
    both = piece("165179", 100, 50)
    both = type(both)("165179", 100, 50, second.right, 70, (*first.centers, *second.centers))
    assert [s.value for s in find_amounts([both])] == [165, 179]


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("$449.99 $499.99 10% Off", ["price", "price"]),
        ("M.R.P: ₹14,999", ["old"]),
        ("Statt: 8,00€ Details", ["old"]),
        ("Was £120.00 Now £85.00", ["old", "price"]),
        ("Jetzt: 6,61€ (47,21€ / kg)", ["price", "other"]),
        ("or $24.99/mo. for 12 mo.*", ["other"]),
        ("EMI starts at ₹606. No Cost EMI available", ["other"]),
        ("Save ₹14 (Extra 8%)", ["other"]),
        ("Extra ₹4000 off", ["other"]),
        ("Grand Total: €279.00", ["other"]),
        ("Delivery: €4.95", ["other"]),
        ("FREE DELIVERY ON ORDERS OVER €50!", ["other"]),
        ("8x de R$ 100,00 no cartão de", ["other"]),
        ("$25 Virtual Gift Card", ["other"]),
        ("4 offers from £73.63", ["price"]),
        ("From $339.99", ["price"]),
        ("EUR 7,99 (5,33 €/100 ml)", ["price", "other"]),
        ("600円", ["price"]),
        ("1.299,90 TL", ["price"]),
        ("Preço unitário: R$ 60.36", ["price"]),
    ],
)
def test_the_words_beside_an_amount_give_its_role(text: str, roles: list[str]) -> None:
    assert [s.role for s in find_amounts([piece(text, 10, 10)])] == roles


@pytest.mark.parametrize(
    "text",
    ["8.5 x 11 inches", "128 GB", "4.5 out of 5", "24 Products", "1-16 of over 2,000 results",
     "12,003 ratings", "6.67\" FHD", "RTX 3080", "2024", "08:23", "21/04/2024"],
)  # fmt: skip
def test_measures_counts_and_dates_are_no_amounts(text: str) -> None:
    assert find_amounts([piece(text, 10, 10)]) == []


def test_a_letter_o_in_an_amount_is_a_zero() -> None:
    assert find_amounts([piece("€5O off", 0, 0)])[0].value == 50


def test_percentages_are_read_whole() -> None:
    assert find_percents("-17% or (63% off)") == [17, 63]
    assert find_percents("Rs159969% OFF") == [69]


def test_of_two_amounts_the_one_that_fits_the_discount_is_old() -> None:
    amounts = find_amounts([piece("$829.99 $389.99", 0, 0)])
    settled = settle(amounts, [53.0])
    assert [(s.value, s.role) for s in settled] == [
        (Decimal("829.99"), "old"),
        (Decimal("389.99"), "price"),
    ]


def test_a_strike_through_makes_an_amount_old_wherever_it_stands() -> None:
    page = Page(400, 120)
    page.text(20, 20, "$80.00", 22, struck=True)
    page.text(20, 70, "$60.00", 22)
    pieces = [piece("$80.00", 18, 16, 34, 13), piece("$60.00", 18, 66, 34, 13)]
    found = find_amounts(pieces, page.pixels())
    assert [s.ink is not None and s.ink.struck for s in found] == [True, False]
    assert {str(s.value): s.role for s in settle(found)} == {"80.00": "old", "60.00": "price"}


def test_small_raised_digits_are_cents() -> None:
    page = Page(300, 90)
    page.text(20, 20, "$54", 36)
    page.text(20 + int(page.pen.textlength("$54", font_size=36)) + 2, 22, "99", 17)
    read = piece("$5499", 18, 14, 54, 21)
    (found,) = find_amounts([read], page.pixels())
    assert found.value == Decimal("54.99")


def test_full_size_digits_stay_a_whole_amount() -> None:
    page = Page(300, 90)
    page.text(20, 20, "$5499", 36)
    (found,) = find_amounts([piece("$5499", 18, 14, 54, 21)], page.pixels())
    assert found.value == 5499
