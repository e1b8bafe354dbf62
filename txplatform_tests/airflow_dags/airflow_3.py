"""A real Airflow 3.3 for tests: scheduler, API server, DAG processor and triggerer, one by one.

`airflow standalone` would leave orphans behind. The metadata are in PostgreSQL, as where Airflow
works in earnest: in SQLite a component that reads before it writes loses to any other that writes.
"""

import json
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import requests
from sqlalchemy import make_url

from txplatform.settings import child_environment
from txplatform_tests.airflow_dags.processes import free_port, process, until
from txplatform_tests.architecture.source_tree import PACKAGE, ROOT

HOME = ROOT / ".venv-airflow3"
COMPONENTS = ("api-server", "dag-processor", "scheduler", "triggerer")
DAGS = ("weekly_spend.py", "late_spend.py", "hourly_air.py", "daily_commerce.py")
START_SECONDS = 180
SECRETS = {name: f"MARKER{name}x7Qz" for name in ("token", "header", "address")}
"""Of the connections to Dagster: what a proxy before it would ask for."""

HEADER = {"headers": {"X-Proxy-Secret": SECRETS["header"]}}


class Addresses(NamedTuple):
    """Of Dagster's webserver, and of the web hook that hears of failures."""

    dagster: str
    hook: str


class TaskInstance(NamedTuple):
    """One task of one DAG run, as the API shows it."""

    task_id: str
    map_index: int
    state: str | None
    try_number: int


class Airflow(NamedTuple):
    """A running Airflow and what the tests ask of it."""

    url: str
    token: str
    environment: Mapping[str, str]
    home: Path
    processes: Mapping[str, psutil.Popen]
    database: str

    def api(self, method: str, path: str, body: Any = None, **params: Any) -> Any:
        """The answer of Airflow's REST API."""
        answer = requests.request(
            method,
            f"{self.url}/api/v2/{path}",
            json=body,
            params=params,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=30,
        )
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def cli(self, *arguments: str) -> str:
        """What a command of Airflow prints."""
        return airflow(HOME, self.environment, *arguments)

    def unpause(self, dag_id: str) -> None:
        """Let the scheduler start runs of a DAG, once the DAG processor has found it."""
        self.wait_for_dag(dag_id)
        self.api("PATCH", f"dags/{dag_id}", {"is_paused": False})

    def wait_for_dag(self, dag_id: str) -> None:
        """Return when the DAG processor has found a DAG."""

        def is_known() -> bool:
            errors = self.api("GET", "importErrors")["import_errors"]
            assert not errors, errors[0]["stack_trace"]
            return any(dag["dag_id"] == dag_id for dag in self.api("GET", "dags")["dags"])

        until(is_known, 120, f"the DAG {dag_id}")

    def trigger(self, dag_id: str, **conf: str) -> str:
        """Start a manual run; returns its id."""
        run = self.api("POST", f"dags/{dag_id}/dagRuns", {"logical_date": None, "conf": conf})
        return str(run["dag_run_id"])

    def runs(self, dag_id: str) -> dict[str, str]:
        """State of each run of a DAG, by its id."""
        found = self.api("GET", f"dags/{dag_id}/dagRuns", limit=100)["dag_runs"]
        return {run["dag_run_id"]: run["state"] for run in found}

    def wait_for_run(self, dag_id: str, run_id: str, seconds: float = 300) -> str:
        """The state in which a run ends."""

        def ended() -> str | None:
            state = self.runs(dag_id).get(run_id)
            return state if state in {"success", "failed"} else None

        return until(ended, seconds, f"the end of {dag_id} {run_id}")

    def run(self, dag_id: str, **conf: str) -> tuple[str, str]:
        """Start a manual run and wait for its end; returns its id and its state."""
        self.unpause(dag_id)
        run_id = self.trigger(dag_id, **conf)
        return run_id, self.wait_for_run(dag_id, run_id)

    def tasks(self, dag_id: str, run_id: str) -> list[TaskInstance]:
        """The task instances of a run."""
        path = f"dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        return [
            TaskInstance(one["task_id"], one["map_index"], one["state"], one["try_number"])
            for one in self.api("GET", path, limit=200)["task_instances"]
        ]

    def task(self, dag_id: str, run_id: str, task_id: str) -> TaskInstance:
        """A task instance that is not mapped."""
        return next(one for one in self.tasks(dag_id, run_id) if one.task_id == task_id)

    def wait_for_task(
        self, dag_id: str, run_id: str, task_id: str, states: set[str], seconds: float = 120
    ) -> TaskInstance:
        """A task instance once it is in one of the states."""

        def look() -> TaskInstance | None:
            found = self.task(dag_id, run_id, task_id)
            return found if found.state in states else None

        return until(look, seconds, f"{task_id} in {states}")

    def log(self, dag_id: str, run_id: str, task: TaskInstance) -> str:
        """The log of the task's last try as the UI shows it; of one not tried yet there is none."""
        if not task.try_number:
            return ""
        path = f"dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task.task_id}/logs/{task.try_number}"
        answer = self.api("GET", path, map_index=task.map_index)
        return "\n".join(json.dumps(line) for line in answer["content"])

    def mark_failed(self, dag_id: str, run_id: str, task_id: str) -> None:
        """What the button in the UI does."""
        path = f"dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}"
        self.api("PATCH", path, {"new_state": "failed"})

    def kill_worker(self, dag_id: str, run_id: str, task_id: str) -> None:
        """Kill the process that executes a task, and its supervisor, with SIGKILL.

        The worker of an earlier task may still be leaving, so the id of the task instance, which
        Airflow writes into the title of the process, says which one it is.
        """
        path = f"dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}"
        title = f"airflow worker -- LocalExecutor: {self.api('GET', path)['id']}"
        (worker,) = (
            child
            for child in self.processes["scheduler"].children()
            if " ".join(child.cmdline()).startswith(title)
        )
        for victim in (worker, *worker.children(recursive=True)):
            victim.kill()

    def link(self, dag_id: str, run_id: str, task_id: str) -> str | None:
        """Where the button of a task leads."""
        path = f"dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}/links"
        url: str | None = self.api("GET", path)["extra_links"].get("Dagster run")
        return url


