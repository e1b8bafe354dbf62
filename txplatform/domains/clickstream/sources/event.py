"""Lines to columns: every line is an event or names the rule that refuses it.

Runs in Spark's tasks, next to the read. Plain Python and not Spark's `from_json`, which takes
single quotes, two objects in a line and text behind them.
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NoReturn

import pyarrow as pa

from txplatform.domains.clickstream.sources.event_log import Line
from txplatform.domains.clickstream.sources.vocabulary import (
    AHEAD_MS,
    COUNTRIES,
    FIELDS,
    FIRST_YEAR,
    LAST_YEAR,
    LONGEST_TEXT,
    MOST_BRACKETS,
    MOST_QUANTITY,
    MOST_WHOLE_DIGITS,
    SCHEMA_VERSION,
    TYPES,
)

LONGEST_SHOWN = 4_000
INSTANT = pa.timestamp("us", tz="UTC")
SCHEMA = pa.schema(
    [
        ("partition", pa.int32()),
        ("offset", pa.int64()),
        ("arrived_at", INSTANT),
        ("rule", pa.string()),
        ("raw", pa.string()),
        ("event_id", pa.string()),
        ("event_time", INSTANT),
        ("type", pa.string()),
        ("customer_id", pa.string()),
        ("session_id", pa.string()),
        ("product_id", pa.string()),
        ("quantity", pa.int32()),
        ("amount", pa.string()),
        ("currency", pa.string()),
        ("country", pa.string()),
    ]
)
SPARK_TYPES = {pa.int32(): "int", pa.int64(): "bigint", INSTANT: "timestamp"}
DDL = ", ".join(f"{field.name} {SPARK_TYPES.get(field.type, 'string')}" for field in SCHEMA)
VALUES = (
    "type",
    "customer_id",
    "session_id",
    "product_id",
    "quantity",
    "amount",
    "currency",
    "country",
)

# `\Z` and not `$`, which lets a trailing newline through.
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
TIME = re.compile(r"(\d{4})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z", re.ASCII)
AMOUNT = re.compile(rf"[0-9]{{1,{MOST_WHOLE_DIGITS}}}(\.[0-9]{{1,2}})?\Z")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

Fields = dict[str, Any]


def columns(lines: list[Line], currency: str) -> pa.RecordBatch:
    """The lines as columns; a refused one has rule and raw text and nothing else."""
    rows = [_row(line, currency) for line in lines]
    arrays = [
        pa.array(values, type=field.type)
        for field, values in zip(SCHEMA, zip(*rows, strict=True), strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _row(line: Line, currency: str) -> tuple[Any, ...]:
    rule, fields, at = refusal(line.value, line.arrived_ms, currency)
    where = (line.partition, line.offset, line.arrived_ms * 1000)
    if rule:
        return (*where, rule, shown(line.value), *[None] * 10)
    values = (fields[name] for name in VALUES)
    return (*where, None, None, fields["event_id"], at * 1000, *values)


def shown(value: bytes) -> str:
    """A raw line as text that every database takes: other bytes and NUL as escapes.

    Of a long one the beginning: a batch of long lines may not stop the stream either.
    """
    text = value[:LONGEST_SHOWN].decode("utf-8", "backslashreplace").replace("\x00", "\\x00")
    return text if len(value) <= LONGEST_SHOWN else f"{text}... ({len(value):,} bytes)"


def refusal(value: bytes, arrived_ms: int, currency: str) -> tuple[str | None, Fields, int]:
    """The rule that refuses a line (None: it is an event), its fields, its time (ms since 1970)."""
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return "BAD_TEXT", {}, 0
    fields = _object(text)
    if fields is None:
        return "NOT_JSON", {}, 0
    for rule, is_broken in FIELD_RULES:
        if is_broken(fields):
            return rule, {}, 0
    if fields["currency"] != currency:
        return "BAD_AMOUNT", {}, 0
    at = _milliseconds(fields["event_time"])
    if at is None:
        return "BAD_TIME", {}, 0
    if any(_is_bad_text(fields[name]) for name in ("customer_id", "session_id", "product_id")):
        return "BAD_TEXT", {}, 0
    if not isinstance(fields["country"], str) or fields["country"] not in COUNTRIES:
        return "BAD_TEXT", {}, 0
    return ("FUTURE" if at > arrived_ms + AHEAD_MS else None), fields, at


def _object(text: str) -> Fields | None:
    if text.count("[") + text.count("{") > MOST_BRACKETS:
        return None
    try:
        parsed = json.loads(text, parse_constant=_refuse_constant)
    except ValueError:  # also of a number with more digits than Python reads
        return None
    return parsed if isinstance(parsed, dict) else None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _is_newer(fields: Mapping[str, Any]) -> bool:
    version = fields.get("schema_version")
    if version is None:
        return False
    return type(version) is not int or version != SCHEMA_VERSION


def _is_missing(fields: Mapping[str, Any]) -> bool:
    return any(fields.get(name) is None for name in FIELDS)


def _has_bad_id(fields: Mapping[str, Any]) -> bool:
    value = fields["event_id"]
    return not isinstance(value, str) or UUID.match(value) is None


def _has_bad_type(fields: Mapping[str, Any]) -> bool:
    return fields["type"] not in TYPES


def _has_bad_amount(fields: Mapping[str, Any]) -> bool:
    amount, quantity = fields["amount"], fields["quantity"]
    if not isinstance(amount, str) or AMOUNT.match(amount) is None:
        return True
    # True is an int, and 2.0 a number that nobody sold.
    return type(quantity) is not int or not 1 <= quantity <= MOST_QUANTITY


FIELD_RULES: tuple[tuple[str, Callable[[Fields], bool]], ...] = (
    ("NEWER_SCHEMA", _is_newer),
    ("MISSING_FIELD", _is_missing),
    ("BAD_ID", _has_bad_id),
    ("BAD_TYPE", _has_bad_type),
    ("BAD_AMOUNT", _has_bad_amount),
)


def _milliseconds(value: object) -> int | None:
    found = TIME.match(value) if isinstance(value, str) else None
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return None
    try:
        return round(datetime.fromisoformat(found[0]).timestamp() * 1000)
    except ValueError:
        return None


def _is_bad_text(value: object) -> bool:
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_TEXT:
        return True
    return UNSTORABLE.search(value) is not None
