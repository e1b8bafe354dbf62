"""What commands that compute work with: the platform, Dagster's instance and its jobs."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from txplatform.cli.console import progress
from txplatform.definitions import build
from txplatform.orchestration import runs
from txplatform.orchestration.instance import Instance, open_instance
from txplatform.orchestration.runs import PeriodRun
from txplatform.periods import WEEK, every, ranges
from txplatform.platform import Platform, opened
from txplatform.settings.logins import Component

Doubtful = Callable[[date, date], Sequence[date]]
"""The periods of a range because of which a run of it may have failed."""


@dataclass(frozen=True)
class Session:
    """An installation with its Dagster instance."""

    platform: Platform
    instance: Instance

    @cached_property
    def job(self) -> Callable[[str], runs.Job]:
        """Gives a job by its name, over this installation's servers."""
        resources = {"platform": self.platform}  # its connections are open, and closed at the end
        return build(self.platform.settings, resources).resolve_job_def

    def run(
        self,
        job: str,
        title: str,
        wanted: Sequence[date],
        at_most: int,
        step: timedelta = WEEK,
        doubtful: Doubtful = lambda first, last: (),
    ) -> list[PeriodRun]:
        """Run a job for periods, at most so many in one run, with a progress bar.

        Where a run fails because of some periods, these run alone and the others without them.
        """
        done: list[PeriodRun] = []
        with progress() as bar:
            task = bar.add_task(title, total=len(wanted))
            for first, last in ranges(wanted, step, at_most):
                run = self._run(job, first, last, step)
                alone = doubtful(first, last) if run.failure and run.periods > 1 else ()
                others = ranges(set(every(first, last, step)) - set(alone), step, run.periods)
                parts = sorted([*others, *((one, one) for one in alone)]) if alone else ()
                done += [self._run(job, *part, step) for part in parts] or [run]
                bar.advance(task, run.periods)
        return done

    def _run(self, job: str, first: date, last: date, step: timedelta) -> PeriodRun:
        return runs.run_periods(self.job(job), self.instance, first, last, step)


@contextmanager
def session(**overrides: object) -> Iterator[Session]:
    """A session over the environment's settings."""
    with (
        opened(Component.COMPUTE, **overrides) as platform,
        open_instance(platform.settings, platform.endpoints) as instance,
    ):
        yield Session(platform, instance)
