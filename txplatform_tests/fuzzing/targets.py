"""What is attacked: each target takes any bytes, checks every case in them and says how many.

A case is one cell, row, file or setting. What is accepted must be what `references.py` says it is
worth; what is refused must carry a rule and a reason, or be one sentence. Anything else raises.
"""

import csv
import io
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from itertools import zip_longest
from pathlib import Path
from zoneinfo import ZoneInfo

from txplatform.connectors.files import Cell, Row, raw_text, reread
from txplatform.connectors.files.content import Kind
from txplatform.connectors.files.delimited import read_delimited
from txplatform.connectors.files.json_lines import first_names, json_row
from txplatform.connectors.files.rows import FileFormat
from txplatform.domains.spend.settings import SpendSettings
from txplatform.domains.spend.sources.dates import read_date
from txplatform.domains.spend.sources.layouts import Layout, load_layout, parse_layout
from txplatform.domains.spend.sources.parsing import (
    NumberSigns,
    Refusal,
    read_amount,
    read_id,
    read_name,
    read_text,
)
from txplatform.domains.spend.sources.records import Policy, RecordParser, Refused
from txplatform.errors import PlatformError, SettingsError, UsageError
from txplatform.settings import explain, exported, load_settings
from txplatform_tests.architecture.source_tree import ROOT
from txplatform_tests.fuzzing import references
from txplatform_tests.fuzzing.distinct import Distinct

SIGNS = (
    NumberSigns(".", ",", "USD"),
    NumberSigns(",", ".", "EUR"),
    NumberSigns(",", " ", "EUR"),
    NumberSigns(".", "'", "CHF"),
    NumberSigns(",", "", "GBP"),
)
DATE_FORMATS = (
    *("MM/dd/yyyy", "yyyy-MM-dd", "dd.MM.yyyy", "d MMM yyyy", "dd-MMMM-yyyy", "yyyyMMdd"),
    *("yyyy-MM-dd HH:mm:ss", "yyyy-MM-ddTHH:mm:ss", "MMM d, yyyy"),
)
ReadAmount = Callable[[Cell, NumberSigns], int | Refusal]
ReadDate = Callable[[Cell, str], date | Refusal]
ReadName = Callable[[str], str]
ReadRows = Callable[[Iterator[str], str, int], Iterable[Row]]
"""What a target reads with: the platform's parser, or a wrong one that it must find out."""

HEADER = ["date", "department", "division", "merchant", "amount"]
POLICY = Policy(last_day=date(2026, 1, 1), card_identity="plain")
UTC, MARKER = ZoneInfo("UTC"), "s3cret-m4rker"
SECRETS = ("MONGO_URI", "POSTGRES_URL", "ALARM_URLS", "SPEND_SOURCE_COLLECTION", "SPEND_CARD_KEY")
RULES = frozenset(
    re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs/layouts.md").read_text(), re.MULTILINE)
)


def lines_of(data: bytes) -> tuple[int, list[str]]:
    """A choice from the first byte, and the lines of the rest."""
    return (data[0] if data else 0), data[1:].decode(errors="replace").split("\n")


def amounts(data: bytes, distinct: Distinct, read: ReadAmount = read_amount) -> int:
    """Every line an amount: as text, and as a number where it is one."""
    choice, lines = lines_of(data)
    which = choice % len(SIGNS)
    signs = SIGNS[which]
    fresh = [text for text in lines if distinct.is_new(which, text)]
    for text in fresh:
        require_cents(text, signs, read)
        number = _as_number(text)
        if number is not None:
            require_cents(number, signs, read)
    return len(fresh)


def require_cents(cell: Cell, signs: NumberSigns, read: ReadAmount) -> None:
    """Compare an amount with the reference."""
    found, expected = read(cell, signs), references.cents(cell, signs)
    if isinstance(found, Refusal):
        require_refusal(found)
        assert expected is None, f"{cell!r} {signs}: refused ({found.rule}), worth {expected}"
    else:
        assert found == expected, f"{cell!r} {signs}: read as {found}, worth {expected}"


