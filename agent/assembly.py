"""Puts a run together from the settings: shop, frame store, models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from agent.context import Context
from agent.models.factory import EMBEDDED, make_chat, make_vision

if TYPE_CHECKING:
    from agent.capture.store import FrameStore
    from agent.config import Settings
    from tools.catalog import Catalog


def make_context(settings: Settings) -> Context:
    """The context of a run.

    Raises:
        InputError: the catalogue cannot be used, or a model's name is not understood.
    """
    markets = open_markets(settings)
    vocabularies = {market: catalog.vocabulary() for market, catalog in markets.items()}
    plain = settings.model_copy(update={"chat_model": EMBEDDED, "vision_model": EMBEDDED})
    brands = sorted({b for catalog in markets.values() for b in catalog.vocabulary().brands})
    embedded_chat = make_chat(plain, vocabularies)
    embedded_vision = make_vision(plain, brands)
    return Context(
        markets=markets,
        frames=open_frames(settings),
        vision=embedded_vision
        if settings.vision_model == EMBEDDED
        else make_vision(settings, brands),
        chat=embedded_chat
        if settings.chat_model == EMBEDDED
        else make_chat(settings, vocabularies),
        embedded_vision=embedded_vision,
        embedded_chat=embedded_chat,
        objective=settings.objective,
        size=settings.size,
        beta=settings.beta,
        rates=settings.rates,
        max_steps=settings.max_steps,
        prompts=settings.prompts,
    )


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
        CatalogError: the folder holds no usable catalogue.
    """
    from tools.catalog import Catalog

    if settings.catalog is not None:
        catalog = Catalog.open(settings.catalog)
        return {catalog.currency or "": catalog}
    from agent.demo.catalogs import demo_catalogs

    catalogs = [Catalog.open(folder) for folder in demo_catalogs(settings.home)]
    return {catalog.currency or "": catalog for catalog in catalogs}
