"""What the page holds, without a browser."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from agent.report import Story, render, write_page
from agent.report.pictures import frame_pictures, product_picture
from agent.report.plot import frontier_plot
from agent.report.views import costs, limits, screens, shared_reasons, spans
from tests.report.conftest import HOSTILE, screen, turn
from tools.assortment import FrontierPoint
from tools.catalog import Catalog
from tools.domain import Constraints, Product
from tools.errors import InputError
from tools.phrases import phrase
from tools.solution import Relaxed

LOADING = {"src", "href", "srcset", "data", "action", "formaction", "poster", "background"}


class Parsed(HTMLParser):
    """Tags, addresses, headings and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[tuple[str, str]] = []
        self.handlers: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        for name, value in attrs:
            if name in LOADING or name.endswith(":href"):
                self.addresses.append((tag, value or ""))
            if name.startswith("on"):
                self.handlers.append(name)
            if name == "id":
                self.ids.append(value or "")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)


@pytest.fixture(scope="module")
def page(story: Story) -> Parsed:
    return Parsed(render(story))


def test_everything_of_the_turn_is_on_the_page(story: Story, page: Parsed) -> None:
    solution = story.state["solution"]
    assert solution is not None
    for item in solution.items:
        assert item.title in page.text
        assert str(item.price) in page.text
        assert f"{item.choice_probability * 100:.1f}%" in page.text
        assert all(reason in page.text for reason in item.reasons)
    for _, category in story.state["summary"].items():
        if category.available:
            assert category.text in page.text
    standing = story.state["limits"]
    for field in standing.standing():
        if field != "currency":
            text = phrase(standing, field)
            assert text[:1].upper() + text[1:] in page.text
    assert "seen on screen" in page.text
    for use in story.state["tools_used"]:
        assert use.name in page.text
    assert story.state["message"].split("\n", maxsplit=1)[0] in page.text
    assert "it is cut short" in page.text
    assert "1 picture repeated an earlier one" in page.text
    assert "Proved" in page.text


def test_each_screen_shows_its_boxes_with_their_prices(story: Story) -> None:
    html = render(story)
    shown = screens(story)
    assert len(shown) == 3
    for s in shown:
        assert [(d.x, d.y, d.width, d.height) for d in s.drawn] == [
            (60 + 300 * i, 180, 260, 380) for i in range(4)
        ]
        assert [d.role for d in s.drawn] == ["seen", "opened", "basket", "seen"]
        assert [d.small.text for d in s.drawn if d.small] == ["£30", "£40 ●", "£50 ✓", "£60"]
        for d in s.drawn:
            assert f'x="{d.x}" y="{d.y}" width="{d.width}" height="{d.height}"' in html
            labels = [label for label in (d.small, d.large) if label]
            for label in labels:
                assert label.x >= 0
                assert label.x + label.width <= s.width
                assert 0 <= label.y <= s.height - label.height
    assert html.count("<image ") == 3


def test_nothing_read_or_sold_becomes_markup_or_an_address(page: Parsed) -> None:
    assert "script" not in page.tags
    assert page.handlers == []
    assert page.text.count(HOSTILE) >= 5
    for tag, address in page.addresses:
        assert address.startswith(("#", "data:image/", "data:,")), (tag, address)


def test_only_web_addresses_of_products_become_links(story: Story) -> None:
    solution = story.state["solution"]
    assert solution is not None
    for url, linked in (
        ("https://shop.example/p?a=1&b=2", True),
        ("javascript:alert(1)", False),
        ("data:text/html,<script>", False),
        ("//shop.example/p", False),
        ("http://[broken", False),
    ):
        products = {i: p.model_copy(update={"url": url}) for i, p in story.products.items()}
        found = Parsed(render(replace(story, products=products))).addresses
        assert (("a", url) in found) is linked


