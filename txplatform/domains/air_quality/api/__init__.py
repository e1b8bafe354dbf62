"""The API of air quality: stations, hours, days, levels, patterns and what comes next."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from txplatform.domains.air_quality.queries import analyses, status
from txplatform.domains.air_quality.queries.analyses import Believed, believed_hours
from txplatform.domains.air_quality.queries.basis import Basis, basis_of, station_named
from txplatform.domains.air_quality.queries.now import Now, now
from txplatform.domains.air_quality.queries.rows import Wanted, page
from txplatform.serving import paging
from txplatform.serving.access import Reader
from txplatform.serving.api.answers import TABULAR, as_json, page_of, platform_of
from txplatform.serving.api.schemas import Cursor, Limit, Name

router = APIRouter()
Parameter = Literal["co", "no2", "o3", "pm10", "pm25", "rh", "t_ext", "t_int_raw"]
Station = Annotated[Name, Query(description="A station, by id or name.")]
Stations = Annotated[Name | None, Query(alias="station", description="Only this one.")]
Parameters = Annotated[
    list[Parameter] | None, Query(alias="parameter", description="Only these parameters.")
]
First = Annotated[date | None, Query(alias="from", description="First local day.")]
Last = Annotated[date | None, Query(alias="to", description="Last local day.")]
One = Annotated[Parameter, Query(description="The parameter.")]


@router.get("/stations")
def stations(request: Request, _: Reader) -> Response:
    """Every station: where it stands, when it was last heard of, what its last fetch said."""
    platform = platform_of(request)
    basis = basis_of(platform)
    days = status.day_states(platform.engine, basis.rules.version)
    fetches = status.last_fetches(platform.database, basis.stations.values())
    return as_json(request, {"items": [_station(basis, each, days) for each in fetches]})


def _station(basis: Basis, fetch: status.Fetch, days: list[status.DayState]) -> dict[str, Any]:
    station = basis.stations[fetch.station_id]
    states = [day.state for day in days if day.station_id == fetch.station_id]
    counts = {state: states.count(state) for state in (status.FRESH, status.STALE, status.MISSING)}
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


@router.get("/now")
def newest(request: Request, _: Reader) -> Response:
    """Each station's last hour, index, next hours and what cannot be believed."""
    platform = platform_of(request)
    found = now(platform.engine, basis_of(platform).stations.values())
    return as_json(request, {"items": [_now(each) for each in found]})


def _now(found: Now) -> dict[str, Any]:
    worst = found.worst
    return {
        "station_id": found.station.station_id,
        "name": found.station.name,
        "last_hour": found.last_hour,
        "is_silent": found.is_silent,
        "nowcast_aqi": worst.nowcast_aqi if worst else None,
        "nowcast_of": worst.parameter if worst else None,
        "readings": [each._asdict() for each in found.readings],
        "suspect": [each._asdict() for each in found.suspicions],
        "next_hours": found.forecasts,
    }


def _rows(request: Request, name: str, wanted: Wanted, cursor: str | None, limit: int) -> Response:
    platform = platform_of(request)
    named = wanted.station_id
    only = station_named(platform, named).station_id if named else None
    found = page(platform.engine, name, wanted._replace(station_id=only), cursor, limit)
    return page_of(request, found)


@router.get("/hourly", responses=TABULAR)
def hourly(
    request: Request,
    _: Reader,
    *,
    station: Stations = None,
    parameter: Parameters = None,
    first: First = None,
    last: Last = None,
    cursor: Cursor = None,
    limit: Limit = paging.DEFAULT_PAGE,
) -> Response:
    """Hours with their flags and running figures, gaps included."""
    wanted = Wanted(station, parameter, first, last)
    return _rows(request, "hourly", wanted, cursor, limit)


@router.get("/daily", responses=TABULAR)
def daily(
    request: Request,
    _: Reader,
    *,
    station: Stations = None,
    parameter: Parameters = None,
    first: First = None,
    last: Last = None,
    cursor: Cursor = None,
    limit: Limit = paging.DEFAULT_PAGE,
) -> Response:
    """Local days: means by the 75 % rule, extremes, capture, index and whether they are suspect."""
    wanted = Wanted(station, parameter, first, last)
    return _rows(request, "daily", wanted, cursor, limit)


@router.get("/exceedances")
def exceedances(
    request: Request, _: Reader, *, station: Station, first: First = None, last: Last = None
) -> Response:
    """How many valid, believed days lie above each level of WHO and the EU."""
    platform = platform_of(request)
    known, levels = station_named(platform, station), basis_of(platform).levels
    wanted = Wanted(known.station_id, None, first, last)
    counts = analyses.counts_above(platform.engine, known.station_id, levels, wanted)
    items = [
        {**each.level._asdict(), **each._asdict(), "level": each.level.level} for each in counts
    ]
    return as_json(request, {"items": items})


def _believed(
    request: Request, station: str, parameter: str, first: date | None, last: date | None
) -> Believed:
    platform = platform_of(request)
    known = station_named(platform, station)
    wanted = Wanted(known.station_id, (parameter,), first, last)
    return believed_hours(platform.engine, known.station_id, known.figures_zone, wanted)


@router.get("/patterns")
def patterns(
    request: Request,
    _: Reader,
    *,
    station: Station,
    parameter: One = "pm25",
    first: First = None,
    last: Last = None,
) -> Response:
    """Profiles by hour, weekday and month, headline, years and slope of a parameter."""
    found = _believed(request, station, parameter, first, last)
    rules = basis_of(platform_of(request)).rules
    return as_json(
        request,
        {
            "profile": [cell._asdict() for cell in analyses.profile(found)],
            "headline": analyses.headline(found, rules)._asdict(),
            "years": [year._asdict() for year in analyses.years(found, rules)],
            "trend": analyses.trend(found, rules)._asdict(),
        },
    )


@router.get("/comparison")
def comparison(
    request: Request,
    _: Reader,
    *,
    station: Station,
    other: Station,
    parameter: One = "pm25",
    first: First = None,
    last: Last = None,
) -> Response:
    """Two stations on the hours that are believed at both."""
    sides = [_believed(request, each, parameter, first, last) for each in (station, other)]
    return as_json(request, analyses.comparison(sides[0], sides[1])._asdict())
