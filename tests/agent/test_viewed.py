"""From screens to sessions: the items viewed, and what comes next after them."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import ToolMessage
from langgraph.checkpoint.memory import InMemorySaver

from agent.assembly import open_session_model
from agent.capture.frames import Page
from agent.config import Settings
from agent.demo.catalogs import demo_catalogs
from agent.demo.recorded import session_names, session_story
from agent.graph import make_graph
from agent.language.next_items import asks_what_comes_next
from agent.session import Session
from agent.viewed import SURE, ViewedItem, named_by, viewed_items
from tests.support.shop import PreparedVision, frame, shop_context, small_catalog
from tools.catalog import Catalog
from tools.errors import SessionError
from tools.preferences import FrameReading, PageKind, SeenProduct
from tools.sessions.data import SessionData, Sessions
from tools.sessions.evaluate import fitted
from tools.sessions.registry import create
from tools.sessions.serve import write_vocabulary
from tools.toolset import tool_schemas


def reading(number: int, *products: SeenProduct, kind: PageKind = "detail") -> FrameReading:
    return FrameReading(digest=frame(number).digest, kind=kind, products=products, currency="GBP")


def opened(catalog: Catalog, item: str, **changes: Any) -> SeenProduct:
    """The item's own page as a good reader reads it."""
    [product] = catalog.get([item])
    assert product.price is not None
    told = {"title": product.title, "price": product.price.amount, "currency": "GBP"}
    return SeenProduct.model_validate({**told, "opened": True, **changes})


def ids(views: Sequence[ViewedItem]) -> list[str]:
    return [view.id for view in views]


def test_titles_and_prices_name_the_items(catalog: Catalog) -> None:
    listed = opened(catalog, "p30", opened=False)
    views = viewed_items(
        [
            reading(1, listed, kind="listing"),
            reading(2, opened(catalog, "p4"), listed),
            reading(3, opened(catalog, "p4")),
            reading(4, opened(catalog, "p7", title="Birch bleck dress")),  # p10, misread
            reading(5, opened(catalog, "p4")),
        ],
        catalog,
    )
    # Staying is one view, coming back another; what is only listed was not viewed.
    assert ids(views)[:1] == ["p4"]
    assert ids(views)[-1] == "p4"
    assert [view.frame for view in views] == [1, 3, 4]
    assert views[0].how == "title and price"
    assert views[0].confidence == 1.0
    assert "p30" not in ids(views)


def test_another_price_and_another_title_make_unsure(catalog: Catalog) -> None:
    other_price = viewed_items([reading(1, opened(catalog, "p4", price=1))], catalog)
    assert ids(other_price) == ["p4"]
    assert not other_price[0].counted or other_price[0].confidence == SURE
    assert other_price[0].how == "title"
    stranger = opened(catalog, "p4", title="A grand piano with three pedals")
    assert viewed_items([reading(1, stranger)], catalog) == []


def test_titles_that_cannot_be_told_apart_share_the_confidence(tmp_path: Path) -> None:
    catalog = small_catalog(tmp_path, title="Plain dress", price=40)
    [view] = viewed_items([reading(1, opened(catalog, "p3"))], catalog)
    assert view.confidence < 0.2
    assert not view.counted


def test_the_address_comes_first(catalog: Catalog) -> None:
    seen = reading(1, opened(catalog, "p4"))
    told = {seen.digest: "https://shop.test/p/p5?size=M"}
    [view] = viewed_items([seen], catalog, told)
    assert (view.id, view.how, view.confidence) == ("p5", "address", 1.0)


@pytest.mark.parametrize(
    ("address", "item"),
    [
        ("https://shop.test/p/p5", "p5"),
        ("/product/p5/", "p5"),
        ("https://shop.test/basket/add?id=p7", "p7"),
        ("https://shop.test/search?q=p5", None),
        ("https://shop.test/p/p999", None),
        ("https://shop.test/", None),
        ("https://[broken/p/p5", None),
        ("", None),
    ],
)
def test_addresses(address: str, item: str | None, catalog: Catalog) -> None:
    found = named_by(address, catalog)
    assert (found and found.id) == item


def test_a_title_may_contradict_the_address(catalog: Catalog) -> None:
    assert named_by("/p/p5", catalog, "Stainless steel toaster, four slices") is None


