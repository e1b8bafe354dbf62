"""A run's events: which are worth a line of the log, what a failure says, how a check went."""

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from .client import Dagster

EVENTS = """
query Events($runId: ID!, $cursor: String) {
  logsForRun(runId: $runId, afterCursor: $cursor, limit: 1000) {
    __typename
    ... on EventConnection {
      cursor hasMore
      events {
        __typename
        ... on MessageEvent { message level stepKey }
        ... on AssetCheckEvaluationEvent {
          evaluation { checkName assetKey { path } success severity description }
        }
        ... on ErrorEvent { error { ...Cause errorChain { error { ...Cause } } } }
      }
    }
    ... on Error { message }
  }
}
fragment Cause on PythonError { message className }"""

SHOWN = {
    "RunEnqueuedEvent": "The run waits in Dagster's queue.",
    "RunStartingEvent": "The run starts.",
    "RunStartEvent": "",
    "RunSuccessEvent": "",
    "RunCancelingEvent": "The run is being cancelled.",
    "RunCanceledEvent": "The run is cancelled.",
    "ExecutionStepStartEvent": "",
    "ExecutionStepSuccessEvent": "",
    "ExecutionStepSkippedEvent": "",
    "ExecutionStepUpForRetryEvent": "",
    "ExecutionStepRestartEvent": "",
    "MaterializationEvent": "",
    "ObservationEvent": "",
    "LogMessageEvent": "",
}
"""Events that a reader of the task log wants, with the words for those that bring none."""

STEP_FAILURE, RUN_FAILURE = "ExecutionStepFailureEvent", "RunFailureEvent"
CHECK = "AssetCheckEvaluationEvent"

Event = Mapping[str, Any]


class Log(Protocol):
    """What standard loggers and those of Airflow 3 have in common."""

    def log(self, level: int, msg: str, /, *args: Any) -> Any:
        """Write a line at a level of `logging`."""


class Check(NamedTuple):
    """One evaluation of an asset check."""

    name: str
    is_passed: bool
    is_error: bool
    description: str

    @property
    def sentence(self) -> str:
        """What a failed check says."""
        return f"the check {self.name} failed: {self.description or 'it gives no reason'}"


def after(dagster: Dagster, run_id: str, cursor: str | None) -> tuple[list[Event], str]:
    """All events of a run after a cursor, oldest first, and the cursor after them."""
    found: list[Event] = []
    while True:
        page = dagster.one(EVENTS, "EventConnection", runId=run_id, cursor=cursor)
        found += page["events"]
        cursor = page["cursor"]
        if not page["hasMore"]:
            return found, page["cursor"]


def check_of(event: Event) -> Check | None:
    """The check that an event evaluates, if it does."""
    if event["__typename"] != CHECK:
        return None
    evaluation = event["evaluation"]
    name = f"{evaluation['checkName']} of {'/'.join(evaluation['assetKey']['path'])}"
    is_error = evaluation["severity"] == "ERROR"
    return Check(name, evaluation["success"], is_error, evaluation["description"] or "")


def failure_of(event: Event) -> str | None:
    """The sentence of a failed step or run, if the event is one."""
    if event["__typename"] == STEP_FAILURE:
        return f"{event['stepKey']}: {_cause(event) or event['message']}"
    if event["__typename"] == RUN_FAILURE:
        return _cause(event) or event["message"]
    return None


def show(event: Event, log: Log) -> None:
    """Write the event to the log where it is worth a line."""
    check, failure = check_of(event), failure_of(event)
    if failure:
        log.log(logging.ERROR, "%s", failure)
    elif check and not check.is_passed:
        log.log(logging.ERROR if check.is_error else logging.WARNING, "%s", check.sentence)
    elif check or event["__typename"] in SHOWN:
        log.log(_level(event), "%s", event["message"] or SHOWN[event["__typename"]])


def _level(event: Event) -> int:
    """That of an asset's own words; Dagster's are DEBUG or ERROR there, and news here."""
    is_of_an_asset = event["__typename"] == "LogMessageEvent"
    return int(getattr(logging, event["level"])) if is_of_an_asset else logging.INFO


def _cause(event: Event) -> str:
    """The innermost cause of an error, as its author wrote it: without class and stack."""
    error = event.get("error")
    if not error:
        return ""
    chain = [error, *(link["error"] for link in error["errorChain"])]
    name, text = chain[-1]["className"] or "", str(chain[-1]["message"]).strip()
    head, separator, rest = text.partition(": ")
    return rest if separator and head.rsplit(".", 1)[-1] == name else text
