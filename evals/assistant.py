"""The whole graph as a system under test: shop, models and prompts as a shopper meets them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.models.factory import EMBEDDED
from evals.cases import AnswerGold, Case, DialogueGold
from evals.pictures import frames_of
from evals.recognised import with_lines
from evals.traces import (
    AnswerTrace,
    Call,
    Compared,
    DialogueTrace,
    PictureTrace,
    SessionTrace,
    Trace,
    Usage,
)
from evals.visits import fit_trace, is_visit, visit_trace
from tools.domain import Constraints
from tools.errors import InputError, InteraRecError, RunStopped

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.capture.frames import Frame
    from agent.config import Settings
    from agent.context import Context
    from agent.state import State
    from tools.catalog import Catalog
    from tools.solution import Scenario, Solution


@dataclass(frozen=True)
class Assistant:
    """Runs cases through the graph; one conversation each.

    Args:
        model: `embedded` or `openai:MODEL`, for chat and vision alike.
        prompts: a folder whose prompt files replace the shipped ones.
        replay: folder of recorded model answers; None: models are called.
        record: keep new answers there instead of refusing calls that are not.
    """

    model: str = "embedded"
    prompts: Path | None = None
    replay: Path | None = None
    record: bool = False

    @property
    def name(self) -> str:
        """Model and prompts."""
        return f"{self.model} with {self.prompts.name if self.prompts else 'shipped prompts'}"

    @cached_property
    def _settings(self) -> Settings:
        from agent.config import load_settings

        return load_settings(chat_model=self.model, vision_model=self.model, prompts=self.prompts)

    @cached_property
    def _demo(self) -> Context:
        from agent.assembly import make_context

        try:
            return self._replayed(make_context(self._settings))
        except RunStopped:
            raise
        except InteraRecError as error:
            # No case is at fault, and none can be run.
            raise RunStopped(str(error)) from None

    def _replayed(self, context: Context) -> Context:
        if self.replay is None:
            return context
        from evals.replay import ReplayCache

        cache = ReplayCache(self.replay, "record" if self.record else "replay", self.name)
        for model in (context.chat, getattr(context.vision, "model", None)):
            if model is not None and model is not context.embedded_chat:
                model.cache = cache
        return context

    def _context(self, case: Case) -> Context:
        if not case.shop:
            return self._demo
        from evals.shops import shop

        catalog = shop(Path(case.shop), self._settings.home)
        return in_shop(self._demo, catalog)

    def run(self, case: Case) -> Trace:
        """The conversation of a case: its pictures with the first turn, then turn by turn.

        Raises:
            InputError: a picture or the shop cannot be used.
            RunStopped: the model cannot be used, or a recorded answer is missing.
        """
        context = self._context(case)
        if case.gold.kind == "fit":
            return fit_trace(case, context, self.prompts)
        if is_visit(case):
            return visit_trace(case, context, self.prompts)
        if case.gold.kind == "picture":
            frames = self._frames(case)
            read = context.vision.read(frames, before=(), running=None, prompts=self.prompts)
            return PictureTrace(case=case.id, reading=read.readings[0])
        answers = []
        states: list[State] = []
        for number, told in enumerate(self.turns(case), start=1):
            answers.append(_answer(case, context, told, states, case.texts[:number]))
            states.append(told[0])
            if self.model != EMBEDDED and answers[-1].degraded:
                # The embedded model answered; its scores must not stand under another's name.
                raise RunStopped(f"{self.model} could not be used: {answers[-1].degraded[0]}")
        return _trace(case, states, answers)

    def turns(self, case: Case) -> Iterator[Turn]:
        """What the graph makes of a case, turn by turn; nothing is judged.

        Raises:
            InputError: a picture or the shop cannot be used.
            RunStopped: the model cannot be used, or a recorded answer is missing.
        """
        frames = self._frames(case)
        turn = _conversation(self._context(case), case.id)
        for number, text in enumerate(case.texts or ("",)):
            yield turn(text, frames if number == 0 else ())

    def _frames(self, case: Case) -> list[Frame]:
        home = self._settings.home
        frames = frames_of(case.frames, home)
        # A hosted model looks at the pictures itself.
        return with_lines(frames, home) if self.model == EMBEDDED else frames

    def conversation(self, name: str) -> Callable[[str], AnswerTrace]:
        """A conversation in the demo shop: what is said -> the trace of the answer."""
        case = Case(id=name, texts=("",), gold=AnswerGold())
        context = self._demo
        states: list[State] = []
        said: list[str] = []
        turn = _conversation(context, name)

        def answer(text: str) -> AnswerTrace:
            told = turn(text, ())
            said.append(text)
            trace = _answer(case, context, told, states, said)
            states.append(told[0])
            return trace

        return answer


Turn = tuple["State", dict[str, float]]
"""The state after a turn, and the wall seconds of each stage."""


def _conversation(context: Context, thread: str) -> Callable[[str, Sequence[Frame]], Turn]:
    from langgraph.checkpoint.memory import InMemorySaver

    from agent.graph import make_graph
    from agent.session import Session

    session = Session(context, thread, make_graph(InMemorySaver()))

    def turn(text: str, frames: Sequence[Frame]) -> Turn:
        return session.turn(text, frames), dict(session.seconds)

    return turn


def in_shop(context: Context, catalog: Catalog) -> Context:
    """The same run in another shop."""
    from agent.models.embedded import EmbeddedChatModel

    market = catalog.currency or ""
    embedded = EmbeddedChatModel(vocabularies={market: catalog.vocabulary()})

    def here(model: Any) -> Any:
        return embedded if model is context.embedded_chat else model

    return replace(
        context,
        markets={market: catalog},
        chat=here(context.chat),
        second_chat=here(context.second_chat),
        embedded_chat=embedded,
    )


def _trace(case: Case, states: Sequence[State], answers: Sequence[AnswerTrace]) -> Trace:
    last = answers[-1]
    if isinstance(case.gold, DialogueGold):
        limits = tuple(state["limits"] for state in states)
        return DialogueTrace(case=case.id, states=limits, answers=tuple(answers))
    if case.gold.kind == "answer":
        return last.model_copy(
            update={
                "compared": tuple(c for answer in answers for c in answer.compared),
                "usage": tuple(u for answer in answers for u in answer.usage),
            }
        )
    if case.gold.kind == "session":
        state = states[-1]
        return SessionTrace(
            case=case.id,
            summary=state.get("summary"),
            evidence=state.get("evidence"),
            constraints=state["limits"],
        )
    raise InputError(f"the assistant does not run cases of kind {case.gold.kind!r}")


def _answer(
    case: Case, context: Context, turn: Turn, earlier: Sequence[State], texts: Sequence[str]
) -> AnswerTrace:
    from agent.facts import gather

    state, seconds = turn

    catalog = context.catalog(state["market"])
    solution = state.get("solution")
    calls = _calls(state)
    facts = gather(state)
    # Items belong to the answer only where this turn recommends them.
    told = solution if facts.kind in ("recommendation", "infeasible") else None
    spent = state.get("spent_in_turn")
    usage = Usage(
        seconds=sum(seconds.values()),
        input_tokens=getattr(spent, "input_tokens", 0),
        output_tokens=getattr(spent, "output_tokens", 0),
        by_stage=dict(seconds),
    )
    optimum, wider = _laws(context, state) if told else (None, None)
    return AnswerTrace(
        case=case.id,
        texts=tuple(texts),
        message=state["message"],
        calls=calls,
        items=tuple(catalog.get(told.ids)) if told else (),
        infeasible=facts.kind == "infeasible",
        in_force=tuple(catalog.get(solution.ids)) if solution else (),
        nothing_fits=solution is not None and solution.status == "infeasible",
        value=told.expected_revenue if told else None,
        limits=state["limits"],
        limits_before=earlier[-1]["limits"] if earlier else Constraints(),
        reasons={item.id: item.reasons for item in told.items} if told else {},
        set_aside=_set_aside(state, solution),
        question=state.get("question", ""),
        compared=_compared(context, state, earlier),
        optimum=optimum,
        optimum_wider=wider,
        rewritten=state.get("rewritten", 0),
        degraded=tuple(state.get("degraded", ())),
        prompts=state.get("prompts", {}),
        usage=(usage,),
        known=_known(state, solution),
    )


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


def _laws(context: Context, state: State) -> tuple[float | None, float | None]:
    """The most revenue within the limits in force, and with the highest price a fifth higher."""
    limits = state["limits"]
    if limits.price_upper is None:
        return None, None
    engine = context.engine(state["market"], state.get("liking"))
    wish = state.get("wish", "")
    wider = limits.replace({"price_upper": limits.price_upper * 6 / 5}, {})
    values = [engine.solve(x, wish, objective="revenue").expected_revenue for x in (limits, wider)]
    return values[0], values[1]


def _compared(context: Context, state: State, earlier: Sequence[State]) -> tuple[Compared, ...]:
    scenario: Scenario | None = state.get("scenario")
    if scenario is None:
        return ()
    engine = context.engine(state["market"], state.get("liking"))
    # A turn that asks for another thing changes the wish too: each side is solved with its own.
    first = engine.solve(scenario.before, earlier[-1].get("wish", "") if earlier else "")
    second = engine.solve(scenario.after, state.get("wish", ""))
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
