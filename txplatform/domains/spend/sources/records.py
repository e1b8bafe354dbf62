"""One record of a source becomes a purchase, or a refusal with its rule; no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Literal, NamedTuple, cast
from zoneinfo import ZoneInfo

from txplatform.connectors.files import Cell, Row, normal
from txplatform.domains.spend.sources.amounts import AmountReader
from txplatform.domains.spend.sources.cards import card_identity
from txplatform.domains.spend.sources.columns import HeaderColumns, constantly, is_blank
from txplatform.domains.spend.sources.dates import read_date
from txplatform.domains.spend.sources.layouts import Layout
from txplatform.domains.spend.sources.parsing import (
    NO_VALUES,
    Refusal,
    read_id,
    read_name,
    read_period,
    read_text,
)
from txplatform.domains.spend.sources.remembering import Remembering

LONGEST_KEY_NAME = 300
"""PostgreSQL's index over department and division takes 2,704 bytes, four per character."""

BLANK_ROW = Refusal("BLANK_ROW", "the row is blank")
HEADER_REPEATED = Refusal("HEADER_REPEATED", "the header stands among the rows again")
PRINTED_TOTAL = Refusal("PRINTED_TOTAL", "a total that was printed between the purchases")
MISSING_ID = Refusal("MISSING_ID", "the row has no id")


@dataclass(frozen=True)
class Policy:
    """What the platform accepts, from whatever source."""

    currency: str | None = None
    first_week: date = date(2010, 1, 4)
    time_zone: str = "UTC"
    card_identity: Literal["hashed", "plain"] = "hashed"
    card_key: bytes = b""
    largest_amount: Decimal = Decimal(10**13)
    """What is more, whatever its sign, is no amount but a number of something else."""
    last_day: date | None = None
    """The last day that a purchase can have; None is the day of the ingestion in `time_zone`."""

    @property
    def hash_key(self) -> bytes | None:
        """Key of the hash under which cards are kept; None: they are kept as they arrive."""
        return self.card_key if self.card_identity == "hashed" else None

    def latest(self) -> date:
        """The last day that a purchase can have."""
        return self.last_day or datetime.now(ZoneInfo(self.time_zone)).date()


DEFAULT_POLICY = Policy()


class Purchase(NamedTuple):
    """A parsed record: the canonical fields in their order, and the id where there is one."""

    department: str
    division: str
    merchant: str
    category: str
    transaction_date: date
    cents: int
    fiscal_year: int | str | None
    fiscal_period: int | str | None
    card: str | None
    id: str | None


class Refused(NamedTuple):
    """A refused record; `cents` is its amount where that can be read."""

    rule: str
    reason: str
    cents: int | None


