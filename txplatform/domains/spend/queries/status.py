"""Whether what stands of each week, rows and alerts, follows from what MongoDB holds today."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Date, Engine, Select, and_, case, cast, func, literal, select
from sqlalchemy.sql.elements import ColumnElement

from txplatform.domains.spend.measuring import NO_DOCUMENTS
from txplatform.domains.spend.tables import (
    alert_counts,
    alert_weeks,
    computed_weeks,
    source_weeks,
    weekly_transactions,
)
from txplatform.freshness import PeriodState
from txplatform.periods import WEEK
from txplatform.serving import paging


class WeekStatus(NamedTuple):
    """One line of `txplatform spend status`; the amount is the documents' sum."""

    week_start: date
    state: PeriodState
    document_count: int
    total_amount: Decimal
    fingerprint: str
    row_count: int | None
    computed_at: datetime | None
    run_id: str | None


class AlertStatus(NamedTuple):
    """What stands in `alerts` of a week, against the documents that MongoDB holds."""

    week_start: date
    state: PeriodState
    alert_count: int | None
    computed_at: datetime | None
    run_id: str | None


class WeekFilter(NamedTuple):
    """Which weeks: what is left out does not matter, several states mean any."""

    first_week: date | None = None
    last_week: date | None = None
    states: Sequence[PeriodState] = ()


class WeekPage(NamedTuple):
    """Some weeks, the number of all that match, and where the next page begins."""

    weeks: list[WeekStatus]
    total: int
    next_cursor: str | None


class TableTotals(NamedTuple):
    """What stands in `weekly_transactions`, and in the documents behind the computed weeks."""

    weeks: int
    rows: int
    total_amount: Decimal
    transaction_count: int
    source_amount: Decimal
    source_count: int

    @property
    def is_reconciled(self) -> bool:
        """Whether table and documents agree to the cent and to the row."""
        return (self.total_amount, self.transaction_count) == (
            self.source_amount,
            self.source_count,
        )


def week_status(engine: Engine, code_version: str) -> list[WeekStatus]:
    """Every week that has documents or was computed, oldest first.

    A week is stale when its documents, those of the week before or the code differ from what it
    was computed from.
    """
    with engine.connect() as connection:
        rows = connection.execute(_statuses(code_version).order_by("week_start")).all()
    return [_status(row) for row in rows]


def week_page(
    engine: Engine,
    code_version: str,
    wanted: WeekFilter,
    cursor: str | None = None,
    size: int = paging.DEFAULT_PAGE,
) -> WeekPage:
    """A page of these weeks, oldest first."""
    found = _statuses(code_version).subquery("found")
    matching = select(found).where(*_conditions(found.c, wanted))
    rest = matching
    if cursor is not None:
        rest = rest.where(found.c.week_start > paging.key_of(cursor, date.fromisoformat)[0])
    page = paging.limited(rest.order_by(found.c.week_start), size)
    with engine.connect() as connection:
        total = connection.execute(select(func.count()).select_from(matching.subquery()))
        weeks = [_status(row) for row in connection.execute(page)]
    shown = weeks[:size]
    following = paging.cursor_of([shown[-1].week_start]) if len(weeks) > size else None
    return WeekPage(shown, total.scalar_one(), following)


