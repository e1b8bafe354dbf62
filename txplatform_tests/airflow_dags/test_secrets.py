"""Secrets of the connections to Dagster are in no log, database or answer of Airflow's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from txplatform_tests.airflow_dags.airflow_3 import SECRETS, Airflow
from txplatform_tests.airflow_dags.laboratory import SENTENCE

WEEK = "2025-04-07"


def found_in(content: bytes, where: str) -> list[str]:
    """Which secrets stand in a content, as they are or in hexadecimal digits."""
    return [
        f"{name} in {where}"
        for name, secret in SECRETS.items()
        if secret.encode() in content or secret.encode().hex().encode() in content
    ]


def found_in_files(home: Path) -> Iterator[str]:
    """Secrets in the files that Airflow keeps: logs of tasks and components."""
    for path in home.rglob("*"):
        if path.is_file():
            yield from found_in(path.read_bytes(), str(path.relative_to(home)))


def found_in_database(url: str) -> Iterator[str]:
    """Secrets in the rows of a database; bytes are read as PostgreSQL prints them: in hex."""
    engine = create_engine(url)
    with engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            rows = connection.execute(text(f'SELECT t::text FROM "{table}" t')).scalars().all()  # noqa: S608 - a table's own name
            yield from found_in("\n".join(rows).encode(), table)
    engine.dispose()


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
    assert list(found_in_database(airflow.database)) == []


def test_a_secret_that_is_there_is_found(tmp_path: Path, postgres_url: str) -> None:
    (tmp_path / "task.log").write_text(f"Bearer {SECRETS['token']}", encoding="utf-8")
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE dag (name text, pickled bytea)"))
        values = {"name": SECRETS["header"], "pickled": SECRETS["address"].encode()}
        connection.execute(text("INSERT INTO dag VALUES (:name, :pickled)"), values)
    engine.dispose()

    assert list(found_in_files(tmp_path)) == ["token in task.log"]
    assert list(found_in_database(postgres_url)) == ["header in dag", "address in dag"]
