"""The settings: one object for the machine, one class more for each domain.

Values come from `TXPLATFORM_*` variables, from Spark's own `SPARK_MASTER` and `SPARK_REMOTE`, and
from a `.env` file in the working directory, in this order; a secret also from the file that
`TXPLATFORM_..._FILE` names. Without any, everything runs on embedded servers below `state_dir`.
Nothing is read at import time: call `load_settings()`, and `settings.of(...)` for a domain's.
"""

from pathlib import Path
from typing import Literal, TypeVar, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, PrivateAttr, SecretStr, field_validator

from txplatform.settings.domain import DomainSettings
from txplatform.settings.environment import child_environment, export, exported, variable
from txplatform.settings.explanation import Setting, explain
from txplatform.settings.reading import read, variable_of
from txplatform.settings.secret_files import SUFFIX, secret_fields
from txplatform.settings.servers import ServerSettings

__all__ = [
    "DomainSettings",
    "Setting",
    "Settings",
    "child_environment",
    "explain",
    "export",
    "exported",
    "load_settings",
    "no_servers",
    "variable",
    "variable_of",
]

SERVERS = ("mongo_", "postgres_", "dagster_", "superset_", "kafka_", "lake_")

OfDomain = TypeVar("OfDomain", bound=DomainSettings)


class Settings(ServerSettings):
    """Every setting, its default and what it does (the descriptions are what `doctor` prints)."""

    state_dir: Path = Field(
        Path(".txplatform"),
        description="Folder of everything that this installation keeps: embedded servers, "
        "generated passwords, Dagster's home and the lake.",
    )
    lake_dir: Path | None = Field(
        None, description="Folder of the lake (Parquet); unset, `lake` in the state folder."
    )
    time_zone: str = Field(
        "UTC", description="IANA time zone in which a day ends, such as Europe/Paris."
    )
    automation: Literal["off", "schedule", "conditions"] = Field(
        "off",
        description="Who starts the jobs besides Airflow: nobody, Dagster's schedules (Mondays at "
        "06:00, stale weeks daily at 07:00), or Dagster's conditions (whenever documents change).",
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
    keep_runs_days: int = Field(
        180,
        ge=1,
        description="Days for which Dagster keeps runs that computed nothing, and what runs print.",
    )

    _of_domains: dict[type[DomainSettings], DomainSettings] = PrivateAttr(default_factory=dict)

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

    def of(self, kind: type[OfDomain]) -> OfDomain:
        """The settings of a domain: those given, else those of the environment, read once.

        Raises:
            SettingsError: a value cannot be used; the message names the variable.
        """
        if kind not in self._of_domains:
            self._of_domains[kind] = read(kind)
        return cast("OfDomain", self._of_domains[kind])

    def having(self, kind: type[DomainSettings], **changes: object) -> "Settings":
        """The same settings with some of a domain changed.

        Raises:
            SettingsError: a value cannot be used; the message names the variable.
        """
        changed = read(kind, **{**dict(self.of(kind)), **changes})
        other = self.model_copy()
        domains = {**self._of_domains, kind: changed}
        other._of_domains = domains  # noqa: SLF001 - a copy of this very object
        return other


def load_settings(**overrides: object) -> Settings:
    """Read the settings of the machine; `overrides` win over the environment.

    Raises:
        SettingsError: a value cannot be used; the message names the variable.
    """
    return read(Settings, **overrides)


def no_servers(*domains: type[DomainSettings]) -> dict[str, str]:
    """Variables by which a process uses the embedded servers, whatever else its settings say.

    Of the domains' settings none of the secrets is left, for such is the address of a server.
    """
    secret = [name for name in secret_fields(Settings) if name.startswith(SERVERS)]
    variables = [variable_of(Settings, name) for name in secret]
    variables += [variable_of(kind, name) for kind in domains for name in secret_fields(kind)]
    return {f"{name}{suffix}": "" for name in variables for suffix in ("", SUFFIX)}
