"""The demo shop on the loopback address: `python -m agent.demo.serve --currency GBP`."""

from __future__ import annotations

import argparse
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from agent.demo.browse import Query, by_id
from agent.demo.pages import (
    Basket,
    basket_page,
    compare_page,
    detail_page,
    home_page,
    listing_page,
)
from agent.demo.words import CURRENCIES, Currency


class _Pages(BaseHTTPRequestHandler):
    currency: Currency

    def do_GET(self) -> None:
        """Answer with a page; the basket lives in a cookie."""
        address = urlsplit(self.path)
        fields = parse_qs(address.query)
        known = by_id(self.currency)
        basket = [line for line in self._basket() if line[0] in known]
        match address.path.strip("/").split("/"):
            case [""]:
                self._send(home_page(self.currency, basket))
            case ["search"]:
                self._send(listing_page(self.currency, Query.parse(fields), basket))
            case ["p", key] if key in known:
                size = fields.get("size", [""])[0]
                self._send(detail_page(self.currency, known[key], size, basket))
            case ["compare"]:
                items = [known[key] for key in fields.get("id", []) if key in known][:3]
                self._send(compare_page(self.currency, items, basket))
            case ["basket"]:
                self._send(basket_page(self.currency, basket))
            case ["basket", "add"] if (key := fields.get("id", [""])[0]) in known:
                size = fields.get("size", [""])[0]
                self._add(basket, key, size if size in known[key].sizes else "")
            case _:
                self.send_error(HTTPStatus.NOT_FOUND)

    def _basket(self) -> Basket:
        try:
            cookies = SimpleCookie(self.headers.get("Cookie", ""))
        except CookieError:
            return []
        text = cookies["basket"].value if "basket" in cookies else ""
        lines = (part.partition("_") for part in text.split("."))
        return [(key, size.replace("-", " ")) for key, _, size in lines]

    def _add(self, basket: Basket, key: str, size: str) -> None:
        lines = [*basket, (key, size)]
        value = ".".join(f"{one}_{other.replace(' ', '-')}" for one, other in lines)
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", "/basket")
        self.send_header("Set-Cookie", f"basket={value}; Path=/; SameSite=Strict")
        self.end_headers()

    def _send(self, page: str) -> None:
        body = page.encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the shop is a stage, not a service."""


@contextmanager
def served(currency: Currency, port: int = 0) -> Iterator[str]:
    """The shop's address on 127.0.0.1 for the time of a `with` block; port 0 takes a free one."""
    with on_loopback(type("_Shop", (_Pages,), {"currency": currency}), port) as address:
        yield address


@contextmanager
def on_loopback(handler: type[BaseHTTPRequestHandler], port: int = 0) -> Iterator[str]:
    """The address of a server on 127.0.0.1 that answers with this handler; port 0: a free one."""
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main() -> None:
    """Serve until interrupted."""
    arguments = argparse.ArgumentParser(description="The demo shop on 127.0.0.1.")
    arguments.add_argument("--currency", choices=CURRENCIES, default="GBP")
    arguments.add_argument("--port", type=int, default=8090)
    chosen = arguments.parse_args()
    with served(chosen.currency, chosen.port) as address:
        print(f"The demo shop is at {address} until you press Ctrl-C.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print()


if __name__ == "__main__":
    main()