def test_headings_go_down_one_step_at_a_time_and_ids_are_unique(page: Parsed) -> None:
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(page.headings, page.headings[1:], strict=False))
    assert len(set(page.ids)) == len(page.ids)
    targets = {a[1:] for _, a in page.addresses if a.startswith("#")}
    assert targets <= set(page.ids)


def test_half_a_surrogate_pair_does_not_stop_the_file(story: Story, tmp_path: Path) -> None:
    path = write_page(story, tmp_path / "deep" / "page.html")
    assert "half a pair: ?" in path.read_text("utf-8")
    assert [p.name for p in path.parent.iterdir()] == ["page.html"]


def test_a_place_that_cannot_be_written_is_named(story: Story, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        write_page(story, tmp_path / "file" / "page.html")


def test_forty_heavy_screens_stay_under_five_megabytes(story: Story) -> None:
    frames = [screen(i, (1920, 1080)) for i in range(40)]
    pictures = frame_pictures(frames)
    assert len(pictures) == 40
    assert sum(map(len, pictures.values())) < 3_600_000
    data = base64.b64decode(pictures[frames[0].digest].partition(",")[2])
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size[0] >= 200


def test_a_screen_that_fits_no_budget_is_left_out() -> None:
    assert frame_pictures([screen(1)], budget=50) == {}


def test_a_screen_whose_picture_is_gone_is_still_told(story: Story) -> None:
    text = Parsed(render(replace(story, frames={}))).text
    assert "Screen 3" in text
    assert "£40" in text


def test_pictures_come_from_the_catalogue_or_a_drawing_and_never_from_outside(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "catalog"
    folder.mkdir()
    png = io.BytesIO()
    Image.new("RGB", (500, 300), "red").save(png, "PNG")
    for place in (folder / "in.png", tmp_path / "out.png"):
        place.write_bytes(png.getvalue())
    (folder / "words.png").write_text("secret words")
    data = f"data:image/png;base64,{base64.b64encode(png.getvalue()).decode()}"

    def shown(image: str | None, budget: int = 100_000) -> str | None:
        product = Product(id="p", title="p", image=image)
        return product_picture(product, folder, None, budget)

    for own in ("in.png", data):
        found = shown(own)
        assert found is not None
        assert found.startswith("data:image/webp;base64,")
    for image in (
        "../out.png",
        str(tmp_path / "out.png"),
        "words.png",
        "absent.png",
        "https://shop.example/x.png",
        "//shop.example/x.png",
        "file:///etc/passwd",
        "data:text/html;base64,PGI+",
        "data:image/png;base64,%%%",
        "a\0b",
        None,
    ):
        assert shown(image) is None, image
    drawing = product_picture(
        Product(id="p", title="p", image="https://shop.example/x.png"),
        folder,
        lambda product: f"<svg xmlns='http://www.w3.org/2000/svg'>{product.id}</svg>",
        1000,
    )
    assert drawing is not None
    assert drawing.startswith("data:image/svg+xml;base64,")
    assert shown("in.png", budget=10) is None


def test_the_plot_keeps_order_and_marks_the_chosen_set(story: Story) -> None:
    solution = story.state["solution"]
    assert solution is not None
    assert solution.expected_revenue is not None
    assert solution.surplus is not None
    points = [
        FrontierPoint(solution.expected_revenue + 2, solution.surplus - 0.5, 0.5, (1,)),
        FrontierPoint(solution.expected_revenue, solution.surplus, 0.6, (1, 2)),
        FrontierPoint(solution.expected_revenue - 3, solution.surplus + 0.4, 0.7, (1, 2, 3)),
    ]
    plot = frontier_plot(points, solution)
    assert plot is not None
    xs, ys = [p.x for p in plot.points], [p.y for p in plot.points]
    assert xs == sorted(xs)
    assert ys == sorted(ys)
    assert (plot.chosen.x, plot.chosen.y) == (xs[1], ys[1])
    assert [row.chosen for row in plot.rows] == [False, True, False]
    for axis, low, high in (
        (plot.x_ticks, plot.left, plot.right),
        (plot.y_ticks, plot.top, plot.bottom),
    ):
        assert 2 <= len(axis) <= 6
        assert all(low <= t.at <= high for t in axis)
        assert len({t.text for t in axis}) == len(axis)
    assert frontier_plot(points[:1], solution) is None


def test_the_frontier_of_the_turn_is_not_beaten_by_the_chosen_set(story: Story) -> None:
    solution = story.state["solution"]
    assert solution is not None
    assert story.frontier
    assert story.frontier[0].revenue == pytest.approx(max(p.revenue for p in story.frontier))
    assert (solution.expected_revenue or 0) <= story.frontier[0].revenue + 1e-9
    assert (solution.surplus or 0) <= story.frontier[-1].surplus + 1e-9


def test_limits_that_were_let_go_say_why(story: Story) -> None:
    solution = story.state["solution"]
    assert solution is not None
    relaxed = (Relaxed(limit="colors", reason="no green is left"),)
    standing = story.state["limits"]
    shown = limits(standing, solution.model_copy(update={"relaxed": relaxed}))
    by_field = {limit.field: limit for limit in shown}
    assert by_field["Colour"].strength == "let go"
    assert "no green is left" in by_field["Colour"].note
    assert by_field["Kind"].strength in ("hard", "soft")


def test_the_shoppers_own_word_stands_beside_what_it_was_read_as() -> None:
    said = Constraints.of("said", colors=("green",))
    origin = said.provenance["colors"].model_copy(update={"matched": {"emerald": ("green",)}})
    (limit,) = limits(said.replace({}, {"colors": origin}), None)
    assert limit.source == "said by the shopper"
    assert limit.note == "“emerald” is read as green"


def test_costs_are_shown_dearest_first_and_rounding_is_no_cost(story: Story) -> None:
    solution = story.state["solution"]
    assert solution is not None
    given = [
        {"limit": "colors", "value_without": 10.0, "cost": 1e-9},
        {"limit": "price_upper", "value_without": 12.5, "cost": 2.5},
        {"limit": "count", "value_without": None, "cost": None},
    ]
    changed = solution.model_validate({**solution.model_dump(), "limit_costs": given})
    shown = costs(story.state["limits"], changed)
    assert [(c.cost, c.free, c.share) for c in shown] == [
        ("£2.50", False, 100.0),
        ("nothing", True, 0.0),
    ]


def test_runs_of_screens_are_joined() -> None:
    assert [(s.first, s.text) for s in spans([4, 1, 2, 3, 7, 9, 9, 10])] == [
        (1, "1–4"),
        (7, "7"),
        (9, "9–10"),
    ]


def test_what_holds_for_all_is_said_once(story: Story) -> None:
    solution = story.state["solution"]
    assert solution is not None
    one = solution.items[0].model_copy(update={"reasons": ("in green", "£5 off")})
    two = solution.items[0].model_copy(update={"reasons": ("rated 5 of 5", "in green")})
    assert shared_reasons(solution.model_copy(update={"items": (one, two)})) == ("in green",)
    assert shared_reasons(solution.model_copy(update={"items": (one,)})) == ()


def test_limits_that_cannot_be_met_are_told_with_what_would_help(
    catalog: Catalog, tmp_path: Path
) -> None:
    text = Parsed(render(turn(catalog, tmp_path, [], "dresses under £5"))).text
    assert "Nothing meets all of this at once" in text
    assert "up to £5" in text
    assert "It works after giving up" in text
    assert "“dresses under £5”" in text


def test_every_stage_that_ran_is_timed(story: Story) -> None:
    assert list(story.seconds) == [
        "intake",
        "summarize",
        "decompose",
        "assistant",
        "tools",
        "compose",
        "check",
    ]
    assert all(seconds > 0 for seconds in story.seconds.values())
