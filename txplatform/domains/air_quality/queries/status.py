"""How far the figures follow the stored hours: days by state, and the stations' last fetches."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from pymongo.database import Database
from sqlalchemy import Engine, and_, case, select

from txplatform.domains.air_quality import tables
from txplatform.domains.air_quality.queries.basis import Basis
from txplatform.domains.air_quality.sources.documents import last_hour
from txplatform.domains.air_quality.sources.stations import Station
from txplatform.domains.air_quality.transforms import CODE_VERSION
from txplatform.freshness import PeriodState

BOOKS = ("records", "new", "changed", "unchanged", "refused")


class DayState(NamedTuple):
    """A local day of a station: whether its figures are those of what is stored."""

    station_id: str
    local_date: date
    state: PeriodState
    computed_at: datetime | None


class Fetch(NamedTuple):
    """The last fetch or import of a station, and when it was last heard of."""

    station_id: str
    name: str
    last_hour: datetime | None
    status: str
    sentence: str
    at: datetime | None
    warning: str | None
    kind: str
    """Of a failure, in one word; empty where its sentence is all that is known."""
    figures: Mapping[str, int]
    """What its sentences name: of a failure its facts, else the books."""
    km_away: int | None
    """How far from the declared place the source says that the station is; None: near."""


def day_states(engine: Engine, basis: Basis, but: str = "") -> list[DayState]:
    """Every local day of every station that has hours, in order; those in one state may be left.

    A station that is not in the stations file any more has none.
    """
    versions = basis.versions
    if not versions:
        return []
    days, computed = tables.source_days, tables.computed_days
    same_day = and_(
        computed.c.station_id == days.c.station_id, computed.c.local_date == days.c.local_date
    )
    is_fresh = and_(
        computed.c.changed_at == days.c.changed_at,
        computed.c.code_version == CODE_VERSION,
        computed.c.rules_version == case(versions, value=days.c.station_id),
    )
    missing, fresh, stale = PeriodState.MISSING, PeriodState.FRESH, PeriodState.STALE
    is_missing = computed.c.computed_at.is_(None)
    state = case((is_missing, missing.value), (is_fresh, fresh.value), else_=stale.value)
    statement = (
        select(days.c.station_id, days.c.local_date, state, computed.c.computed_at)
        .select_from(days.outerjoin(computed, same_day))
        .where(days.c.station_id.in_(versions), state != but)
        .order_by(days.c.local_date, days.c.station_id)
    )
    with engine.connect() as connection:
        rows = connection.execute(statement).all()
    return [DayState(row[0], row[1], PeriodState(row[2]), row[3]) for row in rows]


def last_fetches(database: Database[Any], stations: Iterable[Station]) -> list[Fetch]:
    """Of each station, what its last fetch or import said."""
    return [_last_fetch(database, station) for station in stations]


def _last_fetch(database: Database[Any], station: Station) -> Fetch:
    found = database[tables.FETCHES].find_one(
        {"station_id": station.station_id}, sort=[("started_at", -1)]
    )
    kept = found or {"status": "never", "sentence": "", "started_at": None}
    at = kept["started_at"]
    return Fetch(
        station.station_id,
        station.name,
        last_hour(database, station.station_id),
        kept["status"],
        kept.get("sentence", ""),
        at.replace(tzinfo=UTC) if at else None,
        kept.get("warning"),
        kept.get("kind", ""),
        figures_of(kept),
        kept.get("km_away"),
    )


def figures_of(fetch: Mapping[str, Any]) -> dict[str, int]:
    """What is counted of a fetch: its books, and of a failure the facts."""
    books = {name: fetch[name] for name in BOOKS if fetch.get(name) is not None}
    return {**books, **(fetch.get("facts") or {})}
