"""A part of the sixty pages of `benchmarks/redaction.py`, rendered in a real Chromium."""

from __future__ import annotations

import pytest

from agent.capture.browser import find_chromium
from evals.forms import form_pages
from evals.redaction import COVERED, HIT, looked_at

pytest.importorskip("playwright", reason="the capture extra is not installed")
pytestmark = pytest.mark.skipif(find_chromium() is None, reason="there is no Chromium here")


def test_the_pages_are_the_same_every_time_and_of_every_kind() -> None:
    pages = form_pages()
    assert pages == form_pages()
    assert len(pages) == 60
    assert [sum(p.where == w for p in pages) for w in ("field", "text", "pixels")] == [30, 15, 15]
    assert len({p.country for p in pages}) == 11


def test_nearly_everything_personal_is_covered_and_the_shops_own_stays() -> None:
    pages = [page for page in form_pages() if page.where != "pixels"][:12]
    own = keep = covered = hit = 0
    for seen, is_own in looked_at(pages, asked=["page"]):
        own, keep = own + is_own, keep + (not is_own)
        covered += is_own and seen.share >= COVERED
        hit += not is_own and seen.share >= HIT
    assert own > 60
    assert covered >= 0.95 * own
    assert keep > 100
    assert hit <= 0.02 * keep


def test_pixels_alone_are_enough() -> None:
    pages = [page for page in form_pages() if page.where == "pixels"][:2]
    seen = [s for s, is_own in looked_at(pages, asked=["picture"]) if is_own]
    assert len(seen) >= 12
    assert sum(s.share >= COVERED for s in seen) >= 0.9 * len(seen)
