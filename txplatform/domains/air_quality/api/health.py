"""Stations and what became of them: where they stand, fetches, gaps, and what is alarming."""

from typing import Any

from fastapi import APIRouter, Request, Response

from txplatform.domains.air_quality.api.query_parameters import First, Last, Station, Stations
from txplatform.domains.air_quality.queries import health, status
from txplatform.domains.air_quality.queries.basis import Basis, basis_of, station_named
from txplatform.domains.air_quality.queries.rows import Wanted
from txplatform.freshness import PeriodState
from txplatform.serving import paging
from txplatform.serving.access import Reader
from txplatform.serving.api.answers import as_json, bounded_by, platform_of
from txplatform.serving.api.schemas import Limit

router = APIRouter()


@router.get("/stations")
def stations(request: Request, _: Reader) -> Response:
    """Every station: where it stands, when it was last heard of, what its last fetch said."""
    platform = platform_of(request)
    basis = basis_of(platform)
    days = status.day_states(platform.engine, basis)
    fetches = status.last_fetches(platform.database, basis.stations.values())
    return as_json(request, {"items": [_station(basis, each, days) for each in fetches]})


def _station(basis: Basis, fetch: status.Fetch, days: list[status.DayState]) -> dict[str, Any]:
    station = basis.stations[fetch.station_id]
    states = [day.state for day in days if day.station_id == fetch.station_id]
    counts = {state: states.count(state) for state in PeriodState}
    return {
        "station_id": station.station_id,
        "name": station.name,
        "place": station.place,
        "zone": station.figures_zone,
        "latitude": station.latitude,
        "longitude": station.longitude,
        "days": counts,
        "last_hour": fetch.last_hour,
        "last_fetch": {"at": fetch.at, "status": fetch.status, "sentence": fetch.sentence},
        "warning": fetch.warning,
    }


@router.get("/fetches")
def fetches(
    request: Request, _: Reader, *, station: Station, limit: Limit = paging.DEFAULT_PAGE
) -> Response:
    """The newest fetches and imports of a station with their books and sentences."""
    platform = platform_of(request)
    known = station_named(platform, station)
    found = health.fetches(platform.database, known.station_id, limit)
    return as_json(request, {"items": found})


@router.get("/gaps", openapi_extra=bounded_by("the stretches without any hour of the stations"))
def gaps(
    request: Request,
    _: Reader,
    *,
    station: Stations = None,
    first: First = None,
    last: Last = None,
) -> Response:
    """Where a station sent nothing at all: begin, end and hours, the newest first."""
    platform = platform_of(request)
    only = station_named(platform, station).station_id if station else None
    found = health.gaps(platform.engine, Wanted(only, None, first, last))
    return as_json(request, {"items": [each._asdict() for each in found]})


@router.get("/events")
def events(
    request: Request, _: Reader, *, station: Stations = None, limit: Limit = paging.DEFAULT_PAGE
) -> Response:
    """What officers were told of: those that last first, then the newest."""
    platform = platform_of(request)
    only = station_named(platform, station).station_id if station else None
    return as_json(request, {"items": health.events(platform.engine, only, limit)})
