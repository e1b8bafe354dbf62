"""Which local days are to be computed: those that a fetch made stale, exactly."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
from sqlalchemy import Engine, func, select
from sqlalchemy.dialects.postgresql import insert

from txplatform.domains.air_quality import tables
from txplatform.domains.air_quality.computation.stored import Window, stored_hours
from txplatform.domains.air_quality.queries.basis import Basis
from txplatform.domains.air_quality.queries.status import day_states
from txplatform.domains.air_quality.rules import Rules
from txplatform.domains.air_quality.settings import AirQualitySettings
from txplatform.domains.air_quality.sources.documents import Change, Plan, decimals_of
from txplatform.domains.air_quality.sources.stations import Station
from txplatform.domains.air_quality.transforms.exact import ABSENT, Integers, scaled
from txplatform.domains.air_quality.transforms.figures import differing_days, figures_of
from txplatform.domains.air_quality.transforms.hours import Received, StationHours, on_the_axis
from txplatform.domains.air_quality.transforms.parameters import NAMES
from txplatform.freshness import PeriodState
from txplatform.platform import Platform

REACH = timedelta(days=32)
"""Farther than any flag, running mean or alarm looks back."""


class StaleMarker:
    """Marks what a plan makes stale, in PostgreSQL, before the plan is carried out."""

    def __init__(self, platform: Platform, rules: Rules) -> None:
        self._platform, self._rules = platform, rules
        self._first_day = platform.settings.of(AirQualitySettings).first_day

    def __call__(self, station: Station, plan: Plan) -> int:
        """Mark the local days whose figures the plan's changes alter; returns how many.

        A clock that was reset may say 1970: nobody computes the years in between.
        """
        oldest = datetime.combine(self._first_day, time()) - REACH
        changes = [each for each in plan.changes if each.document["hour_start"] >= oldest]
        reached = reached_days(self._platform, station, changes, self._rules)
        days = [day for day in reached if day >= self._first_day]
        mark(self._platform.engine, station.station_id, days)
        return len(days)


def reached_days(
    platform: Platform, station: Station, changes: list[Change], rules: Rules
) -> list[date]:
    """The local days of which anything would be said differently: figures before and after."""
    if not changes:
        return []
    hours = [change.document["hour_start"].replace(tzinfo=UTC) for change in changes]
    window = Window(min(hours) - REACH, max(hours) + REACH)
    stored = stored_hours(platform.database, station, window)
    changed = _with_changes(stored, changes, station)
    return differing_days(figures_of(stored, rules), figures_of(changed, rules))


def _with_changes(stored: StationHours, changes: list[Change], station: Station) -> StationHours:
    """The stored hours as they will be once the changes are written."""
    since = station.figures_since
    start = since.replace(tzinfo=None) if since else None
    documents = [each.document for each in changes]
    documents = [each for each in documents if start is None or each["hour_start"] >= start]
    new = np.array([each["hour_start"] for each in documents], dtype="datetime64[h]")
    kept = stored.is_recorded & ~np.isin(stored.hours, new)
    said = [decimals_of(document) for document in documents]
    hours = np.concatenate((stored.hours[kept], new))
    values = {
        name: np.concatenate((stored.values[name][kept], _column(said, name))) for name in NAMES
    }
    marks = (
        np.concatenate((column[kept], np.array([each[key] for each in documents], dtype=bool)))
        for key, column in (
            ("is_partial", stored.is_partial),
            ("is_duplicate", stored.is_duplicate),
        )
    )
    ends = [*hours, *stored.hours[[0, -1]]] if len(stored) else list(hours)
    span = (min(ends), max(ends)) if ends else None
    received = Received(hours, values, *marks)
    return on_the_axis(stored.station_id, stored.zone, received, span)


def _column(said: list[dict[str, Decimal]], name: str) -> Integers:
    numbers = [scaled(values[name]) if name in values else ABSENT for values in said]
    return np.array(numbers, dtype=np.int64)


def mark(engine: Engine, station_id: str, days: Iterable[date]) -> None:
    """Note that the figures of local days of a station would say something else from now on."""
    rows = [
        {"station_id": station_id, "local_date": day, "changed_at": func.clock_timestamp()}
        for day in days
    ]
    if rows:
        new = insert(tables.source_days).values(rows)
        newer = new.on_conflict_do_update(
            index_elements=["station_id", "local_date"], set_={"changed_at": func.clock_timestamp()}
        )
        with engine.begin() as connection:
            connection.execute(newer)


def stale_days(engine: Engine, basis: Basis) -> dict[str, list[date]]:
    """By station, the local days that were not computed from what is there, by code and basis."""
    stale: dict[str, list[date]] = {}
    for day in day_states(engine, basis, but=PeriodState.FRESH.value):
        stale.setdefault(day.station_id, []).append(day.local_date)
    return stale


def day_versions(engine: Engine, days: Iterable[date]) -> dict[date, str]:
    """Of each day, what changes exactly when a station's figures of it would."""
    table = tables.source_days
    statement = (
        select(table.c.local_date, func.max(table.c.changed_at).label("newest"))
        .where(table.c.local_date.in_(list(days)))
        .group_by(table.c.local_date)
    )
    with engine.connect() as connection:
        rows = connection.execute(statement).all()
    return {row.local_date: row.newest.isoformat() for row in rows}
