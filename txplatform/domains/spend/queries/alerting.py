"""Whether the alerts of each week were found in the documents and with the rules of today."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Engine, and_, case, func, literal, select

from txplatform.domains.spend.queries.weeks import WeekState
from txplatform.domains.spend.tables import alert_counts as counted
from txplatform.domains.spend.tables import alert_weeks, source_weeks
from txplatform.domains.spend.weeks import NO_DOCUMENTS


class AlertStatus(NamedTuple):
    """What stands in `alerts` of a week, against the documents that MongoDB holds."""

    week_start: date
    state: WeekState
    alert_count: int | None
    computed_at: datetime | None
    run_id: str | None


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
    state = case(
        (found.c.week_start.is_(None), WeekState.MISSING.value),
        (is_fresh, WeekState.FRESH.value),
        else_=WeekState.STALE.value,
    )
    statement = (
        select(
            week.label("week_start"),
            state,
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
    return [AlertStatus(row[0], WeekState(row[1]), *row[2:]) for row in rows]


def alert_counts(engine: Engine) -> dict[str, int]:
    """How many alerts hold, by severity: high, medium and low."""
    severity, count = counted.c.severity, func.sum(counted.c.alert_count)
    statement = select(severity, count).where(~counted.c.is_superseded).group_by(severity)
    with engine.connect() as connection:
        found = {row[0]: int(row[1]) for row in connection.execute(statement)}
    return {severity: found.get(severity, 0) for severity in ("high", "medium", "low")}
