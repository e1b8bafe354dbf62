"""What was measured and computed: hours, days, levels, patterns, comparison, what comes next."""

from datetime import date
from typing import Any

from fastapi import APIRouter, Request, Response

from txplatform.domains.air_quality.api.query_parameters import (
    First,
    Last,
    One,
    Rows,
    Station,
)
from txplatform.domains.air_quality.queries import analyses
from txplatform.domains.air_quality.queries.analyses import Believed, Count, believed_hours
from txplatform.domains.air_quality.queries.basis import basis_of, station_named
from txplatform.domains.air_quality.queries.now import Now, now
from txplatform.domains.air_quality.queries.rows import Wanted, page
from txplatform.domains.air_quality.transforms.periods import YearLevel
from txplatform.serving.access import Reader
from txplatform.serving.api.answers import TABULAR, as_json, bounded_by, page_of, platform_of
from txplatform.serving.api.schemas import Asked, PageAsked

router = APIRouter()


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
        "moved_at": found.moves,
    }


def _rows(request: Request, name: str, wanted: Wanted, asked: Asked) -> Response:
    platform = platform_of(request)
    named = wanted.station_id
    only = station_named(platform, named).station_id if named else None
    found = page(platform.engine, name, wanted._replace(station_id=only), *asked)
    return page_of(request, found)


@router.get("/hourly", responses=TABULAR)
def hourly(request: Request, _: Reader, asked: PageAsked, wanted: Rows) -> Response:
    """Hours with their flags and running figures, gaps included."""
    return _rows(request, "hourly", wanted, asked)


@router.get("/daily", responses=TABULAR)
def daily(request: Request, _: Reader, asked: PageAsked, wanted: Rows) -> Response:
    """Local days: means by the 75 % rule, extremes, capture, index and whether they are suspect."""
    return _rows(request, "daily", wanted, asked)


@router.get("/exceedances")
def exceedances(
    request: Request, _: Reader, *, station: Station, first: First = None, last: Last = None
) -> Response:
    """How many valid, believed days or hours lie above each level of WHO and the EU."""
    platform = platform_of(request)
    known, levels = station_named(platform, station), basis_of(platform).levels
    wanted = Wanted(known.station_id, None, first, last)
    counts = analyses.counts_above(platform.engine, known.station_id, levels, wanted)
    return as_json(request, {"items": [_against(each) for each in counts]})


def _against(each: Count | YearLevel) -> dict[str, Any]:
    return {**each.level._asdict(), **each._asdict(), "level": each.level.level}


@router.get("/days-above", responses=TABULAR)
def days_above(request: Request, _: Reader, asked: PageAsked, wanted: Rows) -> Response:
    """The days above levels, one row per day and level."""
    return _rows(request, "exceedances", wanted, asked)


@router.get("/years", openapi_extra=bounded_by("the years of one station and parameter"))
def years(request: Request, _: Reader, *, station: Station, parameter: One = "pm25") -> Response:
    """Calendar years: capture, mean, and whether that lies above the levels of years."""
    found, basis = (
        _believed(request, station, parameter, None, None),
        basis_of(platform_of(request)),
    )
    levels = analyses.year_levels(found, basis.rules, basis.levels)
    return as_json(
        request,
        {
            "items": [year._asdict() for year in analyses.years(found, basis.rules)],
            "levels": [_against(each) for each in levels],
        },
    )


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
