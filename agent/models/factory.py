"""From a model's name in the settings to a model: `embedded`, or `openai:MODEL`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tools.errors import InputError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agent.config import Settings
    from agent.language.operations.classifier import Encode
    from agent.models.hosted_vision import KeptReadings
    from agent.models.vision import VisionReader
    from tools.catalog import Vocabulary

EMBEDDED = "embedded"


def make_chat(
    settings: Settings, vocabularies: Mapping[str, Vocabulary], encode: Encode | None = None
) -> BaseChatModel:
    """The chat model of the settings.

    Args:
        vocabularies: the shop's words by market, for the embedded model; empty without a shop.
        encode: the sentence encoder that helps the embedded model to understand turns.

    Raises:
        InputError: the name is not understood, or a public model lacks its key.
    """
    if settings.chat_model == EMBEDDED:
        from agent.models.embedded import EmbeddedChatModel

        return EmbeddedChatModel(vocabularies=vocabularies, encode=encode)
    return make_hosted(settings.chat_model, settings)


def make_vision(
    settings: Settings, brands: Sequence[str], kept: KeptReadings | None = None
) -> VisionReader:
    """The vision model of the settings.

    Args:
        brands: brand names of the shop, which help the embedded reader.
        kept: where a hosted model's answers are kept, so that it is not asked twice; none: nowhere.

    Raises:
        InputError: the name is not understood, or a public model lacks its key.
    """
    if settings.vision_model == EMBEDDED:
        from agent.models.vision import EmbeddedVision

        return EmbeddedVision(brands)
    from agent.models.hosted_vision import HostedVision

    return HostedVision(
        make_hosted(settings.vision_model, settings),
        detail=settings.image_detail,
        budget=settings.image_tokens,
        kept=kept,
    )


def make_hosted(name: str, settings: Settings) -> BaseChatModel:
    """A model behind an OpenAI-compatible server, named `openai:MODEL`.

    Raises:
        InputError: the name is not of that form, or the public server is meant and no key is set.
    """
    from pydantic import SecretStr

    from agent.models.hosted import HostedChatModel

    provider, _, model = name.partition(":")
    if provider != "openai" or not model:
        raise InputError(f"model {name!r} is not understood; use 'embedded' or 'openai:MODEL'")
    key = settings.openai_api_key
    if key is None and settings.openai_base_url is None:
        raise InputError(f"{name} needs OPENAI_API_KEY, or OPENAI_BASE_URL for a server of yours")
    return HostedChatModel(
        model=model,
        base_url=settings.openai_base_url,
        # Servers on one's own machine take any key, but the client insists on one.
        api_key=key or SecretStr("none"),
        timeout=settings.model_timeout,
        call_seconds=settings.model_timeout,
        # The client's own retries know no deadline.
        max_retries=0,
        retries=settings.model_retries,
        temperature=settings.temperature,
        max_completion_tokens=settings.max_output_tokens,
        stream_usage=True,
    )


def second(settings: Settings) -> Settings:
    """The settings with the fallback models, and their server, in place of the first ones."""
    return settings.model_copy(
        update={
            "chat_model": settings.fallback_model or EMBEDDED,
            "vision_model": settings.fallback_vision_model or EMBEDDED,
            "openai_base_url": settings.fallback_base_url or settings.openai_base_url,
            "openai_api_key": settings.fallback_api_key or settings.openai_api_key,
        }
    )


def name_of(model: object) -> str:
    """A model's name as the settings give it; empty for one that has none."""
    name = getattr(model, "model_name", None) or getattr(model, "name", None)
    return f"openai:{name}" if name else ""
