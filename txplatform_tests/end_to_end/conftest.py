"""What the tests of the running product share: an installation that serves Dagster's UI."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping

import pytest

from txplatform.connectors.ports import next_free_port
from txplatform.domains.spend.sources.sample import write_sample
from txplatform.settings import child_environment

Environment = Mapping[str, str]
WEEKS_PER_RUN = 2


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Variables of an installation of its own, with purchases ingested and nothing computed."""
    folder = tmp_path_factory.mktemp("installation")
    variables = child_environment(
        TXPLATFORM_STATE_DIR=str(folder / "state"),
        TXPLATFORM_SPEND_WEEKS_PER_RUN=str(WEEKS_PER_RUN),
    )
    own = {name: value for name, value in variables.items() if not name.endswith(("_URI", "_URL"))}
    write_sample(folder / "purchases.csv", rows=1_000)
    txplatform(own, "up")
    txplatform(own, "spend", "ingest", str(folder / "purchases.csv"))
    return own


def txplatform(environment: Environment, *arguments: str) -> str:
    """What a command of the platform prints."""
    command = [sys.executable, "-m", "txplatform", *arguments]
    return subprocess.run(
        command, env=environment, check=True, capture_output=True, text=True
    ).stdout


@pytest.fixture(scope="session")
def address(environment: Environment) -> Iterator[str]:
    """The UI that `txplatform up --ui` serves; everything is stopped at the end."""
    port = next_free_port("127.0.0.1", 3300)
    command = [sys.executable, "-m", "txplatform", "up", "--ui", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    line = next(line for line in server.stdout if "Dagster's UI:" in line)
    yield line.split()[2]
    server.send_signal(signal.SIGINT)
    server.wait(60)
    server.stdout.close()
    txplatform(environment, "down")
