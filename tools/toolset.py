"""The tools as the language model sees them: thin wrappers that pass ids and typed results.

A tool answers with JSON; what must outlive the call (new limits, the solution in force) goes into
the graph's state. Tools read limits from that validated state, never from prose.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any

from langchain.tools import ToolRuntime
from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool, tool
from langchain_core.utils.function_calling import convert_to_openai_tool
from langgraph.types import Command
from pydantic import Field

from tools.changes import Change, SetPrice, apply_changes, freed_families
from tools.comparison import MOST
from tools.comparison import compare_products as compared
from tools.desk import Turn
from tools.domain import Constraints
from tools.errors import InputError
from tools.next_items import rank_within
from tools.refining import Order, arranged
from tools.showing import show_product, show_scenario, show_solution
from tools.solution import Objective, Solution

Runtime = ToolRuntime[Any, Any]

WRITES = frozenset({"what_if", "optimize_assortment", "refine"})
"""Tools that change the thread's limits or recommendation; at most one runs in a step."""


@tool
def search_catalog(
    query: Annotated[str, Field(description="What to look for, in a few words.", max_length=500)],
    runtime: Runtime,
    k: Annotated[int, Field(description="How many products.", ge=1, le=50)] = 10,
) -> str:
    """Find products by meaning among those that meet the limits in force.

    Returns JSON: `items` best first, `filtered` (how many products meet the limits), `exact`.
    """
    turn = _turn(runtime)
    engine = turn.engine()
    limits, relaxed = engine.applicable(turn.state["limits"])
    # The engine's own mask: a kind that was only seen means what was looked at of it.
    found = engine.catalog.search(query, limits, k=k, allowed=engine.matching(limits))
    products = engine.catalog.get([hit.id for hit in found.hits])
    return _json(
        {
            "items": [show_product(product) for product in products],
            "filtered": found.filtered,
            "exact": found.exact,
            "relaxed": [r.model_dump() for r in relaxed],
        }
    )


@tool
def optimize_assortment(
    runtime: Runtime,
    objective: Annotated[
        Objective | None,
        Field(description="What to maximise; leave out for the shop's default."),
    ] = None,
) -> Command[Any]:
    """Find the provably best set of products within the limits in force; it becomes the answer.

    Returns JSON: the items with choice probabilities, expected revenue, the proof; or, when the
    limits cannot be met, which of them conflict.
    """
    turn = _turn(runtime)
    engine = turn.engine()
    limits: Constraints = turn.state["limits"]
    solution = engine.solve(limits, turn.state.get("wish", ""), objective=objective, explain=True)
    return _command(runtime, show_solution(solution), solution=solution, limits=limits)


@tool
def what_if(
    changes: Annotated[
        list[Change],
        Field(description="What the shopper changes, in their order.", max_length=20),
    ],
    runtime: Runtime,
    looking_for: Annotated[
        str,
        Field(description="The thing wanted, when the shopper names a new one.", max_length=500),
    ] = "",
) -> Command[Any]:
    """Change the limits, solve before and after, and keep the new limits in force.

    Returns JSON: both solutions and their difference (items in and out, revenue, surplus).
    """
    turn = _turn(runtime)
    state = turn.state
    engine = turn.engine()
    before: Constraints = state["limits"]
    asked = [c.currency for c in changes if isinstance(c, SetPrice) and c.currency]
    engine.require_convertible(before, asked)
    after = apply_changes(
        before,
        changes,
        turn=state["turn"],
        history=state.get("history", []),
        currency=before.currency or engine.catalog.currency,
        match=engine.catalog.vocabulary().match,
    )
    after = engine.fitting(before, after)
    freed = freed_families(state.get("freed", ()), changes, after)
    wish_before = state.get("wish", "")
    wish = looking_for or wish_before
    if state.get("solution") is None:
        # Nothing was recommended yet, so there is nothing to compare with.
        solution = engine.solve(after, wish, explain=True)
        result = {"limits_after": after.to_json(), "after": show_solution(solution)}
        return _command(runtime, result, limits=after, wish=wish, solution=solution, freed=freed)
    scenario = engine.compare(before, after, wish, wish_before=wish_before)
    return _command(
        runtime,
        show_scenario(scenario),
        limits=after,
        wish=wish,
        solution=scenario.solution_after,
        scenario=scenario,
        freed=freed,
    )


@tool
def get_products(
    ids: Annotated[list[str], Field(description="Product ids.", min_length=1, max_length=50)],
    runtime: Runtime,
) -> str:
    """Look up products by id, with everything the shop knows of them, as JSON."""
    turn = _turn(runtime)
    products = turn.catalog().get(ids)
    return _json({"items": [show_product(product, whole=True) for product in products]})


@tool
def catalog_facts(
    runtime: Runtime,
    changes: Annotated[
        list[Change],
        Field(description="Limits to look within, for this question only.", max_length=20),
    ] = [],  # noqa: B006  (a schema default; never mutated)
    within_limits: Annotated[
        bool, Field(description="Whether the limits in force apply as well.")
    ] = False,
) -> str:
    """Count what is sold, with price range, brands, colours, categories and sizes, as JSON.

    Answers "do you have", "how many" and "the cheapest" from data; changes nothing.
    """
    turn = _turn(runtime)
    catalog = turn.catalog()
    base = turn.state["limits"] if within_limits else Constraints()
    limits = apply_changes(base, changes, turn=turn.state["turn"], currency=catalog.currency)
    facts = catalog.facts(limits)
    ends = catalog.get([*facts.cheapest[:1], *facts.dearest[:1]])
    return _json(
        {
            "asked": limits.to_json(),
            **facts.to_json(),
            "ends": [show_product(product) for product in ends],
        }
    )


