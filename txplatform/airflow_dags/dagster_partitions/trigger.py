"""Waiting for a run without a worker: what the triggerer executes."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

from airflow.triggers.base import BaseTrigger, TriggerEvent

from . import runs
from .client import Dagster, DagsterError
from .compat import IS_AIRFLOW_3, BaseHook
from .following import Follower
from .hook import client_of

SECONDS_TO_LEAVE = 8.0
"""How long a task's process takes to be gone once it waits. Airflow 3's scheduler hears of that
from its executor; where the task is queued again before, it takes the old news for a failure."""


class DagsterRunTrigger(BaseTrigger):
    """Follows a run, its events in the task's log, and fires once when it has ended.

    Args:
        dagster_conn_id: the Airflow connection; credentials stay out of the trigger's record.
        run_id: the run.
        owner: tags of the runs that belong to the task, which a kill cancels.
        poll_interval: seconds between two looks.
        patience: seconds for which the webserver may be away.
        deadline: Unix time at which to give up; None waits for ever.
    """

    def __init__(  # noqa: PLR0913 - one keyword for each thing Airflow keeps
        self,
        *,
        dagster_conn_id: str,
        run_id: str,
        owner: Mapping[str, str],
        poll_interval: float,
        patience: float,
        deadline: float | None = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.dagster_conn_id = dagster_conn_id
        self.run_id = run_id
        self.owner = owner
        self.poll_interval = poll_interval
        self.patience = patience
        self.deadline = deadline

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """The class and its arguments, as Airflow keeps them."""
        names = (
            "dagster_conn_id", "run_id", "owner", "poll_interval", "patience", "deadline",
        )  # fmt: skip
        return f"{__name__}.DagsterRunTrigger", {name: getattr(self, name) for name in names}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Fire `{"run_id": ..., "error": ..., "is_late": ...}` at the end."""
        began = time.monotonic()
        try:
            answer = await self._ended()
            if IS_AIRFLOW_3:
                await asyncio.sleep(max(0.0, began + SECONDS_TO_LEAVE - time.monotonic()))
            yield TriggerEvent(answer)  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            if not IS_AIRFLOW_3 and await asyncio.to_thread(self._is_killed_in_airflow_2):
                await self.on_kill()
            raise

    async def on_kill(self) -> None:
        """Cancel the task's runs: somebody marked or cleared the task (Airflow 3.3 calls this)."""
        dagster = await self._dagster()
        for run_id in await asyncio.to_thread(runs.cancel_all, dagster, self.owner):
            self.log.warning("The task was killed; the run %s is cancelled.", run_id)

    async def _ended(self) -> dict[str, Any]:
        follower = Follower(await self._dagster(), self.run_id, self.log, self.patience)
        answer: dict[str, Any] = {"error": None, "is_late": False}
        try:
            while await asyncio.to_thread(follower.look) is None:
                if self.deadline is not None and time.time() > self.deadline:
                    answer["is_late"] = True
                    break
                await asyncio.sleep(self.poll_interval)
        except DagsterError as error:
            answer["error"] = str(error)
        # The first run, not its retry: the checks that it has passed are part of the verdict.
        return {"run_id": self.run_id, **answer}

    async def _dagster(self) -> Dagster:
        if IS_AIRFLOW_3:
            return client_of(await BaseHook.aget_connection(self.dagster_conn_id))
        return await asyncio.to_thread(
            lambda: client_of(BaseHook.get_connection(self.dagster_conn_id))
        )

    def _is_killed_in_airflow_2(self) -> bool:
        """Whether the task waits no longer; else it is the triggerer that stops.

        Airflow 2 cancels a trigger in both cases without saying which.
        """
        if self.task_instance is None:
            return False
        self.task_instance.refresh_from_db()
        return self.task_instance.state != "deferred"
