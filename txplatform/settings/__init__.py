"""One Settings object for the whole platform; the only module that reads the environment.

Values come from `TXPLATFORM_*` variables, from Spark's own `SPARK_MASTER` and `SPARK_REMOTE`, and
from a `.env` file in the working directory, in this order; a secret also from the file that
`TXPLATFORM_..._FILE` names. Without any, everything runs on embedded servers below `state_dir`.
Nothing is read at import time: call `load_settings()`.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from txplatform.errors import SettingsError
from txplatform.settings.addresses import without_credentials
from txplatform.settings.secret_files import SUFFIX, SecretFiles, secret_fields
from txplatform.settings.servers import ServerSettings

PREFIX = "TXPLATFORM_"
ENV_FILE = ".env"
SERVERS = ("mongo_", "postgres_", "dagster_")


class Settings(ServerSettings):
    """Every setting, its default and what it does (the descriptions are what `doctor` prints)."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ENV_FILE, extra="ignore", frozen=True, populate_by_name=True
    )

    state_dir: Path = Field(
        Path(".txplatform"),
        description="Folder of everything that this installation keeps: embedded servers, "
        "generated passwords, Dagster's home and the lake.",
    )
    lake_dir: Path | None = Field(
        None, description="Folder of the lake (Parquet); unset, `lake` in the state folder."
    )
    time_zone: str = Field(
        "UTC", description="IANA time zone in which a week ends, such as Europe/Paris."
    )
    first_week: date = Field(
        date(2010, 1, 4),
        description="Monday of the first week; purchases before it are refused.",
    )
    drop_folder: Path | None = Field(
        None, description="Folder whose complete files the weekly job takes in."
    )
    drop_quiet_seconds: float = Field(
        10, ge=0, description="A file nobody has written to for so long counts as complete."
    )
    source_collection: SecretStr | None = Field(
        None,
        description="The company's own collection, read and never written: "
        "mongodb://user:password@host/database.collection.",
    )
    source_layout: str = Field(
        "delaware", description="Layout of the drop folder's files and of that collection."
    )
    expected_file: str | None = Field(
        None,
        description="Name of the file expected for each week, such as purchases-%Y-%m-%d*.csv "
        "(of its Monday); the weekly job says when it has not come.",
    )
    refused_percent_limit: Decimal = Field(
        Decimal(2),
        ge=0,
        le=100,
        description="A source with more per cent of its rows refused raises an alarm.",
    )
    currency: str | None = Field(
        None,
        pattern="^[A-Z]{3}$",
        description="The platform's one currency (ISO 4217); unset, that of the first layout used.",
    )
    rules: Path | None = Field(
        None,
        description="File of your own with parameters of the alert rules, on top of the shipped "
        "rules.toml; unset, the defaults.",
    )
    limit: Decimal | None = Field(
        None,
        gt=0,
        description="Purchase limit of every department without one of its own; wins over the "
        "rules file.",
    )
    limits: dict[str, Decimal] = Field(
        default_factory=dict,
        description='Purchase limits by department, as JSON: {"Highways": "1000"}; they win over '
        "the rules file.",
    )
    card_key: SecretStr | None = Field(
        None,
        description="Key of the hash under which card identities are kept; unset, one is made "
        "and kept in the state folder.",
    )
    card_identity: Literal["hashed", "plain"] = Field(
        "hashed", description="Keep card identities as a keyed hash, or as they arrive."
    )
    automation: Literal["off", "schedule", "conditions"] = Field(
        "off",
        description="Who starts the weekly job besides Airflow: nobody, Dagster's schedule "
        "(Mondays at 06:00), or Dagster's conditions (whenever documents change).",
    )
    alarm_urls: SecretStr | None = Field(
        None,
        description="Where alarms go, as Apprise addresses separated by blanks "
        "(mailto://user:password@host slack://token msteams://...).",
    )
    local_user: str = Field(
        "local controller",
        min_length=1,
        max_length=200,
        description="Whom decisions name while there are no tokens and API and dashboard serve "
        "this machine only.",
    )
    weeks_per_run: int = Field(
        260, ge=1, le=520, description="Weeks of one run at most; in Dagster's UI 104."
    )
    keep_runs_days: int = Field(
        180,
        ge=1,
        description="Days for which Dagster keeps runs that computed nothing, and what runs print.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Secrets in files besides the usual sources."""
        files = SecretFiles(settings_cls, PREFIX, _variables())
        return init_settings, files, env_settings, dotenv_settings, file_secret_settings

    @field_validator("*", mode="before")
    @classmethod
    def _blank_is_unset(cls, value: object, info: object) -> object:
        """An empty variable (`TXPLATFORM_MONGO_URI=`) means the default, as in docker-compose."""
        field = cls.model_fields[info.field_name]  # type: ignore[attr-defined]
        return field.get_default(call_default_factory=True) if value == "" else value

    @field_validator("first_week")
    @classmethod
    def _monday(cls, value: date) -> date:
        if value.weekday() != 0:
            raise ValueError(f"{value} is a {value:%A}; weeks start on Monday")
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is not an IANA time zone") from error
        return value

    @property
    def state(self) -> Path:
        """The state folder as an absolute path."""
        return self.state_dir.expanduser().resolve()

    @property
    def lake(self) -> Path:
        """The lake's folder as an absolute path."""
        return (self.lake_dir or self.state / "lake").expanduser().resolve()


class Setting(NamedTuple):
    """One line of `txplatform doctor --settings`; secrets are masked."""

    variable: str
    value: str
    origin: str
    description: str


def load_settings(**overrides: object) -> Settings:
    """Read the settings; `overrides` win over the environment.

    Raises:
        SettingsError: a value cannot be used; the message names the variable.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name, why = variable_of(str(first["loc"][0])), first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"The setting {name} cannot be used: {why:.300}.") from None
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", "it is no text in UTF-8")
        raise SettingsError(f"The settings in {ENV_FILE} cannot be read: {why}.") from None
    except (ValueError, RecursionError) as error:
        # pydantic-settings: a variable that should be JSON is not, or is too deep to be named.
        known = re.search('field "([a-z_]+)"', str(error))
        name = variable_of(known[1] if known else "limits")
        raise SettingsError(f"The setting {name} cannot be used: it is not JSON.") from None


def variable_of(field: str) -> str:
    """Name of the environment variable that sets a field."""
    known = Settings.model_fields.get(field)
    alias = known.validation_alias if known else None
    if isinstance(alias, AliasChoices):
        return str(alias.choices[0])
    return field.upper() if field.isupper() else f"{PREFIX}{field.upper()}"


def explain(settings: Settings) -> Iterator[Setting]:
    """Every setting with its value (secrets masked), where it came from and what it does."""
    for field, info in Settings.model_fields.items():
        variable = variable_of(field)
        value = getattr(settings, field)
        shown = "" if value is None else without_credentials(str(value))
        yield Setting(variable, shown, _origin(variable), info.description or "")


def _origin(variable: str) -> str:
    if file := _variables().get(f"{variable}{SUFFIX}"):
        return file
    if variable in os.environ:
        return "environment"
    return ENV_FILE if variable in _dotenv() else "default"


def _dotenv() -> dict[str, str]:
    found = DotEnvSettingsSource(Settings).env_vars
    return {name.upper(): value or "" for name, value in found.items()}


def _variables() -> dict[str, str]:
    """What the environment says, and what the .env file says besides."""
    return {**_dotenv(), **os.environ}


def no_servers() -> dict[str, str]:
    """Variables by which a process uses the embedded servers, whatever else its settings say."""
    secret = [name for name in secret_fields(Settings) if name.startswith(SERVERS)]
    variables = [variable_of(name) for name in secret]
    return {f"{name}{suffix}": "" for name in variables for suffix in ("", SUFFIX)}


def variable(name: str) -> str | None:
    """A variable by which somebody tells a library of ours something (libpq's PGSSLMODE)."""
    return os.environ.get(name) or None


def export(**variables: str) -> None:
    """Set variables of this process that libraries read (Spark's launcher, Dagster's config)."""
    os.environ.update(variables)


@contextmanager
def exported(**variables: str | None) -> Iterator[None]:
    """`export` for as long as a library looks, then the environment is as it was.

    A variable that is None is not there meanwhile, not even empty.
    """
    before = {name: os.environ.get(name) for name in variables}
    _set(variables)
    try:
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


def child_environment(**variables: str) -> Mapping[str, str]:
    """This process's environment with `variables` added, for the servers that it starts."""
    return {**os.environ, **variables}
