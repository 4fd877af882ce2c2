"""What is asked of a chat model: a filled-in schema, a choice of tools, or words.

Each way of asking checks that the answer is whole, takes what is meant out of the forms that
servers give it, and asks once more where an answer has the wrong form. What is left over is a
`ModelUnavailable` with a safe reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import BaseModel, ValidationError

from tools.errors import ModelUnavailable

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.runnables import Runnable

Schema = TypeVar("Schema", bound=BaseModel)

DONE = "done"
_DONE = re.compile(r"\W*done\W*", re.IGNORECASE)
_THOUGHT = re.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_NO_STRUCTURE = frozenset({400, 404, 422, 501})
"""HTTP statuses with which servers refuse a request for a structure that they do not know."""
CHOOSE = 'Answer with a call of one of the tools, or with the single word "done". Nothing else.'


def structured(model: BaseChatModel, schema: type[Schema], system: str, user: str) -> Schema:
    """The model's answer as an instance of the schema, asked for by a strict function call.

    Raises:
        ModelUnavailable: the model answered with something else, twice.
    """
    return ask(model, schema, [SystemMessage(system), HumanMessage(user)], by_function=True)


def ask(
    model: BaseChatModel,
    schema: type[Schema],
    messages: Sequence[BaseMessage],
    *,
    by_function: bool = False,
    check: Callable[[Schema], str] | None = None,
) -> Schema:
    """The model's answer to these messages as an instance of the schema.

    A server that refuses the request for a structure is asked in words instead, then and later.
    An answer that does not fit, prose for example, is sent back once with what is wrong.

    Args:
        by_function: ask for a function call rather than for the server's JSON mode.
        check: says what is wrong with an answer of the right form; empty where nothing is.

    Raises:
        ModelUnavailable: the answer does not fit the schema, is a refusal, cut off, or empty.
    """
    reply = _asked(model, schema, messages, by_function)
    found, wrong = _fitted(reply, schema, check)
    if found is not None:
        return found
    _require_whole(reply)
    again = [*messages, _for_history(reply), HumanMessage(_correction(schema, wrong))]
    reply = _asked(model, schema, again, by_function)
    found, _ = _fitted(reply, schema, check)
    if found is None:
        _require_whole(reply)
        raise ModelUnavailable("the model's answer did not have the asked structure")
    return found


def choose(
    model: BaseChatModel, messages: Sequence[BaseMessage], tools: Sequence[dict[str, Any]]
) -> AIMessage:
    """The tools that the model chooses next, or the word "done".

    Calls that came as text or with arguments that are no JSON are put into form: the latter have
    no arguments and their ids stand in ``additional_kwargs["unreadable"]``.

    Raises:
        ModelUnavailable: twice neither a call nor "done" where nothing was called in this turn
            yet; a refusal, an empty answer, or one cut off at its length limit.
    """
    caller = model.bind_tools(tools)
    names = {tool["function"]["name"] for tool in tools}
    reply = caller.invoke(list(messages))
    chosen = _chosen(reply, names)
    if _settled(chosen, messages):
        return chosen
    _require_whole(reply)
    again = caller.invoke([*messages, _for_history(reply), HumanMessage(CHOOSE)])
    chosen = _chosen(again, names)
    if not _settled(chosen, messages):
        _require_whole(again)
        raise ModelUnavailable("the model neither chose a tool nor said that it was done")
    return chosen


def say(model: BaseChatModel, messages: Sequence[BaseMessage]) -> str:
    """What the model says, without what it thought aloud.

    Raises:
        ModelUnavailable: the answer is a refusal, cut off, or empty.
    """
    reply = model.invoke(list(messages))
    _require_whole(reply)
    return spoken(reply)


def spoken(reply: BaseMessage) -> str:
    """The text of a reply without the thoughts that open models put into tags."""
    return _THOUGHT.sub("", reply.text).strip()


def _asked(
    model: BaseChatModel, schema: type[Schema], messages: Sequence[BaseMessage], by_function: bool
) -> AIMessage:
    # An attribute rather than a type: importing the client only to ask would cost over a second.
    if not hasattr(model, "takes_schemas"):
        return _structure_bound(model, schema, by_function=True).invoke(list(messages))
    if model.takes_schemas:
        import openai

        try:
            return _structure_bound(model, schema, by_function).invoke(list(messages))
        except openai.APIStatusError as error:
            if error.status_code not in _NO_STRUCTURE:
                raise
    reply = model.invoke([*messages, HumanMessage(_in_words(schema))])
    model.takes_schemas = False  # only now: the plain way works
    return reply


def _structure_bound(
    model: BaseChatModel, schema: type[BaseModel], by_function: bool
) -> Runnable[Any, AIMessage]:
    strict = hasattr(model, "takes_schemas")
    tool = convert_to_openai_tool(schema, strict=strict or None)
    name = tool["function"]["name"]
    if by_function:
        options = {"parallel_tool_calls": False} if strict else {}
        return model.bind_tools([tool], tool_choice=name, **options)
    parameters = tool["function"]["parameters"]
    form = {"name": name, "schema": parameters, "strict": True}
    asked = {"response_format": {"type": "json_schema", "json_schema": form}}
    # As a part of the body the client does not know: what it knows it parses, and takes answers
    # without choices and streams without pieces for impossible.
    bound: Runnable[Any, AIMessage] = model.bind(extra_body=asked)
    return bound


def _fitted(
    reply: AIMessage, schema: type[Schema], check: Callable[[Schema], str] | None
) -> tuple[Schema | None, str]:
    """The answer as an instance, or what is wrong with it."""
    wrong = "it held no JSON object"
    for candidate in _objects(reply):
        try:
            found = schema.model_validate(candidate)
        except ValidationError as error:
            wrong = errors_in_words(error.errors(include_url=False, include_input=False))
            continue
        wrong = check(found) if check else ""
        if not wrong:
            return found, ""
    return None, wrong


def _objects(reply: AIMessage) -> Iterator[dict[str, Any]]:
    for call in reply.tool_calls:
        yield call["args"]
    if _cut(reply):
        return
    yield from objects_in(spoken(reply))


def objects_in(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects that stand in a text, whole ones only: in fences, in prose, or alone."""
    decoder = json.JSONDecoder()
    place = text.find("{")
    while place >= 0:
        try:
            value, end = decoder.raw_decode(text, place)
        except (json.JSONDecodeError, RecursionError):
            end = place + 1
        else:
            if isinstance(value, dict):
                yield value
        place = text.find("{", end)


