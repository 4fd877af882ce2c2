"""Writes the page: one HTML file that carries its style, its pictures and its plot."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.report import views
from agent.report.plot import frontier_plot
from agent.report.story import Story
from tools.domain import Constraints
from tools.errors import InputError
from tools.solution import Solution

if TYPE_CHECKING:
    from jinja2 import Environment

EMBEDDED = "embedded"


def render(story: Story) -> str:
    """The page as HTML; everything that is not ours is escaped."""
    return _environment().get_template("page.html").render(_view(story))


def write_page(story: Story, path: Path) -> Path:
    """Writes the page, replacing an older one in a single step; gives the path.

    Raises:
        InputError: the file cannot be written there.
    """
    return write_html(render(story), path)


def write_html(html: str, path: Path) -> Path:
    """Writes a page whole or not at all, replacing an older one; gives the path.

    Raises:
        InputError: the file cannot be written there.
    """
    # What OCR or a model gives may hold half a surrogate pair, which no file can.
    data = html.encode("utf-8", "replace")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            # mkstemp makes files private; a page is meant to be opened and passed on by its owner.
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(f"the page cannot be written to {path}: {error.strerror}") from None
    return path


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("agent.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _view(story: Story) -> dict[str, Any]:
    state = story.state
    solution = state.get("solution")
    scenario = state.get("scenario")
    standing = state["limits"]
    shown = views.screens(story)
    recommended = views.items(story, solution) if solution else ()
    offline = story.vision == EMBEDDED and story.chat == EMBEDDED
    return {
        "title": story.title,
        "said": state.get("text", ""),
        "screens": shown,
        "seen": sum(len(s.lines) for s in shown),
        "dropped": story.dropped,
        "claims": views.claims(state["summary"]) if shown else (),
        "limits": views.limits(standing, solution),
        "message": state["message"],
        "solution": solution,
        "scenario": scenario,
        "items": recommended,
        "alike": views.shared_reasons(solution) if solution else (),
        "leaves": _leaves(solution),
        "revenue": _revenue(solution),
        "costs": views.costs(standing, solution) if solution else (),
        "plot": frontier_plot(story.frontier, solution) if solution else None,
        "one_set": len(story.frontier) == 1,
        "conflicts": _named(solution.conflicts if solution else (), standing),
        "relaxations": _named(solution.relaxations if solution else (), standing),
        "stages": views.stages(story.seconds, len(story.frames)),
        "whole": sum(story.seconds.values()),
        "calls": views.calls(story),
        "warnings": story.warnings,
        "degraded": tuple(dict.fromkeys(state["degraded"])),
        "prompts": state["prompts"],
        "shop": story.shop,
        "sold": story.sold,
        "vision": story.vision,
        "chat": story.chat,
        "offline": offline,
        "amount": views.amount,
    }


def _leaves(solution: Solution | None) -> float | None:
    if solution is None or solution.purchase_probability is None:
        return None
    return round(100 * (1 - solution.purchase_probability), 1)


def _revenue(solution: Solution | None) -> str:
    if solution is None or solution.expected_revenue is None:
        return ""
    return views.amount(solution.expected_revenue, solution)


def _named(sets: Sequence[Sequence[str]], standing: Constraints) -> tuple[str, ...]:
    return tuple(views.named(fields, standing) for fields in sets if fields)