def _conditions(columns: Any, wanted: WeekFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.first_week is not None:
        conditions.append(columns.week_start >= wanted.first_week)
    if wanted.last_week is not None:
        conditions.append(columns.week_start <= wanted.last_week)
    if wanted.states:
        conditions.append(columns.state.in_([state.value for state in wanted.states]))
    return conditions


def _status(row: Any) -> WeekStatus:
    return WeekStatus(row[0], PeriodState(row[1]), *row[2:])


def _statuses(code_version: str) -> Select[Any]:
    source, computed = source_weeks.alias("source"), computed_weeks.alias("computed")
    before = source_weeks.alias("before")
    week = func.coalesce(source.c.week_start, computed.c.week_start)
    own = func.coalesce(source.c.fingerprint, literal(NO_DOCUMENTS))
    previous = func.coalesce(before.c.fingerprint, literal(NO_DOCUMENTS))
    is_fresh = and_(
        computed.c.fingerprint == own,
        computed.c.previous_fingerprint == previous,
        computed.c.code_version == code_version,
    )
    joined = source.outerjoin(
        computed, source.c.week_start == computed.c.week_start, full=True
    ).outerjoin(before, before.c.week_start == cast(week - WEEK, Date))
    return (
        select(
            week.label("week_start"),
            _state(computed.c.week_start, is_fresh).label("state"),
            func.coalesce(source.c.document_count, 0).label("document_count"),
            func.coalesce(source.c.total_amount, literal(Decimal("0.00"))).label("total_amount"),
            own.label("fingerprint"),
            computed.c.row_count,
            computed.c.computed_at,
            computed.c.run_id,
        )
        .select_from(joined)
        .where((func.coalesce(source.c.document_count, 0) > 0) | computed.c.week_start.is_not(None))
    )


def _state(computed: ColumnElement[date], is_fresh: ColumnElement[bool]) -> ColumnElement[str]:
    return case(
        (computed.is_(None), PeriodState.MISSING.value),
        (is_fresh, PeriodState.FRESH.value),
        else_=PeriodState.STALE.value,
    )


def table_totals(engine: Engine) -> TableTotals:
    """Totals of the table and of the documents of all computed weeks."""
    weekly = weekly_transactions.c
    of_table = select(
        func.count(),
        func.coalesce(func.sum(weekly.total_amount), Decimal("0.00")),
        func.coalesce(func.sum(weekly.transaction_count), 0),
    )
    of_weeks = select(
        func.count(),
        func.coalesce(func.sum(source_weeks.c.total_amount), Decimal("0.00")),
        func.coalesce(func.sum(source_weeks.c.document_count), 0),
    ).select_from(
        computed_weeks.outerjoin(
            source_weeks, source_weeks.c.week_start == computed_weeks.c.week_start
        )
    )
    with engine.connect() as connection:
        rows, amount, count = connection.execute(of_table).one()
        weeks, source_amount, source_count = connection.execute(of_weeks).one()
    return TableTotals(weeks, rows, amount, int(count), source_amount, int(source_count))


def alert_status(engine: Engine, rules_version: str) -> list[AlertStatus]:
    """Every week that has documents or whose alerts were computed, oldest first.

    A week's alerts are stale when its own documents or the rules differ from what they were
    found with. Late documents in the weeks before, its population, leave them as they are.

    Args:
        engine: PostgreSQL.
        rules_version: `Rulebook.version` of the rules in force.
    """
    source, found = source_weeks.alias("source"), alert_weeks.alias("found")
    week = func.coalesce(source.c.week_start, found.c.week_start)
    is_fresh = and_(
        found.c.fingerprint == func.coalesce(source.c.fingerprint, literal(NO_DOCUMENTS)),
        found.c.rules_version == rules_version,
    )
    statement = (
        select(
            week.label("week_start"),
            _state(found.c.week_start, is_fresh),
            found.c.alert_count,
            found.c.computed_at,
            found.c.run_id,
        )
        .select_from(source.outerjoin(found, source.c.week_start == found.c.week_start, full=True))
        .where((source.c.document_count > 0) | found.c.week_start.is_not(None))
        .order_by("week_start")
    )
    with engine.connect() as connection:
        rows = connection.execute(statement).all()
    return [AlertStatus(row[0], PeriodState(row[1]), *row[2:]) for row in rows]


def alerts_by_severity(engine: Engine) -> dict[str, int]:
    """How many alerts hold, by severity: high, medium and low."""
    severity, count = alert_counts.c.severity, func.sum(alert_counts.c.alert_count)
    statement = select(severity, count).where(~alert_counts.c.is_superseded).group_by(severity)
    with engine.connect() as connection:
        found = {row[0]: int(row[1]) for row in connection.execute(statement)}
    return {severity: found.get(severity, 0) for severity in ("high", "medium", "low")}
