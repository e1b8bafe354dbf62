"""Secret settings from files: `TXPLATFORM_..._FILE` names one, as containers hand secrets over.

A variable that is set and not empty wins over nothing: naming both is a mistake that is told.
"""

from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from txplatform.errors import SettingsError

SUFFIX = "_FILE"
LARGEST_SECRET = 64 * 1024


class SecretFiles(PydanticBaseSettingsSource):
    """The secrets that files hold, by field."""

    def __init__(self, settings_cls: type[BaseSettings], variables: dict[str, str]) -> None:
        """Look for files among `variables`, whose names begin with the settings' prefix."""
        super().__init__(settings_cls)
        self._prefix = settings_cls.model_config["env_prefix"]
        self._fields = secret_fields(settings_cls)
        self._variables = {name.upper(): value for name, value in variables.items()}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - pydantic's
        """The secret of a field, from its file."""
        return self._secret(f"{self._prefix}{field_name.upper()}"), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Every field whose secret is in a file."""
        found = {name: self._secret(f"{self._prefix}{name.upper()}") for name in self._fields}
        return {name: secret for name, secret in found.items() if secret is not None}

    def _secret(self, variable: str) -> str | None:
        named = self._variables.get(f"{variable}{SUFFIX}")
        if not named:
            return None
        if self._variables.get(variable):
            raise SettingsError(f"Both {variable} and {variable}{SUFFIX} are set: unset one.")
        return _content(Path(named), f"{variable}{SUFFIX}")


def secret_fields(settings_cls: type[BaseSettings]) -> list[str]:
    """The fields of settings that hold secrets."""
    return [
        name
        for name, field in settings_cls.model_fields.items()
        if SecretStr in getattr(field.annotation, "__args__", ())
    ]


def _content(path: Path, variable: str) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(LARGEST_SECRET + 1)
    except OSError as error:
        raise SettingsError(
            f"{variable} names {path}, which cannot be read: {error.strerror}."
        ) from None
    except UnicodeDecodeError:
        raise SettingsError(f"{variable} names {path}, which is not a text file.") from None
    if len(text) > LARGEST_SECRET:
        raise SettingsError(f"{variable} names {path}, which is too large for a secret.")
    secret = text.strip()
    if not secret:
        raise SettingsError(f"{variable} names {path}, which is empty.")
    return secret
