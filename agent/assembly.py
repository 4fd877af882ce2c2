"""Puts a run together from the settings: shop, frame store, models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING

from agent.context import Context
from agent.language.operations import find_encoder
from agent.models.chain import Models
from agent.models.circuit import Circuit
from agent.models.factory import EMBEDDED, make_chat, make_vision, second
from agent.models.ledger import Budget
from tools.errors import InputError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from agent.capture.store import FrameStore
    from agent.config import Settings
    from agent.models.hosted_vision import KeptReadings
    from agent.models.vision import VisionReader
    from tools.catalog import Catalog
    from tools.next_items import NextItems


def make_context(settings: Settings) -> Context:
    """The context of a run.

    Raises:
        InputError: the catalogue cannot be used, a model's name is not understood, or there is a
            budget in money and a model without a price.
        SessionError: the session model cannot be used.
    """
    _require_prices(settings)
    markets = open_markets(settings)
    frames = open_frames(settings)
    models = make_models(settings, markets, frames)
    return Context(
        **{name.name: getattr(models, name.name) for name in fields(models)},
        markets=markets,
        frames=frames,
        objective=settings.objective,
        size=settings.size,
        beta=settings.beta,
        rates=settings.rates,
        max_steps=settings.max_steps,
        max_tool_calls=settings.max_tool_calls,
        next_items=open_session_model(settings),
    )


def open_session_model(settings: Settings) -> NextItems | None:
    """The configured model of what comes next in a session; None without one.

    Raises:
        SessionError: the folder holds no session model, or a damaged one.
    """
    if settings.session_model is None:
        return None
    from tools.sessions.serve import Ranker

    return Ranker.open(settings.session_model)


def make_models(
    settings: Settings,
    markets: Mapping[str, Catalog] | None = None,
    kept: KeptReadings | None = None,
) -> Models:
    """The models of a run.

    Args:
        markets: the shop's catalogues, whose words help the embedded models; none without a shop.
        kept: where hosted models' readings of frames are kept.

    Raises:
        InputError: a model's name is not understood, or there is a budget in money and a model
            without a price.
    """
    _require_prices(settings)
    vocabularies = {market: catalog.vocabulary() for market, catalog in (markets or {}).items()}
    brands = sorted({b for vocabulary in vocabularies.values() for b in vocabulary.brands})
    plain = settings.model_copy(update={"chat_model": EMBEDDED, "vision_model": EMBEDDED})
    encode = find_encoder((markets or {}).values(), settings.home)
    embedded_chat = make_chat(plain, vocabularies, encode)
    embedded_vision = make_vision(plain, brands)

    def chat_of(those: Settings) -> BaseChatModel:
        return embedded_chat if those.chat_model == EMBEDDED else make_chat(those, {})

    def vision_of(those: Settings) -> VisionReader:
        return embedded_vision if those.vision_model == EMBEDDED else make_vision(those, (), kept)

    return Models(
        vision=vision_of(settings),
        chat=chat_of(settings),
        embedded_vision=embedded_vision,
        embedded_chat=embedded_chat,
        second_vision=vision_of(second(settings)),
        second_chat=chat_of(second(settings)),
        batches_in_flight=settings.batches_in_flight,
        turn_seconds=settings.turn_seconds,
        budget=Budget(
            turn_tokens=settings.turn_tokens,
            thread_tokens=settings.thread_tokens,
            turn_money=settings.turn_money,
            thread_money=settings.thread_money,
        ),
        prices=settings.prices,
        circuit=Circuit(settings.model_rest_seconds),
        prompts=settings.prompts,
    )


def _require_prices(settings: Settings) -> None:
    if settings.turn_money is None and settings.thread_money is None:
        return
    names = (
        settings.chat_model,
        settings.vision_model,
        settings.fallback_model,
        settings.fallback_vision_model,
    )
    for name in names:
        if name not in (None, EMBEDDED) and name not in settings.prices:
            raise InputError(f"a budget in money needs the price of {name} in the setting prices")


def open_frames(settings: Settings) -> FrameStore:
    """The frame store of the settings; frames past their age or the room for them are swept now.

    Raises:
        InteraRecError: it cannot be used.
    """
    from agent.capture.store import FrameStore
    from agent.config import make_home

    place = settings.frames_url.get_secret_value() if settings.frames_url else None
    return FrameStore(
        place or make_home(settings.home) / "frames.sqlite",
        keep=settings.frames_keep,
        most_bytes=settings.frames_keep_mb * 1e6,
        bytes_at=settings.frames_bytes,
        only_checked=True,
    )


def open_markets(settings: Settings) -> Mapping[str, Catalog]:
    """The shop's catalogues by currency; without a configured one, the demo shop's two.

    Raises:
        CatalogError: the folder or server holds no usable catalogue.
    """
    from tools.catalog import Catalog, open_catalog

    if settings.catalog is not None:
        catalog = open_catalog(settings.catalog, settings.home)
        return {catalog.currency or "": catalog}
    from agent.demo.catalogs import demo_catalogs

    catalogs = [Catalog.open(folder) for folder in demo_catalogs(settings.home)]
    return {catalog.currency or "": catalog for catalog in catalogs}