def test_another_shops_ids_are_not_ours(tmp_path: Path) -> None:
    catalog = small_catalog(tmp_path, url="https://www.shop.test/things/aster-green-dress")
    assert named_by("https://other.test/p/p5", catalog) is None
    assert named_by("https://other.test/p/p5", catalog, catalog.get(["p5"])[0].title)
    assert named_by("http://127.0.0.1:8000/p/p5", catalog)
    assert named_by("http://127.0.0.1:8000/p/p5", catalog, "Stainless steel toaster") is None
    spelt = named_by("https://shop.test/things/aster-green-dress?ref=mail", catalog)
    assert spelt is not None


def model_folder(folder: Path, rows: Sequence[Sequence[str]], name: str) -> Path:
    """A model fitted on sessions of item ids, as `interarec session train` keeps it."""
    items = list(dict.fromkeys(item for row in rows for item in row))
    place = {item: i for i, item in enumerate(items)}
    train = Sessions.from_rows(
        [[place[i] for i in row[:-1]] for row in rows], [place[row[-1]] for row in rows]
    )
    data = SessionData(items, len(items), train, train.slice(0, 0), train.slice(0, 0))
    model = create(name)
    _, removed = fitted(model, data)
    model.save(folder)
    write_vocabulary(folder, items, removed)
    return folder


class Browsing(PreparedVision):
    """Reads every frame as the page of the next item."""

    def read(self, frames: Any, **kwargs: Any) -> Any:
        whole = self.products
        result = super().read(frames, **kwargs)
        start = len(kwargs["before"])
        readings = [
            r.model_copy(update={"products": (whole[start + i],), "kind": "detail"})
            for i, r in enumerate(result.readings)
        ]
        return replace(result, readings=readings)


@pytest.fixture
def session(tmp_path: Path, catalog: Catalog) -> Session:
    # Shoppers who view p0 then p1 go on to p2, then p3.
    folder = model_folder(tmp_path / "model", [["p0", "p1", "p2", "p3"]] * 5 + [["p9", "p8"]],
                          "vsknn+rules")  # fmt: skip
    vision = Browsing(opened(catalog, "p0"), opened(catalog, "p1"))
    ranker = open_session_model(Settings(session_model=folder))
    context = shop_context(catalog, tmp_path, vision, next_items=ranker)
    return Session(context, "t", make_graph(InMemorySaver()))


def test_the_graph_ranks_what_comes_next(session: Session, catalog: Catalog) -> None:
    state = session.turn("", [frame(1), frame(2)])
    assert ids(state["viewed"]) == ["p0", "p1"]
    state = session.turn("what would others look at next?")
    assert [use.name for use in state["tools_used"]] == ["rank_next_items"]
    [answer] = [m for m in state["messages"] if isinstance(m, ToolMessage)][-1:]
    found = json.loads(answer.text)
    assert found["model"] == "vsknn+rules"
    ranked = [item["id"] for item in found["items"]]
    assert ranked
    hard = session.context.engine("GBP", state.get("liking"))
    allowed = hard.matching(hard.applicable(state["limits"])[0])
    assert all(allowed[catalog.row_of(item)] for item in ranked)
    for product in catalog.get(ranked):
        assert product.title in state["message"]
        assert str(product.price) in state["message"]
    # "the first two" are those just ranked.
    state = session.turn("compare the first two")
    assert state["tools_used"][0].args["ids"] == ranked[:2]


def test_what_was_only_seen_gives_way_and_what_was_said_does_not(
    session: Session, tmp_path: Path
) -> None:
    # Who views p0 and p1, dresses of £40 to £47, goes on to p30, a phone of more than £300.
    folder = model_folder(tmp_path / "other", [["p0", "p1", "p30"]] * 5 + [["p9", "p8"]], "vsknn")
    ranker = open_session_model(Settings(session_model=folder))
    session = Session(replace(session.context, next_items=ranker), "o", session.graph)
    session.turn("", [frame(1), frame(2)])
    state = session.turn("what do other shoppers look at next?")
    [phone] = session.context.catalog("GBP").get(["p30"])
    assert phone.title in state["message"]
    assert "Within what you looked at so far" in state["message"]
    session.turn("only dresses, up to £60")
    state = session.turn("what do other shoppers look at next?")
    assert phone.title not in state["message"]


