"""Lines to events, written a second time and otherwise than `sources/event.py`.

Types and calendars of the standard library decide here, patterns there: a mistake in one of them
shows as a difference.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from uuid import UUID

from txplatform.domains.clickstream.sources import vocabulary
from txplatform.domains.clickstream.sources.event_log import Line

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Terms:
    """What decides how events count; to change one is to compute everything anew."""

    topic: str = "shop-events"
    currency: str = "EUR"
    lateness: timedelta = timedelta(minutes=2)
    silence: timedelta = timedelta(minutes=5)
    patience: timedelta = timedelta(minutes=30)


class Event(NamedTuple):
    """An accepted event."""

    partition: int
    offset: int
    event_id: UUID
    event_time: datetime
    type: str
    customer_id: str
    session_id: str
    product_id: str
    quantity: int
    amount: Decimal
    currency: str
    country: str
    is_late: bool = False
    late_by: timedelta | None = None

    @property
    def content(self) -> tuple[Any, ...]:
        """What must be the same in a repetition."""
        return self[3:12]


class Refused(Exception):  # noqa: N818 - a line that is refused is no error of the program
    """A line is no event; carries the rule."""


@dataclass
class Partition:
    """What one partition has said so far."""

    seen: dict[UUID, Event] = field(default_factory=dict)
    newest: datetime | None = None
    arrived: datetime = EPOCH
    next_offset: int = 0
    counts: Counter[str] = field(default_factory=Counter)


@dataclass
class Reading:
    """Everything that the log says."""

    events: list[Event] = field(default_factory=list)
    rejected: list[tuple[int, int, str]] = field(default_factory=list)
    conflicts: list[Event] = field(default_factory=list)
    partitions: dict[int, Partition] = field(default_factory=dict)


def read(lines: Iterable[Line], terms: Terms) -> Reading:
    """All lines, each partition's in the order of its offsets."""
    reading = Reading()
    for line in lines:
        partition = reading.partitions.setdefault(line.partition, Partition())
        partition.next_offset = line.offset + 1
        partition.arrived = max(partition.arrived, EPOCH + timedelta(milliseconds=line.arrived_ms))
        partition.counts["read"] += 1
        try:
            event = parsed(line, terms.currency)
        except Refused as refused:
            partition.counts["refused"] += 1
            reading.rejected.append((line.partition, line.offset, str(refused)))
            continue
        _take(reading, partition, event, terms.lateness)
    return reading


def _take(reading: Reading, partition: Partition, event: Event, lateness: timedelta) -> None:
    first = partition.seen.get(event.event_id)
    if first is not None:
        is_same = first.content == event.content
        partition.counts["duplicate" if is_same else "conflict"] += 1
        if not is_same:
            reading.conflicts.append(event)
        return
    newest = partition.newest
    if newest is not None and event.event_time < newest - lateness:
        event = event._replace(is_late=True, late_by=newest - event.event_time)
        partition.counts["late"] += 1
    partition.newest = event.event_time if newest is None else max(newest, event.event_time)
    partition.seen[event.event_id] = event
    partition.counts["accepted"] += 1
    reading.events.append(event)


def parsed(line: Line, currency: str) -> Event:
    """The event of a line.

    Raises:
        Refused: with the first rule that applies.
    """
    fields = _fields(line.value)
    version = fields.get("schema_version")
    if version is not None and (isinstance(version, (bool, float, str)) or version != 1):
        raise Refused("NEWER_SCHEMA")
    if not all(fields.get(name) is not None for name in vocabulary.FIELDS):
        raise Refused("MISSING_FIELD")
    event_id = _uuid(fields["event_id"])
    if fields["type"] not in list(vocabulary.TYPES):
        raise Refused("BAD_TYPE")
    amount, quantity = _amount(fields["amount"]), _quantity(fields["quantity"])
    if fields["currency"] != currency:
        raise Refused("BAD_AMOUNT")
    event_time = _moment(fields["event_time"])
    customer_id, session_id, product_id = (
        _text(fields[name]) for name in ("customer_id", "session_id", "product_id")
    )
    country = fields["country"]
    if not isinstance(country, str) or country not in vocabulary.COUNTRIES:
        raise Refused("BAD_TEXT")
    arrived = EPOCH + timedelta(milliseconds=line.arrived_ms)
    if event_time - arrived > timedelta(milliseconds=vocabulary.AHEAD_MS):
        raise Refused("FUTURE")
    return Event(
        line.partition,
        line.offset,
        event_id,
        event_time,
        fields["type"],
        customer_id,
        session_id,
        product_id,
        quantity,
        amount,
        currency,
        country,
    )


