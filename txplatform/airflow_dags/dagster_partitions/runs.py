"""Runs in Dagster: the one in progress, the one of an earlier try, a new one, and their end."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .assets import RANGE, Target, ends_of, key_inputs
from .client import Dagster, DagsterError

PARTITION = "dagster/partition"
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
WILL_RETRY = "dagster/will_retry"
RETRY_RUN_ID = "dagster/auto_retry_run_id"

IN_PROGRESS = ("QUEUED", "NOT_STARTED", "STARTING", "STARTED")
ENDED = ("SUCCESS", "FAILURE", "CANCELED")
PAGE = 200

_FIELDS = "runId status jobName creationTime tags { key value } assetSelection { path }"

RUNS = f"""
query Runs($filter: RunsFilter!, $cursor: String, $limit: Int!) {{
  runsOrError(filter: $filter, cursor: $cursor, limit: $limit) {{
    __typename
    ... on Runs {{ results {{ {_FIELDS} }} }}
    ... on Error {{ message }}
  }}
}}"""

RUN = f"""
query Run($runId: ID!) {{
  runOrError(runId: $runId) {{ __typename ... on Run {{ {_FIELDS} }} ... on Error {{ message }} }}
}}"""

LAUNCH = """
mutation Launch($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on RunConfigValidationInvalid { errors { message } }
    ... on Error { message }
  }
}"""

TERMINATE = """
mutation Terminate($runId: String!) {
  terminateRun(runId: $runId, terminatePolicy: SAFE_TERMINATE) {
    __typename ... on TerminateRunFailure { message } ... on Error { message }
  }
}"""


@dataclass(frozen=True)
class Run:
    """One run as Dagster describes it; `assets` is empty where it runs a whole job.

    `created_at` is Unix time.
    """

    run_id: str
    status: str
    job: str
    created_at: float
    tags: Mapping[str, str]
    assets: frozenset[str]

    @property
    def is_in_progress(self) -> bool:
        """Whether the run waits or runs, and nobody has cancelled it."""
        return self.status in IN_PROGRESS

    @property
    def is_ended(self) -> bool:
        """Whether nothing more will happen in this run."""
        return self.status in ENDED

    @property
    def retry_run_id(self) -> str | None:
        """The run that Dagster has started in place of this failed one."""
        return self.tags.get(RETRY_RUN_ID)

    @property
    def is_retry_announced(self) -> bool | None:
        """Whether Dagster will start such a run; None where it has not said."""
        return {"true": True, "false": False}.get(self.tags.get(WILL_RETRY, ""))

    def carries(self, tags: Mapping[str, str]) -> bool:
        """Whether the run has all of these tags."""
        return tags.items() <= self.tags.items()

    def covers(self, target: Target) -> bool:
        """Whether the run materialises the target, alone or among others."""
        has_assets = self.assets >= set(target.assets) if self.assets else self.job in target.jobs
        only = self.tags.get(PARTITION)
        first, last = self.tags.get(RANGE_START, only), self.tags.get(RANGE_END, only)
        if target.partition_key is None or first is None or last is None:
            return has_assets and target.partition_key is first
        return has_assets and target.is_between(first, last)


def find(dagster: Dagster, run_id: str) -> Run:
    """A run by its id.

    Raises:
        DagsterError: there is no such run (any more).
    """
    return _run(dagster.one(RUN, "Run", runId=run_id))


def in_progress(dagster: Dagster, target: Target) -> Run | None:
    """The oldest run in progress that materialises the target, whoever started it."""
    covering = [
        run for run in _pages(dagster, {"statuses": list(IN_PROGRESS)}) if run.covers(target)
    ]
    return covering[-1] if covering else None


def with_tags(dagster: Dagster, tags: Mapping[str, str]) -> Iterator[Run]:
    """Runs that have all of these tags, newest first."""
    wanted = [{"key": key, "value": value} for key, value in tags.items()]
    return _pages(dagster, {"tags": wanted})


def launch(
    dagster: Dagster, target: Target, tags: Mapping[str, str], config: Mapping[str, Any] | None
) -> str:
    """Start a run of the target with its checks; returns the run's id.

    Raises:
        DagsterError: Dagster does not start it; the message says why.
    """
    partition = _partition_tags(target.partition_key) if target.partition_key else {}
    answer = dagster.one(
        LAUNCH,
        "LaunchRunSuccess",
        params={
            # Without assetCheckSelection: an empty one breaks assets that yield checks themselves.
            "selector": {
                "repositoryLocationName": target.location,
                "repositoryName": target.repository,
                "jobName": target.job,
                "assetSelection": key_inputs(target.assets),
            },
            "runConfigData": config or {},
            "executionMetadata": {
                "tags": [{"key": k, "value": v} for k, v in {**tags, **partition}.items()]
            },
        },
    )
    run_id: str = answer["run"]["runId"]
    return run_id


def _partition_tags(key: str) -> dict[str, str]:
    if RANGE not in key:
        return {PARTITION: key}
    return dict(zip((RANGE_START, RANGE_END), ends_of(key), strict=True))


def cancel(dagster: Dagster, run_id: str) -> None:
    """Cancel a run; one that has ended is left alone.

    Raises:
        DagsterError: Dagster cannot cancel it.
    """
    try:
        dagster.one(TERMINATE, "TerminateRunSuccess", runId=run_id)
    except DagsterError:
        if not find(dagster, run_id).is_ended:
            raise


def cancel_all(dagster: Dagster, tags: Mapping[str, str]) -> list[str]:
    """Cancel every run in progress that has all of these tags; returns their ids."""
    going = [run.run_id for run in with_tags(dagster, tags) if run.is_in_progress]
    for run_id in going:
        cancel(dagster, run_id)
    return going


def _pages(dagster: Dagster, runs_filter: Mapping[str, object]) -> Iterator[Run]:
    cursor: str | None = None
    while True:
        answer = dagster.one(RUNS, "Runs", filter=runs_filter, cursor=cursor, limit=PAGE)
        found = [_run(each) for each in answer["results"]]
        yield from found
        if len(found) < PAGE:
            return
        cursor = found[-1].run_id


def _run(answer: Mapping[str, Any]) -> Run:
    return Run(
        run_id=answer["runId"],
        status=answer["status"],
        job=answer["jobName"],
        created_at=answer["creationTime"],
        tags={tag["key"]: tag["value"] for tag in answer["tags"]},
        assets=frozenset("/".join(key["path"]) for key in answer["assetSelection"] or ()),
    )
