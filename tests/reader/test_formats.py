"""Prices as the shops of many countries print them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from agent.reader.currency import currency_of_sign, page_currency
from agent.reader.prices import find_amounts
from tests.reader.drawn import piece

# As printed | the amount | its currency, empty where the print alone does not tell.
PRINTED = """
R$ 1.299,90|1299.90|BRL
1 299,90 zł|1299.90|PLN
1299,90 zł|1299.90|PLN
129 zl|129|PLN
1 299 kr|1299|SEK
1.299 kr.|1299|SEK
kr 1 299,00|1299|SEK
kr. 349,95|349.95|SEK
249:-|249|SEK
1 299:-|1299|SEK
1.299,-|1299|
€ 1.299,-|1299|EUR
89,- €|89|EUR
12'990.-|12990|
CHF 12'990.-|12990|CHF
CHF 49.90|49.90|CHF
Fr. 49.90|49.90|CHF
A$1,299.00|1299|AUD
AU$ 49.95|49.95|AUD
C$ 49.95|49.95|CAD
CA$49.95|49.95|CAD
NZ$ 49.95|49.95|NZD
HK$ 1,299|1299|HKD
S$ 19.90|19.90|SGD
NT$1,290|1290|TWD
MX$ 1,299.00|1299|MXN
$1,299 MXN|1299|MXN
US $12.99|12.99|USD
USD 12.99|12.99|USD
12.99 USD|12.99|USD
1.290.000₫|1290000|VND
1.290.000 đ|1290000|VND
₫1.290.000|1290000|VND
฿1,290|1290|THB
1,290 บาท|1290|THB
Rp 1.290.000|1290000|IDR
Rp1.290.000|1290000|IDR
RM 129.90|129.90|MYR
RM1,299.00|1299|MYR
₱1,299.00|1299|PHP
129.00 د.إ|129|AED
AED 129.00|129|AED
SAR 129|129|SAR
129.00 ر.س|129|SAR
₪ 129.90|129.90|ILS
1 299 Kč|1299|CZK
1 299,- Kč|1299|CZK
12 990 Ft|12990|HUF
129,99 lei|129.99|RON
129,99 Lei|129.99|RON
1 290 ₽|1290|RUB
1 290 руб.|1290|RUB
1 290 ₴|1290|UAH
129,90 лв.|129.90|BGN
1 299 грн|1299|UAH
₩12,900|12900|KRW
12,900원|12900|KRW
¥1,290|1290|JPY
1,290円|1290|JPY
¥ 129.00|129|JPY
129元|129|CNY
₹1,06,999|106999|INR
Rs. 1,06,999|106999|INR
Rs.499|499|INR
Rs 499.00|499|INR
₺1.299,90|1299.90|TRY
1.299,90 TL|1299.90|TRY
1.299 TL|1299|TRY
€12,99|12.99|EUR
12,99€|12.99|EUR
12.99 EUR|12.99|EUR
EUR 12,99|12.99|EUR
1 299,00 €|1299|EUR
1 299 €|1299|EUR
£1,299.00|1299|GBP
£9.99|9.99|GBP
₦12,500.00|12500|NGN
KSh 1,299|1299|KES
R 1,299.00|1299|ZAR
R1 299.00|1299|ZAR
R 499|499|ZAR
৳1,290|1290|BDT
Tk 1,290|1290|BDT
LKR 1,290.00|1290|LKR
PKR 1,290|1290|PKR
EGP 1,290.00|1290|EGP
1,290 EGP|1290|EGP
S/ 129.90|129.90|PEN
$ 12.990|12990|
$12.990|12990|
129 DKK|129|DKK
NOK 1 290|1290|NOK
1 290 NOK|1290|NOK
kr 1290|1290|SEK
129 ден|129|MKD
GH₵ 129.00|129|GHS
QAR 129|129|QAR
KWD 12.500|12.500|KWD
12.500 KD|12.500|KWD
129,95|129.95|
£1.299,00|1299|GBP
$1299|1299|USD
€ 1 299,95|1299.95|EUR
通常価格4,980円|4980|JPY
特価¥4,980|4980|JPY
到手价129元|129|CNY
￥129.00|129|JPY
12 990 ₸|12990|KZT
₾129|129|GEL
""".strip().split("\n")


@pytest.mark.parametrize("row", PRINTED)
def test_an_amount_is_read_in_the_format_of_its_country(row: str) -> None:
    text, value, code = row.split("|")
    (found,) = find_amounts([piece(text, 10, 10)])
    assert found.value == Decimal(value)
    assert found.role != "other"
    if code:
        assert found.sign is not None
        assert currency_of_sign(found.sign) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12'990.-", "CHF"), ("1'299.00", "CHF"), ("Fri frakt. Lägg i varukorg", "SEK"),
        ("Tilføj, læg i kurv", "DKK"), ("Legg i handlekurv", "NOK"), ("Do košíku", "CZK"),
        ("Kosárba", "HUF"), ("Miễn phí vận chuyển", "VND"), ("Gratis ongkir", "IDR"),
        ("shop.example.com.au", "AUD"), ("www.laden.ch", "CHF"), ("sklep.example.pl", "PLN"),
        ("It's 12'6 long", None),
    ],
)  # fmt: skip
def test_words_and_formats_tell_a_currency_without_a_sign(text: str, code: str | None) -> None:
    assert page_currency([], [text]) == code


@pytest.mark.parametrize(
    "text",
    ["Try 30 days free", "Pack of 12 left", "Canon EOS R 5", "rug 6 ft", "12 m cable", "GEL 100",
     "Ryzen 5 5600", "KD 15 Elite", "送料無料", "128件", "65ポイント"],
)  # fmt: skip
def test_words_that_look_like_codes_make_no_price(text: str) -> None:
    assert [a for a in find_amounts([piece(text, 10, 10)]) if a.role == "price" and a.shaped] == []


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("3,980円以上で送料無料", ["other"]), ("500円OFFクーポン", ["other"]),
        ("通常価格4,980円", ["old"]), ("月々1,650円", ["other"]), ("3,980円(税込)", ["price"]),
        ("Da 1.299,00 €", ["price"]), ("A partir de R$ 99,90", ["price"]),
        ("Najniższa cena 199,00 zł", ["old"]), ("Før 499 kr Nu 299 kr", ["old", "price"]),
        ("Ord. pris 499 kr", ["old"]), ("Prezzo consigliato 99,00 €", ["old"]),
        ("12 x 1.299,00 TL taksit", ["other"]), ("10x de R$ 29,90 sem juros", ["other"]),
        ("Cena regularna: 199,99 zł", ["old"]), ("Běžná cena 1 299 Kč", ["old"]),
        ("a partir de 19,99 €/mes", ["other"]), ("Preço normal R$ 89,90", ["old"]),
    ],
)  # fmt: skip
def test_words_of_many_languages_give_the_role(text: str, roles: list[str]) -> None:
    assert [a.role for a in find_amounts([piece(text, 10, 10)])] == roles
