"""JSON lines: one object per line, under a header made of the names that they use."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from txplatform.connectors.files.rows import (
    BATCH_CHARACTERS,
    Row,
    cells_of,
    names_of,
    parse_json,
)

SAMPLED = 10_000
"""Lines that the header is made of; a name that appears only later is seen where it is wanted."""
ODD_NAME = r'"[^":]*(?:\\|[^\x00-\x7f])[^":]*"\s*:'
"""A name in which a sign is escaped or none of ASCII's: it may look like another."""


def first_names(lines: Iterable[str]) -> list[str]:
    """The names of the first 10,000 objects."""
    return names_of(_objects(_first_of(iter(lines))))


def later_names(lines: Iterable[str], wanted: Sequence[str]) -> list[str]:
    """The names of all objects that may have one of the wanted names, however it is written."""
    inner = ("\\s+".join(map(re.escape, name.rpartition(".")[2].split())) for name in wanted)
    has_one = re.compile(rf'"\s*(?:{"|".join(inner)})\s*"\s*:|{ODD_NAME}', re.IGNORECASE)
    return names_of(_objects(line for line in lines if has_one.search(line)))


def json_row(header: Sequence[str], line: int, text: str, zone: ZoneInfo) -> Row:
    """One line as a row; a blank line has no cells, a broken one says why."""
    raw = text.rstrip("\r\n")
    if not raw.strip():
        return Row(line, (), raw)
    record = _parsed(raw)
    if not isinstance(record, dict):
        why = record if isinstance(record, ValueError) else f"it is a {type(record).__name__}"
        return Row(line, (), raw, f"the line is no JSON object: {why!s:.80}")
    return Row(line, cells_of(header, record, zone), raw)


def _first_of(lines: Iterator[str]) -> Iterator[str]:
    characters = 0
    for line in islice(lines, SAMPLED):
        yield line
        characters += len(line)
        if characters > BATCH_CHARACTERS:
            return


def _objects(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    return (record for line in lines if isinstance(record := _parsed(line), dict))


def _parsed(line: str) -> Any:
    try:
        return parse_json(line)
    except ValueError as error:
        return error
