"""Pages with known content: what they are said to show is what they print."""

from __future__ import annotations

from decimal import Decimal
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.reader.prices import find_amounts
from evals.dressed import CLEAN, COUNTRIES, LAYOUTS, OTHERS, make_page, show_amount
from tests.reader.drawn import piece


@pytest.mark.parametrize("number", range(0, 15, 2))
def test_a_page_prints_what_its_gold_says(number: int) -> None:
    page = make_page(number)
    body = unescape(page.body)
    for product in page.gold.products:
        assert product.price is not None
        assert product.brand is not None
        assert show_amount(product.price, page.country) in body
        assert product.title in body
        assert product.brand in body
        if product.old_price is not None:
            assert product.old_price > product.price
            assert f"<s>{show_amount(product.old_price, page.country)}</s>" in body
    assert all(text in body for text in page.gold.promotions)
    assert page.gold.currency == page.country.currency


def test_a_number_makes_one_page_and_every_currency_meets_every_layout_and_dress() -> None:
    assert make_page(7) == make_page(7)
    met = {(p.country.currency, p.layout) for p in map(make_page, range(15))}
    assert len(met) == len(COUNTRIES) * len(LAYOUTS)
    assert len(OTHERS) == 5
    assert CLEAN not in OTHERS
    assert make_page(3).html(CLEAN) != make_page(3).html(OTHERS[-1])


@given(st.integers(100, 99_999_999), st.sampled_from(sorted(COUNTRIES)))
def test_amounts_are_printed_as_they_are_read(cents: int, code: str) -> None:
    country = COUNTRIES[code]
    amount = Decimal(cents) / 100 if country.decimals else Decimal(cents)
    (found,) = find_amounts([piece(show_amount(amount, country), 10, 10)])
    assert found.value == amount