def errors_in_words(errors: Sequence[Any], most: int = 6) -> str:
    """Validation errors as one line a model can act on: where, and what is allowed there."""
    lines = [
        f"{'.'.join(map(str, error['loc'])) or 'the whole'}: {error['msg']}"
        for error in errors[:most]
    ]
    more = len(errors) - most
    return "; ".join([*lines, *([f"and {more} more"] if more > 0 else [])])


def _correction(schema: type[BaseModel], wrong: str) -> str:
    return (
        f"That answer cannot be used: {wrong}. Answer again with nothing but the JSON object "
        f"of {schema.__name__}."
    )


def _in_words(schema: type[BaseModel]) -> str:
    form = json.dumps(schema.model_json_schema(), ensure_ascii=False, separators=(",", ":"))
    return f"Answer with nothing but one JSON object that fits this JSON schema:\n{form}"


def _require_whole(reply: AIMessage) -> None:
    if reply.additional_kwargs.get("refusal") or _finish(reply) == "content_filter":
        raise ModelUnavailable("the model declined to answer")
    if _cut(reply):
        raise ModelUnavailable("the model's answer was cut off at its length limit")
    if not spoken(reply) and not reply.tool_calls and not reply.invalid_tool_calls:
        raise ModelUnavailable("the model's answer was empty")


def _cut(reply: AIMessage) -> bool:
    return _finish(reply) == "length"


def _finish(reply: AIMessage) -> str:
    return str(reply.response_metadata.get("finish_reason") or "")


def _chosen(reply: AIMessage, names: set[str]) -> AIMessage:
    """The reply with every call in the same form, and nothing else of what the server sent."""
    calls = [] if _cut(reply) else list(reply.tool_calls)
    unreadable = [] if _cut(reply) else reply.invalid_tool_calls
    made = [(call["name"], call["args"], call.get("id") or "") for call in calls]
    ids = [call.get("id") or f"unreadable_{i}" for i, call in enumerate(unreadable)]
    made += [(c.get("name") or "", {}, i) for c, i in zip(unreadable, ids, strict=True)]
    ids += [i for i in reply.additional_kwargs.get("unreadable", ()) if i not in ids]
    text = spoken(reply)
    if not made and not _cut(reply):
        made = [(name, args, "") for name, args in _calls_in(text, names)]
    return AIMessage(
        "" if made else text,
        tool_calls=[
            {"name": name, "args": args, "id": i, "type": "tool_call"} for name, args, i in made
        ],
        additional_kwargs={"unreadable": ids} if ids else {},
    )


def _calls_in(text: str, names: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Tool calls written as JSON in the text, as models do whose server has no parser for them."""
    for found in objects_in(text):
        arguments = found.get("arguments", found.get("parameters"))
        if found.get("name") in names and isinstance(arguments, dict):
            yield found["name"], arguments


def _settled(reply: AIMessage, messages: Sequence[BaseMessage]) -> bool:
    if reply.tool_calls or _DONE.fullmatch(reply.text):
        return True
    # Once tools have answered, whatever else it says means that it wants no more of them.
    return any(isinstance(m, ToolMessage) for m in this_turn(messages))


def this_turn(messages: Sequence[BaseMessage]) -> Sequence[BaseMessage]:
    """The messages since the shopper's last words, those included."""
    start = max((i for i, m in enumerate(messages) if isinstance(m, HumanMessage)), default=0)
    return messages[start:]


def _for_history(reply: AIMessage) -> AIMessage:
    return AIMessage(spoken(reply) or json.dumps([call["args"] for call in reply.tool_calls]))
