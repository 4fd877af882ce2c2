"""Settings: flags, then environment variables, then `interarec.toml`, then defaults."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from tools.domain import Frozen
from tools.errors import InputError

FILE = Path("interarec.toml")


def _entries(value: Any) -> Any:
    """A list as it is; a text as a JSON list, or as entries between commas."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [entry.strip() for entry in value.split(",") if entry.strip()]


Domains = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_entries)]


class Price(Frozen):
    """What a model costs per million tokens."""

    input: Decimal = Field(ge=0)
    output: Decimal = Field(ge=0)
    cached_input: Decimal | None = Field(default=None, ge=0)
    """For input that the server had cached; None: as other input."""


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
    catalog: str | None = Field(
        default=None,
        description="The catalogue: a folder or postgresql://…#shop; none: the demo shop.",
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
    fallback_model: str | None = Field(
        default=None, description="Chat model asked before the embedded one when the first fails."
    )
    fallback_vision_model: str | None = Field(
        default=None, description="The same for reading screenshots."
    )
    fallback_base_url: str | None = Field(
        default=None, description="Server of the fallback models; none: as for the first."
    )
    fallback_api_key: SecretStr | None = Field(
        default=None, description="Key of that server; none: as for the first."
    )
    image_detail: Literal["low", "high", "auto"] = Field(
        default="high", description="Detail of pictures on the wire."
    )
    image_tokens: int | None = Field(
        default=None,
        ge=1,
        description="Tokens for the pictures of one batch; none: two fifths of ten full screens.",
    )
    batches_in_flight: int = Field(
        default=4, ge=1, le=32, description="Batches of pictures asked about at the same time."
    )
    temperature: float | None = Field(default=None, ge=0, le=2, description="None: the model's.")
    model_timeout: float = Field(
        default=60.0, gt=0, description="Seconds for one model call, its retries included."
    )
    model_retries: int = Field(default=2, ge=0, le=10, description="Retries of a failed call.")
    model_rest_seconds: float = Field(
        default=30.0, ge=0, le=600, description="How long a server that failed is left alone."
    )
    turn_seconds: float = Field(
        default=120.0, gt=0, le=3600, description="Seconds that a turn waits for models in all."
    )
    max_steps: int = Field(default=6, ge=1, le=50, description="Model steps in one turn.")
    max_tool_calls: int = Field(default=16, ge=1, le=200, description="Tool calls in one turn.")
    max_output_tokens: int | None = Field(
        default=None, ge=1, description="Longest reply asked of a model; none: the model's own."
    )
    turn_tokens: int | None = Field(
        default=200_000, ge=0, description="Tokens that the models may take in one turn."
    )
    thread_tokens: int | None = Field(
        default=2_000_000, ge=0, description="Tokens that they may take in a whole conversation."
    )
    turn_money: Decimal | None = Field(
        default=None, ge=0, description="Money for one turn, in the currency of the prices."
    )
    thread_money: Decimal | None = Field(
        default=None, ge=0, description="Money for a whole conversation."
    )
    prices: dict[str, Price] = Field(
        default_factory=dict,
        description='Per million tokens: {"openai:MODEL": {"input": 2.5, "output": 10}}.',
    )
    objective: Literal["balanced", "revenue", "surplus"] = Field(
        default="balanced", description="What the recommended set maximises."
    )
    size: int = Field(default=5, ge=1, le=100, description="Most items in a recommendation.")
    beta: float = Field(default=6.0, ge=0, le=50, description="Weight of relevance in utility.")
    rates: dict[str, Decimal] = Field(
        default_factory=dict, description='Conversion rates, {"INR/GBP": 0.0089}.'
    )
    threads_url: SecretStr | None = Field(
        default=None, description="A Postgres address that keeps conversations; none: SQLite."
    )
    frames_keep_hours: float = Field(
        default=24.0, gt=0, le=876_000, description="How long frames are kept."
    )
    frames_keep_mb: float = Field(
        default=512.0, gt=0, le=1e9, description="Most megabytes of frames kept; oldest go first."
    )
    frames_url: SecretStr | None = Field(
        default=None,
        description="Frame store: sqlite:///PATH or postgresql://…; none: a file in the home.",
    )
    frames_bytes: str | None = Field(
        default=None, description="Where the pictures lie, as an fsspec address; none: the store."
    )
    redact: bool = Field(default=True, description="Cover personal data before keeping a frame.")
    allow_domains: Domains = Field(
        default=(), description="The only sites captured, with commas between; none: any."
    )
    deny_domains: Domains = Field(
        default=(), description="Sites never captured, with commas between; a bare word is a label."
    )
    browser: Path | None = Field(
        default=None, description="Chromium or Chrome to capture with; none: the system's."
    )
    prompts: Path | None = Field(default=None, description="Folder with prompts of your own.")
    session_model: Path | None = Field(
        default=None, description="Folder of a session model, as `session train` keeps it."
    )

    @property
    def frames_keep(self) -> timedelta:
        """How long frames are kept."""
        return timedelta(hours=self.frames_keep_hours)

    @property
    def threads_address(self) -> str | None:
        """The Postgres address that keeps conversations; None: a SQLite file under `home`."""
        return self.threads_url.get_secret_value() if self.threads_url else None

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
    except SettingsError as error:
        raise InputError(f"a setting cannot be read: {error}") from None
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
