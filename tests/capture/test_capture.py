"""Capturing from a real Chromium on the loopback address."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from agent.capture.browser import Browser, find_chromium, open_browser
from agent.capture.dom import Told, look
from agent.capture.domains import DomainRules
from agent.capture.frames import Frame
from agent.capture.guard import Guard, set_pause
from agent.capture.run import Capture
from agent.capture.script import load_steps
from agent.capture.session import Outcome, Plan, Stop
from agent.capture.store import FrameStore
from agent.demo.recorded import SESSIONS
from agent.demo.serve import served
from tests.capture.site import site
from tools.errors import FrameRefused, InteraRecError

pytest.importorskip("playwright", reason="the capture extra is not installed")
pytestmark = pytest.mark.skipif(find_chromium() is None, reason="there is no Chromium here")

CARD = "4539 1488 0343 6467"
MAIL = "ada.quill@mail.example.org"
PHONE = "+44 7700 900123"
PAGE = "<!doctype html><meta charset=utf-8><title>{title}</title><body style='margin:20px'>{body}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def captured(
    browser: Browser,
    store: FrameStore,
    url: str,
    plan: Plan,
    guard: Guard | None = None,
    **how: Any,
) -> Outcome:
    run = Capture(browser, store, guard or Guard(), plan)
    try:
        return run.run(url, how.pop("stop", Stop()), how.pop("steps", ()))
    finally:
        for page in browser.context.pages:
            page.close()


def bytes_below(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_every_page_and_scroll_of_a_demo_browse_is_kept_and_idle_frames_are_dropped(
    browser: Browser, tmp_path: Path
) -> None:
    steps = list(load_steps(SESSIONS / "dresses" / "script.yaml"))[:6]  # go, search … scroll
    with served("GBP") as address, FrameStore(tmp_path / "f.sqlite", only_checked=True) as store:
        outcome = captured(
            browser, store, address, Plan(0.4, dwell=1.0), Guard(redact=False), steps=steps
        )
        frames = store.session("last")
    assert outcome.stopped == "script"
    assert outcome.warnings == []
    assert outcome.frames == outcome.kept + outcome.dropped
    # Home, search, filter, scrolled, price range, scrolled on.
    places = [(f.page.url.partition("?")[2], f.page.scroll_y) for f in frames if f.page]
    assert len(set(places)) == 6
    assert outcome.kept == len(frames) == 6
    assert outcome.dropped >= 4
    assert [f.page.scroll_y > 0 for f in frames if f.page] == [
        False,
        False,
        False,
        True,
        False,
        True,
    ]
    assert all(f.media_type == "image/jpeg" and (f.width, f.height) == (1280, 800) for f in frames)
    assert all(f.page.title and abs(f.page.taken - time.time()) < 600 for f in frames if f.page)


def test_auto_follows_what_happens_and_rests_when_nothing_does(
    browser: Browser, tmp_path: Path
) -> None:
    tall = "".join(f"<p style='height:90px'>Line number {n}</p>" for n in range(60))
    steps = [{"scroll": 500}, {"scroll": 500}, {"go": "/two"}]
    pages = {"/": PAGE.format(title="one", body=tall), "/two": PAGE.format(title="two", body="Two")}
    with site(pages) as address, FrameStore(tmp_path / "f.sqlite") as store:
        outcome = captured(
            browser, store, address + "/", Plan(None, dwell=2.0), Guard(redact=False), steps=steps
        )
        scrolls = [(f.page.title, f.page.scroll_y) for f in store.session("last") if f.page]
    assert outcome.stopped == "script"
    assert scrolls == [("one", 0.0), ("one", 500.0), ("one", 1000.0), ("two", 0.0)]
    assert outcome.dropped <= 4


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_formats_count_and_time(browser: Browser, tmp_path: Path, kind: Any) -> None:
    one = {"/": PAGE.format(title="t", body="<h1>A page</h1>")}
    with site(one) as address, FrameStore(tmp_path / "f.sqlite") as store:
        plan = Plan(0.1, count=3, format=kind)
        outcome = captured(browser, store, address + "/", plan, Guard(redact=False))
        assert (outcome.frames, outcome.kept, outcome.stopped) == (3, 1, "count")
        (frame,) = store.session("last")
        assert frame.media_type == f"image/{kind}"
        assert outcome.bytes == len(frame.data)
        timed = captured(browser, store, address + "/", Plan(0.1, seconds=0.5, format=kind),
                         Guard(redact=False))  # fmt: skip
        assert timed.stopped == "time"


def dark(frame: Frame, told: Any) -> bool:
    """Whether everything that the page told of is solid black on the picture."""
    rgb = frame.rgb()
    return all(
        (rgb[max(0, b.top) + 1 : b.bottom - 1, max(0, b.left) + 1 : b.right - 1] < 40).all()
        for b in told.boxes.values()
    )


HIDING_PLACES = {
    "text": f"<p>Call me: {PHONE}, write {MAIL}</p><p>Card {CARD}</p>",
    "split": f"<p>Card <b>4539</b> <i>1488</i> 0343<span> 6467</span></p><p>{MAIL}</p><p>"
    f"{PHONE}</p>",
    "fields": f"<form><input value='{CARD}'><input type=email value='{MAIL}'><input "
    f"value='{PHONE}' "
    "autocomplete=tel><input type=password value=hunter22></form>",
    "textarea": f"<textarea rows=4 cols=60>{CARD}\n{MAIL}\n{PHONE}</textarea>",
    "open shadow": "<div id=h></div><script>document.getElementById('h')"
    ".attachShadow({mode:'open'})"
    f".innerHTML = '<p>{CARD}</p><input value=\"{MAIL}\"><p>{PHONE}</p>'</script>",
    "closed shadow": "<div id=h></div><script>document.getElementById('h').attachShadow({mode:"
    f"'closed'}}).innerHTML = '<p>{CARD}</p><input value=\"{MAIL}\"><p>{PHONE}</p>'</script>",
    "frame": f'<iframe style="width:600px;height:300px" srcdoc="<p>{CARD}</p><p>{MAIL}</p>'
    f"<input value='{PHONE}'>\"></iframe>",
    "select": f"<select><option>{CARD} {MAIL} {PHONE}</select>",
}


@pytest.mark.parametrize("place", HIDING_PLACES)
def test_personal_data_is_found_wherever_a_page_hides_it(browser: Browser, place: str) -> None:
    page = browser.context.new_page()
    try:
        page.goto("about:blank")
        page.evaluate("1")
        page.set_content(PAGE.format(title="t", body=HIDING_PLACES[place] + "<p>Dress £24.99</p>"))
        guard = Guard()
        frame = guard.check(browser.screenshot(page, "png", 100), "x")
        told = look(page, guard.rules, frame.width)
        wanted = 1 if place in ("textarea", "select") else 4 if place == "fields" else 3
        assert len({(k[0], k[1], k[2]) for k in told.boxes}) >= wanted
        cleared = guard.clear_page(frame, list(told.boxes.values()), [])
        assert dark(cleared, told)
        price = page.locator("text=£24.99").bounding_box()
        assert price is not None
        assert not any(b.top < price["y"] + 5 < b.bottom for b in told.boxes.values())
    finally:
        page.close()


def test_a_search_field_and_a_quantity_stay_readable(browser: Browser) -> None:
    body = (
        "<form><input name=q type=search value='green dress'><input name=min value=18>"
        "<input type=number name=qty value=2><select name=order><option>Price: low to high</select>"
        "</form><form><input name=city value=Leeds><input name=extra value='ring twice'></form>"
    )
    page = browser.context.new_page()
    try:
        page.set_content(PAGE.format(title="t", body=body))
        boxes = look(page, DomainRules(), 1280).boxes
        fields = {key[2] for key in boxes if key[1] == "field"}
        # The form with a city is the shopper's own, all of it.
        assert fields == {4, 5}
    finally:
        page.close()


def test_what_is_kept_of_a_session_holds_no_personal_byte(browser: Browser, tmp_path: Path) -> None:
    body = "".join(HIDING_PLACES[p] for p in ("text", "fields", "closed shadow", "frame"))
    body += (
        f"<canvas id=c width=600 height=60></canvas><script>const x=c.getContext('2d');"
        f"x.font='20px Arial';x.fillText('Card {CARD}',10,40)</script>"
    )
    with site(
        {"/orders/112-7654321-1234567": PAGE.format(title=f"Hi {MAIL}", body=body)}
    ) as address:
        url = f"{address.replace('http://', 'http://ada:swordfish@')}/orders/112-7654321-1234567"
        with FrameStore(tmp_path / "f.sqlite", only_checked=True) as store:
            guard = Guard()
            outcome = captured(browser, store, f"{url}?email={MAIL}#x", Plan(0.2, count=2), guard)
            assert outcome.kept >= 1
            frames = store.session("last")
            left = bytes_below(tmp_path)  # database and log, while the store is open
        told = json.dumps(outcome.to_json())
    for marker in (
        CARD,
        CARD.replace(" ", ""),
        MAIL,
        PHONE,
        "hunter22",
        "ada",
        "swordfish",
        "112-7654321",
    ):
        assert marker.encode() not in left
        assert marker.encode("utf-16-le") not in left
        assert marker not in told
    assert {"card", "email", "phone", "secret"} <= set(outcome.boxes)
    for frame in frames:
        assert frame.page is not None
        assert MAIL not in frame.page.title
        # A fresh reader finds nothing personal on what was kept, in the canvas least of all.
        assert Guard().clear(frame).boxes == frame.boxes


def test_a_denied_site_is_refused_before_it_is_opened(browser: Browser, tmp_path: Path) -> None:
    guard = Guard(DomainRules.of(deny=["127.0.0.1"]))
    with site({"/": "x"}) as address, FrameStore(tmp_path / "f.sqlite") as store:
        with pytest.raises(FrameRefused, match="deny list") as caught:
            captured(browser, store, address + "/", Plan(0.1, count=1), guard)
        assert caught.value.code == "denied"
        assert len(store) == 0


def test_a_page_that_is_closed_while_it_is_asked_ends_the_session_in_words(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closing(page: Any, *_: object) -> Told:
        page.close()
        return look(page, *_)  # type: ignore[arg-type]

    monkeypatch.setattr("agent.capture.looker.look", closing)
    pages = {"/": PAGE.format(title="a", body="Shop")}
    with site(pages) as address, FrameStore(tmp_path / "f.sqlite") as store:
        outcome = captured(browser, store, address + "/", Plan(0.2, seconds=20))
    assert outcome.stopped == "failed"
    assert [w.code for w in outcome.warnings] == ["browser_died"]


def test_going_on_to_a_denied_site_stops_the_looking_but_not_the_session(
    browser: Browser, tmp_path: Path
) -> None:
    pages = {"/": PAGE.format(title="a", body="Shop"), "/b": PAGE.format(title="b", body="Bank")}
    with site(pages) as shop, site(pages) as bank, FrameStore(tmp_path / "f.sqlite") as store:
        guard = Guard(DomainRules.of(deny=[bank.removeprefix("http://")]), redact=False)
        outcome = captured(
            browser, store, shop + "/", Plan(0.2, dwell=0.6), guard, steps=[{"go": bank + "/b"}]
        )
        assert outcome.refused["denied"] >= 1
        assert [f.page.title for f in store.session("last") if f.page] == ["a"]


def test_a_frame_of_a_denied_site_is_covered_whole(browser: Browser) -> None:
    with site({"/": PAGE.format(title="b", body="Balance 12")}) as bank:
        page = browser.context.new_page()
        try:
            inner = f"<iframe src='{bank}/' style='width:300px;height:200px;border:0'></iframe>"
            page.set_content(PAGE.format(title="t", body=inner))
            page.frame_locator("iframe").locator("text=Balance").wait_for()
            rules = DomainRules.of(deny=["127.0.0.1"])
            (box,) = look(page, rules, 1280).boxes.values()
            assert (box.kind, box.right - box.left, box.bottom - box.top) == ("hidden", 300, 200)
            assert look(page, DomainRules(), 1280).boxes == {}
        finally:
            page.close()


def test_while_paused_nothing_is_looked_at(browser: Browser, tmp_path: Path) -> None:
    set_pause(tmp_path, True)
    guard = Guard(pause=tmp_path / "paused", redact=False)
    one = {"/": PAGE.format(title="t", body="x")}
    with site(one) as address, FrameStore(tmp_path / "f.sqlite") as store:
        outcome = captured(browser, store, address + "/", Plan(0.1, count=3), guard)
        assert (outcome.frames, outcome.refused["paused"]) == (0, 3)
        set_pause(tmp_path, False)
        outcome = captured(browser, store, address + "/", Plan(0.1, count=2), guard)
        assert (outcome.frames, outcome.kept) == (2, 1)


def test_a_new_tab_is_followed(browser: Browser, tmp_path: Path) -> None:
    pages = {
        "/": PAGE.format(title="one", body="<a id=n target=_blank href=/two>Open</a>"),
        "/two": PAGE.format(title="two", body="<h1>Second</h1>"),
    }
    with site(pages) as address, FrameStore(tmp_path / "f.sqlite") as store:
        steps = [{"click": "#n"}, {"wait": 0.3}]
        captured(
            browser, store, address + "/", Plan(0.3, dwell=0.8), Guard(redact=False), steps=steps
        )
        assert [f.page.title for f in store.session("last") if f.page] == ["one", "two"]


def test_a_page_that_never_rests_is_kept_with_boxes_for_every_moment(
    browser: Browser, tmp_path: Path
) -> None:
    moving = (
        f"<p id=m style='position:absolute'>{CARD}</p><script>let t=0;setInterval(() => "
        "{ m.style.left = 100 + 80 * Math.sin(t += 0.2) + 'px' }, 20)</script>"
    )
    one = {"/": PAGE.format(title="t", body=moving)}
    with site(one) as address, FrameStore(tmp_path / "f.sqlite") as store:
        outcome = captured(browser, store, address + "/", Plan(0.1, count=2))
        assert outcome.kept >= 1
        for frame in store.session("last"):
            assert Guard().clear(frame).boxes == ()


def test_a_page_that_cannot_be_reached_is_one_sentence(browser: Browser, tmp_path: Path) -> None:
    with FrameStore(tmp_path / "f.sqlite") as store, pytest.raises(InteraRecError, match="opened"):
        captured(browser, store, "http://127.0.0.1:9/", Plan(0.1, count=1))


def test_a_full_disk_keeps_what_was_captured_and_says_so(browser: Browser, tmp_path: Path) -> None:
    steps = [{"scroll": 300}] * 30
    tall = "".join(
        f"<p style='height:90px;background:rgb({n * 5},{n},90)'>{n}</p>" for n in range(50)
    )
    with site({"/": PAGE.format(title="t", body=tall)}) as address:
        with FrameStore(tmp_path / "f.sqlite") as store:
            pages = store._db.run("PRAGMA page_count")[0][0]
            store._db.run(f"PRAGMA max_page_count = {pages + 20}")  # SQLITE_FULL, as a full disk
            outcome = captured(
                browser,
                store,
                address + "/",
                Plan(0.2, dwell=0.3),
                Guard(redact=False),
                steps=steps,
            )
        assert outcome.stopped == "failed"
        (warning,) = outcome.warnings
        assert warning.code == "store_failed"
        assert "full" in warning.reason
        assert f"{outcome.kept} frames kept before are safe" in warning.reason
        assert outcome.kept >= 1
        with FrameStore(tmp_path / "f.sqlite") as store:
            assert len(store.session("last")) == outcome.kept


def test_the_picture_is_the_viewport_and_nothing_beyond(browser: Browser) -> None:
    page = browser.context.new_page()
    try:
        page.set_content("<body style='margin:0'><div style='height:800px;background:#0f0'></div>"
                         "<div style='height:800px;background:#f00'></div>")  # fmt: skip
        with Image.open(io.BytesIO(browser.screenshot(page, "png", 100))) as shot:
            assert shot.size == (1280, 800)
            pixels = np.asarray(shot.convert("RGB"))
        assert (pixels[:790] == [0, 255, 0]).all()
    finally:
        page.close()
