"""Records as they arrive, whatever the source: an hour in UTC and the decimals as written."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from statistics import median
from typing import NamedTuple
from zoneinfo import ZoneInfo

from txplatform.domains.air_quality.transforms.exact import LARGEST
from txplatform.errors import SourceError

COUNTS_ABOVE = 50
"""A median of CO above so many mg/m3 is no air: those are the sensor's raw counts."""

MOST_DIGITS, LARGEST_EXPONENT = 34, 6_000
"""What MongoDB's decimals hold."""

MOST_REASONS = 20
"""Of refusals, that are kept: a document has an end."""

REPLACED = "the same hour comes again with other values, which stand"


class Record(NamedTuple):
    """One hour of one station; a parameter that did not come is not there."""

    hour_start: datetime
    values: dict[str, Decimal]
    is_duplicate: bool = False


class Refusal(NamedTuple):
    """A record that was not taken, and why."""

    position: int
    reason: str


class Header(NamedTuple):
    """What a source says about a station; it is compared and never believed."""

    name: str
    latitude: float
    longitude: float


class Answer(NamedTuple):
    """What a source gave for a stretch of time."""

    records: list[Record]
    refusals: list[Refusal]
    repeated: int
    """Records that said of an hour what the one before had said."""
    header: Header | None = None
    replaced: tuple[datetime, ...] = ()
    """Hours of which a later record of the same answer said something else, once for each."""

    @property
    def n_refused(self) -> int:
        """Records that were not taken."""
        return len(self.refusals) + len(self.replaced)

    @property
    def n_records(self) -> int:
        """Records that came, taken or not."""
        return len(self.records) + self.repeated + self.n_refused

    @property
    def reasons(self) -> dict[str, int]:
        """How often each of the most frequent reasons of refusals occurred."""
        counts = Counter(refusal.reason for refusal in self.refusals)
        if self.replaced:
            counts[REPLACED] = len(self.replaced)
        return dict(counts.most_common(MOST_REASONS))


class RefusedRecordError(ValueError):
    """One record cannot be taken; the message says why."""


def gather(records: Iterable[Record | Refusal], header: Header | None = None) -> Answer:
    """Each hour once: of equal twins one, of different ones the last, marked.

    Raises:
        SourceError: the values are sensor counts offered as averages.
    """
    by_hour: dict[datetime, Record] = {}
    refusals, replaced, repeated = [], [], 0
    for record in records:
        if isinstance(record, Refusal):
            refusals.append(record)
            continue
        hour = record.hour_start
        former = by_hour.get(hour, record)
        differs = former.values != record.values
        repeated += hour in by_hour and not differs
        replaced += [hour] * differs
        by_hour[hour] = record._replace(is_duplicate=differs or former.is_duplicate)
    taken = [by_hour[hour] for hour in sorted(by_hour)]
    answer = Answer(taken, refusals, repeated, header, tuple(replaced))
    _require_averages(answer.records)
    return answer


def _require_averages(records: list[Record]) -> None:
    gas = [record.values["co"] for record in records if "co" in record.values]
    if gas and median(gas) > COUNTS_ABOVE:
        raise SourceError(
            f"UNIT_SUSPECT: the median of CO is {median(gas)} mg/m3, which are raw counts of the "
            "sensor and no averages: ask the source for hourly averages.",
            "counts",
        )


def number(value: object) -> Decimal | None:
    """A received number as the decimal that was written; None where nothing was.

    Raises:
        RefusedRecordError: it is no number, or none that a sensor can give.
    """
    if value is None:
        return None
    if not isinstance(value, Decimal) or not value.is_finite():
        raise RefusedRecordError(f"{value!r:.40} is no number")
    if abs(value) > LARGEST:
        raise RefusedRecordError(f"{value!s:.40} is larger than any sensor's value")
    _, digits, exponent = value.as_tuple()
    if len(digits) > MOST_DIGITS or abs(int(exponent)) > LARGEST_EXPONENT:
        raise RefusedRecordError(f"{value!s:.40} has more digits than can be kept")
    return value


def hour_of(
    label: object,
    layout: str | None,
    zone: ZoneInfo,
    newest: datetime,
    *,
    is_second: bool = False,
) -> datetime:
    """The start of an hour in UTC from its label.

    Args:
        label: as written.
        layout: its format; None for ISO 8601.
        zone: of labels that name none.
        newest: an hour that starts later cannot have been measured.
        is_second: whether the label came before; where clocks go back, it is the later hour then.

    Raises:
        RefusedRecordError: the label is no hour, or one of the future.
    """
    try:
        written = str(label)
        moment = datetime.strptime(written, layout) if layout else datetime.fromisoformat(written)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=zone, fold=int(is_second))
        start = aware.astimezone(UTC)
    except (ValueError, OverflowError):
        raise RefusedRecordError(f"{label!r:.40} is no time") from None
    if start.minute or start.second or start.microsecond:
        raise RefusedRecordError(f"{label} is not the start of an hour")
    if start > newest:
        raise RefusedRecordError(f"{label} lies in the future")
    return start
