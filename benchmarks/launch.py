"""How long a person waits for one week: from launchRun in the webserver to the run's success.

    python benchmarks/launch.py [--rounds 10] [--rows 20000] [--json FILE]

Two installations of Dagster run side by side over the same MongoDB, PostgreSQL and purchases: the
stock run launcher with a JVM of the run's own, and the launcher of dagster.yaml with a warm Spark.
They take turns, so that what else the machine does hits both; the ratio is what counts. Prints a
table and writes JSON. Nothing here is a test: see docs/launcher.md for measured figures.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

import psutil
import yaml
from measuring import keep
from sqlalchemy import create_engine, make_url, text

from txplatform import embedded
from txplatform.connectors.ports import next_free_port
from txplatform.domains.spend.sources.sample import write_sample
from txplatform.embedded.connect import keep_warm
from txplatform.orchestration.instance import INSTANCE_FILE, POSTGRES_VARIABLE, environment
from txplatform.orchestration.ui import HOST
from txplatform.settings import Settings, child_environment, load_settings

POLL_SECONDS = 0.02
PATIENCE_SECONDS = 180
TITLES = {
    "stock": "stock launcher, a JVM per run",
    "forkserver": "the launcher of dagster.yaml, warm Spark",
}
LOCATION = "txplatform.definitions"
LAUNCH = """mutation ($params: ExecutionParams!) { launchRun(executionParams: $params) {
  __typename ... on LaunchRunSuccess { run { runId } } ... on Error { message } } }"""
STATUS = "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"
LOCATIONS = """{ workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError {
  __typename } } } } }"""


class Contender(NamedTuple):
    """One Dagster that serves its UI."""

    name: str
    port: int

    def seconds(self, week: str) -> float:
        """Launch the weekly job for a week and wait for its success."""
        began = time.monotonic()
        selector = {
            "repositoryLocationName": LOCATION,
            "repositoryName": "__repository__",
            "jobName": "weekly_spend",
        }
        tags = {"tags": [{"key": "dagster/partition", "value": week}]}
        params = {"selector": selector, "executionMetadata": tags}
        launched = self.ask(LAUNCH, params=params)["launchRun"]
        if launched["__typename"] != "LaunchRunSuccess":
            raise SystemExit(f"{self.name}: {launched}")
        run_id = launched["run"]["runId"]
        status = wait_for(lambda: finished(self.ask(STATUS, id=run_id)["runOrError"]["status"]))
        if status != "SUCCESS":
            raise SystemExit(f"{self.name}: run {run_id} ended as {status}")
        return time.monotonic() - began

    def ask(self, query: str, **variables: object) -> Any:
        """What the webserver answers."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        url = f"http://{HOST}:{self.port}/graphql"
        request = Request(url, body, {"Content-Type": "application/json"})
        with urlopen(request, timeout=60) as response:  # noqa: S310 - our own address
            return json.load(response)["data"]


def finished(status: str) -> str | None:
    """The status of a run that is over."""
    return status if status in {"SUCCESS", "FAILURE", "CANCELED"} else None


