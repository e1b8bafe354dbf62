"""What commands that compute work with: the platform, Dagster's instance and the weekly jobs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from txplatform.cli.console import progress
from txplatform.definitions import build
from txplatform.domains.spend import computation, planning, weeks
from txplatform.domains.spend.assets import tell_changes
from txplatform.domains.spend.settings import SpendSettings
from txplatform.errors import UsageError
from txplatform.orchestration import runs
from txplatform.orchestration.instance import Instance, open_instance
from txplatform.orchestration.partitions import require_week, weekly_partitions
from txplatform.orchestration.runs import PeriodRun
from txplatform.periods import WEEK, ranges
from txplatform.platform import Platform, opened
from txplatform.settings.logins import Component

WEEKLY_JOB, ALERTS_JOB = "weekly_spend", "weekly_alerts"


@dataclass(frozen=True)
class Session:
    """An installation with its Dagster instance."""

    platform: Platform
    instance: Instance

    @cached_property
    def jobs(self) -> dict[str, runs.Job]:
        """The weekly jobs by name, over this installation's servers."""
        resources = {"platform": self.platform}  # its connections are open, and closed at the end
        built = build(self.platform.settings, resources)
        return {name: built.resolve_job_def(name) for name in (WEEKLY_JOB, ALERTS_JOB)}

    def note_changes(self) -> list[date]:
        """Make known, in PostgreSQL and in Dagster, what ingestions changed; returns the weeks."""
        return tell_changes(self.platform, self.instance)

    def weeks_between(self, first: str, last: str) -> list[date]:
        """The weeks from one partition key to another, both checked."""
        settings = self.platform.settings
        first_week = settings.of(SpendSettings).first_week
        partitions = weekly_partitions(first_week, settings.time_zone)
        found = weeks.mondays(require_week(first, partitions), require_week(last, partitions))
        if not found:
            raise UsageError(f"The first week {first} is later than {last}, the last one.")
        return found

    def compute(self, wanted: Sequence[date]) -> list[PeriodRun]:
        """Compute the weeks and those that hang on them, with a progress bar."""
        chosen = planning.with_followers(self.platform, wanted)
        return self._run(WEEKLY_JOB, "Computing weeks", chosen)

    def find_alerts(self, wanted: Sequence[date]) -> list[PeriodRun]:
        """Find the alerts of the weeks, with a progress bar.

        In runs of their own: a rule that fails leaves the table as it was computed.
        """
        return self._run(ALERTS_JOB, "Finding alerts", wanted)

    def _run(self, job: str, title: str, chosen: Sequence[date]) -> list[PeriodRun]:
        done = []
        most = self.platform.settings.of(SpendSettings).weeks_per_run
        with progress() as bar:
            task = bar.add_task(title, total=len(chosen))
            for part in ranges(chosen, WEEK, most):
                done += self._run_part(job, *part)
                bar.advance(task, done[-1].periods)
        return done

    def _run_part(self, job: str, first: date, last: date) -> list[PeriodRun]:
        """One run; where it fails because of some weeks, these run alone and the others without."""
        run = runs.run_periods(self.jobs[job], self.instance, first, last)
        if not run.failure or run.periods == 1:
            return [run]
        alone = computation.doubtful_weeks(self.platform, first, last)
        others = ranges(set(weeks.mondays(first, last)) - set(alone), WEEK, run.periods)
        parts = sorted([*others, *((week, week) for week in alone)]) if alone else ()
        again = [runs.run_periods(self.jobs[job], self.instance, *part) for part in parts]
        return again or [run]


@contextmanager
def session(**overrides: object) -> Iterator[Session]:
    """A session over the environment's settings; late changes are made known first."""
    with (
        opened(Component.COMPUTE, **overrides) as platform,
        open_instance(platform.settings, platform.endpoints) as instance,
    ):
        opened_session = Session(platform, instance)
        opened_session.note_changes()
        yield opened_session
