"""What an ingestion did, counted and summed to the cent."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Self

from bson.decimal128 import Decimal128

from txplatform.domains.spend.sources.parsing import money
from txplatform.ingestion.balance import Total, require_balanced

Outcome = Literal["loaded", "unchanged", "corrected", "refused"]


@dataclass(frozen=True)
class IngestionReport:
    """One file or collection, ingested; amounts are in the platform's currency.

    `read_amount` is the sum of all amounts that can be read, those of refused rows included.
    """

    file: str
    layout: str
    rows_read: int
    loaded: int
    unchanged: int
    corrected: int
    refused: int
    refused_by_rule: Mapping[str, int]
    read_amount: Decimal
    loaded_amount: Decimal
    unchanged_amount: Decimal
    corrected_amount: Decimal
    refused_amount: Decimal
    weeks: frozenset[date]
    """Mondays whose documents changed. Of a skipped file those of its finished ingestion, so
    that a caller that died before it acted on them can."""
    finished_at: datetime
    vanished: int = 0
    """Documents that a company's collection no longer holds; ours keeps them."""
    seconds: float = 0.0
    unread_sheets: Sequence[str] = ()
    """Visible sheets of a workbook that nobody asked for."""
    is_skipped: bool = False
    """The same content had been ingested before: the counts are those of then."""

    @property
    def sentence(self) -> str:
        """The report in one sentence."""
        unread = f" Not read: {', '.join(self.unread_sheets)}." if self.unread_sheets else ""
        if self.is_skipped:
            return (
                f"{self.file} was ingested before, with the layout {self.layout} on "
                f"{self.finished_at:%Y-%m-%d %H:%M} UTC: nothing to do.{unread}"
            )
        gone = f"; {self.vanished:,} have vanished from the source" if self.vanished else ""
        return (
            f"{self.file}: {self.rows_read:,} rows read, {self.loaded:,} loaded, "
            f"{self.unchanged:,} unchanged, {self.corrected:,} corrected, "
            f"{self.refused:,} refused{gone}.{unread}"
        )

    def to_json(self) -> dict[str, Any]:
        """The report for `json.dumps`: amounts as text with every digit, weeks as ISO dates."""
        plain = {key: _plain(value) for key, value in asdict(self).items()}
        return plain | {"weeks": sorted(week.isoformat() for week in self.weeks)}

    def to_record(self) -> dict[str, Any]:
        """The counts, sums and weeks as the ingestion's record keeps them."""
        kept = {key: _bson(value) for key, value in asdict(self).items() if key not in NOT_KEPT}
        weeks = [datetime(week.year, week.month, week.day) for week in sorted(self.weeks)]
        return kept | {"weeks": weeks}

    @classmethod
    def of_record(cls, record: Mapping[str, Any], file: str) -> Self:
        """The report of a recorded ingestion, skipped when its content came again as `file`."""
        amounts = {key: record[key].to_decimal() for key in record if key.endswith("_amount")}
        fields = cls.__dataclass_fields__.keys() & record.keys() - amounts.keys()
        report = cls(**{key: record[key] for key in fields}, **amounts)
        weeks = frozenset(week.date() for week in record["weeks"])
        return replace(report, weeks=weeks, file=file, is_skipped=True)


NOT_KEPT = ("file", "layout", "is_skipped", "unread_sheets")
SUMMED = (
    *("rows_read", "loaded", "unchanged", "corrected", "refused", "vanished", "seconds"),
    *("read_amount", "loaded_amount", "unchanged_amount", "corrected_amount", "refused_amount"),
)


def together(reports: Sequence[IngestionReport], file: str) -> IngestionReport:
    """One report of several parts of a file; skipped where all of them were."""
    if len(reports) == 1:
        return reports[0]
    if not all(one.is_skipped for one in reports):
        reports = [_as_unchanged(one) if one.is_skipped else one for one in reports]
    sums: dict[str, Any] = {
        name: sum((getattr(one, name) for one in reports[1:]), getattr(reports[0], name))
        for name in SUMMED
    }
    rules = sum((Counter(one.refused_by_rule) for one in reports), Counter[str]())
    return replace(
        reports[-1],
        **sums,
        file=file,
        refused_by_rule=dict(rules),
        weeks=frozenset[date]().union(*(one.weeks for one in reports)),
        is_skipped=all(one.is_skipped for one in reports),
    )


def _as_unchanged(report: IngestionReport) -> IngestionReport:
    """The report of a part that was ingested before, as what this time makes of its rows."""
    return replace(
        report,
        loaded=0,
        corrected=0,
        unchanged=report.rows_read - report.refused,
        loaded_amount=money(0),
        corrected_amount=money(0),
        unchanged_amount=report.read_amount - report.refused_amount,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return dict(value) if isinstance(value, Mapping) else value


def _bson(value: Any) -> Any:
    return Decimal128(value) if isinstance(value, Decimal) else value


@dataclass
class Tally:
    """Counts and sums while an ingestion runs; amounts in cents."""

    rows_read: int = 0
    cents_read: int = 0
    rows: Counter[Outcome] = field(default_factory=Counter)
    cents: Counter[Outcome] = field(default_factory=Counter)
    refused_by_rule: Counter[str] = field(default_factory=Counter)
    weeks: set[date] = field(default_factory=set)
    vanished: int = 0

    def __iadd__(self, other: Self) -> Self:
        self.rows_read += other.rows_read
        self.cents_read += other.cents_read
        self.rows += other.rows
        for outcome, cents in other.cents.items():  # `+=` of counters drops what is below zero
            self.cents[outcome] += cents
        self.refused_by_rule += other.refused_by_rule
        self.weeks |= other.weeks
        return self

    def read(self, cents: Sequence[int | None]) -> None:
        """Count rows that were read, by their amounts, before anything becomes of them."""
        self.rows_read += len(cents)
        self.cents_read += sum(filter(None, cents))

    def add(self, outcome: Outcome, cents: Sequence[int | None]) -> None:
        """Count what became of rows, by their amounts."""
        self.rows[outcome] += len(cents)
        self.cents[outcome] += sum(filter(None, cents))

    def report(
        self, file: str, layout: str, finished_at: datetime, seconds: float
    ) -> IngestionReport:
        """The report of what was counted."""
        return IngestionReport(
            file=file,
            layout=layout,
            rows_read=self.rows_read,
            loaded=self.rows["loaded"],
            unchanged=self.rows["unchanged"],
            corrected=self.rows["corrected"],
            refused=self.rows["refused"],
            refused_by_rule=dict(self.refused_by_rule.most_common()),
            read_amount=money(self.cents_read),
            loaded_amount=money(self.cents["loaded"]),
            unchanged_amount=money(self.cents["unchanged"]),
            corrected_amount=money(self.cents["corrected"]),
            refused_amount=money(self.cents["refused"]),
            weeks=frozenset(self.weeks),
            finished_at=finished_at,
            vanished=self.vanished,
            seconds=round(seconds, 3),
        )

    def require_conservation(self, file: str) -> None:
        """Rows and readable amounts that were read must be the sum of what became of them.

        Raises:
            ReconciliationError: they are not.
        """
        became = [Total(self.rows[outcome], cents) for outcome, cents in self.cents.items()]
        require_balanced(file, Total(self.rows_read, self.cents_read), became)