def wait_for(ask: Callable[[], Any]) -> Any:
    """Ask until there is an answer."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            answer = ask()
        except OSError:
            answer = None
        if answer is not None:
            return answer
        time.sleep(POLL_SECONDS)
    raise SystemExit(f"No answer in {PATIENCE_SECONDS} s.")


@contextmanager
def serving(name: str, variables: Mapping[str, str]) -> Iterator[Contender]:
    """`dagster dev` with these variables; the end stops all of its processes."""
    contender = Contender(name, next_free_port(HOST, 3300))
    command = [sys.executable, "-m", "dagster", "dev", "-m", LOCATION]
    with (Path(variables["DAGSTER_HOME"]) / "ui.log").open("wb") as log:
        server = psutil.Popen(
            [*command, "-h", HOST, "-p", str(contender.port)],
            env=child_environment(**variables),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        wait_for(lambda: loaded(contender.ask(LOCATIONS)))
        yield contender
    finally:
        family = [server, *server.children(recursive=True)]
        for process in family:
            process.terminate()
        for process in psutil.wait_procs(family, timeout=20)[1]:
            process.kill()


def loaded(answer: Any) -> bool | None:
    """Whether the code location is there."""
    entries = answer["workspaceOrError"]["locationEntries"]
    return any(entry["locationOrLoadError"] for entry in entries) or None


def stock(warm: Mapping[str, str], folder: Path, postgres_url: str) -> dict[str, str]:
    """The variables of an installation as Dagster comes: its own launcher, no warm Spark."""
    instance = yaml.safe_load((Path(warm["DAGSTER_HOME"]) / INSTANCE_FILE).read_text())
    del instance["run_launcher"]
    queue = {"module": "dagster.core.run_coordinator", "class": "QueuedRunCoordinator"}
    instance["run_coordinator"] |= queue
    folder.mkdir(exist_ok=True)
    (folder / INSTANCE_FILE).write_text(yaml.safe_dump(instance))
    own = {"DAGSTER_HOME": str(folder), POSTGRES_VARIABLE: history_of_its_own(postgres_url)}
    return {**warm, **own, "TXPLATFORM_SPARK_IDLE_MINUTES": "0"}


def history_of_its_own(postgres_url: str) -> str:
    """Address of a new database for the second Dagster: two daemons must not share a queue."""
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS dagster_stock WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE dagster_stock"))
    engine.dispose()
    address = make_url(postgres_url).set(database="dagster_stock")
    return address.render_as_string(hide_password=False)


def purchases(settings: Settings, variables: Mapping[str, str], rows: int) -> str:
    """Ingest a sample; the Monday of its last week."""
    path = settings.state / "sample.csv"
    sample = write_sample(path, rows)
    command = [sys.executable, "-m", "txplatform", "spend", "ingest", str(path)]
    ingestion = psutil.Popen(command, env=child_environment(**variables))
    if ingestion.wait():
        raise SystemExit("The sample could not be ingested.")
    return sample.last_week.isoformat()


def measure(contenders: Sequence[Contender], week: str, rounds: int) -> dict[str, list[float]]:
    """Seconds of every launch by contender, in turns; the first is the first after the start."""
    seconds: dict[str, list[float]] = {one.name: [] for one in contenders}
    for number in range(rounds + 1):
        for one in contenders:
            seconds[one.name].append(one.seconds(week))
            line = f"{number:>3} {one.name:<12} {seconds[one.name][-1]:6.2f} s\n"
            sys.stderr.write(line)
    return seconds


def report(seconds: Mapping[str, list[float]]) -> dict[str, Any]:
    """Medians without the first launch, and their ratio."""
    figures: dict[str, Any] = {
        name: {
            "first": measured[0],
            "median": statistics.median(measured[1:]),
            "fastest": min(measured[1:]),
            "slowest": max(measured[1:]),
            "seconds": measured,
        }
        for name, measured in seconds.items()
    }
    figures["ratio"] = figures["forkserver"]["median"] / figures["stock"]["median"]
    return figures


def show(figures: Mapping[str, Any]) -> None:
    """Print the table."""
    columns = ("first", "median", "fastest", "slowest")
    lines = [f"{'seconds':<12}" + "".join(f"{column:>9}" for column in columns)]
    for name in ("stock", "forkserver"):
        cells = (f"{figures[name][column]:9.2f}" for column in columns)
        lines.append(f"{name:<12}" + "".join(cells))
    lines.append(f"forkserver / stock: {figures['ratio']:.2f}\n")
    sys.stdout.write("\n".join(lines))


@contextmanager
def servers() -> Iterator[tuple[Settings, embedded.Endpoints]]:
    """Embedded servers with data of their own; both are gone at the end."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(state_dir=folder, mongo_uri=None, postgres_url=None)
        with embedded.running(settings) as endpoints:
            try:
                yield settings, endpoints
            finally:
                embedded.down(settings)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with servers() as (settings, endpoints), ExitStack() as stack:
        variables = environment(settings, endpoints)
        week = purchases(settings, variables, arguments.rows)
        keep_warm(settings)
        plain = stock(variables, settings.state / "stock", endpoints.dagster_postgres_url)
        contenders = [
            stack.enter_context(serving("stock", plain)),
            stack.enter_context(serving("forkserver", variables)),
        ]
        figures = report(measure(contenders, week, arguments.rounds))
    show(figures)
    keep(
        "launch",
        (
            {
                "name": name,
                "title": title,
                "documents": arguments.rows,
                "rounds": arguments.rounds - 1,
                **{key: figures[name][key] for key in ("median", "fastest", "slowest", "first")},
            }
            for name, title in TITLES.items()
        ),
    )
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
