"""A real turn over a small shop whose words are as hostile as words can be."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agent.capture.frames import Frame
from agent.capture.gate import admit
from agent.capture.take import Taken
from agent.graph import make_graph
from agent.report import Story, tell
from agent.session import Session
from agent.state import Warned
from tests.support.shop import PreparedVision, shop_context, small_catalog
from tools.catalog import Catalog
from tools.preferences import Box, SeenProduct

HOSTILE = '<img src="https://evil.example/x.png" onerror="alert(1)"><script>alert(2)</script>'

SEEN = [
    SeenProduct(
        title=f"Aster green dress {HOSTILE if i == 0 else i}",
        price=Decimal(30 + 10 * i),
        currency="GBP",
        brand="Aster",
        color="green",
        category="dress",
        opened=i == 1,
        in_basket=i == 2,
        box=Box(left=60 + 300 * i, top=180, right=320 + 300 * i, bottom=560),
    )
    for i in range(4)
]


def screen(number: int, size: tuple[int, int] = (1280, 800)) -> Frame:
    """A picture as heavy as a screenshot of photographs: smooth noise in all colours."""
    grains = np.random.default_rng(number).integers(0, 255, (90, 160, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(grains).resize(size).save(out, "JPEG", quality=85)
    return admit(out.getvalue(), f"screen {number}.jpg")


def turn(catalog: Catalog, folder: Path, frames: list[Frame], text: str = "") -> Story:
    """One turn of the whole graph, and its story."""
    context = shop_context(catalog, folder, PreparedVision(*SEEN))
    with context.frames:
        session = Session(context, "test", make_graph())
        state = session.turn(text, frames)
        refused = Warned(code="truncated", reason="it is cut short", file=f"{HOSTILE}.png")
        return tell(session, state, Taken(frames, frames[:1], [refused]))


@pytest.fixture(scope="package")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return small_catalog(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="package")
def story(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The story of three screens, with a hostile title among the recommended items too."""
    told = turn(catalog, tmp_path_factory.mktemp("turn"), [screen(i) for i in range(3)])
    solution = told.state["solution"]
    assert solution is not None
    first, *others = solution.items
    hostile = first.model_copy(update={"title": f"Dress {HOSTILE}", "reasons": (HOSTILE,)})
    state = told.state.copy()
    state["solution"] = solution.model_copy(update={"items": (hostile, *others)})
    state["message"] = f"{state['message']}\n{HOSTILE} half a pair: \ud83d"
    state["text"] = HOSTILE
    product = told.products[first.id].model_copy(update={"url": "javascript:alert(3)"})
    return replace(told, state=state, products={**told.products, first.id: product})
