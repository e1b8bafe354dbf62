"""A code location for the launcher's tests: jobs that speak, wait, resist and hold a lock."""

import os
import sys
import time
from pathlib import Path

import dagster as dg
import psycopg2
from dagster._core.errors import DagsterExecutionInterruptedError

from txplatform.orchestration.run_process import execute

SECONDS = 120
LOCK = 4711
POOL = "launcher_tests"


@dg.op
def speak() -> None:
    """Write to both streams."""
    os.write(1, b"said aloud\n")
    os.write(2, b"whispered\n")


@dg.op
def wait() -> None:
    """Be there until cancelled."""
    time.sleep(SECONDS)


@dg.op
def resist() -> None:
    """Be there, whoever asks to go."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            time.sleep(SECONDS)
        except DagsterExecutionInterruptedError:
            continue


@dg.op(pool=POOL, config_schema={"url": str, "held": str})
def hold(context: dg.OpExecutionContext) -> None:
    """Hold an advisory lock and a slot of the pool until cancelled."""
    connection = psycopg2.connect(context.op_config["url"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        Path(context.op_config["held"]).touch()
        resist()


@dg.job(executor_def=dg.in_process_executor)
def speaks() -> None:
    """Say something and succeed."""
    speak()


@dg.job(executor_def=dg.in_process_executor)
def waits() -> None:
    """Wait for a cancellation."""
    wait()


@dg.job(executor_def=dg.in_process_executor)
def resists() -> None:
    """Ignore a cancellation."""
    resist()


@dg.job(executor_def=dg.in_process_executor)
def holds() -> None:
    """Hold what others need, and ignore a cancellation."""
    hold()


def execute_and_tell_imports(instance_ref: str, run_id: str, path: str) -> None:
    """Execute a run in this fork; write the names of the modules that it imported."""
    before = set(sys.modules)
    execute(instance_ref, run_id)
    Path(path).write_text("\n".join(sorted(set(sys.modules) - before)), encoding="utf-8")


defs = dg.Definitions(jobs=[speaks, waits, resists, holds])
