"""Addresses of pages as they may be kept: without names, passwords, keys and personal data."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from agent.capture.personal import scrub

_SECRET_KEYS = re.compile(
    r"(?i)(?:^|[_-])(?:token|key|auth\w*|session\w*|sid|sig(?:nature)?|code|secret|pass\w*|pwd"
    r"|state"
    r"|nonce|jwt|otp|e?mail|phone|tel|user\w*|login|name|address|zip|postcode|order\w*id)$"
)
_LONGEST = 2000


def clean_address(url: str) -> str:
    """The address without user name, fragment, secrets of the query, and what looks personal."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return parts.scheme + ":"
    host = parts.netloc.rpartition("@")[2]
    query = [
        (key, scrub(value, "x"))
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _SECRET_KEYS.search(key)
    ]
    path = "/".join(
        quote(scrub(unquote(part), "x"), safe=":@!$&'()*+,;=~") for part in parts.path.split("/")
    )
    return urlunsplit((parts.scheme, host, path, urlencode(query), ""))[:_LONGEST]
