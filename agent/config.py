"""Settings: flags, then environment variables, then `interarec.toml`, then defaults."""

from __future__ import annotations

import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from tools.errors import InputError

FILE = Path("interarec.toml")


class Settings(BaseSettings):
    """Everything that can be configured, with its default."""

    model_config = SettingsConfigDict(
        env_prefix="INTERAREC_",
        env_ignore_empty=True,
        extra="forbid",
        populate_by_name=True,
        toml_file=FILE,
    )

    home: Path = Field(default=Path(".interarec"), description="Where InteraRec keeps its files.")
    catalog: Path | None = Field(
        default=None, description="The catalogue folder; none: the demo shop."
    )
    chat_model: str = Field(default="embedded", description="`embedded` or `openai:MODEL`.")
    vision_model: str = Field(default="embedded", description="`embedded` or `openai:MODEL`.")
    openai_api_key: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("openai_api_key", "OPENAI_API_KEY"),
        description="Key of the model server.",
    )
    openai_base_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("openai_base_url", "OPENAI_BASE_URL"),
        description="Address of an OpenAI-compatible server; none: OpenAI's own.",
    )
    image_detail: Literal["low", "high", "auto"] = Field(
        default="high", description="Detail of pictures on the wire."
    )
    temperature: float | None = Field(default=None, ge=0, le=2, description="None: the model's.")
    model_timeout: float = Field(default=60.0, gt=0, description="Seconds for one model call.")
    model_retries: int = Field(default=2, ge=0, le=10, description="Retries of a failed call.")
    max_steps: int = Field(default=6, ge=1, le=50, description="Model steps in one turn.")
    objective: Literal["balanced", "revenue", "surplus"] = Field(
        default="balanced", description="What the recommended set maximises."
    )
    size: int = Field(default=5, ge=1, le=100, description="Most items in a recommendation.")
    beta: float = Field(default=6.0, ge=0, le=50, description="Weight of relevance in utility.")
    rates: dict[str, Decimal] = Field(
        default_factory=dict, description='Conversion rates, {"INR/GBP": 0.0089}.'
    )
    frames_keep_hours: float = Field(
        default=24.0, gt=0, le=876_000, description="How long frames are kept."
    )
    prompts: Path | None = Field(default=None, description="Folder with prompts of your own.")

    @property
    def frames_keep(self) -> timedelta:
        """How long frames are kept."""
        return timedelta(hours=self.frames_keep_hours)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags over environment over file."""
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls))


def load_settings(**flags: Any) -> Settings:
    """The settings in force; flags that are None count as not given.

    Raises:
        InputError: a value does not fit, or the settings file is not valid TOML.
    """
    import tomllib

    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise InputError(f"setting {name}: {first['msg']}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{FILE} is not valid TOML: {error}") from None


def make_home(home: Path) -> Path:
    """The folder that keeps everything, made where it is missing.

    Raises:
        InputError: it cannot be made or written to.
    """
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise InputError(f"the home {home} cannot be made: {error.strerror}") from None
    if not os.access(home, os.W_OK | os.X_OK):
        raise InputError(f"the home {home} cannot be written to")
    return home


def origins(settings: Settings) -> dict[str, str]:
    """Setting -> where its value came from: flag, environment, file or default."""
    environment = EnvSettingsSource(Settings)()
    file = TomlConfigSettingsSource(Settings)() if FILE.is_file() else {}
    found = {}
    for name, field in Settings.model_fields.items():
        keys = {name}
        if isinstance(field.validation_alias, AliasChoices):
            keys |= {str(choice) for choice in field.validation_alias.choices}
        if keys & set(environment):
            found[name] = "environment"
        elif keys & set(file):
            found[name] = str(FILE)
        elif name in settings.model_fields_set:
            found[name] = "flag"
        else:
            found[name] = "default"
    return found