def test_the_address_in_the_frame_store_reaches_the_graph(session: Session) -> None:
    store = session.context.frames
    captured = replace(frame(7), page=Page("https://shop.test/p/p2", taken=time.time()))
    store.add("s", captured)
    state = session.turn("", [captured])
    assert [(v.id, v.how) for v in state["viewed"]] == [("p2", "address")]


def test_without_views_or_a_model_it_says_so(session: Session) -> None:
    state = session.turn("what do other shoppers look at next?")
    assert "no item page was recognised" in state["message"]
    bare = Session(replace(session.context, next_items=None), "b", make_graph(InMemorySaver()))
    state = bare.turn("what do other shoppers look at next?")
    assert "rank_next_items" not in [use.name for use in state["tools_used"]]


def test_the_tool_is_offered_with_a_model_only() -> None:
    names = {s["function"]["name"] for s in tool_schemas()}
    without = {s["function"]["name"] for s in tool_schemas(next_items=False)}
    assert names - without == {"rank_next_items"}


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SessionError, match="no session model"):
        open_session_model(Settings(session_model=tmp_path))


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("What would others look at next?", True),
        ("what do other shoppers view after this", True),
        ("what should I look at next", True),
        ("what would they look at next under £30?", True),
        ("customers who saw these also bought what?", True),
        ("people who looked at this, what did they see next?", True),
        ("what's next?", True),
        ("show me other colours", False),
        ("next day delivery, please", False),
        ("a green dress under £40", False),
        ("something to look good in at a wedding", False),
        ("dresses other people would call too short", False),
        ("the next size up", False),
    ],
)
def test_who_asks(text: str, asks: bool) -> None:
    assert asks_what_comes_next(text) is asks


def told(story: dict[str, Any]) -> list[FrameReading]:
    """A recorded session as a reader without slips would read it."""
    readings = []
    for number, one in enumerate(story["frames"]):
        products = tuple(
            SeenProduct(
                title=p["title"],
                price=p["price"],
                currency=p["currency"],
                opened=p["role"] == "detail",
            )
            for p in one["products"]
        )
        readings.append(FrameReading(digest=frame(number).digest, products=products))
    return readings


def pages(story: dict[str, Any]) -> list[str]:
    """The items whose own page the shopper had before them, staying counted once."""
    shown = [
        next((p["id"] for p in one["products"] if p["role"] == "detail"), None)
        for one in story["frames"]
    ]
    return [i for before, i in zip([None, *shown], shown, strict=False) if i and i != before]


@pytest.fixture(scope="module")
def demo(demo_home: Path) -> dict[str, Catalog]:
    found = [Catalog.open(folder) for folder in demo_catalogs(demo_home)]
    return {str(c.currency): c for c in found}


@pytest.mark.parametrize("name", session_names())
def test_the_demo_shops_sessions_are_recognised(name: str, demo: dict[str, Catalog]) -> None:
    story = session_story(name)
    catalog = demo[story["currency"]]
    readings = told(story)
    by_title = [v.id for v in viewed_items(readings, catalog) if v.counted]
    assert by_title == pages(story)
    addresses = {
        r.digest: f"https://demo.test{one['page']}"
        for r, one in zip(readings, story["frames"], strict=True)
    }
    by_address = viewed_items(readings, catalog, addresses)
    assert [v.id for v in by_address if v.how == "address"] == pages(story)


def test_a_model_of_demo_sessions_goes_on(demo: dict[str, Catalog], tmp_path: Path) -> None:
    stories = [session_story(name) for name in session_names()]
    rows = [pages(story) for story in stories]
    folder = model_folder(tmp_path / "model", [row for row in rows if len(row) > 1] * 3, "vsknn")
    ranker = open_session_model(Settings(session_model=folder))
    assert ranker is not None
    for story, row in zip(stories, rows, strict=True):
        if len(row) < 2:
            continue
        catalog = demo[story["currency"]]
        viewed = [v.id for v in viewed_items(told(story), catalog) if v.counted]
        ranked = [item for item, _ in ranker.rank(viewed[:-1], 20).items]
        assert next(item for item in ranked if item not in viewed[:-1]) == row[-1]
