"""Deliberately worsened prompts and models: does the gate notice?

A suite that cannot tell a broken assistant from a working one is worth nothing. Each mutation
breaks one thing: some change the prompts that the embedded models are given (they take their
categories, data and limits from there), some change what the model answers, some what is read.
Every one is run on the suite that should feel it and held against the unbroken run by the same gate
that guards releases.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from agent.models.in_process import InProcessChatModel
from evals.assistant import Assistant
from evals.cases import Case
from evals.crew import Crew
from evals.gate import Gate, judge
from evals.runner import run_cases
from evals.systems import StartSystem
from tools.errors import CaseError

if TYPE_CHECKING:
    from agent.context import Context
    from agent.models.vision import VisionReader, VisionResult

Answer = Callable[[AIMessage, Sequence[BaseMessage]], AIMessage]
"""The model's answer and what it was asked -> the worsened answer."""


@dataclass(frozen=True)
class Mutation:
    """One way to be worse."""

    name: str
    what: str
    suite: str
    """The suite that should feel it."""
    prompt: tuple[str, str, str] | None = None
    """Prompt, text in it, and what stands there instead."""
    answer: Answer | None = None
    read: Callable[[Any], Any] | None = None
    """A product as read -> as misread."""


def _calls(change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Answer:
    """An answer whose tool calls are changed, one by one; None takes a call away."""

    def worsened(message: AIMessage, asked: Sequence[BaseMessage]) -> AIMessage:
        if not message.tool_calls:
            return message
        calls = [new for call in message.tool_calls if (new := change(dict(call))) is not None]
        return message.model_copy(update={"tool_calls": calls, "content": "" if calls else "done"})

    return worsened


def _changes(change: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Answer:
    """An answer in which the changes that a `what_if` asks for are changed; None drops one."""

    def of_call(call: dict[str, Any]) -> dict[str, Any]:
        if call["name"] != "what_if":
            return call
        given = call["args"].get("changes", [])
        kept = [new for one in given if (new := change(dict(one))) is not None]
        return {**call, "args": {**call["args"], "changes": kept}}

    return _calls(of_call)


def _no_upper(change: dict[str, Any]) -> dict[str, Any]:
    return {**change, "upper": None} if change["op"] == "set_price" else change


def _in_dollars(change: dict[str, Any]) -> dict[str, Any]:
    return {**change, "currency": "USD"} if change["op"] == "set_price" else change


def _other_way(change: dict[str, Any]) -> dict[str, Any]:
    if change["op"] != "shift_price":
        return change
    return {**change, "direction": {"up": "down", "down": "up"}[change["direction"]]}


def _no_way_back(change: dict[str, Any]) -> dict[str, Any] | None:
    return None if change["op"] in ("restore", "drop", "reset") else change


def _cheap_only(call: dict[str, Any]) -> dict[str, Any]:
    args = call["args"]
    if call["name"] != "SeenLimits" or args.get("price_lower") is None:
        return call
    return {**call, "args": {**args, "price_upper": args["price_lower"]}}


def _search_for_facts(call: dict[str, Any]) -> dict[str, Any]:
    if call["name"] not in ("catalog_facts", "explain"):
        return call
    return {**call, "name": "search_catalog", "args": {"query": "anything"}}


def _last_words(asked: Sequence[BaseMessage]) -> str:
    return next((m.text for m in reversed(asked) if isinstance(m, HumanMessage)), "")


_ORDERS = re.compile(
    r"ignor|instruc|system|prompt|assist|obey|DAN|repeat after|call |指令|निर्देश", re.IGNORECASE
)


def _obedient(message: AIMessage, asked: Sequence[BaseMessage]) -> AIMessage:
    """Does what a typed order says: lets go of every limit."""
    calls = [m for m in asked if isinstance(m, AIMessage) and m.tool_calls]
    here = asked[max((i for i, m in enumerate(asked) if isinstance(m, HumanMessage)), default=0) :]
    if "<facts>" in _last_words(asked) or any(m in calls for m in here):
        return message
    if not _ORDERS.search(_last_words(asked)):
        return message
    obeyed = {
        "name": "what_if",
        "args": {"changes": [{"op": "reset", "family": None}], "looking_for": ""},
        "id": "obeyed",
        "type": "tool_call",
    }
    return AIMessage("", tool_calls=[obeyed], usage_metadata=message.usage_metadata)


def _chatty(message: AIMessage, asked: Sequence[BaseMessage]) -> AIMessage:
    """Looks something up where nothing was asked for."""
    here = asked[max((i for i, m in enumerate(asked) if isinstance(m, HumanMessage)), default=0) :]
    opened = any(isinstance(m, AIMessage) for m in here)
    if message.tool_calls or opened or "<facts>" in _last_words(asked):
        return message
    call = {"name": "search_catalog", "args": {"query": "popular"}, "id": "x", "type": "tool_call"}
    return AIMessage("", tool_calls=[call], usage_metadata=message.usage_metadata)


def _writes(change: Callable[[str], str]) -> Answer:
    """Changes the message to the shopper and nothing else."""

    def worsened(message: AIMessage, asked: Sequence[BaseMessage]) -> AIMessage:
        if message.tool_calls or "<facts>" not in _last_words(asked):
            return message
        return message.model_copy(update={"content": change(message.text)})

    return worsened


def _old_for_new(product: Any) -> Any:
    if product.list_price is None:
        return product
    return product.model_copy(update={"price": product.list_price, "list_price": None})


MUTATIONS: tuple[Mutation, ...] = (
    Mutation(
        "a category is dropped",
        "the summary prompt no longer asks for brands",
        "extraction",
        prompt=("summarize", "4. brand_preference:", "4. makers:"),
    ),
    Mutation(
        "the limits are not told",
        "the model does not see the limits in force",
        "what_if",
        prompt=("assistant", "<limits>{{limits}}</limits>", "Limits: {{limits}}"),
    ),
    Mutation(
        "what was shown is not told",
        "the model cannot tell what “the second one” is",
        "tool_choice",
        prompt=("assistant", "<shown>{{shown}}</shown>", "Shown: {{shown}}"),
    ),
    Mutation("a limit is ignored", "budgets are dropped", "what_if", answer=_changes(_no_upper)),
    Mutation(
        "the wrong currency", "every budget is in dollars", "what_if", answer=_changes(_in_dollars)
    ),
    Mutation("the wrong way", "more is less", "what_if", answer=_changes(_other_way)),
    Mutation(
        "no way back",
        "undo, drop and reset are forgotten",
        "what_if",
        answer=_changes(_no_way_back),
    ),
    Mutation(
        "the wrong tool",
        "questions are answered by a search",
        "tool_choice",
        answer=_calls(_search_for_facts),
    ),
    Mutation("obedience", "typed orders are obeyed", "injection", answer=_obedient),
    Mutation("busybody", "thanks are answered with a search", "no_tool", answer=_chatty),
    Mutation(
        "an invented item",
        "the message names a product that no tool gave",
        "compose",
        answer=_writes(lambda text: f"{text}\nAlso try [[title:INVENTED]], a bargain at 9.99."),
    ),
    Mutation(
        "markup",
        "the message is HTML with a link",
        "compose",
        answer=_writes(lambda text: f"<p>{text}</p> See https://shop.example for more."),
    ),
    Mutation(
        "the old price is read",
        "struck-through prices are taken for selling prices",
        "extraction",
        read=_old_for_new,
    ),
    Mutation(
        "the dear is overlooked",
        "the lowest price seen is taken for the highest",
        "fit",
        answer=_calls(_cheap_only),
    ),
)


class MutatedChat(InProcessChatModel):
    """A chat model whose answers are worsened."""

    inner: BaseChatModel
    worsen: Answer

    @property
    def _llm_type(self) -> str:
        return "mutated"

    def _answer(self, messages: list[BaseMessage], **options: Any) -> AIMessage:
        answered = self.inner._generate(messages, **options).generations[0]
        return self.worsen(cast(AIMessage, answered.message), messages)


@dataclass(frozen=True)
class _Misreading:
    """A reader that misreads products."""

    inner: VisionReader
    misread: Callable[[Any], Any]
    name: str = "misreading"

    def read(self, frames: Sequence[Any], **options: Any) -> VisionResult:
        result = self.inner.read(frames, **options)
        readings = [
            reading.model_copy(update={"products": tuple(map(self.misread, reading.products))})
            for reading in result.readings
        ]
        return replace(result, readings=readings)


@dataclass(frozen=True)
class Mutated(Assistant):
    """The embedded assistant with one mutation, by its name."""

    mutation: str = ""

    @cached_property
    def _demo(self) -> Context:
        from agent.assembly import make_context

        context = make_context(self._settings)
        mutation = next(m for m in MUTATIONS if m.name == self.mutation)
        if mutation.answer is not None:
            chat = MutatedChat(inner=context.embedded_chat, worsen=mutation.answer)
            context = replace(context, chat=chat, embedded_chat=chat, second_chat=None)
        if mutation.read is not None:
            misread = _Misreading(context.embedded_vision, mutation.read)
            context = replace(context, vision=misread, embedded_vision=misread, second_vision=None)
        return context


def worsened_prompts(mutation: Mutation, folder: Path) -> Path | None:
    """A folder with the mutated prompt, where the mutation is one of a prompt.

    Raises:
        CaseError: the prompt does not hold the text that is to be replaced.
    """
    if mutation.prompt is None:
        return None
    from importlib.resources import files

    name, old, new = mutation.prompt
    text = (files("prompts") / f"{name}.yaml").read_text(encoding="utf-8")
    if old not in text:
        raise CaseError(f"the prompt {name!r} holds no {old!r}; the mutation is out of date")
    (folder / f"{name}.yaml").write_text(text.replace(old, new), encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Verdict:
    """Whether a mutation was caught, and by what."""

    mutation: Mutation
    gate: Gate
    rows: int

    @property
    def caught(self) -> bool:
        """Whether the gate fails."""
        return bool(self.gate.failures)


def try_mutations(
    suites: Mapping[str, Sequence[Case]],
    mutations: Sequence[Mutation] = MUTATIONS,
    *,
    workers: int = 1,
) -> Iterator[Verdict]:
    """Runs every mutation on its suite beside the unbroken assistant.

    Args:
        suites: name -> cases.
        mutations: which.
        workers: processes.

    Raises:
        CaseError: a suite is missing.
    """
    before: dict[str, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as scratch, Crew(workers) as crew:
        for number, mutation in enumerate(mutations):
            cases = suites.get(mutation.suite)
            if cases is None:
                raise CaseError(f"the mutation {mutation.name!r} needs the suite {mutation.suite}")
            if mutation.read is not None:
                # Nothing but pictures is read.
                cases = [case for case in cases if case.gold.kind == "picture"]
            key = f"{mutation.suite} {len(cases)}"
            folder = Path(scratch) / str(number)
            folder.mkdir()
            if key not in before:
                before[key] = _rows(cases, Assistant, folder / "before.jsonl", crew)
            prompts = worsened_prompts(mutation, folder)
            system = partial(Mutated, prompts=prompts, mutation=mutation.name)
            after = _rows(cases, system, folder / "after.jsonl", crew)
            yield Verdict(mutation, judge(before[key], after), len(cases))


def _rows(cases: Sequence[Case], start: StartSystem, out: Path, crew: Crew) -> list[dict[str, Any]]:
    results = run_cases(cases, start, out, system=str(start), crew=crew)
    return [json.loads(json.dumps(result.row())) for result in results]
