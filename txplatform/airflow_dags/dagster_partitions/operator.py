"""The operator: one partition of some assets in Dagster as one Airflow task."""

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from airflow.configuration import conf

from . import runs
from .assets import Target, find_target
from .client import Dagster, DagsterError, DagsterUnreachable, DagsterUsageError
from .compat import AirflowException, AirflowFailException, BaseOperator, Context
from .following import Follower, Verdict
from .hook import DagsterHook
from .link import KEY, DagsterRunLink
from .runs import Run
from .trigger import DagsterRunTrigger

LAUNCH_ATTEMPTS = 3
TRY = "airflow/try_number"
SILENT = logging.getLogger(f"{__name__}.silent")
SILENT.disabled = True
"""For looking at a run whose events are in the task's log already."""


class DagsterRunFailed(DagsterError):  # noqa: N818 - an outcome
    """The run ended badly, or a check of it did."""


class DagsterRunCancelled(DagsterError):  # noqa: N818 - an outcome
    """Somebody does not want the run; a retry would start it again."""


class DagsterPartitionOperator(BaseOperator):
    """Materialises one partition of some assets in Dagster; green only if the data is right.

    The task attaches itself to a run in progress of the same assets and partition instead of
    starting another one, follows the retries that Dagster makes, and fails when an asset check of
    severity ERROR fails although Dagster calls the run a success. A kill or a timeout cancels the
    runs that the task has started, never one that somebody else has.

    Args:
        assets: asset keys; the parts of a key are joined by `/`. Templated.
        partition_key: a partition of all of them, or a range (`2026-01-01...2026-03-31`) of assets
            whose backfills are single runs; None for assets without partitions. Templated.
        dagster_conn_id: the Airflow connection, see `DagsterHook`.
        deferrable: wait in the triggerer instead of on a worker; unset, as Airflow's
            `operators.default_deferrable` says.
        fail_on_warnings: fail on failed checks of severity WARN too, which are else only logged.
        run_config: Dagster's run configuration. Templated.
        run_tags: further tags of the run. Templated.
        poll_interval: seconds between two looks at the run.
        patience: seconds for which Dagster's webserver may be away while a run goes on.
        **kwargs: those of every operator; `execution_timeout` holds for deferred tasks too.
    """

    template_fields: Sequence[str] = ("assets", "partition_key", "run_config", "run_tags")
    operator_extra_links = (DagsterRunLink(),)
    ui_color = "#e5e2ff"

    def __init__(  # noqa: PLR0913 - the parameters of a task
        self,
        *,
        assets: Sequence[str] | str,
        partition_key: str | None = None,
        dagster_conn_id: str = DagsterHook.default_conn_name,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        fail_on_warnings: bool = False,
        run_config: Mapping[str, Any] | None = None,
        run_tags: Mapping[str, str] | None = None,
        poll_interval: float = 2,
        patience: float = 300,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.assets = assets
        self.partition_key = partition_key
        self.dagster_conn_id = dagster_conn_id
        self.deferrable = deferrable
        self.fail_on_warnings = fail_on_warnings
        self.run_config = run_config
        self.run_tags = run_tags
        self.poll_interval = poll_interval
        self.patience = patience
        self._owner: dict[str, str] = {}
        self._is_killed = False

    def execute(self, context: Context) -> dict[str, Any]:
        """Start the run or attach to it, and follow it to its end.

        Returns:
            `run_id`, `url`, `partition_key` and the failed checks that only warn (`warnings`).
        """
        try:
            run_id = self._start_or_attach(context)
            if not self.deferrable:
                return self._conclude(context, self._follow(run_id))
        except DagsterError as error:
            raise _airflow_error(error) from None
        limit: timedelta | None = self.execution_timeout
        self.defer(
            trigger=DagsterRunTrigger(
                dagster_conn_id=self.dagster_conn_id,
                run_id=run_id,
                owner=self._owner,
                poll_interval=self.poll_interval,
                patience=self.patience,
                deadline=time.time() + limit.total_seconds() if limit else None,
            ),
            method_name="resume",
        )
        raise AssertionError("defer() does not return")

    def resume(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """Conclude when the trigger has fired."""
        self._owner = owner_of(context)
        if event["is_late"]:
            self.on_kill()
            raise AirflowException(f"The run took longer than {self.execution_timeout}.")
        if event["error"]:
            raise AirflowException(event["error"])
        try:
            return self._conclude(context, self._follow(event["run_id"], is_silent=True))
        except DagsterError as error:
            raise _airflow_error(error) from None

    def on_kill(self) -> None:
        """Cancel the runs in progress that this task has started."""
        self._is_killed = True
        if not self._owner:
            return
        try:
            cancelled = runs.cancel_all(self._dagster, self._owner)
        except DagsterError as error:
            self.log.error("The run could not be cancelled: %s", error)  # noqa: TRY400 - a sentence
        else:
            for run_id in cancelled:
                self.log.warning("The run %s is cancelled.", run_id)

    @property
    def _dagster(self) -> Dagster:
        return DagsterHook(self.dagster_conn_id).get_conn()

    def _start_or_attach(self, context: Context) -> str:
        """The id of the run to follow; the button leads to it from now on."""
        self._owner = owner_of(context)
        assets = [self.assets] if isinstance(self.assets, str) else list(self.assets)
        for attempt in range(1, LAUNCH_ATTEMPTS + 1):
            try:
                run_id = self._run_of(
                    find_target(self._dagster, assets, self.partition_key), context
                )
            except DagsterUnreachable as error:  # noqa: PERF203 - three times at most
                if attempt == LAUNCH_ATTEMPTS:
                    raise
                self.log.warning("%s Asking again.", error)
                time.sleep(self.poll_interval)
            else:
                break
        self._show_link(context, run_id)
        return run_id

    def _run_of(self, target: Target, context: Context) -> str:
        """The run of the target that is there, or a new one.

        Asking first also finds a run whose launch Dagster could not confirm.
        """
        dagster = self._dagster
        return self._existing(dagster, target, context) or self._launch(dagster, target, context)

    def _existing(self, dagster: Dagster, target: Target, context: Context) -> str | None:
        if run := runs.in_progress(dagster, target):
            whose = "this task has" if run.carries(self._owner) else "somebody else has"
            self.log.info("Attached to the run %s, which %s started.", run.run_id, whose)
            return run.run_id
        if run := self._of_lost_try(dagster, target, context):
            self.log.info("Attached to the run %s of a try that was lost.", run.run_id)
            return run.run_id
        return None

    def _of_lost_try(self, dagster: Dagster, target: Target, context: Context) -> Run | None:
        """The run that an earlier try has started without living to see its end, if it is good.

        Had the try lived, the task would be green. After somebody has cleared the task, the tries
        before that do not count: whoever clears wants a new run.
        """
        ti, started = context["ti"], context["dag_run"].start_date
        first_try = ti.max_tries - (self.retries or 0) + 1
        if ti.try_number <= first_try or started is None:
            return None
        run = next(runs.with_tags(dagster, self._owner), None)
        is_of_this_round = (
            run is not None
            and int(run.tags.get(TRY, 0)) >= first_try
            and run.created_at >= started.timestamp()
            and run.covers(target)
        )
        if run is None or not is_of_this_round:
            return None
        if run.status == "SUCCESS":
            return None if self._errors(self._follow(run.run_id, is_silent=True)) else run
        return run if run.is_retry_announced else None

    def _launch(self, dagster: Dagster, target: Target, context: Context) -> str:
        tags = {**(self.run_tags or {}), **self._owner, TRY: str(context["ti"].try_number)}
        run_id = runs.launch(dagster, target, tags, self.run_config)
        partition = f"partition {target.partition_key} of " if target.partition_key else ""
        self.log.info("Started the run %s for %s%s.", run_id, partition, ", ".join(target.assets))
        return run_id

    def _follow(self, run_id: str, *, is_silent: bool = False) -> Verdict:
        log = SILENT if is_silent else self.log
        follower = Follower(self._dagster, run_id, log, self.patience)
        while (verdict := follower.look()) is None:
            time.sleep(self.poll_interval)
        return verdict

    def _conclude(self, context: Context, verdict: Verdict) -> dict[str, Any]:
        url = self._show_link(context, verdict.run.run_id)
        if verdict.run.status == "CANCELED" and not self._is_killed:
            raise DagsterRunCancelled(f"Somebody has cancelled the run in Dagster: {url}")
        errors = self._errors(verdict)
        if errors or verdict.run.status != "SUCCESS":
            why = "; ".join(errors) or f"the run ended as {verdict.run.status}"
            raise DagsterRunFailed(f"{why} ({url})")
        return {
            "run_id": verdict.run.run_id,
            "url": url,
            "partition_key": self.partition_key,
            "warnings": list(verdict.warnings),
        }

    def _errors(self, verdict: Verdict) -> tuple[str, ...]:
        return verdict.errors + (verdict.warnings if self.fail_on_warnings else ())

    def _show_link(self, context: Context, run_id: str) -> str:
        url = self._dagster.run_url(run_id)
        context["ti"].xcom_push(key=KEY, value=url)
        return url


def owner_of(context: Context) -> dict[str, str]:
    """The tags of the runs that a task instance starts, whichever try of it."""
    ti = context["ti"]
    return {
        "airflow/dag_id": ti.dag_id,
        "airflow/run_id": ti.run_id,
        "airflow/task_id": ti.task_id,
        "airflow/map_index": str(ti.map_index),
    }


def _airflow_error(error: DagsterError) -> AirflowException:
    """What Airflow retries, or not where asking again cannot help."""
    is_final = isinstance(error, DagsterUsageError | DagsterRunCancelled)
    return (AirflowFailException if is_final else AirflowException)(str(error))