def _as_number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def dates(data: bytes, distinct: Distinct, read: ReadDate = read_date) -> int:
    """Every line a date."""
    choice, lines = lines_of(data)
    which = choice % len(DATE_FORMATS)
    fresh = [text for text in lines if distinct.is_new(which, text)]
    for text in fresh:
        require_day(text, DATE_FORMATS[which], read)
    return len(fresh)


def require_day(cell: Cell, date_format: str, read: ReadDate) -> None:
    """Compare a date with the reference, which is at times less strict."""
    found, expected = read(cell, date_format), references.day(cell, date_format)
    if isinstance(found, date):
        assert found == expected, f"{cell!r} {date_format}: read as {found}, not {expected}"
        return
    require_refusal(found)
    if isinstance(cell, str) and references.is_plain_day(cell, date_format):
        assert expected is None, f"{cell!r} {date_format}: refused ({found.rule}), it is {expected}"


def names(data: bytes, distinct: Distinct, read: ReadName = read_name) -> int:
    """Every line a name: cleaned as the reference does, stable, and fit for every database."""
    fresh = [text for text in lines_of(data)[1] if distinct.is_new(text)]
    for text in fresh:
        name = read(text)
        assert name == (references.name(text) or "(unknown)"), f"{text!r} became {name!r}"
        assert read(name) == name == read_text(name), f"{name!r} changes when read again"
        hidden = "\u200b\u202e".join(["", *text.replace("\r", " "), ""])
        assert read(hidden) == read(text.replace("\r", " ")), f"{text!r} with signs in it"
        name.encode()
        assert "\0" not in name + read_id(text)
    return len(fresh)


@cache
def _generic() -> Layout:
    return load_layout("generic")


def records(rows: Iterable[Row], header: Sequence[str]) -> Iterator[Row]:
    """Parse every row with the generic layout, and compare its cells with the references."""
    parser = RecordParser(_generic(), header, POLICY, "x")
    signs, at = _generic().signs, {name: header.index(name) for name in HEADER}
    for row in rows:
        parsed = parser.parse(row)
        if isinstance(parsed, Refused):
            require_refusal(Refusal(parsed.rule, parsed.reason))
        if parsed.cents is not None:
            assert parsed.cents == references.cents(row.cells[at["amount"]], signs), row
        if not isinstance(parsed, Refused):
            assert parsed.transaction_date == references.day(row.cells[at["date"]], "yyyy-MM-dd")
            for field in ("department", "division", "merchant"):
                cell = row.cells[at[field]]
                expected = references.name(cell) if isinstance(cell, str) else read_text(cell)
                assert getattr(parsed, field) == (expected or "(unknown)"), row
        yield row


def delimited(data: bytes, distinct: Distinct, read: ReadRows = read_delimited) -> int:
    """A CSV file under a good header: every character of it is in one row, and none is moved."""
    text = data.decode(errors="replace").replace("\0", "")
    lines = io.StringIO(text, newline="")
    rows = list(records(read(iter(lines), ",", 2), HEADER))
    rest = io.StringIO(text, newline="").readlines()
    for row, following in zip_longest(rows, rows[1:]):
        end = following.line - 2 if following else len(rest)
        assert row.raw == "".join(rest[row.line - 2 : end]).rstrip("\r\n"), row
        expected = references.cells(row.raw or "") if row.problem is None else None
        assert expected is None or list(row.cells) == expected, row
        if row.problem is None:
            _require_written_again(row)
    return distinct.count(row.raw or "" for row in rows)


