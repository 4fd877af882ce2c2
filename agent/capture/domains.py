"""Which pages may be looked at: allow and deny lists by domain.

Addresses are taken apart as browsers do it (WHATWG URL Standard, 2023), so that what the list
sees is the host that the browser goes to: user names, backslashes, tabs, percent signs, full-width
letters, international names, trailing dots and odd spellings of IP addresses do not fool it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from tools.errors import InputError

_SCHEMES = {"http": 80, "https": 443}
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Place:
    """Host and port of an address, in the one form in which they are compared."""

    host: str
    """Lower case, ASCII (IDNA), without a trailing dot; an IP address in its usual form."""
    port: int


@dataclass(frozen=True)
class Rule:
    """One entry of a list."""

    text: str
    """As the person wrote it."""
    host: str
    port: int | None = None
    network: _Network | None = None
    below: bool = True
    """Whether hosts below the named one are meant too."""

    def matches(self, place: Place, *, loosely: bool = False) -> bool:
        """Whether the place falls under the rule.

        `shop.com` means itself and `www.shop.com`, never `myshop.com` or `shop.com.evil.com`.
        `loosely` (for denying): a single word means every host that has it as a whole label, so
        `chase` means `www.chase.com` and not `purchase.com`.
        """
        if self.port is not None and self.port != place.port:
            return False
        address = _ip(place.host)
        if self.network is not None:
            return address is not None and address in self.network
        if place.host == self.host:
            return True
        if address is not None:
            return False
        if self.below and place.host.endswith(f".{self.host}"):
            return True
        return loosely and "." not in self.host and self.host in place.host.split(".")


@dataclass(frozen=True)
class DomainRules:
    """Allow and deny lists; denying wins, and an allow list lets in only what it names."""

    allow: tuple[Rule, ...] = ()
    deny: tuple[Rule, ...] = ()

    @classmethod
    def of(cls, allow: Sequence[str] = (), deny: Sequence[str] = ()) -> DomainRules:
        """The rules behind what a person wrote.

        Raises InputError for an entry that cannot be understood: a list with a hole is no list.
        """
        return cls(tuple(map(parse_rule, allow)), tuple(map(parse_rule, deny)))

    def why_not(self, url: str) -> str | None:
        """Why the page of this address may not be looked at, or None where it may.

        Fails closed: an address that cannot be taken apart, or is no web page, may not.
        """
        place = place_of(url)
        if place is None:
            return "its address is not that of a web page"
        for rule in self.deny:
            if rule.matches(place, loosely=True):
                return f"{place.host} is on the deny list ({rule.text})"
        if self.allow and not any(rule.matches(place) for rule in self.allow):
            return f"{place.host} is not on the allow list"
        return None


def parse_rule(text: str) -> Rule:
    """One entry: a domain, `host:port`, an IP address or network, or a whole address.

    `*.shop.com` is the same as `shop.com`. Raises InputError where no host can be made out.
    """
    wrong = InputError(f"{text!r} is not a domain, an IP address or a network")
    entry = text.strip()
    if "://" in entry:
        place = place_of(entry)
        if place is None:
            raise wrong
        named = urlsplit(_as_browsers(entry)).port
        return Rule(text, place.host, named)
    entry = entry.removeprefix("*.").removeprefix(".")
    try:
        network = ipaddress.ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        network = None
    if network is not None:
        return Rule(text, str(network.network_address), network=network)
    place = place_of(f"http://{entry}/")
    if place is None or not re.fullmatch(r"[^/?#@\\]+", entry):
        raise wrong
    address = _ip(place.host)
    port = place.port if re.search(r":\d+$", entry) else None
    if address is not None:
        return Rule(text, place.host, port, ipaddress.ip_network(address))
    return Rule(text, place.host, port)


def place_of(url: str) -> Place | None:
    """The host and port that a browser goes to, or None where it is no http(s) address."""
    try:
        parts = urlsplit(_as_browsers(url))
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:
        return None
    if scheme not in _SCHEMES or not host:
        return None
    name = _host(host)
    return None if name is None else Place(name, port or _SCHEMES[scheme])


def _as_browsers(url: str) -> str:
    """Backslashes are slashes, tabs and line ends nothing, blanks around it nothing."""
    text = re.sub(r"[\t\r\n]", "", url.strip("\x00\x01\x02\x03\x04\x05\x06\x07\x08 \t\r\n\x0b\x0c"))
    match = re.match(r"(?i)(https?):[/\\]*(.*)", text, re.DOTALL)
    if not match:
        return text
    rest = match[2]
    end = re.search(r"[?#]", rest)
    cut = end.start() if end else len(rest)
    return f"{match[1].lower()}://{rest[:cut].replace(chr(92), '/')}{rest[cut:]}"


def _host(host: str) -> str | None:
    import idna

    if ":" in host:
        try:
            six = ipaddress.IPv6Address(host.partition("%")[0])
        except ValueError:
            return None
        return str(six.ipv4_mapped or six)
    name = unquote(host)
    try:
        name = idna.uts46_remap(name, std3_rules=False, transitional=False)
        labels = [
            label if label.isascii() else idna.alabel(label).decode()
            for label in name.rstrip(".").split(".")
        ]
    except (idna.IDNAError, UnicodeError):
        return None
    name = ".".join(labels).lower()
    if not name or len(name) > 253 or not re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", name):
        return None
    if re.fullmatch(r"\d+|0x[0-9a-f]*", labels[-1].lower()):
        return _ipv4(name)
    return name


def _ipv4(name: str) -> str | None:
    """`127.1`, `0x7f000001`, `2130706433` and `0177.0.0.1` are all 127.0.0.1 to a browser."""
    parts = name.split(".")
    if len(parts) > 4:
        return None
    numbers = []
    for part in parts:
        try:
            if part.startswith("0x"):
                numbers.append(int(part[2:] or "0", 16))
            elif len(part) > 1 and part.startswith("0"):
                numbers.append(int(part, 8))
            else:
                numbers.append(int(part))
        except ValueError:
            return None
    *front, last = numbers
    if any(n > 255 for n in front) or last >= 256 ** (5 - len(numbers)):
        return None
    value = last + sum(n << 8 * (3 - i) for i, n in enumerate(front))
    return str(ipaddress.IPv4Address(value))


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
