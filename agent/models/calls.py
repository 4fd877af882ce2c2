"""Calling a model so that a failure of a hosted one ends with the embedded one answering."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

from langchain_core.exceptions import OutputParserException
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from pydantic import BaseModel, ValidationError

from tools.errors import ModelUnavailable

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

Model = TypeVar("Model")
Result = TypeVar("Result")
Schema = TypeVar("Schema", bound=BaseModel)


def with_fallback(
    model: Model, embedded: Model, call: Callable[[Model], Result]
) -> tuple[Result, list[str]]:
    """The call's result, from the embedded model if the configured one cannot be used.

    Returns:
        The result, and the reasons why the configured model was given up (none: it answered).
    """
    if model is embedded:
        return call(model), []
    try:
        return call(model), []
    except Exception as error:
        if (reason := failure(error)) is None:
            raise
        return call(embedded), [reason]


def failure(error: Exception) -> str | None:
    """One safe sentence when the error is a model's failure to answer; None when it is a bug.

    The sentence never repeats what a server sent: that may hold keys or the shopper's data.
    """
    import openai

    if isinstance(error, ModelUnavailable):
        return str(error)
    if isinstance(error, OutputParserException | ValidationError):
        return "the model's answer did not fit the schema"
    if isinstance(error, openai.APITimeoutError):
        return "the model did not answer in time"
    if isinstance(error, openai.APIConnectionError):
        return "the model's server could not be reached"
    if isinstance(error, openai.APIStatusError):
        return f"the model's server answered with HTTP status {error.status_code}"
    if isinstance(error, openai.OpenAIError):
        return "the model's answer could not be used"
    return None


def structured(model: BaseChatModel, schema: type[Schema], system: str, user: str) -> Schema:
    """The model's answer as an instance of the schema, asked for by a function call.

    Raises:
        ModelUnavailable: the model answered with something else.
    """
    # An attribute rather than a type: importing the client only to ask would cost over a second.
    options = getattr(model, "function_call_options", {})
    return ask(model, schema, [SystemMessage(system), HumanMessage(user)], **options)


def ask(
    model: BaseChatModel, schema: type[Schema], messages: Sequence[BaseMessage], **options: Any
) -> Schema:
    """The model's answer to these messages as an instance of the schema.

    Raises:
        ModelUnavailable: the answer does not fit the schema, is a refusal, or is empty.
    """
    # With the raw answer beside it, a failure to parse comes back as a value, not as one of
    # several exception types that depend on the server's mood.
    caller = model.with_structured_output(schema, include_raw=True, **options)
    parsed = cast("dict[str, Any]", caller.invoke(list(messages)))["parsed"]
    if not isinstance(parsed, schema):
        raise ModelUnavailable("the model's answer did not have the asked structure")
    return parsed
