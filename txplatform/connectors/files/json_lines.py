"""JSON lines: one object per line, under a header made of the names that they use."""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
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
"""Lines that the header is made of: a name that appears only later is not seen."""


def read_json_lines(
    lines: Iterator[str], zone: ZoneInfo, first_line: int = 1
) -> tuple[list[str], Iterator[Row]]:
    """The names of the first 10,000 objects, and every line as a row under them."""
    sampled = list(_first_of(lines))
    header = names_of(record for line in sampled if isinstance(record := _parsed(line), dict))
    numbered = enumerate(chain(sampled, lines), first_line)
    return header, (json_row(header, number, line, zone) for number, line in numbered)


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


def _parsed(line: str) -> Any:
    try:
        return parse_json(line)
    except ValueError as error:
        return error
