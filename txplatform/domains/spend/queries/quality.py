"""How good the rules are, and what controllers found: precision, time to decision, amounts."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pyarrow as pa
from sqlalchemy import (
    Date,
    Engine,
    Float,
    Integer,
    Numeric,
    Select,
    Subquery,
    case,
    cast,
    func,
    literal_column,
    null,
    select,
    true,
)
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import LateralFromClause

from txplatform.connectors import postgres
from txplatform.domains.spend.rules.ranking import Evidence, Kind
from txplatform.domains.spend.tables import alert_counts as counted
from txplatform.domains.spend.tables import alerts
from txplatform.domains.spend.tables.alerts import SECONDS_TO_CONCLUSION
from txplatform.domains.spend.tables.base import MONEY, SHARE
from txplatform.periods import DAY

HOURS = Numeric(18, 1)
SECONDS_PER_HOUR = 3600
CONCLUDED = ("abusive", "dismissed", "justified")


class Period(StrEnum):
    """How decisions are grouped by the moment when they were made, in UTC."""

    ALL = "all"
    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"


def rule_quality(
    engine: Engine,
    period: Period = Period.ALL,
    since: date | None = None,
    until: date | None = None,
) -> pa.Table:
    """What became of the alerts that are decided, per period of the decision and rule.

    A decision that was undone does not count; one that a second look reopened neither.

    Args:
        engine: PostgreSQL.
        period: how to group; `all` gives one line per rule.
        since: first day of the decisions, UTC; None: the first ever.
        until: last day, inclusive; None: the last.

    Returns:
        `period_start` (date; empty for `all`), `rule`, `abusive`, `dismissed`, `justified`
        (alerts), `precision` (fraction: abusive / (abusive + dismissed + justified)),
        `median_hours` (from raised to decided), `amount_found` (amount at risk of the abusive
        ones; a purchase in two alerts counts in both), sorted by period and rule.
    """
    is_everything = period is Period.ALL and since is None and until is None
    statement = _of_everything() if is_everything else _of_periods(period, since, until)
    with engine.connect() as connection:
        return postgres.read(connection, statement)


def rule_evidence(engine: Engine) -> dict[Kind, Evidence]:
    """What controllers found of each kind of alert, by rule and severity; of those undecided, 0.

    From the counts that triggers keep.
    """
    known = counted.c
    decided = func.sum(known.alert_count).filter(known.state.in_(CONCLUDED))
    abusive = func.sum(known.alert_count).filter(known.state == "abusive")
    kinds = (known.rule, known.severity)
    statement = select(*kinds, abusive, decided).group_by(*kinds).order_by(*kinds)
    with engine.connect() as connection:
        rows = connection.execute(statement).all()
    return {(row[0], row[1]): Evidence(int(row[2] or 0), int(row[3] or 0)) for row in rows}


def _of_everything() -> Select[Any]:
    """From the counts that triggers keep; the median is the middle of an index."""
    known = counted.c
    sums = {
        state: func.coalesce(func.sum(known.alert_count).filter(known.state == state), 0)
        for state in CONCLUDED
    }
    amount = func.sum(known.amount_at_risk).filter(known.state == "abusive")
    counts = (
        select(
            known.rule,
            *(cast(count, Integer).label(state) for state, count in sums.items()),
            cast(func.coalesce(amount, 0), MONEY).label("amount_found"),
            func.sum(known.alert_count).label("decided"),
        )
        .where(known.state.in_(CONCLUDED))
        .group_by(known.rule)
        .having(func.sum(known.alert_count) > 0)
        .subquery("counts")
    )
    middle = _middle(counts)
    return (
        select(
            cast(null(), Date).label("period_start"),
            counts.c.rule,
            *(counts.c[state] for state in CONCLUDED),
            _precision(counts.c.abusive, counts.c.decided).label("precision"),
            cast(middle.c.seconds / SECONDS_PER_HOUR, HOURS).label("median_hours"),
            counts.c.amount_found,
        )
        .join(middle, true())
        .order_by(counts.c.rule)
    )


def _middle(counts: Subquery) -> LateralFromClause:
    """The mean of the one or two times in the middle, as `percentile_cont` has it."""
    seconds: ColumnElement[float] = literal_column(SECONDS_TO_CONCLUSION, Float)
    number = counts.c.decided
    two = (
        select(seconds.label("seconds"))
        .select_from(alerts)
        .where(alerts.c.rule == counts.c.rule, alerts.c.concluded_at.is_not(None))
        .correlate(counts)
        .order_by(seconds)
        .offset(func.div(number - 1, 2))
        .limit(2 - func.mod(number, 2))
        .subquery("two")
    )
    return select(func.avg(two.c.seconds).label("seconds")).lateral("middle")


def _of_periods(period: Period, since: date | None, until: date | None) -> Select[Any]:
    decided = _decided(since, until).subquery("decided")
    start = _start_of(period, decided.c.decided_at).label("period_start")
    counts = [_count(decided.c.state == state).label(state) for state in CONCLUDED]
    precision = _precision(counts[0], func.count())
    seconds = func.date_part("epoch", decided.c.decided_at - decided.c.raised_at)
    middle = func.percentile_cont(0.5).within_group(seconds) / SECONDS_PER_HOUR
    found = case((decided.c.state == "abusive", decided.c.amount_at_risk), else_=Decimal(0))
    return (
        select(
            start,
            decided.c.rule,
            *counts,
            precision.label("precision"),
            cast(middle, HOURS).label("median_hours"),
            cast(func.sum(found), MONEY).label("amount_found"),
        )
        .group_by(start, decided.c.rule)
        .order_by(start, decided.c.rule)
    )


def _precision(abusive: Any, decided: Any) -> ColumnElement[Any]:
    return cast(func.round(cast(abusive, SHARE) / decided, 6), SHARE)


def _decided(since: date | None, until: date | None) -> Select[Any]:
    at = alerts.c.concluded_at
    columns = (alerts.c.rule, alerts.c.amount_at_risk, alerts.c.raised_at, alerts.c.state)
    statement = select(*columns, at.label("decided_at")).where(at.is_not(None))
    if since is not None:
        statement = statement.where(at >= datetime.combine(since, time.min, UTC))
    if until is not None:
        statement = statement.where(at < datetime.combine(until + DAY, time.min, UTC))
    return statement


def _start_of(period: Period, decided_at: ColumnElement[Any]) -> ColumnElement[Any]:
    if period is Period.ALL:
        return cast(null(), Date)
    return cast(func.date_trunc(period.value, func.timezone("UTC", decided_at)), Date)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return cast(func.count().filter(condition), Integer)
