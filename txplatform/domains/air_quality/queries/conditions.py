"""What is alarming at this moment: each condition that holds, station by station.

A condition says nothing of what was told before; `alerting` keeps that.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Engine, and_, func, select

from txplatform.domains.air_quality import tables
from txplatform.domains.air_quality.queries.basis import Basis
from txplatform.domains.air_quality.queries.now import SILENT_AFTER
from txplatform.domains.air_quality.rules import Rules
from txplatform.domains.air_quality.sources.documents import last_hour
from txplatform.domains.air_quality.sources.stations import FILES, Station
from txplatform.domains.air_quality.transforms.alarms import Move, leaps_of
from txplatform.domains.air_quality.transforms.parameters import UNITS
from txplatform.ingestion.ledger import FAILED, FINISHED
from txplatform.periods import DAY
from txplatform.platform import Platform

FAILED_HOURS = 3
LOOKED_AT = 500
"""Fetches; of a longer row of failures the beginning is not looked for."""

SETTLED = timedelta(hours=2)
"""After midnight, until a day's last hours can have come."""

HEADLINE = "pm25"
REASONS = {
    "BELOW_ZERO": "most values of a week are zero or below",
    "FOLLOWS_HEAT": "the values follow the temperature inside the box",
}


class Condition(NamedTuple):
    """Something that people are to know, and since when it is so."""

    station_id: str
    kind: str
    parameter: str
    subject: str
    began_at: datetime
    detail: str
    sentence: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it the same as a moment ago."""
        return self.station_id, self.kind, self.parameter, self.subject


def conditions(platform: Platform, basis: Basis, now: datetime) -> list[Condition]:
    """Everything that holds at an instant, of every station."""
    return [
        each
        for station in basis.stations.values()
        for found in (
            _failing(platform, station),
            _silent(platform, station, now),
            _thin(platform.engine, station, basis.rules, now),
            _drifting(platform.engine, station),
            _above(platform.engine, station, basis, now),
            _moved(platform.engine, station, basis.rules),
        )
        for each in found
    ]


def _failing(platform: Platform, station: Station) -> Iterator[Condition]:
    """Every fetch of three hours or more has failed."""
    newest = platform.database[tables.FETCHES].find(
        {"station_id": station.station_id, "source": station.provider, "status": _OVER},
        sort=[("started_at", -1)],
        limit=LOOKED_AT,
    )
    failed = list(takewhile(lambda fetch: fetch["status"] == FAILED, newest))
    hours = {fetch["started_at"].replace(minute=0, second=0, microsecond=0) for fetch in failed}
    if len(hours) >= FAILED_HOURS:
        since = failed[-1]["started_at"].replace(tzinfo=UTC)
        why = failed[0]["sentence"]
        sentence = f"{station.name} could not be fetched since {_at(since)}: {why}"
        yield Condition(station.station_id, "fetch", "", "", since, f"{len(failed)}", sentence)


_OVER = {"$in": [FINISHED, FAILED]}


def _silent(platform: Platform, station: Station, now: datetime) -> Iterator[Condition]:
    """A station that was heard of sends nothing for six hours; files come when they come."""
    last = last_hour(platform.database, station.station_id)
    if station.provider != FILES and last is not None and now - last > SILENT_AFTER:
        sentence = f"{station.name} has sent nothing since {_at(last)}."
        yield Condition(station.station_id, "silent", "", "", last, "", sentence)


def _thin(engine: Engine, station: Station, rules: Rules, now: datetime) -> Iterator[Condition]:
    """Yesterday has too few hours of the headline parameter for a mean."""
    zone = ZoneInfo(station.figures_zone)
    yesterday = (now - SETTLED).astimezone(zone).date() - DAY
    table = tables.air_daily
    wanted = select(table.c.capture_pct).where(
        *_of(table, station), table.c.parameter == HEADLINE, table.c.local_date == yesterday
    )
    with engine.connect() as connection:
        share = connection.execute(wanted).scalar_one_or_none()
    if share is not None and share < 100 * rules.share:
        sentence = f"{station.name} captured {share} % of the PM2.5 hours of {yesterday}."
        begun = _midnight(yesterday, station)
        detail = f"{share} %"
        yield Condition(station.station_id, "capture", HEADLINE, "", begun, detail, sentence)


def _drifting(engine: Engine, station: Station) -> Iterator[Condition]:
    """Gas sensors that cannot be believed on the newest day, since the day on which that began."""
    table = tables.air_daily
    newest = (
        select(func.max(table.c.local_date))
        .where(*_of(table, station), table.c.n_hours > 0)
        .scalar_subquery()
    )
    believed = table.alias()
    before = (
        select(func.max(believed.c.local_date))
        .where(
            *_of(believed, station),
            believed.c.parameter == table.c.parameter,
            believed.c.n_hours > 0,
            ~believed.c.is_suspect,
        )
        .scalar_subquery()
    )
    first = select(func.min(table.c.local_date)).where(*_of(table, station)).scalar_subquery()
    wanted = select(
        table.c.parameter, table.c.suspicion, func.coalesce(before + 1, first).label("since")
    ).where(*_of(table, station), table.c.local_date == newest, table.c.is_suspect)
    with engine.connect() as connection:
        rows = connection.execute(wanted.order_by(table.c.parameter)).all()
    for row in rows:
        name, why = row.parameter, "; ".join(REASONS[code] for code in row.suspicion.split(", "))
        sentence = f"{_called(name)} of {station.name} cannot be believed since {row.since}: {why}."
        begun = _midnight(row.since, station)
        yield Condition(station.station_id, "drift", name, "", begun, row.suspicion, sentence)


def _above(engine: Engine, station: Station, basis: Basis, now: datetime) -> Iterator[Condition]:
    """Levels above which the newest closed and valid day of a parameter lies."""
    sets = {level.code: level.name for level in basis.levels}
    today = now.astimezone(ZoneInfo(station.figures_zone)).date()
    daily, above = tables.air_daily, tables.air_exceedances
    newest = (
        select(daily.c.parameter, func.max(daily.c.local_date).label("day"))
        .where(*_of(daily, station), daily.c.local_date < today, daily.c.mean.is_not(None))
        .group_by(daily.c.parameter)
        .subquery()
    )
    names = func.array_agg(above.c.level_set).label("sets")
    key = (above.c.parameter, above.c.compared, above.c.level, above.c.local_date)
    same = and_(above.c.parameter == newest.c.parameter, above.c.local_date == newest.c.day)
    wanted = (
        select(*key, names)
        .select_from(above.join(newest, same))
        .where(*_of(above, station), ~above.c.is_suspect)
        .group_by(*key)
        .order_by(*key)
    )
    with engine.connect() as connection:
        rows = connection.execute(wanted).all()
    for row in rows:
        yield _exceedance(station, row, ", ".join(sorted(sets.get(one, one) for one in row.sets)))


def _exceedance(station: Station, row: Any, named: str) -> Condition:
    level = f"{row.level.normalize():f} {UNITS[row.parameter]}"
    return Condition(
        station.station_id,
        "exceedance",
        row.parameter,
        f"{row.compared} {row.level.normalize():f}",
        _midnight(row.local_date, station),
        f"> {level} ({named})",
        f"{_called(row.parameter)} of {station.name} lay above {level} on {row.local_date}"
        f" ({named}).",
    )


def moves(engine: Engine, station: Station, rules: Rules) -> list[Move]:
    """When a station was carried somewhere else, by its published temperatures."""
    table = tables.air_hourly
    median = func.percentile_cont(0.5).within_group(table.c.value)
    wanted = (
        select(table.c.local_date, median)
        .where(*_of(table, station), table.c.parameter == "t_ext", table.c.is_valid)
        .group_by(table.c.local_date)
        .order_by(table.c.local_date)
    )
    with engine.connect() as connection:
        rows = connection.execute(wanted).all()
    dates = np.array([row[0] for row in rows], dtype="datetime64[D]")
    return leaps_of(dates, np.array([row[1] for row in rows], dtype=np.float64), rules)


def _moved(engine: Engine, station: Station, rules: Rules) -> Iterator[Condition]:
    for move in moves(engine, station, rules):
        change = f"{move.degrees:+}"
        sentence = (
            f"{station.name} seems to have been moved on {move.day}: {change} degrees. Enter a "
            "deployment in the stations file if that is right."
        )
        begun = _midnight(move.day, station)
        subject = move.day.isoformat()
        yield Condition(station.station_id, "moved", "", subject, begun, change, sentence)


def _of(table: Any, station: Station) -> Iterable[Any]:
    return (table.c.station_id == station.station_id,)


def _called(parameter: str) -> str:
    """A pollutant as people write it."""
    return parameter.upper().replace("PM25", "PM2.5")


def _midnight(day: date, station: Station) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(station.figures_zone)).astimezone(UTC)


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} (UTC)"
