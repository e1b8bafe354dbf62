"""What is said about a server never says how to get in: secrets become `***` in any text."""

import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from txplatform.errors import SettingsError
from txplatform.settings import DomainSettings, Settings, load_settings
from txplatform.settings.addresses import MASK, without_credentials
from txplatform.settings.logins import revealed
from txplatform.settings.reading import ReadSettings
from txplatform.settings.secret_files import secret_fields

ADDRESS = re.compile(r"(?<=://)\S+")
SHORTEST = 4
"""Characters: a shorter secret would be found in words that are none."""


class Masks(logging.Filter):
    """Takes the secrets of settings, whole and in parts, out of texts and of a logger's records."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        found = {one for one in _parts(settings) if len(one) >= SHORTEST}
        self._secrets = sorted(found, key=len, reverse=True)

    def masked(self, text: str) -> str:
        """The text without the settings' secrets and without credentials in addresses."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return without_credentials(text)

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask a record of a library that half masks addresses: the rest may be a token."""
        text = ADDRESS.sub(MASK, self.masked(record.getMessage()))
        record.msg, record.args = text, None
        return True


def _parts(settings: Settings) -> Iterator[str]:
    for secret in filter(None, map(revealed, _secrets(settings))):
        yield secret
        for address in filter(lambda word: "://" in word, secret.split()):
            yield address
            yield from _passwords(address)


def _secrets(settings: Settings) -> Iterator[SecretStr | None]:
    """The machine's secrets, and those of the domains whose settings this process knows."""
    known: list[ReadSettings] = [settings]
    for kind in DomainSettings.__subclasses__():
        with suppress(SettingsError):  # it is told where the domain asks for its settings
            known.append(settings.of(kind))
    for one in known:
        yield from (getattr(one, name) for name in secret_fields(type(one)))


def _passwords(address: str) -> Iterator[str]:
    """The password of an address as it is written, and as it is meant."""
    try:
        password = urlsplit(address).password
    except ValueError:
        return
    if password:
        yield from (password, unquote(password))


def masked(text: str) -> str:
    """A text without any secret of this process's settings."""
    try:
        return Masks(load_settings()).masked(text)
    except SettingsError:
        return without_credentials(text)
