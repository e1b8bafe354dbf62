"""Reading `rules.toml` and a user's own file on top of it; every mistake is one clear sentence."""

import difflib
import tomllib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from txplatform.errors import UsageError

Table = dict[str, Any]

OPEN_TABLES = {"limits.departments": Decimal, "merchants.aliases": list}
"""Tables whose keys are names of the user's: departments, merchants."""
OPTIONAL = {"limits.default": Decimal}
"""Keys that the shipped file leaves out."""
DECLARED = ("version", "severity", "needs_limit", "sentence", "explanation")
"""What a rule is; a user's file does not change it."""
KINDS = {
    bool: "true or false",
    int: "a whole number",
    Decimal: "a number",
    str: "a text",
    list: "a list of texts",
    dict: "a table",
}


@cache
def shipped() -> Table:
    """The declared rules with their defaults; numbers with a point are exact decimals."""
    text = (files("txplatform.domains.spend.rules") / "rules.toml").read_text(encoding="utf-8")
    return tomllib.loads(text, parse_float=Decimal)


def read_own_file(path: Path) -> Table:
    """The content of a user's rules file.

    Raises:
        UsageError: it cannot be read or is not TOML.
    """
    try:
        return tomllib.loads(path.expanduser().read_text(encoding="utf-8"), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"The rules file {path} is not valid TOML: {error}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"The rules file {path} cannot be read ({error}): correct TXPLATFORM_SPEND_RULES."
        ) from None


def overlaid(declared: Table, own: Mapping[str, Any], file_name: str, where: str = "") -> Table:
    """The declared rules with the user's parameters on top.

    Raises:
        UsageError: a key is unknown or may not be changed, or a value has the wrong type.
    """
    result = dict(declared)
    for key, value in own.items():
        path = f"{where}.{key}" if where else key
        if key in DECLARED and "version" in declared:
            raise _refusal(file_name, path, "is the platform's to declare; set parameters only")
        if where in OPEN_TABLES:
            result[key] = _typed(value, OPEN_TABLES[where], file_name, path)
        elif path in OPTIONAL:
            result[key] = _typed(value, OPTIONAL[path], file_name, path)
        elif key not in declared:
            raise _refusal(file_name, path, f"is not known{_hint(key, declared)}")
        elif isinstance(declared[key], dict) and isinstance(value, dict):
            result[key] = overlaid(declared[key], value, file_name, path)
        else:
            result[key] = _typed(value, type(declared[key]), file_name, path)
    return result


def decimal_of(value: object) -> Decimal | None:
    """An exact number that is finite and not negative, from a number or its text; else None."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 else None


def _typed(value: object, kind: type, file_name: str, path: str) -> object:
    if kind is Decimal:
        found: object = decimal_of(value)
    elif kind is int:
        found = value if type(value) is int and value > 0 else None
    elif kind is list:
        found = value if _is_list_of_texts(value) else None
    else:
        found = value if isinstance(value, kind) else None
    if found is None:
        raise _refusal(file_name, path, f"must be {KINDS[kind]}, not {value!r:.60}")
    return found


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _hint(key: str, declared: Mapping[str, Any]) -> str:
    known = [name for name in declared if name not in DECLARED]
    close = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}"


def _refusal(file_name: str, path: str, problem: str) -> UsageError:
    return UsageError(f"Rules file {file_name}: the key {path!r} {problem}.")
