"""The JSON objects that the command line prints for a reading and for a turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agent.capture.frames import Frame
from agent.capture.take import Taken
from agent.models.ledger import Spent
from agent.models.vision import ImageUse
from agent.state import State, Warned
from tools.domain import Constraints
from tools.preferences import FrameReading, PreferenceSummary
from tools.showing import show_scenario, show_solution


def read_json(
    summary: PreferenceSummary,
    limits: Constraints,
    readings: Sequence[FrameReading],
    taken: Taken,
    *,
    model: str,
    warnings: Sequence[Warned] = (),
) -> dict[str, Any]:
    """What `interarec read` prints; `warnings` stand beside those about refused files."""
    return {
        "summary": {key: category.model_dump(mode="json") for key, category in summary.items()},
        "constraints": limits.to_json(),
        "frames": frames_json(readings, taken.kept, taken.dropped),
        "model": model,
        "warnings": [w.model_dump(exclude_none=True) for w in (*taken.warnings, *warnings)],
    }


def frames_json(
    readings: Sequence[FrameReading], kept: Sequence[Frame], dropped: Sequence[Frame]
) -> list[dict[str, Any]]:
    """One object per admitted file: the kept ones with their products, then the repeats."""
    by_digest = {reading.digest: reading for reading in readings}
    shown = [_frame_json(frame, by_digest.get(frame.digest)) for frame in kept]
    return [*shown, *({"path": f.name, "kept": False, "products": []} for f in dropped)]


def _frame_json(frame: Frame, reading: FrameReading | None) -> dict[str, Any]:
    products = reading.products if reading else ()
    return {
        "path": frame.name,
        "kept": True,
        "kind": reading.kind if reading else None,
        "currency": reading.currency if reading else None,
        "products": [
            {
                "title": p.title,
                "price": None if p.price is None else float(p.price),
                "list_price": None if p.list_price is None else float(p.list_price),
                "currency": p.currency,
                "brand": p.brand,
                "color": p.color,
                "rating": p.rating,
                "reviews": p.reviews,
                "opened": p.opened,
                "in_basket": p.in_basket,
                "clipped": p.clipped,
            }
            for p in products
        ],
        "search_query": reading.search_query if reading else None,
        "active_filters": list(reading.active_filters) if reading else [],
        "promotions": [p.model_dump() for p in reading.promotions] if reading else [],
    }


def turn_json(state: State, mode: str) -> dict[str, Any]:
    """What a turn of `interarec chat` prints, and what `recommend` adds to `read`."""
    solution = state.get("solution")
    scenario = state.get("scenario")
    shown: Mapping[str, Any] = show_solution(solution) if solution else {}
    return {
        "message": state["message"],
        "constraints": state["limits"].to_json(),
        "items": shown.get("items", []),
        "expected_revenue": shown.get("expected_revenue"),
        "solution": {k: v for k, v in shown.items() if k != "items"} or None,
        "relaxed": shown.get("relaxed", []),
        "tools": [use.model_dump(mode="json") for use in state["tools_used"]],
        "scenario": show_scenario(scenario) if scenario else None,
        "mode": mode,
        "degraded": bool(state["degraded"]),
        "degraded_reasons": list(dict.fromkeys(state["degraded"])),
        "answered_by": list(state["answered_by"]),
        "spent": {
            "turn": spent_json(state["spent_in_turn"]),
            "conversation": spent_json(state["spent"]),
        },
        "images": images_json(state["images"]),
        "warnings": [w.model_dump(exclude_none=True) for w in state["warnings"]],
        "prompts": dict(state["prompts"]),
    }


def images_json(images: Sequence[ImageUse]) -> dict[str, Any]:
    """What the pictures cost that a model was sent, by the published rule, before the calls."""
    sent = [use for use in images if not use.remembered]
    return {
        "batches": len(sent),
        "pictures": sum(use.pictures for use in sent),
        "estimated_tokens": sum(use.tokens for use in sent),
        "full_size_tokens": sum(use.full_size for use in sent),
        "remembered_batches": len(images) - len(sent),
    }


def spent_json(spent: Spent) -> dict[str, Any]:
    """What model calls took; money in the currency of the configured prices."""
    return {
        "calls": spent.calls,
        "input_tokens": spent.input_tokens,
        "output_tokens": spent.output_tokens,
        "money": float(spent.money),
        "estimated": spent.estimated,
    }
