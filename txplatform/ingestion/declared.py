"""What people declare in TOML, such as layouts: validated; a mistake is a sentence with its key."""

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from txplatform.errors import UsageError


class Declared(BaseModel):
    """What is declared: unknown keys and other types are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Kind = TypeVar("Kind", bound=Declared)


def read(file: Path, what: str) -> dict[str, Any]:
    """The keys of a TOML file; `what` names it, such as "The file of stations".

    Raises:
        UsageError: it cannot be read, or is no TOML.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{what} {file} cannot be read: {error!s:.200}.") from None
    return parsed(text, f"{what} {file}")


def parsed(text: str, what: str) -> dict[str, Any]:
    """The keys of a TOML text; `what` names it in the sentence of an error.

    Raises:
        UsageError: it is no TOML.
    """
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{what} is not valid TOML: {error}.") from None


def validated(kind: type[Kind], values: Mapping[str, Any], what: str, docs: str) -> Kind:
    """What the values declare; `docs` is the page that lists the keys.

    Raises:
        UsageError: they are not valid; the sentence names the key and what to do.
    """
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        # A misspelt key is a missing one as well: the misspelling says more.
        errors = sorted(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        raise UsageError(f"{what}: {_sentence(kind, errors[0], docs)}.") from None


def _sentence(kind: type[Declared], error: Any, docs: str) -> str:
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        close = difflib.get_close_matches(key.rsplit(".")[-1], _keys(kind), n=1)
        hint = f"; did you mean {close[0]!r}?" if close else f"; {docs} lists the keys"
        return f"the key {key!r:.100} is not known{hint}"
    if error["type"] == "missing":
        return f"the key {key!r} is missing; {docs} shows one"
    reason = error["msg"].removeprefix("Value error, ")
    return f"the key {key!r:.100} cannot be used: {reason:.300}" if key else f"{reason:.300}"


def _keys(kind: type[Declared]) -> set[str]:
    """Every key of a declaration, those of its tables too."""
    keys = set(kind.model_fields)
    for field in kind.model_fields.values():
        wanted = field.annotation
        for part in get_args(wanted) if isinstance(wanted, UnionType) else (wanted,):
            if isinstance(part, type) and issubclass(part, Declared):
                keys |= _keys(part)
    return keys
