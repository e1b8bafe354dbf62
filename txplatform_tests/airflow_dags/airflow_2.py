"""Airflow 2.11 for tests: its commands, which run a DAG in one process, and its triggerer."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from txplatform_tests.airflow_dags.airflow_3 import Addresses, airflow, environment_of
from txplatform_tests.airflow_dags.processes import process
from txplatform_tests.architecture.source_tree import ROOT

HOME = ROOT / ".venv-airflow2"


class Airflow2(NamedTuple):
    """An Airflow 2.11 whose database is there."""

    environment: Mapping[str, str]
    home: Path

    @contextmanager
    def triggerer(self) -> Iterator[None]:
        """The triggerer, for what waits outside of `airflow dags test`."""
        command: list[str | Path] = [HOME / "bin" / "airflow", "triggerer", "--skip-serve-logs"]
        with process(command, self.environment, self.home / "triggerer.log"):
            yield

    def dags_test(self, dag_id: str, day: str, conf: str = "{}") -> str:
        """Everything that `airflow dags test` prints, the log of the tasks too."""
        done = subprocess.run(
            [HOME / "bin" / "airflow", "dags", "test", dag_id, day, "--conf", conf],
            env=dict(self.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout

    def cli(self, *arguments: str) -> str:
        """What a command of Airflow prints."""
        return airflow(HOME, self.environment, *arguments)


def prepared(
    folder: Path, database: str, addresses: Addresses, spend: Mapping[str, object]
) -> Airflow2:
    """Airflow 2.11 with a new database and the platform's DAGs."""
    environment = environment_of(HOME, folder, database, 0, addresses, spend)
    airflow(HOME, environment, "db", "migrate")
    return Airflow2(environment, folder)