@tool
def explain(
    runtime: Runtime,
    ids: Annotated[
        list[str], Field(description="Product ids that the shopper points at.", max_length=5)
    ] = [],  # noqa: B006  (a schema default; never mutated)
    about: Annotated[
        list[Change],
        Field(description="Or what describes the product: a colour, a brand.", max_length=20),
    ] = [],  # noqa: B006
) -> str:
    """Say why a product is or is not recommended: limits it breaks, or what including it costs.

    Returns JSON: per product whether it is offered, the limits it breaks, the exact cost of
    including it and the items that would leave.
    """
    turn = _turn(runtime)
    state = turn.state
    engine = turn.engine()
    limits, wish = state["limits"], state.get("wish", "")
    if not ids:
        asked = apply_changes(
            limits,
            about,
            turn=state["turn"],
            currency=limits.currency or engine.catalog.currency,
            match=engine.catalog.vocabulary().match,
        )
        nearest = engine.solve(asked, wish)
        if not nearest.items:
            return _json({"products": [], "limits": asked.to_json()})
        ids = [nearest.items[0].id]
    products = [engine.explain(limits, wish, product_id) for product_id in ids]
    return _json({"products": [e.model_dump(mode="json") for e in products]})


@tool
def compare_products(
    ids: Annotated[
        list[str],
        Field(description="Ids of the products, in order.", min_length=2, max_length=MOST),
    ],
    runtime: Runtime,
) -> str:
    """Set two to five products side by side: what differs, and which limits each of them meets.

    Returns JSON: per product price, rating, attraction and broken limits; the fields in which they
    differ and those they share; the price gap. Changes nothing.
    """
    turn = _turn(runtime)
    state = turn.state
    solution = state.get("solution")
    found = compared(
        turn.engine(),
        state["limits"],
        state.get("wish", ""),
        ids,
        offered=solution.ids if solution else (),
    )
    return _json(found.model_dump(mode="json"))


@tool
def refine(
    runtime: Runtime,
    order: Annotated[
        Order | None, Field(description="Arrange the recommendation in force; its items stay.")
    ] = None,
    like: Annotated[
        str | None,
        Field(description="Id of an item; recommend what is most like it within the limits."),
    ] = None,
) -> Command[Any]:
    """Rearrange the recommendation in force, or find more like one item; the limits stay.

    Returns JSON: the recommendation as `optimize_assortment` gives it.
    """
    turn = _turn(runtime)
    state = turn.state
    engine = turn.engine()
    solution: Solution | None = state.get("solution")
    update: dict[str, Any] = {}
    if like is not None:
        [product] = engine.catalog.get([like])
        update["wish"] = product.title
        solution = engine.solve(state["limits"], product.title, explain=True)
    if solution is None:
        raise InputError("nothing was recommended yet, so there is nothing to refine")
    if order is not None:
        solution = arranged(solution, order, engine.catalog)
    return _command(
        runtime, {"order": order, "like": like, **show_solution(solution)},
        solution=solution, **update,
    )  # fmt: skip


@tool
def rank_next_items(
    runtime: Runtime,
    k: Annotated[int, Field(description="How many items.", ge=1, le=20)] = 5,
) -> str:
    """Rank what shoppers who viewed the same items looked at next, within the limits in force.

    Returns JSON: `items` most likely first with their scores, `viewed` (the items recognised on
    the screens, oldest first, each with a confidence), `unknown`, `model`, `beyond_seen` (whether
    limits that were only seen had to be left aside to find any). Changes nothing.
    """
    turn = _turn(runtime)
    model = turn.desk.next_items
    if model is None:
        raise InputError("no session model is configured, so I cannot tell what others look at")
    views = turn.state.get("viewed", [])
    counted = [view for view in views if view.counted]
    if not counted:
        raise InputError("no item page was recognised on the screens so far")
    engine = turn.engine()
    found = rank_within(
        engine,
        model,
        turn.state["limits"],
        [view.id for view in counted],
        opened={view.id for view in views},
        k=k,
    )
    scores = dict(found.ranked.items)
    products = engine.catalog.get(list(scores))
    return _json(
        {
            "items": [show_product(p) | {"score": round(scores[p.id], 6)} for p in products],
            "viewed": [view.model_dump() for view in views],
            "unknown": found.ranked.unknown,
            "model": found.ranked.model,
            "within": found.within,
            "beyond_seen": found.beyond_seen,
            "relaxed": [r.model_dump() for r in found.relaxed],
        }
    )


@tool
def ask_shopper(
    question: Annotated[str, Field(description="One short question.", max_length=300)],
    runtime: Runtime,
) -> Command[Any]:
    """Ask the shopper one clarifying question instead of changing anything."""
    return _command(runtime, {"asked": question}, question=question)


TOOLS: Sequence[BaseTool] = (
    search_catalog,
    optimize_assortment,
    what_if,
    get_products,
    catalog_facts,
    explain,
    compare_products,
    refine,
    rank_next_items,
    ask_shopper,
)


@cache
def tool_schemas(*, next_items: bool = True) -> tuple[dict[str, Any], ...]:
    """The tools in OpenAI's form; made once, because resolving the schemas takes milliseconds.

    Args:
        next_items: whether a session model is there to rank with.
    """
    offered = [each for each in TOOLS if next_items or each.name != rank_next_items.name]
    return tuple(convert_to_openai_tool(each) for each in offered)


def _turn(runtime: Runtime) -> Turn:
    turn = runtime.context
    if not isinstance(turn, Turn):
        raise InputError("the tools need a run context with the shop's catalogue")
    return turn


def _command(runtime: Runtime, result: Mapping[str, Any], **update: Any) -> Command[Any]:
    answer = ToolMessage(_json(result), tool_call_id=runtime.tool_call_id)
    return Command(update={**update, "messages": [answer]})


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
