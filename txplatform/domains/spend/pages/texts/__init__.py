"""What the pages say, in English (`en.toml`) and French (`fr.toml`), key by key.

Help on a figure is the sentence of its column (`tables/`) in English; French translates it.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from babel import Locale

from txplatform.domains.spend import tables

LANGUAGES = ("en", "fr")
"""The languages of the catalogue; the first is spoken to everybody else."""


def language_of(asked: str | None) -> str:
    """The catalogue's language for a browser's locale such as `fr-CA`."""
    language = (asked or "").lower().replace("_", "-").partition("-")[0]
    return language if language in LANGUAGES else LANGUAGES[0]


def text(language: str, key: str, **values: object) -> str:
    """The text of a key such as `overview.title`, its `{names}` filled in."""
    return catalogue(language)[key].format(**values)


def column_help(language: str, table: str, column: str) -> str:
    """The contract's sentence on a column of a table."""
    if language == LANGUAGES[0]:
        return tables.metadata.tables[table].c[column].comment or ""
    return catalogue(language)[f"columns.{column}"]


def locale_name(locale: str) -> str:
    """A locale in its own words, such as `français (Canada)`."""
    return Locale.parse(locale).display_name or locale


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every text of a language by its dotted key."""
    parsed = tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))
    return dict(_flat("", parsed))


def _flat(prefix: str, entries: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    for name, entry in entries.items():
        if isinstance(entry, Mapping):
            found += _flat(f"{prefix}{name}.", entry)
        else:
            found.append((f"{prefix}{name}", entry))
    return found
