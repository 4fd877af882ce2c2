"""`interarec config`: what is in force, and where each value came from."""

from __future__ import annotations

import typer

from agent.commands.shared import JsonFlag, print_json


def config(as_json: JsonFlag = False) -> None:
    """Show every setting with its value and where that came from."""
    from pydantic import SecretStr

    from agent.config import load_settings, origins

    settings = load_settings()
    places = origins(settings)
    shown = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            value = "(set)"
        elif value is not None and (name.endswith("base_url") or "://" in str(value)):
            value = without_credentials(value)
        elif name == "rates":
            value = {pair: float(rate) for pair, rate in value.items()}
        elif name == "prices":
            value = {m: p.model_dump(mode="json") for m, p in value.items()}
        elif isinstance(value, tuple):
            value = list(value)
        elif value is not None and not isinstance(value, str | int | float | bool):
            value = str(value)
        shown[name] = {"value": value, "from": places[name]}
    if as_json:
        print_json(shown)
        return
    width = max(map(len, shown))
    for name, entry in shown.items():
        typer.echo(f"{name:<{width}}  {_in_words(entry['value']):<24}  {entry['from']}")


def _in_words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return "-" if value in (None, {}) else str(value)


def without_credentials(address: str) -> str:
    """The address without the user name and password that it may carry."""
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    # A database's address may also name them behind the question mark.
    return parts._replace(netloc=host, query="").geturl()
