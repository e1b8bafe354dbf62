"""The services of docker-compose.yml as plain processes: the same commands, without Docker.

MongoDB and PostgreSQL are the embedded ones; ports are free ones of loopback. A purchase file is
ingested as the compose file's header says, and its weeks are computed by a run that goes through
the webserver, the daemon's queue and the code server.
"""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

import psutil
import pytest
from pymongo.database import Database
from sqlalchemy import create_engine, make_url, select, text

from txplatform import embedded
from txplatform.connectors import postgres
from txplatform.domains.spend.sources.sample import write_sample
from txplatform.domains.spend.tables import weekly_transactions
from txplatform.embedded.processes import free_ports, is_listening
from txplatform.settings import Settings
from txplatform_tests.architecture.source_tree import ROOT
from txplatform_tests.end_to_end import compose, environments
from txplatform_tests.end_to_end.compose import replaced

INSTANCE_FILE = ROOT / "txplatform" / "orchestration" / "dagster.yaml"
OWN_SERVICES = ("code", "webserver", "daemon")
ADMIN = "TXPLATFORM_POSTGRES_ADMIN_URL"
SECONDS = 300
STOP_SECONDS = 20


class Services(NamedTuple):
    """The compose file's services with this machine's addresses, in a folder of their own."""

    folder: Path
    webserver_port: int
    words: Mapping[str, str]
    """What the commands say in place of the file's addresses and ports."""
    values: Mapping[str, str]
    """What the environment says in place of the file's addresses."""
    image: Mapping[str, str]
    """What the image sets."""

    def environment(self, name: str) -> dict[str, str]:
        """The variables that the image and the compose file give a service, and no others."""
        given = compose.load()["services"][name]["environment"]
        logins = {
            key: replaced(value, self.words)
            for key, value in given.items()
            if key.endswith("_FILE")
        }
        others = {key: self.values[key] for key in given if key not in logins}
        if name == "roles":  # where PostgreSQL's owner may make no roles, as in the image it may
            others[ADMIN] = self.values[ADMIN]
        return environments.clean(**self.image, **logins, **others)


@pytest.fixture
def services(
    tmp_path: Path,
    settings: Settings,
    endpoints: embedded.Endpoints,
    mongo_database: Database[dict[str, Any]],
    postgres_url: str,
) -> Iterator[Services]:
    """The three services of our own image, healthy by their own health checks."""
    addresses = {
        "TXPLATFORM_MONGO_URI": endpoints.mongo_uri,
        "TXPLATFORM_POSTGRES_URL": postgres_url,
        "TXPLATFORM_DAGSTER_POSTGRES_URL": postgres_url,
    }
    password = (settings.state / "secrets" / "postgres-superuser").read_text(encoding="utf-8")
    admin = make_url(postgres_url).set(username="postgres", password=password)
    addresses["TXPLATFORM_POSTGRES_ADMIN_URL"] = admin.render_as_string(hide_password=False)
    described = describe(tmp_path, addresses, TXPLATFORM_MONGO_DATABASE=mongo_database.name)
    running: dict[str, psutil.Popen] = {}
    with ExitStack() as stack:
        set_up = run(compose.command_of("roles", described.words), "roles", described)
        assert set_up.returncode == 0, set_up.stderr
        for name in OWN_SERVICES:
            for needed in running.keys() & compose.load()["services"][name]["depends_on"].keys():
                wait_until_healthy(needed, described, running[needed])
            running[name] = stack.enter_context(service(name, described))
        for name, process in running.items():
            wait_until_healthy(name, described, process)
        yield described


def describe(folder: Path, addresses: Mapping[str, str], **more: str) -> Services:
    """A folder as the image has it, and free ports in place of the compose file's."""
    code_port, webserver_port = map(str, free_ports(2))
    home = folder / "dagster"
    home.mkdir()
    shutil.copy(INSTANCE_FILE, home / "dagster.yaml")
    shutil.copy(ROOT / "workspace.yaml", folder)
    return Services(
        folder,
        int(webserver_port),
        words={
            "0.0.0.0": "127.0.0.1",  # noqa: S104
            "4000": code_port,
            "3000": webserver_port,
            "/logins": f"{folder}/logins",
        },
        values={
            "DAGSTER_CODE_HOST": "127.0.0.1",
            "DAGSTER_CODE_PORT": code_port,
            "TXPLATFORM_LAKE": str(folder / "lake"),
            **dict.fromkeys(
                (f"TXPLATFORM_LAKE_{one}" for one in ("ENDPOINT", "KEY", "SECRET")), ""
            ),
            **addresses,
        },
        image={"DAGSTER_HOME": str(home), "TXPLATFORM_STATE_DIR": str(folder / "state"), **more},
    )


