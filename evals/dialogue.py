"""One conversation with the graph, and what its answers are judged by."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any
from weakref import finalize

from evals.cases import Instance
from evals.traces import AnswerTrace, Call, Compared, Usage
from tools.domain import Constraints

if TYPE_CHECKING:
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.graph.state import CompiledStateGraph

    from agent.capture.frames import Frame
    from agent.context import Context
    from agent.state import Input, State
    from tools.solution import Objective, Scenario, Solution

MOST = 15
"""Candidates of which every set is tried, as a check on the solver."""


class Dialogue:
    """One conversation; every turn can be traced after it was made.

    Args:
        context: shop, models and prompts.
        name: of the case.
    """

    def __init__(self, context: Context, name: str) -> None:
        from agent.session import Session

        graph, keeper = _graph()
        thread = f"{name} {next(_NUMBERS)}"
        finalize(self, keeper.delete_thread, thread)
        self._session = Session(context, thread, graph)
        self._context, self._name = context, name
        self._said: list[str] = []
        self._solved: dict[tuple[Any, ...], Solution] = {}
        self.states: list[State] = []
        """The state after each turn."""

    def turn(self, text: str, frames: Sequence[Frame] = ()) -> None:
        """One turn of the graph."""
        self.states.append(self._session.turn(text, frames))
        self._said.append(text)

    def trace(self) -> AnswerTrace:
        """The last turn as scorers look at it."""
        from agent.facts import gather

        state = self.states[-1]
        before = self.states[-2]["limits"] if len(self.states) > 1 else Constraints()
        catalog = self._context.catalog(state["market"])
        solution = state.get("solution")
        kind = gather(state).kind
        # Items belong to the answer only where this turn recommends them.
        told = solution if kind in ("recommendation", "infeasible") else None
        optimum, wider = self._laws() if told else (None, None)
        return AnswerTrace(
            case=self._name,
            texts=tuple(text for text in self._said if text),
            message=state["message"],
            calls=_calls(state),
            items=tuple(catalog.get(told.ids)) if told else (),
            infeasible=kind == "infeasible",
            in_force=tuple(catalog.get(solution.ids)) if solution else (),
            nothing_fits=solution is not None and solution.status == "infeasible",
            value=told.expected_revenue if told else None,
            limits=state["limits"],
            limits_before=before,
            reasons={item.id: item.reasons for item in told.items} if told else {},
            set_aside=_set_aside(state, solution),
            question=state.get("question", ""),
            compared=self._compared(),
            optimum=optimum,
            optimum_wider=wider,
            small=self._small() if told else None,
            rewritten=state.get("rewritten", 0),
            degraded=tuple(state.get("degraded", ())),
            prompts=state.get("prompts", {}),
            usage=(self._usage(),),
            known=_known(state, solution),
        )

    def _usage(self) -> Usage:
        seconds = dict(self._session.seconds)
        spent = self.states[-1].get("spent_in_turn")
        return Usage(
            seconds=sum(seconds.values()),
            input_tokens=getattr(spent, "input_tokens", 0),
            output_tokens=getattr(spent, "output_tokens", 0),
            by_stage=seconds,
        )

    def solve(self, limits: Constraints, wish: str, objective: Objective | None) -> Solution:
        """A solve for the check alone; a problem that comes back in a later turn is solved once."""
        state = self.states[-1]
        market, liking = state["market"], state.get("liking")
        key = (market, repr(liking), limits.model_dump_json(), wish, objective)
        if key not in self._solved:
            engine = self._context.engine(market, liking)
            self._solved[key] = engine.solve(limits, wish, objective=objective)
        return self._solved[key]

    def _laws(self) -> tuple[float | None, float | None]:
        """The most revenue within the limits in force, and with the highest price a fifth up."""
        state = self.states[-1]
        limits, wish = state["limits"], state.get("wish", "")
        if limits.price_upper is None:
            return None, None
        wider = limits.replace({"price_upper": limits.price_upper * 6 / 5}, {})
        one, two = (self.solve(x, wish, "revenue").expected_revenue for x in (limits, wider))
        return one, two

    def _small(self) -> Instance | None:
        """The problem in force as numbers, where it has few candidates and plain limits."""
        import numpy as np

        state = self.states[-1]
        engine = self._context.engine(state["market"], state.get("liking"))
        limits, _ = engine.applicable(state["limits"])
        if limits.group_limits or limits.must_include:
            return None
        catalog = engine.catalog
        rows = (engine.matching(limits) & catalog.available).nonzero()[0]
        if not 1 <= len(rows) <= MOST:
            return None
        relevance = engine.relevance(limits, state.get("wish", ""))
        lost = engine.beta * (relevance.max() - relevance)
        least = limits.count_min or 1
        return Instance(
            ids=tuple(catalog.ids[row] for row in rows),
            prices=tuple(catalog.prices[rows].tolist()),
            attractions=tuple(np.exp(catalog.utilities[rows] - lost[rows]).tolist()),
            count_min=least,
            count_max=limits.count_max or max(engine.size, least),
        )

    def _compared(self) -> tuple[Compared, ...]:
        state = self.states[-1]
        scenario: Scenario | None = state.get("scenario")
        if scenario is None:
            return ()
        # A turn that asks for another thing changes the wish too: each side is solved with its own.
        wish_before = self.states[-2].get("wish", "") if len(self.states) > 1 else ""
        first = self.solve(scenario.before, wish_before, None)
        second = self.solve(scenario.after, state.get("wish", ""), None)
        stated = scenario.difference
        old, new = set(first.ids), set(second.ids)
        return (
            Compared(
                items_in=tuple(item.id for item in stated.items_in),
                items_out=tuple(item.id for item in stated.items_out),
                revenue_before=stated.revenue_before,
                revenue_after=stated.revenue_after,
                solved_in=tuple(sorted(new - old)),
                solved_out=tuple(sorted(old - new)),
                solved_before=first.expected_revenue,
                solved_after=second.expected_revenue,
            ),
        )


_NUMBERS = count()
"""The same case may be talked through several times, each in a thread of its own."""


@cache
def _graph() -> tuple[CompiledStateGraph[State, Any, Input, State], InMemorySaver]:
    """Compiled once, which takes as long as a turn, and what keeps its threads."""
    from langgraph.checkpoint.memory import InMemorySaver

    from agent.graph import make_graph

    keeper = InMemorySaver()
    return make_graph(keeper), keeper


def _set_aside(state: State, solution: Solution | None) -> tuple[str, ...]:
    """What was softened because nothing else would do, and prices in a foreign currency."""
    told = [r.limit for r in solution.relaxed] if solution else []
    foreign = [w.limit for w in state["warnings"] if w.limit]
    if any(w.code == "currency_mismatch" for w in state["warnings"]):
        foreign += ["currency", "price_lower", "price_upper"]
    return tuple(dict.fromkeys([*told, *foreign]))


def _calls(state: State) -> tuple[Call, ...]:
    """This turn's tool calls, each with what came back."""
    from langchain_core.messages import AIMessage, ToolMessage

    from agent.facts import this_turn

    messages = this_turn(state)
    answered = {m.tool_call_id: m for m in messages if isinstance(m, ToolMessage)}
    return tuple(
        Call(
            name=call["name"],
            arguments=call["args"],
            result=_result(answered[call["id"]].text) if call["id"] in answered else None,
        )
        for message in messages
        if isinstance(message, AIMessage)
        for call in message.tool_calls
    )


def _result(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _known(state: State, solution: Solution | None) -> Any:
    from tools.phrases import phrases

    limits = state["limits"]
    notes = [origin.note for origin in limits.provenance.values() if origin.note]
    return {
        "limits": limits.to_json(),
        "limits_in_words": phrases(limits),
        "notes": notes,
        "solution": solution.model_dump(mode="json") if solution else None,
        "earlier": [limits.to_json() for limits in state["history"][-3:]],
    }
