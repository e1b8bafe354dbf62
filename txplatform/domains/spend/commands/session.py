"""What commands that compute weeks work with: the jobs, and which weeks they are run for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from functools import partial

from txplatform.cli.session import Session, session
from txplatform.domains.spend import computation, planning
from txplatform.domains.spend.assets import tell_changes
from txplatform.domains.spend.settings import SpendSettings
from txplatform.errors import UsageError
from txplatform.orchestration.partitions import require_week, weekly_partitions
from txplatform.orchestration.runs import PeriodRun
from txplatform.periods import mondays

WEEKLY_JOB, ALERTS_JOB = "weekly_spend", "weekly_alerts"


@contextmanager
def weekly_session() -> Iterator[Session]:
    """A session in which late changes are made known first."""
    with session() as opened:
        note_changes(opened)
        yield opened


def note_changes(opened: Session) -> list[date]:
    """Make known, in PostgreSQL and in Dagster, what ingestions changed; returns the weeks."""
    return tell_changes(opened.platform, opened.instance)


def weeks_between(opened: Session, first: str, last: str) -> list[date]:
    """The weeks from one partition key to another, both checked."""
    settings = opened.platform.settings
    partitions = weekly_partitions(settings.of(SpendSettings).first_week, settings.time_zone)
    found = mondays(require_week(first, partitions), require_week(last, partitions))
    if not found:
        raise UsageError(f"The first week {first} is later than {last}, the last one.")
    return found


def compute(opened: Session, wanted: Sequence[date]) -> list[PeriodRun]:
    """Compute the weeks and those that hang on them, with a progress bar."""
    chosen = planning.with_followers(opened.platform, wanted)
    return _run(opened, WEEKLY_JOB, "Computing weeks", chosen)


def find_alerts(opened: Session, wanted: Sequence[date]) -> list[PeriodRun]:
    """Find the alerts of the weeks, with a progress bar.

    In runs of their own: a rule that fails leaves the table as it was computed.
    """
    return _run(opened, ALERTS_JOB, "Finding alerts", wanted)


def _run(opened: Session, job: str, title: str, wanted: Sequence[date]) -> list[PeriodRun]:
    at_most = opened.platform.settings.of(SpendSettings).weeks_per_run
    doubtful = partial(computation.doubtful_weeks, opened.platform)
    return opened.run(job, title, wanted, at_most, doubtful=doubtful)
