"""A first draft of a layout for a file that nobody has described yet.

Columns are recognised by their names and by what their first cells hold. A guess between equals
says so in a comment: a person reads the draft before it is used.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from txplatform.connectors.files import (
    Content,
    FileFormat,
    Kind,
    first_lines,
    in_batches,
    open_table,
    verify,
    visible_sheets,
)
from txplatform.domains.spend.sources.columns import is_blank
from txplatform.domains.spend.sources.guess_columns import GuessedColumns, Sample, guess_columns
from txplatform.domains.spend.sources.layouts import parse_layout
from txplatform.domains.spend.sources.records import Policy, Purchase, RecordParser, Refused
from txplatform.errors import NoTableError, SourceError

ENCODINGS = ("utf-8", "utf-16", "cp1252")
DELIMITERS = (",", ";", "\t", "|")
SAMPLED, SHOWN = 500, 10
CHECK = "  # a guess: please check"
NOT_SAID = "  # nothing in the file says it: please check"


class Guess(NamedTuple):
    """A draft as TOML, and what it makes of the first ten rows."""

    toml: str
    rows: list[Purchase | Refused]


def guess_layout(path: Path, usual_currency: str | None = None) -> Guess:
    """Draft a layout for a file.

    Args:
        path: the file.
        usual_currency: the platform's, for a file that says none.

    Raises:
        SourceError: the file cannot be read, or no column of it holds dates or amounts.
    """
    content, encoding = _decoded(path)
    reasons: list[SourceError] = []
    for form, above in _forms(content, encoding):
        try:
            return _guess(content, form, above, usual_currency)
        except SourceError as error:
            reasons.append(error)
    raise reasons[0] if reasons else SourceError(f"No sheet of {path.name} has a header line.")


def _guess(
    content: Content, form: FileFormat, above: Sequence[str], usual_currency: str | None
) -> Guess:
    path = content.path
    with open_table(content, form) as table:
        header, rows = table.header, next(in_batches(table.rows, SAMPLED), [])
    cells = [row.cells for row in rows if len(row.cells) == len(header)]
    guessed = guess_columns(Sample(path.name, header, cells, above), usual_currency)
    toml = "\n".join(_toml(path, form, guessed)) + "\n"
    layout = parse_layout(toml, f"draft for {path.name}")
    parser = RecordParser(layout, header, Policy(card_identity="plain"), path.name)
    return Guess(toml, [parser.parse(row) for row in rows[:SHOWN]])


def _forms(content: Content, encoding: str) -> Iterator[tuple[FileFormat, list[str]]]:
    """How the file may be written, and the lines above its header: of a workbook, each sheet."""
    if content.kind is Kind.EXCEL:
        yield from _sheets(content)
    elif content.kind is Kind.DELIMITED:
        lines = first_lines(content, encoding, SAMPLED)
        delimiter = max(DELIMITERS, key=lambda sign: _agreement(lines, sign))
        skipped = _header_line(lines, delimiter)
        above = [line for line in lines if line.strip()][:skipped]
        yield FileFormat(encoding, delimiter, skipped), above
    else:
        yield FileFormat(encoding), []


def _sheets(content: Content) -> Iterator[tuple[FileFormat, list[str]]]:
    """The visible sheets that hold anything; the header is the first row that is mostly filled."""
    visible = visible_sheets(content.path)
    for sheet in visible:
        form = FileFormat(sheet=sheet if visible[1:] else None)
        with suppress(NoTableError), open_table(content, form) as table:
            sampled = next(in_batches(table.rows, SAMPLED), [])
            rows = [
                table.header,
                *(row.cells for row in sampled if not all(map(is_blank, row.cells))),
            ]
            filled = [2 * sum(not is_blank(cell) for cell in row) > len(row) for row in rows]
            skipped = filled.index(True) if True in filled else 0
            above = [" ".join(map(str, filter(None, row))) for row in rows[:skipped]]
            yield form._replace(skip_lines=skipped), above


def _decoded(path: Path) -> tuple[Content, str]:
    for encoding in ENCODINGS[:-1]:
        try:
            return verify(path, encoding), encoding
        except SourceError:
            continue  # the last encoding gives the sentence if none of them fits
    return verify(path, ENCODINGS[-1]), ENCODINGS[-1]


def _agreement(lines: list[str], delimiter: str) -> tuple[int, int]:
    """How many lines have the usual number of cells, and that number; one cell does not count."""
    widths = Counter(len(cells) for cells in _split(lines, delimiter))
    width, count = widths.most_common(1)[0]
    return (count, width) if width > 1 else (0, 0)


def _header_line(lines: list[str], delimiter: str) -> int:
    """Lines before the header, from the first that is not blank.

    The header is the first line of the usual width that is mostly filled.
    """
    _, width = _agreement(lines, delimiter)
    filled = 0
    for number, cells in enumerate(_split(lines, delimiter)):
        is_filled = [bool(cell.strip()) for cell in cells]
        if not any(is_filled) and filled == number:
            filled += 1
        if len(cells) == width and 2 * sum(is_filled) > width:
            return number - filled
    return 0


def _split(lines: list[str], delimiter: str) -> list[list[str]]:
    return [next(csv.reader([line], delimiter=delimiter), []) for line in lines]


def _toml(path: Path, form: FileFormat, guessed: GuessedColumns) -> Iterator[str]:
    name = re.sub("[^a-z0-9]+", "-", path.name.split(".")[0].lower()).strip("-") or "draft"
    signs = guessed.signs
    yield f"name = {json.dumps(name)}"
    doubt = CHECK if guessed.is_currency_said else NOT_SAID
    yield f"currency = {json.dumps(signs.currency)}{doubt}"
    hint = f"  # or {guessed.other_date_format}: please check" if guessed.other_date_format else ""
    yield f"date_format = {json.dumps(guessed.date_format)}{hint}"
    yield f"encoding = {json.dumps(form.encoding)}"
    yield f"delimiter = {json.dumps(form.delimiter)}"
    yield f"decimal_sign = {json.dumps(signs.decimal)}"
    yield f"thousands_sign = {json.dumps(signs.thousands)}"
    if form.sheet:
        yield f"sheet = {_text(form.sheet)}{CHECK}"
    if form.skip_lines:
        yield f"skip_lines = {form.skip_lines}"
    if guessed.id_column:
        yield f"id_column = {_text(guessed.id_column)}{CHECK}"
    if guessed.currency_column:
        yield f"currency_column = {_text(guessed.currency_column)}"
    if guessed.negate:
        yield f"negate = [{', '.join(map(_text, guessed.negate))}]"
    if guessed.sign_column:
        yield f"sign_column = {_text(guessed.sign_column)}{CHECK}"
        yield f"credit_values = [{', '.join(map(_text, guessed.credit_values))}]"
    yield "\n[columns]"
    for field, columns in guessed.columns.items():
        hint = CHECK if field in guessed.unsure else ""
        yield f"{field} = [{', '.join(map(_text, columns))}]{hint}"
    if guessed.constants:
        yield "\n[constants]"
        yield from (f"{field} = {_text(said)}{CHECK}" for field, said in guessed.constants.items())


def _text(value: str) -> str:
    """A text of TOML; what is not seen is written out: TOML or a terminal would stumble over it."""
    return "".join(
        sign if sign.isprintable() else f"\\U{ord(sign):08X}"
        for sign in json.dumps(value, ensure_ascii=False)
    )
