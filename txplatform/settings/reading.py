"""How a class of settings is read: from which sources, in which order, and what a bad value says.

A variable is `TXPLATFORM_` or a longer prefix of the class and the field's name in capitals. The
environment wins over the `.env` file in the working directory; an empty variable means the default;
a secret also comes from the file that `..._FILE` names.
"""

import re
from typing import TypeVar

from pydantic import AliasChoices, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from txplatform.errors import SettingsError
from txplatform.settings.environment import ENV_FILE, variables
from txplatform.settings.secret_files import SecretFiles

PREFIX = "TXPLATFORM_"


class ReadSettings(BaseSettings):
    """Settings that are read once and never change."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=ENV_FILE, extra="ignore", frozen=True, populate_by_name=True
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
        files = SecretFiles(settings_cls, variables())
        return init_settings, files, env_settings, dotenv_settings, file_secret_settings

    @field_validator("*", mode="before")
    @classmethod
    def _blank_is_unset(cls, value: object, info: object) -> object:
        """An empty variable (`TXPLATFORM_MONGO_URI=`) means the default, as in docker-compose."""
        field = cls.model_fields[info.field_name]  # type: ignore[attr-defined]
        return field.get_default(call_default_factory=True) if value == "" else value


Kind = TypeVar("Kind", bound=ReadSettings)


def read(kind: type[Kind], **overrides: object) -> Kind:
    """Settings of a class; `overrides` win over the environment.

    Raises:
        TypeError: an override is no field of the class.
        SettingsError: a value cannot be used; the message names the variable.
    """
    if unknown := overrides.keys() - kind.model_fields:
        raise TypeError(f"{kind.__name__} has no {', '.join(sorted(unknown))}.")
    try:
        return kind(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        name = variable_of(kind, str(first["loc"][0]))
        why = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"The setting {name} cannot be used: {why:.300}.") from None
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", "it is no text in UTF-8")
        raise SettingsError(f"The settings in {ENV_FILE} cannot be read: {why}.") from None
    except (ValueError, RecursionError) as error:
        # pydantic-settings: a variable that should be JSON is not, or is too deep to be named.
        known = re.search('field "([a-z_]+)"', str(error))
        name = " or ".join(variable_of(kind, one) for one in ([known[1]] if known else _json(kind)))
        raise SettingsError(f"The setting {name} cannot be used: it is not JSON.") from None


def _json(kind: type[BaseSettings]) -> list[str]:
    """The fields of several values, which variables give as JSON."""
    defaults = {
        name: field.get_default(call_default_factory=True)
        for name, field in kind.model_fields.items()
    }
    return [name for name, one in defaults.items() if isinstance(one, dict | list | tuple)]


def variable_of(kind: type[BaseSettings], field: str) -> str:
    """Name of the environment variable that sets a field."""
    known = kind.model_fields.get(field)
    alias = known.validation_alias if known else None
    if isinstance(alias, AliasChoices):
        return str(alias.choices[0])
    return field if field.isupper() else f"{kind.model_config['env_prefix']}{field.upper()}"
