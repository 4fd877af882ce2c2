from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.capture.domains import DomainRules, parse_rule, place_of
from tools.errors import InputError

DENIED = DomainRules.of(
    deny=["chase", "bank.example", "10.0.0.0/8", "bücher.de", "shop.com:8443", "[::1]", "8.8.8.8"]
)
ALLOWED = DomainRules.of(allow=["shop.com", "localhost", "*.other.org"])


@pytest.mark.parametrize(
    "url",
    [
        "https://www.chase.com/x",
        "https://chase.co.uk",
        "HTTPS://CHASE.COM.",
        "https://ok.com@chase.com/",
        "https://ok.com:pass@chase.com:443/",
        "https://chase.com\\@ok.com/",
        "https:/\\chase.com/",
        "ht\ttps://cha\nse.com",
        "http://ｃｈａｓｅ.com",
        "http://ch%61se.com",
        "https://bank.example:99/",
        "https://www.bank.example",
        "http://10.2.3.4",
        "http://0xa020304",
        "http://167903236",
        "http://10.131844",
        "http://012.02.03.04",
        "http://[::ffff:10.0.0.1]/",
        "http://[::1]:80",
        "http://8.8.8.8",
        "https://xn--bcher-kva.de",
        "https://BÜCHER.DE",
        "https://shop.com:8443/",
    ],
)
def test_a_denied_place_is_denied_however_it_is_written(url: str) -> None:
    assert DENIED.why_not(url) is not None


@pytest.mark.parametrize(
    "url",
    [
        "https://purchase.com",
        "https://www.chaser.com",
        "https://mybank.example",
        "https://bank.example.org",
        "https://shop.com",
        "https://ok.com/chase.com?bank.example",
        "https://ok.com#@chase.com",
        "http://11.0.0.1",
        "http://108.8.8.8",
        "https://bucher.de",
    ],
)
def test_what_only_looks_like_a_denied_place_is_not_denied(url: str) -> None:
    assert DENIED.why_not(url) is None


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://shop.com/a", True),
        ("https://www.shop.com", True),
        ("http://localhost:8090/", True),
        ("https://x.other.org", True),
        ("https://other.org", True),
        ("https://myshop.com", False),
        ("https://shop.com.evil.com", False),
        ("https://shop.com@evil.com", False),
        ("https://evil.com/shop.com", False),
        ("http://localhost.evil.com", False),
        ("https://shop.co", False),
    ],
)
def test_an_allow_list_lets_in_what_it_names_and_nothing_else(url: str, may: bool) -> None:
    assert (ALLOWED.why_not(url) is None) is may


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "about:blank",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://shop.com",
        "http://",
        "http:///",
        "http://a b.com",
        "http://[::1",
        "http://shop.com:99999/",
        "http://1.2.3.4.5",
        "http://256.1.1.1",
        "//shop.com",
        "chrome://settings",
        "http://\x00.com",
        "http://xn--\udc80.com",
    ],
)
def test_what_is_no_web_page_is_never_looked_at(url: str) -> None:
    assert DomainRules().why_not(url) is not None


def test_denying_wins_over_allowing() -> None:
    rules = DomainRules.of(allow=["shop.com"], deny=["account.shop.com"])
    assert rules.why_not("https://shop.com") is None
    assert rules.why_not("https://account.shop.com") is not None


@pytest.mark.parametrize(
    "entry", ["", "a b", "http:///", "*", "1.2.3.4.5", "a/b", "x@y", "shop.com:"]
)
def test_a_rule_that_cannot_be_understood_is_refused(entry: str) -> None:
    if entry == "shop.com:":
        assert parse_rule(entry).port is None
        return
    with pytest.raises(InputError):
        parse_rule(entry)


@given(st.text(max_size=60))
def test_any_text_is_answered(text: str) -> None:
    DENIED.why_not(text)
    DENIED.why_not("http://" + text)
    place_of(text)
