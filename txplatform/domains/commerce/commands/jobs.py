"""Running the job of commerce in this process, in Dagster's history like any other run."""

from datetime import date
from typing import TYPE_CHECKING

from txplatform.domains.commerce import freshness
from txplatform.domains.commerce.definitions import JOB
from txplatform.domains.commerce.publishing.lake import open_lake
from txplatform.errors import PlatformError
from txplatform.orchestration.runs import PeriodRun, run_of_today

if TYPE_CHECKING:
    from txplatform.cli.session import Session

CHOOSING = ("commerce__silver", "commerce__gold")
"""The steps that take an engine."""


def run_everything(opened: "Session", as_of: date | None, engine: str | None) -> str:
    """Run the whole job; what is current then.

    Raises:
        PlatformError: a step failed; its own sentence.
    """
    chosen = {"as_of": str(as_of) if as_of else None, "engine": str(engine) if engine else None}
    done = _run(opened, {name: value for name, value in chosen.items() if value})
    if done.failure:
        raise PlatformError(done.failure)
    manifest = open_lake(opened.platform.settings).gold.current()
    return (
        f"Version {manifest.number} of {len(manifest.tables)} tables, as of "
        f"{manifest.facts['as_of']}: net amount {manifest.facts['net_amount']}."
    )


def run_stale(opened: "Session") -> list[PeriodRun]:
    """Run the whole job where gold is not of the lines there are."""
    found = freshness.summary(opened.platform)
    if not found.stale + found.missing:
        return []
    done = _run(opened, {})
    gold = open_lake(opened.platform.settings).gold.current()
    written = 0 if done.failure else sum(gold.rows(name) for name in gold.tables)
    return [done._replace(rows_written=written)]


def _run(opened: "Session", config: dict[str, str]) -> PeriodRun:
    ops = {step: {"config": config} for step in CHOOSING}
    return run_of_today(opened.job(JOB), opened.instance, ops)