def _require_written_again(row: Row) -> None:
    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerow(row.cells)
    again = next(read_delimited(iter(written.getvalue().splitlines(keepends=True)), ","))
    assert not any("\r" in str(cell) or "\n" in str(cell) for cell in row.cells) or again
    if not re.search(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", written.getvalue()[:-2]):
        assert list(again.cells) == list(row.cells), row


def json_lines(data: bytes, distinct: Distinct) -> int:
    """JSON lines: plain values as `json` reads them, every row again from its own text."""
    text = data.decode(errors="replace")
    found = first_names(io.StringIO(text, newline="\n"))
    rows = (json_row(found, *line, UTC) for line in enumerate(io.StringIO(text, newline="\n"), 1))
    header = [*found, *(name for name in HEADER if name not in found)]
    width = len(found)
    kept = []
    for row in rows:
        kept.append(row)
        if row.problem is None and row.cells:
            _require_plain_values(found, row)
            typed = Row(row.line, row.cells)
            again = reread(Kind.EXCEL, FileFormat(), found, row.line, raw_text(found, typed))
            assert _kept(again.cells) == _kept(row.cells), row
    if all(found.count(name) == 1 for name in found) and not _is_ambiguous(header):
        padded = (
            row._replace(cells=[*row.cells, *[None] * (len(header) - width)]) if row.cells else row
            for row in kept
        )
        list(records(padded, header))
    return distinct.count(row.raw or "" for row in kept)


def _kept(cells: Sequence[Cell]) -> list[str]:
    """Cells as text: -0 and 0, NaN and NaN are the same here."""
    return [f"{type(cell).__mro__[-2].__name__} {cell}" for cell in cells]


def _is_ambiguous(header: Sequence[str]) -> bool:
    """Whether columns are alike but for their case, which the layout would refuse."""
    cleaned = [read_text(name).casefold() for name in header]
    return len(set(cleaned)) < len(cleaned) or any(not name.isascii() for name in cleaned)


def _require_plain_values(header: Sequence[str], row: Row) -> None:
    plain = json.loads(
        row.raw or "",
        parse_float=str,
        parse_int=str,
        parse_constant=str,
        object_pairs_hook=_each_name_once,
    )
    for name, cell in zip(header, row.cells, strict=True):
        value = plain.get(name)
        if isinstance(value, str) and isinstance(cell, (int, Decimal)):
            assert str(cell) == str(Decimal(value)) or cell == Decimal(value), row
        elif isinstance(value, str) and isinstance(cell, str):
            assert cell == value, row


def _each_name_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    assert len(dict(pairs)) == len(pairs), f"one of two values was lost: {pairs}"
    return dict(pairs)


def layouts(data: bytes, distinct: Distinct) -> int:
    """A layout file: read as TOML says, or one sentence."""
    text = data.decode(errors="replace")
    try:
        layout = parse_layout(text, "fuzzed.toml")
    except UsageError as error:
        require_sentence(error)
    else:
        plain = tomllib.loads(text)
        assert (layout.name, layout.currency) == (plain["name"], plain["currency"])
        assert layout.fingerprint() == parse_layout(text, "again.toml").fingerprint()
    return distinct.count([text])


def settings(data: bytes, distinct: Distinct) -> int:
    """Lines NAME=value as variables: read, or one sentence; no secret is ever shown."""
    text = data.decode(errors="ignore").replace("\0", "")
    pairs = (line.partition("=") for line in text.split("\n"))
    variables = {f"TXPLATFORM_{re.sub('[^A-Z_]', '', n)}": v for n, _, v in pairs if n}
    secrets = {f"TXPLATFORM_{name}": f"x://u:{MARKER}@{text[:9]}" for name in SECRETS}
    with exported(**(variables | secrets)):
        try:
            shown = str([*explain(found := load_settings()), *explain(found.of(SpendSettings))])
        except SettingsError as error:
            require_sentence(error)
            shown = str(error)
    assert MARKER not in shown
    return distinct.count([text])


def require_refusal(refusal: Refusal) -> None:
    """A refusal has a rule of the manual and a short reason on one line."""
    assert refusal.rule in RULES, refusal
    assert refusal.reason
    assert len(refusal.reason) < 500, refusal


def require_sentence(error: PlatformError) -> None:
    """An error is one sentence."""
    sentence = str(error)
    assert sentence.endswith("."), sentence
    assert len(sentence) < 2_000, sentence


Target = Callable[[bytes, Distinct], int]
CELLS: dict[str, Target] = {"amounts": amounts, "dates": dates, "names": names}
TEXTS: dict[str, Target] = {
    "delimited": delimited,
    "json_lines": json_lines,
    "layouts": layouts,
    "settings": settings,
}
CORPUS = Path(__file__).parent / "corpus"
