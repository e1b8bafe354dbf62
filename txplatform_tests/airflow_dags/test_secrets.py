"""Secrets of the connections to Dagster are in no log, database or answer of Airflow's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from txplatform_tests.airflow_dags.airflow_3 import SECRETS, Airflow
from txplatform_tests.airflow_dags.laboratory import SENTENCE

WEEK = "2025-04-07"


def found_in(content: bytes, where: str) -> list[str]:
    """Which secrets stand in a content."""
    return [f"{name} in {where}" for name, secret in SECRETS.items() if secret.encode() in content]


def found_in_files(home: Path) -> Iterator[str]:
    """Secrets in what Airflow keeps: logs of tasks and components, and its database."""
    for path in home.rglob("*"):
        if path.is_file():
            yield from found_in(path.read_bytes(), str(path.relative_to(home)))


@pytest.mark.parametrize(
    ("dag_id", "state", "words"),
    [
        ("odd", "success", "Twice the usual total."),
        ("broken", "failed", SENTENCE),
        ("broken_deferred", "failed", SENTENCE),
        ("away", "failed", "Dagster at http://127.0.0.1:9 does not answer"),
    ],
)
def test_no_secret_of_a_connection_is_in_a_task_log_or_kept(
    airflow: Airflow, dag_id: str, state: str, words: str
) -> None:
    run_id, ended = airflow.run(dag_id, week=WEEK)
    task = airflow.task(dag_id, run_id, "run")
    log = airflow.log(dag_id, run_id, task)
    path = f"dags/{dag_id}/dagRuns/{run_id}/taskInstances/run"
    answers = [airflow.api("GET", path), airflow.api("GET", f"{path}/xcomEntries")]

    assert (ended, words in log) == (state, True), log[-2_000:]
    assert found_in(f"{log} {answers}".encode(), "what Airflow shows") == []
    assert list(found_in_files(airflow.home)) == []


def test_a_secret_that_is_there_is_found(tmp_path: Path) -> None:
    (tmp_path / "task.log").write_text(f"Bearer {SECRETS['token']}", encoding="utf-8")

    assert list(found_in_files(tmp_path)) == ["token in task.log"]
