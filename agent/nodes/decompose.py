"""Summary -> limits: the model proposes them by a function call, code checks and places them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from langgraph.runtime import Runtime

from agent.asking import ask_chat
from agent.context import Context, context_of
from agent.liking import in_shop_words, liking_of
from agent.models.answers import structured
from agent.seen import SeenLimits, limits_from, wish_from
from agent.state import State, Warned
from agent.viewed import viewed_items
from prompts import load
from tools.changes import FAMILY_FIELDS
from tools.domain import Constraints

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from tools.catalog import Catalog
    from tools.preferences import Evidence, PreferenceSummary


def decompose(state: State, runtime: Runtime[Context]) -> dict[str, Any]:
    """Puts what was seen into limits, merges them with what was said, and picks the market."""
    context = context_of(runtime)
    summary, evidence = state["summary"], state["evidence"]
    market = state.get("market") or context.market_for(evidence.currency)
    catalog = context.catalog(market)
    vocabulary = vocabulary_of(catalog)
    (seen, stamp), noted = ask_chat(
        state,
        context,
        lambda chat: limits_of(
            chat, summary, evidence, vocabulary=vocabulary, prompts=context.prompts
        ),
    )
    wish = wish_from(summary, evidence)
    liking = liking_of(state["readings"], catalog, wish)
    seen = _at_turn(in_shop_words(seen, liking, catalog), state["turn"])
    limits = without_seen(state["limits"]).merged_with(seen) if seen.standing() else state["limits"]
    freed = {field for family in state.get("freed", ()) for field in FAMILY_FIELDS[family]}
    seen = seen.replace(dict.fromkeys(freed & set(seen.standing())), {})
    engine = context.engine(market, liking)
    not_carried = engine.not_carried(limits)
    limits, relaxed = engine.settled(limits, fill=True)
    addresses = context.frames.addresses([r.digest for r in state["readings"]])
    return noted | {
        "market": market,
        "viewed": viewed_items(state["readings"], catalog, addresses),
        "limits": limits,
        "wish": wish,
        "liking": liking,
        "warnings": [
            *state["warnings"],
            *(
                Warned(code="limit_relaxed", reason=r.reason, limit=r.limit)
                for r in dict.fromkeys((*not_carried, *relaxed))
            ),
        ],
        "prompts": {**state["prompts"], "decompose": stamp},
    }


def limits_of(
    chat: BaseChatModel,
    summary: PreferenceSummary,
    evidence: Evidence,
    *,
    vocabulary: Mapping[str, Any],
    prompts: Path | None = None,
) -> tuple[Constraints, str]:
    """The limits that one model sees behind a summary, and the prompt's stamp.

    Args:
        vocabulary: what the shop sells; empty when no shop is involved.

    Raises:
        ModelUnavailable: the model did not answer with limits.
    """
    prompt = load("decompose", prompts)
    system, user = prompt.render(
        summary=summary.text() or "nothing was recognised",
        evidence=evidence.model_dump_json(exclude_defaults=True),
        vocabulary=json.dumps(vocabulary, ensure_ascii=False),
    )
    return limits_from(structured(chat, SeenLimits, system, user), evidence), prompt.stamp


def vocabulary_of(catalog: Catalog) -> dict[str, Any]:
    """What a model is told of a shop: its words for categories, colours, brands; its prices."""
    facts = catalog.facts()
    return {
        "currency": catalog.currency,
        "price_lower": None if facts.price_lower is None else float(facts.price_lower),
        "price_upper": None if facts.price_upper is None else float(facts.price_upper),
        "categories": [c.value for c in facts.categories[:40]],
        "colors": [c.value for c in facts.colors[:40]],
        "brands": [b.value for b in facts.brands[:40]],
    }


def without_seen(limits: Constraints) -> Constraints:
    """The limits without those that an earlier reading put there; a new reading replaces them."""
    return limits.replace({f: None for f, p in limits.provenance.items() if p.source == "seen"}, {})


def _at_turn(limits: Constraints, turn: int) -> Constraints:
    return limits.replace(
        {}, {f: p.model_copy(update={"turn": turn}) for f, p in limits.provenance.items()}
    )
