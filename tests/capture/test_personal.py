from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.capture.personal import Piece, find_personal, scrub
from agent.capture.personal.numbers import iban_checks, luhn
from evals.forms_data import COUNTRIES, card, ean, iban

OWN = """
Card 4111 1111 1111 1111
4111111111111111
3782 822463 10005
5555-5555-5555-4444
4111 1111 1111 1112
john.doe+x@gmail.com
IBAN DE89 3704 0044 0532 0130 00
GB29NWBK60161331926819
+44 7911 123456
(212) 555-0123
07911 123456
030 1234567
06 12 34 56 78
98765 43210
(11) 98765-4321
03-1234-5678
Order number: 123-4567890-1234567
Order #98765432
Bestellnummer: 4711-23987
Commande n° 2039485761
Your order AB1234567 has shipped
注文番号: 250-1234567-7654321
London SW1A 1AA
221B Baker Street, London
Springfield, IL 62704
Hauptstr. 12, 10115 Berlin
12 rue de la Paix
Calle Mayor 15, 28013 Madrid
Via Roma 10, 00184 Roma
Keizersgracht 123
ul. Marszałkowska 10/5
Toronto, ON M5V 2T6
PIN code: 560001
Tracking number 1Z999AA10123456784
Phone: 9876543210
""".strip().splitlines()

OF_THE_SHOP = """
£24.99
$1,299.00
₹1,29,900
1.299,00 €
R$ 1.299,90 em 10x de R$ 129,99
EAN: 4006381333931
4006381333931
SKU 4111111111111111
ISBN 978-3-16-148410-0
Model WH-1000XM4
Nike Air Max 90 CN8490-002
Samsung Galaxy S24 Ultra 256 GB 12 GB RAM
MacBook Air M2 8GB 256GB
1 TB Hard Drive
Free delivery on orders over £50
Order within 2 hrs 20 mins
4.3 (12,345)
12345 reviews
10000 Lumen Projector
20,000 mAh Power Bank
2023-10-12
12/10/2023 to 14/10/2023
Pack of 2 @ £5 each
1-48 of over 20,000 results for
Deliver to United Kingdom
Item no 123456789
1920 x 1080
Rs 1299 - 2499
""".strip().splitlines()


@pytest.mark.parametrize("text", OWN)
def test_what_is_personal_is_found_in_a_line(text: str) -> None:
    assert "█" in scrub(text)


@pytest.mark.parametrize("text", OF_THE_SHOP)
def test_what_belongs_to_the_shop_stays(text: str) -> None:
    assert scrub(text) == text


@pytest.mark.parametrize("country", COUNTRIES, ids=lambda c: c.code)
def test_numbers_that_check_are_found_in_every_grouping(country: object) -> None:
    draw = random.Random(str(country))
    for _ in range(30):
        number = card(draw)
        assert luhn("".join(filter(str.isdigit, number)))
        assert scrub(f"a {number} b") == f"a {'█' * len(number)} b"
        account = iban(country, draw)  # type: ignore[arg-type]
        if account:
            assert iban_checks(account.replace(" ", ""))
            assert scrub(f"an {account} BIC ABCDEFGH").startswith(f"an {'█' * len(account)} B")
        article = f"EAN {ean(draw)}"
        assert scrub(article) == article


def column(*rows: tuple[str, ...]) -> list[Piece]:
    return [
        Piece(text, 20 + 200 * c, 30 * r, 20 + 200 * c + 8 * len(text), 30 * r + 18)
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
        if text
    ]


def kinds(pieces: list[Piece]) -> dict[str, str]:
    return {pieces[f.piece].text[f.start : f.end]: f.kind for f in find_personal(pieces)}


def test_a_label_beside_or_above_tells_what_a_number_is() -> None:
    table = column(("Order number", "88231"), ("Model number", "88232"), ("Phone", "5550 1234"))
    assert kinds(table) == {"88231": "order", "5550 1234": "phone"}
    above = column(("PIN code",), ("560001",), ("Weight",), ("560002",))
    assert kinds(above) == {"560001": "postcode"}


def test_an_address_block_goes_with_its_name_and_the_price_below_stays() -> None:
    found = kinds(
        column(("Ship to",), ("Ada Quill",), ("9 Fern Close",), ("Leeds LS1 4AB",), ("£24.99",))
    )
    assert set(found) >= {"Ada Quill", "9 Fern Close"}
    assert any("LS1 4AB" in text for text in found)
    assert "£24.99" not in found


def test_a_form_read_by_ocr_is_told_by_its_labels() -> None:
    form = column(
        ("Full name", ""), ("Ada Quill", ""), ("City", ""), ("Leeds", ""), ("Qty", ""), ("2", "")
    )
    assert kinds(form) == {"Ada Quill": "name", "Leeds": "name"}
    # One such word alone makes no form.
    assert kinds(column(("City", ""), ("Running shoes", ""))) == {}


def test_nothing_gives_nothing() -> None:
    assert find_personal([]) == []
    assert scrub("") == ""


@given(st.text(max_size=200))
def test_whatever_the_text_the_mask_keeps_its_length(text: str) -> None:
    assert len(scrub(text)) == len(text)


@given(
    st.lists(st.tuples(st.text(max_size=30), st.integers(0, 900), st.integers(0, 700)), max_size=8)
)
def test_spans_of_a_piece_do_not_overlap(rows: list[tuple[str, int, int]]) -> None:
    pieces = [Piece(t, x, y, x + 8 * len(t), y + 16) for t, x, y in rows]
    last = (-1, 0)
    for found in find_personal(pieces):
        assert 0 <= found.start < found.end <= len(pieces[found.piece].text)
        assert (found.piece, found.start) >= last
        last = (found.piece, found.end)
