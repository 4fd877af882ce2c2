from __future__ import annotations

import pytest

from agent.reader.currency import address_currency, page_currency


@pytest.mark.parametrize(
    ("signs", "texts", "code"),
    [
        (["$", "$"], ["Add to cart"], "USD"),
        (["£"], ["De'Longhi La Specialista EC9155.GR"], "GBP"),
        (["R$"], [], "BRL"),
        (["円"], [], "JPY"),
        (["¥"], ["amazon.in", "M.R.P: 28,999"], "INR"),
        (["¥"], ["送料無料"], "JPY"),
        (["¥", "¥"], ["Wedding Kanjivaram Silk Saree", "Free delivery"], "INR"),
        (["£", "£"], ["Wedding Kanjivaram Silk Saree", "Free delivery"], "GBP"),
        ([], ["39,790 M.R.P: 1,06,999"], "INR"),
        ([], ["amazon.de", "In den Warenkorb"], "EUR"),
        ([], ["Sepete Ekle", "Ücretsiz kargo"], "TRY"),
        (["€", "€", "€"], ["shop.example.com/de"], "EUR"),
        (["$", "$", "$"], ["shop.ca"], "CAD"),
        ([], ["Hello", "Sign in"], None),
    ],
)
def test_the_currency_of_a_page(signs: list[str], texts: list[str], code: str | None) -> None:
    assert page_currency(signs, texts) == code


def test_a_model_number_is_no_address() -> None:
    assert address_currency(["EC230.BK", "EC9155.GR, Barista"]) is None