@contextmanager
def service(name: str, services: Services) -> Iterator[psutil.Popen]:
    """A started service; at the end none of its children stays behind."""
    with (services.folder / f"{name}.log").open("wb") as output:
        process = psutil.Popen(
            compose.command_of(name, services.words),
            cwd=services.folder,
            env=services.environment(name),
            stdout=output,
            stderr=output,
        )
    try:
        yield process
    finally:
        family = [process, *process.children(recursive=True)] if process.is_running() else []
        for member in family:
            member.terminate()
        _, stubborn = psutil.wait_procs(family, timeout=STOP_SECONDS)
        for member in stubborn:
            member.kill()


def wait_until_healthy(name: str, services: Services, process: psutil.Popen) -> None:
    """Ask the service's own health check until it is content.

    Most take seconds of processor time, so none is asked before there is a sign of life.
    """
    check = compose.health_check_of(name, services.words)
    deadline = time.monotonic() + SECONDS
    while not (is_alive(name, services) and run(check, name, services).returncode == 0):
        if time.monotonic() > deadline or process.poll() is not None:
            log = (services.folder / f"{name}.log").read_text(encoding="utf-8")
            pytest.fail(f"{name} does not become healthy: {log}")
        time.sleep(0.5)


def is_alive(name: str, services: Services) -> bool:
    """Whether a service listens, or the daemon has said in PostgreSQL that it is there."""
    ports = {"code": services.words["4000"], "webserver": services.words["3000"]}
    if name in ports:
        return is_listening(int(ports[name]))
    engine = create_engine(services.values["TXPLATFORM_DAGSTER_POSTGRES_URL"])
    with engine.connect() as connection:
        found = connection.execute(text("SELECT 1 FROM daemon_heartbeats")).first()
    engine.dispose()
    return found is not None


def run(command: list[str], name: str, services: Services) -> subprocess.CompletedProcess[str]:
    """Run a command in a service's place, as `docker compose exec` does."""
    return subprocess.run(
        command,
        cwd=services.folder,
        env=services.environment(name),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_file_becomes_weekly_transactions_through_the_services(
    services: Services, tmp_path: Path
) -> None:
    sample = write_sample(tmp_path / "purchases.csv", rows=2_000)
    ingested = run(["txplatform", "spend", "ingest", f"{tmp_path}/purchases.csv"], "code", services)
    assert ingested.returncode == 0, ingested.stderr

    assert status_of_a_run(services, sample.last_week) == "SUCCESS"

    engine = postgres.connect(services.values["TXPLATFORM_POSTGRES_URL"])
    with engine.connect() as connection:
        weeks = connection.execute(select(weekly_transactions.c.week_start).distinct())
        assert list(weeks.scalars()) == [sample.last_week]
    engine.dispose()


LAUNCH = """
mutation ($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on Error { message }
  }
}
"""
STATUS = "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"


def status_of_a_run(services: Services, week: date) -> str:
    """How a run of a week ended that was asked for in the webserver."""
    launched = graphql(
        services,
        LAUNCH,
        params={
            "selector": {
                "repositoryLocationName": "txplatform",
                "repositoryName": "__repository__",
                "jobName": "weekly_spend",
            },
            "executionMetadata": {
                "tags": [{"key": "dagster/partition", "value": week.isoformat()}],
            },
        },
    )["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess", launched
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        run_ = graphql(services, STATUS, id=launched["run"]["runId"])["runOrError"]
        if run_["status"] in {"SUCCESS", "FAILURE", "CANCELED"}:
            return str(run_["status"])
        time.sleep(0.5)
    return f"still {run_['status']}"


def graphql(services: Services, query: str, **variables: object) -> Any:
    """What the webserver answers."""
    request = Request(
        f"http://127.0.0.1:{services.webserver_port}/graphql",
        json.dumps({"query": query, "variables": variables}).encode(),
        {"Content-Type": "application/json"},
    )
    with urlopen(request, timeout=60) as response:
        answer = json.load(response)
    assert "errors" not in answer, answer
    return answer["data"]
