"""`run` computes weeks, `status` says which are fresh, stale or missing."""

from typing import TYPE_CHECKING, Annotated

import typer

from txplatform.cli.console import Json, out, print_json, table
from txplatform.cli.freshness import tell
from txplatform.errors import UsageError

if TYPE_CHECKING:
    from txplatform.cli.session import Session
    from txplatform.domains.spend.queries.status import WeekStatus
    from txplatform.orchestration.runs import PeriodRun

Week = Annotated[str | None, typer.Option("--week", metavar="MONDAY", help="One week.")]
From = Annotated[str | None, typer.Option("--from", metavar="MONDAY", help="First week.")]
To = Annotated[str | None, typer.Option("--to", metavar="MONDAY", help="Last week.")]
HEADERS = (
    *("week", "state", "documents", "amount", "rows", "alerts"),
    *("fingerprint", "computed", "run"),
)


def run(
    week: Week = None,
    from_: From = None,
    to: To = None,
    is_all: Annotated[
        bool, typer.Option("--all", help="Every week from the first purchase to the last closed.")
    ] = False,
    is_stale: Annotated[
        bool, typer.Option("--stale", help="The weeks that are stale or missing.")
    ] = False,
    has_alerts: Annotated[
        bool, typer.Option("--alerts/--no-alerts", help="Find the alerts of the weeks too.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Compute weeks of weekly_transactions and their alerts as Dagster runs.

    A week that is computed again brings the week after it along when that shows the change
    from it. Alerts have runs of their own, after the table's.

    Example: txplatform spend run --week 2026-11-16
    """
    ways = (bool(week), bool(from_ and to), is_all, is_stale)
    if sum(ways) != 1 or bool(from_) != bool(to):
        raise UsageError("Say which weeks: one of --week, --from with --to, --all or --stale.")
    from txplatform.domains.spend.settings import SpendSettings
    from txplatform.embedded.connect import begin_spark
    from txplatform.settings import load_settings

    settings = load_settings()
    if settings.of(SpendSettings).engine == "spark" or has_alerts:
        begin_spark(settings)  # before the next imports, which take as long as Java
    from txplatform.domains.spend import planning
    from txplatform.domains.spend.commands.session import (
        compute,
        find_alerts,
        weekly_session,
        weeks_between,
    )

    with weekly_session() as opened:
        if is_stale:
            done = run_stale(opened, has_alerts)
        else:
            between = (week or from_ or "", week or to or "")
            wanted = (
                planning.all_weeks(opened.platform) if is_all else weeks_between(opened, *between)
            )
            done = compute(opened, wanted)
            done += find_alerts(opened, wanted) if has_alerts else []
        tell(done, as_json, _sentence)


def run_stale(opened: "Session", has_alerts: bool = True) -> "list[PeriodRun]":
    """Compute the weeks, and find the alerts, that are stale or missing."""
    from txplatform.domains.spend import planning
    from txplatform.domains.spend.commands.session import compute, find_alerts

    done = compute(opened, planning.stale_weeks(opened.platform))
    if has_alerts:
        done += find_alerts(opened, planning.stale_alert_weeks(opened.platform))
    return done


def _sentence(run: "PeriodRun") -> str:
    from txplatform.domains.spend.commands.session import ALERTS_JOB

    if run.job != ALERTS_JOB:
        return run.sentence()
    return f"alerts {run.sentence('raised', 'superseded')}"


def status(as_json: Json = False) -> None:
    """Show per week what MongoDB holds and whether weekly_transactions and alerts say the same.

    The last line is the refresh time: seconds from the commit of purchases in MongoDB to the
    table.

    Example: txplatform spend status
    """
    from txplatform.domains.spend import planning
    from txplatform.domains.spend.queries.refresh import refreshes, summed_up
    from txplatform.domains.spend.queries.rulebook import rulebook
    from txplatform.domains.spend.queries.status import alert_status, week_status
    from txplatform.domains.spend.transforms import CODE_VERSION
    from txplatform.freshness import PeriodState
    from txplatform.platform import opened
    from txplatform.settings.logins import Component

    with opened(Component.READ) as platform:
        weeks = week_status(platform.engine, CODE_VERSION)
        newest = refreshes(platform.engine, platform.database)
        found = alert_status(platform.engine, rulebook(platform).version)
        open_week = planning.open_week(platform)
    alerts = {week.week_start: week.state.value for week in found}
    if as_json:
        waited = {one.week_start: one.seconds for one in newest}
        print_json(
            [
                {
                    **week._asdict(),
                    "is_open": week.week_start >= open_week,
                    "alerts": alerts.get(week.week_start),
                    "refresh_seconds": waited.get(week.week_start),
                }
                for week in weeks
            ]
        )
        return
    lines = [
        _status_line(week, alerts.get(week.week_start, ""), week.week_start >= open_week)
        for week in weeks
    ]
    table(HEADERS, lines)
    for name, states in (("", [week.state for week in weeks]), ("alerts: ", alerts.values())):
        counts = {state: sum(one == state for one in states) for state in PeriodState}
        said = ", ".join(f"{count} {state.value}" for state, count in counts.items())
        out().print(f"{name}{said}")
    if (times := summed_up(newest)).p50_seconds is not None:
        out().print(
            f"refresh: p50 {times.p50_seconds:.1f} s, p95 {times.p95_seconds:.1f} s from MongoDB's "
            f"commit to the table ({times.weeks} weeks changed, {times.waiting} not yet computed)"
        )


def _status_line(week: "WeekStatus", alerts: str, is_open: bool) -> tuple[object, ...]:
    computed = week.computed_at.strftime("%Y-%m-%d %H:%M:%S") if week.computed_at else "never"
    return (
        week.week_start,
        f"{week.state.value}, not over" if is_open else week.state.value,
        week.document_count,
        week.total_amount,
        week.row_count,
        alerts,
        week.fingerprint,
        computed,
        (week.run_id or "")[:8],
    )