class RecordParser:
    """Reads the records of one table: a layout matched to the table's header, and the policy."""

    def __init__(self, layout: Layout, header: Sequence[str], policy: Policy, where: str) -> None:
        """Match the layout's columns to the header; `where` names the source in errors.

        Raises:
            SourceError: the header lacks a column.
            UsageError: the layout has cards, and there is no key to hash them with.
        """
        columns = HeaderColumns(layout, header, where)
        get = {field: columns.getter(field, names or ()) for field, names in layout.columns}
        get |= {field: constantly(text) for field, text in layout.constants if text}
        self._day = get["transaction_date"]
        self._department, self._division = get["department"], get["division"]
        self._merchant, self._category = get["merchant"], get["category"]
        self._year, self._period = get["fiscal_year"], get["fiscal_period"]
        self._card = get["card"] if layout.columns.card else None
        currency = policy.currency or layout.currency
        self._amount = AmountReader(layout, columns, currency, policy.largest_amount)
        self._id = columns.single(layout.id_column)
        totals = layout.printed_totals.all_blank if layout.printed_totals else []
        self._totals = [columns.index(name) for name in totals]
        self._header = [normal(name) for name in header]
        self._named = max((at for at, name in enumerate(self._header, 1) if name), default=0)
        zone = ZoneInfo(layout.time_zone)
        self._days = Remembering(partial(self._read_day, layout.date_format, zone))
        self._names, self._periods = Remembering(read_name), Remembering(read_period)
        self._first_day, self._last_day = policy.first_week, policy.latest()
        self._departments = _spellings(layout.spellings.department)
        self._divisions = _spellings(layout.spellings.division)
        self._card_identity = card_identity(layout, policy.hash_key)

    def parse(self, row: Row) -> Purchase | Refused:
        """The purchase of a row, or why it is none."""
        cells = row.cells if len(row.cells) == len(self._header) else self._fitted(row)
        if isinstance(cells, Refusal):
            return Refused(cells.rule, cells.reason, None)
        day = self._days[self._day(cells)]
        cents = self._amount.read(cells)
        refusal = self._refusal(cells, day, cents)
        if refusal:
            readable = cents if isinstance(cents, int) else None
            return Refused(refusal.rule, refusal.reason, readable)
        return self._purchase(cells, cast("date", day), cast("int", cents))

    def _purchase(self, cells: Sequence[Cell], day: date, cents: int) -> Purchase | Refused:
        names = self._names
        department, division = names[self._department(cells)], names[self._division(cells)]
        merchant, category = names[self._merchant(cells)], names[self._category(cells)]
        year, period = self._periods[self._year(cells)], self._periods[self._period(cells)]
        card = read_text(self._card(cells)) if self._card else ""
        row_id = read_id(self._id(cells)) if self._id else None
        for value in (department, division, merchant, category, year, period, card, row_id):
            if value in NO_VALUES:
                return Refused(*NO_VALUES[value], cents)
        if len(department) > LONGEST_KEY_NAME or len(division) > LONGEST_KEY_NAME:
            reason = f"a name has over {LONGEST_KEY_NAME} characters"
            return Refused("NAME_TOO_LONG", reason, cents)
        return Purchase(
            self._departments.get(department, department),
            self._divisions.get(division, division),
            merchant,
            category,
            day,
            cents,
            year,
            period,
            self._card_identity(card) if self._card else None,
            row_id,
        )

    def _fitted(self, row: Row) -> Sequence[Cell] | Refusal:
        """The row's cells, as many as the header has: blank ones beyond its names are forgiven."""
        cells, width, named = row.cells, len(self._header), self._named
        if row.problem:
            return Refusal("UNREADABLE_LINE", row.problem)
        if all(map(is_blank, cells)):
            return BLANK_ROW
        if len(cells) < named or not all(map(is_blank, cells[width:])):
            return Refusal("WRONG_CELL_COUNT", f"{len(cells)} cells instead of {named}")
        return [*cells[:width], *[None] * (width - len(cells))]

    def _refusal(
        self, cells: Sequence[Cell], day: date | Refusal, cents: int | Refusal
    ) -> Refusal | None:
        """What the row as a whole is comes before what is wrong in its cells."""
        if isinstance(day, Refusal) or isinstance(cents, Refusal):
            if all(map(is_blank, cells)):
                return BLANK_ROW
            if all(map(self._is_header_cell, cells, self._header)):
                return HEADER_REPEATED
        if self._totals and all(is_blank(cells[at]) for at in self._totals):
            return PRINTED_TOTAL
        if self._id and is_blank(self._id(cells)):
            return MISSING_ID
        if isinstance(day, Refusal):
            return day
        return cents if isinstance(cents, Refusal) else None

    @staticmethod
    def _is_header_cell(cell: Cell, name: str) -> bool:
        return normal(read_text(cell)) == name

    def _read_day(self, date_format: str, zone: ZoneInfo, cell: Cell) -> date | Refusal:
        day = read_date(cell, date_format, zone)
        if isinstance(day, Refusal):
            return day
        if day > self._last_day:
            return Refusal("DATE_FUTURE", f"{day} is after the day of the ingestion")
        if day < self._first_day:
            return Refusal("DATE_BEFORE_FIRST_WEEK", f"{day} is before {self._first_day}")
        return day


def _spellings(table: dict[str, list[str]]) -> dict[str, str]:
    return {read_name(other): read_name(name) for name, all_ in table.items() for other in all_}
