"""What the pages say, in English (`en.toml`) and French (`fr.toml`), key by key.

The shell's texts stand here, those of a domain in its `pages/texts/`.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from babel import Locale

from txplatform import domains

LANGUAGES = ("en", "fr")
"""The languages of the catalogues; the first is spoken to everybody else."""


def language_of(asked: str | None) -> str:
    """The catalogues' language for a browser's locale such as `fr-CA`."""
    language = (asked or "").lower().replace("_", "-").partition("-")[0]
    return language if language in LANGUAGES else LANGUAGES[0]


def text(language: str, key: str, **values: object) -> str:
    """The shell's text of a key such as `shell.title`, its `{names}` filled in."""
    return catalogue(language)[key].format(**values)


def locale_name(locale: str) -> str:
    """A locale in its own words, such as `français (Canada)`."""
    return Locale.parse(locale).display_name or locale


@cache
def catalogue(language: str, domain: str = "") -> Mapping[str, str]:
    """Every text of a language by its dotted key: a domain's, and the shell's for the rest."""
    own = _read(__package__ or "", f"{language}.toml")
    if not domain:
        return own
    return {**own, **_read(f"{domains.__name__}.{domain}.pages", f"texts/{language}.toml")}


def _read(package: str, file: str) -> dict[str, str]:
    content = files(package).joinpath(file).read_text("utf-8")
    return dict(_flat("", tomllib.loads(content)))


def _flat(prefix: str, entries: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for name, entry in entries.items():
        if isinstance(entry, Mapping):
            found += _flat(f"{prefix}{name}.", entry)
        else:
            found.append((f"{prefix}{name}", entry))
    return found
