"""`run` computes days, `status` says which are fresh, stale or missing, and who was heard of."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from txplatform.cli.console import Json, out, print_json, table
from txplatform.cli.freshness import tell
from txplatform.errors import UsageError
from txplatform.freshness import PeriodState

if TYPE_CHECKING:
    from txplatform.cli.session import Session
    from txplatform.orchestration.runs import PeriodRun

JOB, STALE_JOB = "air_quality_daily", "air_quality_stale"
HEADERS = ("station", "name", "fresh", "stale", "missing", "last hour", "last fetch")


def run(
    day: Annotated[
        str | None, typer.Option("--day", metavar="DAY", help="One local day, such as 2026-11-28.")
    ] = None,
    is_all: Annotated[bool, typer.Option("--all", help="Every day that has hours.")] = False,
    is_stale: Annotated[
        bool, typer.Option("--stale", help="The days that are stale or missing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Compute days of all stations as Dagster runs: flags, hours, days, exceedances, forecast.

    Example: txplatform air-quality run --stale
    """
    if sum((bool(day), is_all, is_stale)) != 1:
        raise UsageError("Say which days: one of --day, --all or --stale.")
    from txplatform.cli.session import session

    with session() as opened:
        if is_stale:
            done = run_stale(opened)
        else:
            done = _compute(opened, [_day(opened, day)] if day else _known(opened))
    tell(done, as_json, lambda each: each.sentence())


def run_stale(opened: "Session") -> "list[PeriodRun]":
    """Compute the days that are stale or missing: in one run a year, the days between stay."""
    from txplatform.domains.air_quality.assets import DAYS_PER_RUN, tell_changes
    from txplatform.periods import DAY, every, spans

    tell_changes(opened.platform, opened.instance)
    stale = [day for day, state in _states(opened) if state is not PeriodState.FRESH]
    days = [day for ends in spans(stale, DAY, DAYS_PER_RUN) for day in every(*ends, DAY)]
    return _compute(opened, days, STALE_JOB)


def _states(opened: "Session") -> list[tuple[date, PeriodState]]:
    from txplatform.domains.air_quality.queries import status
    from txplatform.domains.air_quality.queries.basis import basis_of

    days = status.day_states(opened.platform.engine, basis_of(opened.platform))
    return [(day.local_date, day.state) for day in days]


def _known(opened: "Session") -> list[date]:
    return [day for day, _ in _states(opened)]


def _day(opened: "Session", key: str) -> date:
    from txplatform.domains.air_quality.assets import OPEN_DAYS
    from txplatform.domains.air_quality.settings import AirQualitySettings
    from txplatform.orchestration.partitions import daily_partitions, require_day

    first = opened.platform.settings.of(AirQualitySettings).first_day
    return require_day(key, daily_partitions(first, open_days=OPEN_DAYS))


def _compute(opened: "Session", days: Sequence[date], job: str = JOB) -> "list[PeriodRun]":
    from txplatform.domains.air_quality.assets import DAYS_PER_RUN
    from txplatform.periods import DAY

    return opened.run(job, "Computing days", sorted(set(days)), DAYS_PER_RUN, DAY)


def status(as_json: Json = False) -> None:
    """Show per station how many days are fresh, stale or missing, and when it was last heard of.

    Example: txplatform air-quality status
    """
    from txplatform.domains.air_quality.queries import status as queries
    from txplatform.domains.air_quality.queries.basis import basis_of
    from txplatform.platform import opened
    from txplatform.settings.logins import Component

    with opened(Component.READ) as platform:
        basis = basis_of(platform)
        days = queries.day_states(platform.engine, basis)
        fetches = queries.last_fetches(platform.database, basis.stations.values())
    counts = Counter((day.station_id, day.state) for day in days)
    found = [
        {**each._asdict(), **{state: counts[each.station_id, state] for state in PeriodState}}
        for each in fetches
    ]
    if as_json:
        print_json(found)
        return
    table(HEADERS, [_line(each) for each in found])
    for each in fetches:
        if each.sentence or each.warning:
            out().print(" ".join(filter(None, (each.sentence, each.warning))))


def _line(each: dict[str, object]) -> tuple[object, ...]:
    names = ("station_id", "name", "fresh", "stale", "missing")
    moments = (f"{each[name]:%Y-%m-%d %H:%M}" if each[name] else "never" for name in MOMENTS)
    return (*(each[name] for name in names), *moments)


MOMENTS = ("last_hour", "at")
