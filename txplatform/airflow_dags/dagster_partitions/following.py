"""Following a run to its end: its retries, and the verdict of its checks.

Dagster calls a run a success although a check of it failed, and may itself run a failed one again.
Nothing here waits between two looks: the operator and the trigger do, each in its own way.
"""

import logging
import time
from dataclasses import dataclass, field

from . import events, runs
from .client import Dagster, DagsterUnreachable
from .events import Check, Log
from .runs import Run

RETRY_SECONDS = 300
"""Within these, Dagster's daemon starts a retry that it has announced."""


@dataclass(frozen=True)
class Verdict:
    """How the last run ended. It is good without errors; warnings are for whoever wants them."""

    run: Run
    errors: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass
class Follower:
    """Looks at a run, and at those that Dagster starts in its place.

    Attributes:
        dagster: the webserver.
        run_id: the run to follow; later the retry that took its place.
        log: gets a line for each step, check and materialisation.
        patience: seconds for which the webserver may be away.
    """

    dagster: Dagster
    run_id: str
    log: Log
    patience: float = 300
    _cursor: str | None = None
    _failures: list[str] = field(default_factory=list)
    _checks: dict[str, Check] = field(default_factory=dict)
    _looks_at_failure: int = 0
    _since: dict[str, float] = field(default_factory=dict)

    def look(self) -> Verdict | None:
        """Pass on what is new; the verdict once the last run has ended.

        Raises:
            DagsterUnreachable: the webserver has been away for longer than `patience`.
            DagsterError: the run is not there any more.
        """
        try:
            run = runs.find(self.dagster, self.run_id)
            self._pass_on()
        except DagsterUnreachable as error:
            if self._lasts("away") > self.patience:
                raise
            self.log.log(logging.WARNING, "%s The run goes on; asking again.", error)
            return None
        self._since.pop("away", None)
        if run.status == "FAILURE" and self._may_be_retried(run):
            return None
        return self._verdict(run) if run.is_ended else None

    def _pass_on(self) -> None:
        new, self._cursor = events.after(self.dagster, self.run_id, self._cursor)
        for event in new:
            failure = events.failure_of(event)
            if failure and self._failures and event["__typename"] == events.RUN_FAILURE:
                continue  # it repeats what its step has said
            events.show(event, self.log)
            if check := events.check_of(event):
                self._checks[check.name] = check
            if failure:
                self._failures.append(failure)

    def _may_be_retried(self, run: Run) -> bool:
        """Whether the failure is not the end; goes over to the retry once it is there."""
        if run.retry_run_id:
            url = self.dagster.run_url(run.retry_run_id)
            self.log.log(logging.INFO, "Dagster runs it again: %s", url)
            self.run_id, self._cursor, self._looks_at_failure = run.retry_run_id, None, 0
            self._failures.clear()  # the checks stay: a retry repeats only what had failed
            return True
        if run.is_retry_announced:
            return self._lasts(run.run_id) <= RETRY_SECONDS
        self._looks_at_failure += 1
        # Dagster announces a retry a moment after it has recorded the failure.
        return run.is_retry_announced is None and self._looks_at_failure == 1

    def _lasts(self, what: str) -> float:
        return time.monotonic() - self._since.setdefault(what, time.monotonic())

    def _verdict(self, run: Run) -> Verdict:
        failed = [check for check in self._checks.values() if not check.is_passed]
        errors = [check.sentence for check in failed if check.is_error]
        warnings = [check.sentence for check in failed if not check.is_error]
        if run.status == "FAILURE":
            errors = [*self._failures, *errors]
        return Verdict(run, tuple(dict.fromkeys(errors)), tuple(warnings))
