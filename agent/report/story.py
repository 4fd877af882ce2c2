"""Everything that the page tells of one turn, gathered in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from agent.capture.frames import Frame
from agent.capture.take import Taken
from agent.state import State, Warned
from tools.domain import Product
from tools.errors import InputError

if TYPE_CHECKING:
    from agent.session import Session
    from tools.assortment import FrontierPoint

FRONTIER_POINTS = 40

Draw = Callable[[Product], str]
"""Draws a product as an SVG document; raises KeyError for what it cannot draw."""


@dataclass(frozen=True)
class Story:
    """One turn and what is known around it."""

    state: State
    frames: Mapping[str, Frame]
    """Digest -> picture; a screen whose picture is no longer kept is told without it."""
    dropped: int = 0
    """Pictures that repeated an earlier one and were not read."""
    warnings: Sequence[Warned] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Stage -> wall seconds, in the order they ran."""
    products: Mapping[str, Product] = field(default_factory=dict)
    """The recommended products as the catalogue has them, by id."""
    frontier: Sequence[FrontierPoint] = ()
    """Empty where there is none to draw."""
    shop: str = ""
    sold: int = 0
    """Products in the catalogue."""
    folder: Path | None = None
    """The catalogue's folder; picture paths are taken from here."""
    draw: Draw | None = None
    vision: str = "embedded"
    chat: str = "embedded"
    title: str = ""


def tell(
    session: Session, state: State, taken: Taken, *, title: str = "", draw: Draw | None = None
) -> Story:
    """The story of the session's last turn.

    Args:
        session: ran the turn; its stage times are told.
        state: the state after the turn.
        taken: what came of the files that were given.
        title: what the page is called.
        draw: draws products that have no picture of their own.
    """
    context = session.context
    catalog = context.catalog(state["market"])
    solution = state.get("solution")
    return Story(
        state=state,
        frames={frame.digest: frame for frame in taken.kept},
        dropped=len(taken.dropped),
        warnings=[*taken.warnings, *state["warnings"]],
        seconds=dict(session.seconds),
        products={p.id: p for p in catalog.get(solution.ids)} if solution else {},
        frontier=_frontier(session, state),
        shop=catalog.name,
        sold=len(catalog),
        folder=catalog.folder,
        draw=draw,
        vision=context.vision.name,
        chat=str(getattr(context.chat, "model_name", context.chat._llm_type)),
        title=title,
    )


def _frontier(session: Session, state: State) -> Sequence[FrontierPoint]:
    solution = state.get("solution")
    if solution is None or not solution.items:
        return ()
    try:
        engine = session.context.engine(state["market"], state.get("liking"))
        return engine.frontier(state["limits"], state.get("wish", ""), FRONTIER_POINTS)
    except InputError:
        return ()  # rules that are not nested: the set is proved, its frontier is not computed
