"""Record a browsing session of the demo shop: `python -m agent.demo.record --session NAME`.

For developers: it drives Debian's Chromium through `sessions/NAME/script.yaml`, keeps what the
window shows after every step as a JPEG, and writes down, from the page itself, which products
each picture shows. Needs the extra `capture`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from agent.capture.browser import open_browser
from agent.capture.script import perform
from agent.demo.browse import by_id
from agent.demo.recorded import SESSIONS, session_names
from agent.demo.serve import served
from agent.demo.words import Currency

if TYPE_CHECKING:
    from playwright.sync_api import Page

WIDTH, HEIGHT, QUALITY = 1280, 800, 80
# What of a product is in the window: a card counts as whole when picture and price both are; the
# product of a detail page when its title and price are.
_VISIBLE = """() => {
  const inside = e => { const r = e.getBoundingClientRect();
    return r.top >= -3 && r.bottom <= innerHeight + 3; };  // a line box is taller than its letters
  return [...document.querySelectorAll('[data-product]')].map(e => {
    const detail = e.dataset.role === 'detail';
    const r = (detail ? e.querySelector('.one') : e).getBoundingClientRect();
    const parts = ['.price', detail ? 'h1' : '.shot'].map(s => e.querySelector(s));
    return {id: e.dataset.product, role: e.dataset.role, clipped: !parts.every(inside),
            share: (Math.min(r.bottom, innerHeight) - Math.max(r.top, 0)) / r.height,
            box: [r.left, Math.max(r.top, 0), r.right, Math.min(r.bottom, innerHeight)]
              .map(Math.round)};
  }).filter(p => p.share > 0.15);
}"""


def record(name: str, folder: Path) -> int:
    """Play `folder/script.yaml`, write `01.jpg` … and `session.json` beside it; how many frames.

    A step that says what the shopper `did` gives a frame; the others only lead there.

    Raises MissingExtra without playwright, InputError where the script names an unknown step.
    """
    script = yaml.safe_load((folder / "script.yaml").read_text("utf-8"))
    currency: Currency = script["currency"]
    for old in folder.glob("*.jpg"):
        old.unlink()
    frames: list[dict[str, Any]] = []
    with served(currency) as address, open_browser(size=(WIDTH, HEIGHT)) as browser:
        page = browser.context.new_page()
        for step in script["steps"]:
            perform(page, step, address)
            if "did" not in step:
                continue
            file = f"{len(frames) + 1:02}.jpg"
            page.screenshot(path=folder / file, type="jpeg", quality=QUALITY)
            frames.append(
                {
                    "file": file,
                    "did": step["did"],
                    "page": page.url.removeprefix(address),
                    "products": list(_shown(page, currency)),
                }
            )
    whole = [p["price"] for f in frames for p in f["products"] if not p["clipped"]]
    gold = {"lowest_price": min(whole), "highest_price": max(whole), **script["gold"]}
    told = {key: script[key] for key in ("title", "shopper", "currency")}
    story = {"name": name, **told, "gold": gold, "frames": frames}
    text = json.dumps(story, ensure_ascii=False, indent=1)
    (folder / "session.json").write_text(text + "\n", encoding="utf-8")
    return len(frames)


def _shown(page: Page, currency: Currency) -> Iterator[dict[str, Any]]:
    for seen in page.evaluate(_VISIBLE):
        item = by_id(currency)[seen["id"]]
        yield {
            "id": item.id,
            "role": seen["role"],
            "clipped": seen["clipped"],
            "box": seen["box"],
            "title": item.title,
            "brand": item.brand,
            "price": float(item.price.amount) if item.price else None,
            "list_price": float(item.list_price.amount) if item.list_price else None,
            "currency": currency,
            "color": item.colors[0],
            "rating": item.rating,
            "reviews": item.reviews if item.rating is not None else None,
        }


def main() -> None:
    """Record one session, or all of them."""
    arguments = argparse.ArgumentParser(description="Record a browsing session of the demo shop.")
    arguments.add_argument("--session", choices=session_names(), action="append")
    for name in arguments.parse_args().session or session_names():
        folder = SESSIONS / name
        count = record(name, folder)
        size = sum(file.stat().st_size for file in folder.glob("*.jpg"))
        print(f"{name}: {count} frames, {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
