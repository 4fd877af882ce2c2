from __future__ import annotations

from decimal import Decimal

import pytest

from agent.capture.folder import collect
from agent.capture.repeats import drop_duplicates
from agent.demo.browse import by_id
from agent.demo.recorded import session_frames, session_names, session_story
from tools.errors import InputError
from tools.preferences import CATEGORIES


def test_the_first_session_comes_first() -> None:
    assert session_names()[0] == "dresses"
    assert {"home", "phones", "sarees"} < set(session_names())


@pytest.mark.parametrize("name", session_names())
def test_a_session_is_ten_to_fifteen_distinct_frames_under_three_megabytes(name: str) -> None:
    paths = session_frames(name)
    frames, refused = collect(paths)
    assert not refused
    assert 10 <= len(frames) <= 15
    assert sum(path.stat().st_size for path in paths) < 3_000_000
    assert all((frame.width, frame.height) == (1280, 800) for frame in frames)
    assert drop_duplicates(frames) == (frames, [])


@pytest.mark.parametrize("name", session_names())
def test_a_session_shows_the_products_of_today(name: str) -> None:
    # Where this fails the catalogue has changed since the recording: record the session anew.
    story = session_story(name)
    known = by_id(story["currency"])
    assert [f["file"] for f in story["frames"]] == [path.name for path in session_frames(name)]
    for frame in story["frames"]:
        assert frame["did"]
        for seen in frame["products"]:
            item = known[seen["id"]]
            assert item.price
            assert (seen["title"], seen["brand"], seen["color"], seen["rating"]) == (
                item.title,
                item.brand,
                item.colors[0],
                item.rating,
            )
            assert Decimal(str(seen["price"])) == item.price.amount
            left, top, right, bottom = seen["box"]
            assert 0 <= left < right <= 1280
            assert 0 <= top < bottom <= 800


@pytest.mark.parametrize("name", session_names())
def test_the_gold_facts_are_those_of_the_frames(name: str) -> None:
    story = session_story(name)
    gold = story["gold"]
    seen = [product for frame in story["frames"] for product in frame["products"]]
    whole = [product["price"] for product in seen if not product["clipped"]]
    assert (gold["lowest_price"], gold["highest_price"]) == (min(whole), max(whole))
    opened = {product["id"] for product in seen if product["role"] == "detail"}
    basket = {product["id"] for product in seen if product["role"] == "line"}
    assert set(gold["basket"]) == basket
    known = by_id(story["currency"])
    compared = {
        product["id"]
        for f in story["frames"]
        if "/compare" in f["page"]
        for product in f["products"]
    }
    assert opened <= set(gold["opened"]) <= opened | compared
    assert {known[key].categories[-1] for key in gold["opened"]} <= set(gold["categories"])
    assert {known[key].brand for key in gold["opened"]} == set(gold["brands"])
    assert {known[key].colors[0] for key in gold["basket"]} <= set(gold["colors"])
    assert set(gold["summary"]) == set(CATEGORIES)


def test_the_first_session_spans_what_its_story_says() -> None:
    gold = session_story("dresses")["gold"]
    assert (gold["lowest_price"], gold["highest_price"], gold["colors"]) == (18, 144, ["green"])


def test_an_unknown_session_is_named_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"dresses, home, phones, sarees"):
        session_frames("groceries")
