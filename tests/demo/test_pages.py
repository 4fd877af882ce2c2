from __future__ import annotations

from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.demo.browse import ORDERS, Query, alike, by_id, search, siblings
from agent.demo.pages import (
    basket_page,
    compare_page,
    detail_page,
    home_page,
    listing_page,
    money,
    percent_off,
)
from agent.demo.serve import served
from agent.demo.words import CURRENCIES, Currency


class Shown(HTMLParser):
    """The products that a page shows, and the ids that it uses twice."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.products: list[tuple[str, str]] = []
        self.ids: list[str] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if "data-product" in found:
            self.products.append((str(found["data-role"]), str(found["data-product"])))
        if "id" in found:
            self.ids.append(str(found["id"]))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_a_search_keeps_to_its_words_and_filters() -> None:
    query = Query(q="summer dresses", colors=("green",), low=18, high=144, order="low")
    found = search("GBP", query)
    assert found.total == len(found.items) > 8
    prices = [float(item.price.amount) for item in found.items if item.price]
    assert prices == sorted(prices)
    assert (prices[0], prices[-1]) == (18, 144)
    assert all(item.colors == ("green",) for item in found.items)
    assert all(item.categories[-1] == "Dresses" for item in found.items)
    assert dict(found.colors)["green"] == found.total
    cheaper = search("GBP", Query(q="summer dresses", colors=("green",), high=40))
    assert 0 < cheaper.total < found.total
    assert search("GBP", Query(q="summer dress", brands=("Nobody",))).total == 0
    assert search("GBP", Query(q="xyzzy")).total == 0


def test_pages_of_a_listing_share_out_its_products() -> None:
    first = search("GBP", Query(category="Women"))
    shown = [
        item.id
        for page in range(1, first.pages + 1)
        for item in search("GBP", Query(category="Women", page=page)).items
    ]
    assert len(shown) == len(set(shown)) == first.total
    assert search("GBP", Query(category="Women", page=999)).query.page == first.pages


queries = st.builds(
    Query,
    q=st.text("ab &=é<", max_size=12).map(lambda text: " ".join(text.split())),
    category=st.sampled_from(["", "Women", "Cushions & Throws"]),
    colors=st.lists(st.sampled_from(["green", "red"]), unique=True).map(tuple),
    brands=st.lists(st.sampled_from(["Maris & Elm", "Tamsel"]), unique=True).map(tuple),
    sizes=st.lists(st.sampled_from(["UK 3", "12"]), unique=True).map(tuple),
    low=st.none() | st.integers(0, 900),
    high=st.none() | st.integers(0, 900),
    sale=st.booleans(),
    order=st.sampled_from(list(ORDERS)),
    page=st.integers(1, 50),
)


@given(queries)
def test_an_address_gives_its_query_back(query: Query) -> None:
    assert Query.parse(parse_qs(urlsplit(query.address()).query)) == query


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["q", "min", "max", "page", "order", "colour"]), st.lists(st.text())
    )
)
def test_no_address_is_an_error(fields: dict[str, list[str]]) -> None:
    fields = {name: values for name, values in fields.items() if values}
    assert search("GBP", Query.parse(fields)).pages >= 1


@pytest.mark.parametrize("currency", CURRENCIES)
def test_every_kind_of_page_is_whole(currency: Currency) -> None:
    item = next(iter(search(currency, Query(q="dress", colors=("green",))).items))
    near = alike(currency, item)
    assert item not in near
    assert item in siblings(currency, item)
    pages = {
        "home": home_page(currency),
        "listing": listing_page(currency, Query(q="dress", colors=("green",))),
        "detail": detail_page(currency, item, item.sizes[0]),
        "basket": basket_page(currency, [(item.id, item.sizes[0]), (near[0].id, "")]),
        "empty": basket_page(currency, []),
        "compare": compare_page(currency, [item, *near[:2]]),
    }
    price = money(item.price.amount, currency) if item.price else ""
    for name, page in pages.items():
        shown = Shown(page)
        assert len(shown.ids) == len(set(shown.ids)), name
        assert "http://" not in page.replace("http://www.w3.org", ""), name
        assert "https://" not in page, name
        if name in ("listing", "detail", "basket", "compare"):
            assert item.id in [key for _, key in shown.products], name
            assert item.title in "".join(shown.text), name
            assert price in "".join(shown.text), name


def test_words_of_a_search_stay_words() -> None:
    page = listing_page("GBP", Query(q="<script>alert(1)</script>", category="<b>"))
    assert "<script" not in page
    assert "<b>" not in page.split("</header>")[1]


def test_money_is_printed_as_each_country_does() -> None:
    assert money(64, "GBP") == "£64.00"
    assert money(1299.5, "GBP") == "£1,299.50"
    assert money(129999, "INR") == "₹1,29,999"


def test_the_share_off_is_that_of_the_two_prices() -> None:
    assert percent_off(by_id("GBP")["G00001"]) == 25
    assert percent_off(by_id("GBP")["G00002"]) == 20


def _text(opener: OpenerDirector, address: str) -> str:
    with opener.open(address, timeout=10) as answer:
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        text: str = answer.read().decode()
        return text


def test_a_shopper_can_browse_and_fill_a_basket() -> None:
    with served("GBP") as address:
        opener = build_opener(HTTPCookieProcessor(CookieJar()))
        assert Shown(_text(opener, address + "/")).products
        listing = Shown(_text(opener, address + "/search?q=women%27s+trainers"))
        first = listing.products[0][1]
        size = by_id("GBP")[first].sizes[0]
        assert " " in size
        assert ("detail", first) in Shown(_text(opener, f"{address}/p/{first}")).products
        chosen = f"{address}/basket/add?id={first}&size={size.replace(' ', '+')}"
        assert f"Size: {size}" in _text(opener, chosen)
        _text(opener, f"{address}/basket/add?id=G00001")
        lines = Shown(_text(opener, address + "/basket")).products
        assert [key for role, key in lines if role == "line"] == [first, "G00001"]
        assert Shown(_text(opener, address + "/compare?id=G00001&id=G00002&id=no")).products
        for unknown in ("/p/none", "/basket/add?id=none", "/etc/passwd", "/p/../../x"):
            with pytest.raises(HTTPError) as caught:
                opener.open(address + unknown, timeout=10)
            assert caught.value.code == 404
            caught.value.close()
        plain = build_opener()
        plain.addheaders = [("Cookie", 'basket="\x01;;=')]
        assert "Your basket is empty" in _text(plain, address + "/basket")
