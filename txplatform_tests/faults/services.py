"""What runs around an installation: Dagster's UI with its daemon, and Airflow over it.

Each is started when a fault first needs it and serves all later ones.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import psutil

from txplatform import embedded
from txplatform.airflow_dags.dagster_partitions.client import Dagster, DagsterError
from txplatform.orchestration.instance import Instance, open_instance
from txplatform.orchestration.partitions import range_tags
from txplatform.settings import load_settings
from txplatform_tests.airflow_dags import airflow_3
from txplatform_tests.airflow_dags.airflow_3 import Addresses, Airflow
from txplatform_tests.airflow_dags.processes import free_port, until
from txplatform_tests.conftest import new_database
from txplatform_tests.faults.accounts import MONDAYS
from txplatform_tests.faults.forked import Command
from txplatform_tests.faults.installation import World

START_SECONDS, END_SECONDS = 300, 60
LAUNCH = """mutation ($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on Error { message } } }"""
LOCATION = {
    "repositoryLocationName": "txplatform.definitions",
    "repositoryName": "__repository__",
    "jobName": "weekly_spend",
}


class Ground:
    """Dagster's UI with its daemon, and Airflow over it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._port = free_port()
        self._command: Command | None = None
        self._stack = ExitStack()
        self._airflow: Airflow | None = None
        self.client = Dagster(f"http://127.0.0.1:{self._port}")

    def close(self) -> None:
        """Stop what was started."""
        self._stack.close()
        if self._command and self._command.is_running:
            for process in reversed(self.family()):
                with suppress(psutil.NoSuchProcess):
                    process.kill()

    def ensure(self) -> Instance:
        """`txplatform up --ui` unless it runs; Dagster's instance."""
        if self._command is None or not self._command.is_running:
            port = str(self._port)
            self._command = self._world.shell.start("up", "--ui", "--port", port)
        until(self._answers, START_SECONDS, "Dagster's UI")
        return open_instance(self._world.settings, embedded.endpoints(self._world.settings))

    def wait_for_end(self) -> list[str]:
        """Wait until the UI's command has told that a part of it is gone; what is wrong with that.

        Raises:
            AssertionError: it did not notice, and has been ended.
        """
        assert self._command
        ended = self._command.wait(END_SECONDS)
        last = (ended.err.strip().splitlines() or [""])[-1]
        is_told = ended.code == 1 and last.startswith("Dagster's UI ended")
        if is_told and "Traceback" not in ended.err:
            return []
        return [f"promise 5: `up --ui` ended with {ended.code}: {ended.err[-500:]}"]

    def family(self) -> list[psutil.Process]:
        """The UI's processes, parents first."""
        assert self._command
        with suppress(psutil.NoSuchProcess):
            command = psutil.Process(self._command.pid)
            return [command, *command.children(recursive=True)]
        return []

    def launch(self) -> str:
        """A run of every week, as the UI's button starts it; its id."""
        tags = range_tags(MONDAYS[0], MONDAYS[-1])
        metadata = {"tags": [{"key": key, "value": value} for key, value in tags.items()]}
        params = {"selector": LOCATION, "executionMetadata": metadata}
        answer = self.client.query(LAUNCH, params=params)["launchRun"]
        assert answer["__typename"] == "LaunchRunSuccess", answer
        return str(answer["run"]["runId"])

    def airflow(self) -> Airflow:
        """Airflow 3.3 with the DAGs of the platform."""
        if self._airflow is None:
            database = self._stack.enter_context(self._metadata_database())
            context = airflow_3.airflow_3(
                self._world.folder / "airflow",
                database,
                Addresses(self.client.url, "http://127.0.0.1:9"),
                {"ingestion": ""},
            )
            self._airflow = self._stack.enter_context(context)
        return self._airflow

    @contextmanager
    def _metadata_database(self) -> Iterator[str]:
        """Airflow's own database, on a server of its own at which no fault is aimed."""
        mongo_uri = embedded.endpoints(self._world.settings).mongo_uri
        folder = self._world.folder / "metadata"
        settings = load_settings(state_dir=folder, mongo_uri=mongo_uri, postgres_url=None)
        with embedded.running(settings) as endpoints, new_database(endpoints) as url:
            yield url

    def _answers(self) -> bool:
        with suppress(DagsterError):
            return bool(self.client.query("{ version }"))
        return False
