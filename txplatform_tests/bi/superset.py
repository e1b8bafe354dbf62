"""Superset on an installation that holds data of each domain; started once for all tests."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine

from txplatform import embedded
from txplatform.bi.client import Client
from txplatform.bi.server import Superset, administrator
from txplatform.connectors import postgres
from txplatform.embedded import processes
from txplatform.settings import Settings, load_settings
from txplatform_tests.bi import shop_files
from txplatform_tests.end_to_end import environments

DEMOS = ("spend", "air-quality")


class Running(NamedTuple):
    """Superset with its tables."""

    settings: Settings
    engine: Engine
    client: Client
    address: str
    seconds_to_start: float
    said: str

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command on this installation."""
        return command(self.settings.state, *arguments)


def command(state: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `txplatform` in a process of its own on the servers of a state folder."""
    return subprocess.run(
        [sys.executable, "-m", "txplatform", *arguments],
        env=environments.clean(TXPLATFORM_STATE_DIR=str(state)),
        cwd=state.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def done(state: Path, *arguments: str) -> str:
    """What a command printed that must not fail."""
    result = command(state, *arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def fill(state: Path) -> Path:
    """Take sample data through each domain; the state folder that holds them."""
    for domain in DEMOS:
        done(state, "demo", "--domain", domain, "--no-serve")
    sample = state / "demo" / "sample"
    files = map(str, shop_files.write(state))
    done(sample, "up")
    done(sample, "commerce", "ingest", *files)
    done(sample, "commerce", "run")
    return sample


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """Superset from nothing, on a port of its own; everything is stopped at the end."""
    state = folder / "state"
    state.mkdir()
    sample = fill(state)
    settings = load_settings(
        state_dir=sample, mongo_uri=None, postgres_url=None, dagster_postgres_url=None
    )
    try:
        began = time.monotonic()
        said = done(sample, "bi", "up", "--port", str(processes.free_port()))
        seconds = time.monotonic() - began
        engine = postgres.connect(embedded.postgres_url(settings, None))
        server = Superset(settings)
        with administrator(server) as client:
            yield Running(settings, engine, client, server.address(), seconds, said)
        engine.dispose()
    finally:
        command(sample, "bi", "down")
        command(sample, "down")