def airflow(venv: Path, environment: Mapping[str, str], *arguments: str) -> str:
    """What a command of an Airflow environment prints."""
    done = subprocess.run(
        [venv / "bin" / "airflow", *arguments],
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@contextmanager
def airflow_3(
    folder: Path, database: str, addresses: Addresses, spend: Mapping[str, object]
) -> Iterator[Airflow]:
    """Every component of Airflow 3.3 with the DAGs of the platform and those of the laboratory.

    Args:
        folder: AIRFLOW_HOME.
        database: address of an empty PostgreSQL database, for SQLAlchemy.
        addresses: where the connections lead.
        spend: the Airflow Variable of this name.
    """
    port = free_port()
    environment = environment_of(HOME, folder, database, port, addresses, spend)
    airflow(HOME, environment, "db", "migrate")
    with ExitStack() as started:
        processes = {
            name: started.enter_context(
                process([HOME / "bin" / "airflow", name], environment, folder / f"{name}.log")
            )
            for name in COMPONENTS
        }
        url = f"http://127.0.0.1:{port}"
        token = until(lambda: _token(url), START_SECONDS, "Airflow's API server")
        yield Airflow(url, token, environment, folder, processes, database)


def environment_of(
    venv: Path,
    folder: Path,
    database: str,
    port: int,
    addresses: Addresses,
    spend: Mapping[str, object],
) -> Mapping[str, str]:
    """Variables of every component: one database, one key, short waits, connections to Dagster.

    Dagster itself takes no notice of the secrets; `dagster_away` leads nowhere.
    """
    dags = folder / "dags"
    dags.mkdir(parents=True)
    for source in (PACKAGE / "airflow_dags", Path(__file__).parent):
        for name in (*DAGS, "laboratory_dags.py"):
            if (source / name).exists():
                (dags / name).symlink_to(source / name)
    plain = make_url(database).set(query={})  # asyncpg does not know the options of psycopg2
    sections = {
        "DATABASE__SQL_ALCHEMY_CONN": plain.render_as_string(hide_password=False),
        "CORE__DAGS_FOLDER": dags,
        "CORE__LOAD_EXAMPLES": False,
        "CORE__PARALLELISM": 4,
        "CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": True,
        "CORE__DEFAULT_TASK_RETRY_DELAY": 1,
        "OPERATORS__DEFAULT_DEFERRABLE": True,
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": True,
        "API__PORT": port,
        "API__HOST": "127.0.0.1",
        "API__WORKERS": 1,
        "API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "API__SECRET_KEY": secrets.token_hex(16),
        "DAG_PROCESSOR__REFRESH_INTERVAL": 5,
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": 5,
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": 30,
        "TRIGGERER__JOB_HEARTBEAT_SEC": 2,
    }
    connections: dict[str, dict[str, object]] = {
        "DEFAULT": {"host": addresses.dagster, "password": SECRETS["token"], "extra": HEADER},
        "AWAY": {"host": f"http://ada:{SECRETS['address']}@127.0.0.1:9"},
    }
    outer = child_environment()
    return child_environment(
        PATH=f"{venv / 'bin'}:{outer['PATH']}",  # 2.11 starts `airflow` for each task
        AIRFLOW_HOME=str(folder),
        **{
            f"AIRFLOW_CONN_DAGSTER_{name}": json.dumps({"conn_type": "dagster", **arguments})
            for name, arguments in connections.items()
        },
        AIRFLOW_VAR_SPEND=json.dumps(spend),
        AIRFLOW_VAR_AIR_QUALITY=json.dumps({"notify": "hook", "cron": "0 0 * * *"}),
        AIRFLOW_CONN_HOOK=json.dumps({"conn_type": "http", "password": addresses.hook}),
        **{f"AIRFLOW__{name}": str(value) for name, value in sections.items()},
    )


def _token(url: str) -> str | None:
    try:
        answer = requests.get(f"{url}/auth/token", timeout=5)
    except requests.RequestException:
        return None
    return str(answer.json()["access_token"]) if answer.ok else None
