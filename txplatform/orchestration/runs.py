"""Runs in this process: real Dagster runs of the persisted instance, a range of periods each."""

import io
import re
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import redirect_stderr
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, TextIO

import dagster as dg
from dagster import DagsterExecutionInterruptedError, ExecuteInProcessResult
from dagster._core.storage.tags import MAX_RETRIES_TAG
from dagster_shared.error import SerializableErrorInfo

from txplatform.connectors import server_errors
from txplatform.orchestration.partitions import key_of, range_tags
from txplatform.orchestration.run_process import RunProcess
from txplatform.periods import DAY, WEEK

Job = dg.JobDefinition
"""What computes periods; for callers that know nothing else of Dagster."""

TOLD_TWICE = ("Exception while ", "Falling back to storing ")
CAUSE_OF_JAVA = re.compile(r"^(?:Caused by)?: (.+)$", re.MULTILINE)
LONGEST_MESSAGE = 1_000
INTERRUPTED = DagsterExecutionInterruptedError.__name__
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class PeriodRun(NamedTuple):
    """One finished run over the periods `first` to `last`; `failure` is its sentence, if any."""

    job: str
    first: date
    last: date
    run_id: str
    failure: str | None
    rows_written: int
    rows_removed: int
    seconds: float
    step: timedelta = WEEK

    @property
    def periods(self) -> int:
        """How many periods the run covered."""
        return (self.last - self.first) // self.step + 1

    def sentence(self, written: str = "rows written", removed: str = "removed") -> str:
        """The run in words; `written` and `removed` say what became of rows."""
        what = f"failed: {self.failure}" if self.failure else self._changes(written, removed)
        first, last = key_of(self.first), key_of(self.last)
        which = first if first == last else f"{first} to {last}"
        return f"{which}: {what} (run {self.run_id[:8]}, {self.seconds:.1f} s)"

    def _changes(self, written: str, removed: str) -> str:
        if not self.rows_written and not self.rows_removed:
            return "nothing changed"
        return f"{self.rows_written} {written}, {self.rows_removed} {removed}"


def run_periods(
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    first: date,
    last: date,
    step: timedelta = WEEK,
) -> PeriodRun:
    """Materialise the job's assets for the periods `first` to `last` as one run."""
    started = time.monotonic()
    result = _executed(job, instance, range_tags(first, last), {})
    written, removed = _sums_of(instance, result.run_id, "rows_inserted", "rows_removed")
    return PeriodRun(
        job.name,
        first,
        last,
        result.run_id,
        _failure_of(result),
        written,
        removed,
        time.monotonic() - started,
        step,
    )


def run_of_today(
    job: dg.JobDefinition, instance: dg.DagsterInstance, ops: Mapping[str, Any]
) -> PeriodRun:
    """Run a job whose assets have no periods, its steps configured; it counts no rows."""
    started, today = time.monotonic(), datetime.now(UTC).date()
    result = _executed(job, instance, {}, {"ops": ops})
    failure, seconds = _failure_of(result), time.monotonic() - started
    return PeriodRun(job.name, today, today, result.run_id, failure, 0, 0, seconds, DAY)


def _executed(
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    tags: Mapping[str, str],
    config: Mapping[str, Any],
) -> ExecuteInProcessResult:
    """A finished run.

    It names its process, so that Dagster's daemon sees when that is killed: the run would stay in
    progress for ever, and keep its place among those that may compute at once. The daemon does
    not start it again: it has no code server that it could ask.
    """
    with redirect_stderr(_WithoutStorageErrors(sys.stderr)):
        result = job.execute_in_process(
            run_config={**QUIET, **config},
            instance=instance,
            tags={**tags, **RunProcess.this().tags, MAX_RETRIES_TAG: "0"},
            raise_on_error=False,
        )
    if (cause := innermost(_errors(result))) and cause.cls_name == INTERRUPTED:
        raise KeyboardInterrupt
    return result


class _WithoutStorageErrors(io.TextIOBase):
    """Standard error without what Dagster prints, statement and all, before it raises the same."""

    def __init__(self, under: TextIO) -> None:
        self._under = under

    def write(self, text: str) -> int:
        """Pass on what is not the error of an event that could not be stored."""
        return len(text) if text.startswith(TOLD_TWICE) else self._under.write(text)

    def flush(self) -> None:
        """Flush what is under it."""
        self._under.flush()

    def isatty(self) -> bool:
        """Whether progress can be shown."""
        return self._under.isatty()


def _sums_of(instance: dg.DagsterInstance, run_id: str, *figures: str) -> list[int]:
    """Sums of figures over all periods that were materialised, as they are on record.

    The run's result lacks what an asset recorded of some periods only.
    """
    sums = dict.fromkeys(figures, 0)
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION):
        metadata = entry.asset_materialization.metadata if entry.asset_materialization else {}
        for figure in sums.keys() & metadata.keys():
            value = metadata[figure].value
            sums[figure] += value if isinstance(value, int) else 0
    return list(sums.values())


def _failure_of(result: ExecuteInProcessResult) -> str | None:
    """Why a run failed, in a sentence; None if it did not."""
    if result.success:
        return None
    return innermost_sentence(_errors(result)) or "the run failed before its first step"


def _errors(result: ExecuteInProcessResult) -> list[SerializableErrorInfo | None]:
    return [one.step_failure_data.error for one in result.all_events if one.is_step_failure]


def innermost_sentence(errors: Iterable[SerializableErrorInfo | None]) -> str | None:
    """The message of the first error's innermost cause, without Dagster's wrapping."""
    cause = innermost(errors)
    if cause is None:
        return None
    message = str(cause.message).strip().split(": ", 1)[-1]
    return server_errors.sentence([str(cause.cls_name)], message) or one_line(message)


def innermost(errors: Iterable[SerializableErrorInfo | None]) -> SerializableErrorInfo | None:
    """The innermost cause of the first error that there is."""
    cause = next((error for error in errors if error is not None), None)
    while cause is not None and cause.cause is not None:
        cause = cause.cause
    return cause


def one_line(message: str) -> str:
    """What a message of several lines comes to: Java's innermost cause, else its first line."""
    causes = CAUSE_OF_JAVA.findall(message)
    return str(causes[-1] if causes else message.partition("\n")[0])[:LONGEST_MESSAGE]