def _fields(value: bytes) -> Mapping[str, Any]:
    try:
        text = str(value, "utf-8", "strict")
    except UnicodeError:
        raise Refused("BAD_TEXT") from None
    depth = sum(character in "[{" for character in text)
    try:
        found = json.JSONDecoder(parse_constant=_no_number).decode(text) if depth <= 64 else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refused("NOT_JSON")
    return found


def _no_number(name: str) -> float:
    raise ValueError(name)


def _uuid(value: object) -> UUID:
    try:
        made = UUID(value) if isinstance(value, str) else None
    except ValueError:
        made = None
    # UUID() also takes braces, "urn:uuid:" and any hyphens.
    if made is None or str(made) != str(value).lower():
        raise Refused("BAD_ID")
    return made


def _amount(value: object) -> Decimal:
    try:
        amount = Decimal(value) if isinstance(value, str) else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    is_plain = isinstance(value, str) and not set(value) - set("0123456789.")
    if not amount.is_finite() or not is_plain or not str(value)[0].isdigit():
        raise Refused("BAD_AMOUNT")
    whole, point, cents = str(value).partition(".")
    if len(whole) > vocabulary.MOST_WHOLE_DIGITS or len(cents) > 2 or (point and not cents):
        raise Refused("BAD_AMOUNT")
    return amount.quantize(Decimal("0.01"))


def _quantity(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused("BAD_AMOUNT")
    if value < 1 or value > vocabulary.MOST_QUANTITY:
        raise Refused("BAD_AMOUNT")
    return value


def _moment(value: object) -> datetime:
    if not isinstance(value, str) or len(value) != len("2026-01-05T00:00:00.000Z"):
        raise Refused("BAD_TIME")
    try:
        moment = datetime.strptime(value[:-5], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        raise Refused("BAD_TIME") from None
    digits = value[-4:-1]
    is_exact = f"{moment:%Y-%m-%dT%H:%M:%S}" == value[:-5] and value[-5] + value[-1] == ".Z"
    if not is_exact or not (digits.isascii() and digits.isdigit()):
        raise Refused("BAD_TIME")
    if not vocabulary.FIRST_YEAR <= moment.year <= vocabulary.LAST_YEAR:
        raise Refused("BAD_TIME")
    return moment + timedelta(milliseconds=int(digits))


def _text(value: object) -> str:
    if not isinstance(value, str) or value == "" or len(value) > vocabulary.LONGEST_TEXT:
        raise Refused("BAD_TEXT")
    try:
        is_storable = b"\0" not in value.encode("utf-8")
    except UnicodeEncodeError:
        is_storable = False
    if not is_storable:
        raise Refused("BAD_TEXT")
    return value


def watermark(partitions: Iterable[Partition], terms: Terms) -> datetime | None:
    """The smallest of the partitions' newest event times, less the lateness; silent ones aside."""
    known = list(partitions)
    latest = max((one.arrived for one in known), default=EPOCH)
    speaking = [one.newest for one in known if one.newest and one.arrived >= latest - terms.silence]
    return min(speaking) - terms.lateness if speaking else None


def in_order(events: Iterable[Event]) -> Iterator[Event]:
    """Events by the time at which they happened."""
    return iter(sorted(events, key=lambda event: (event.event_time, event.partition, event.offset)))
