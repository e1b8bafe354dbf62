"""What the tests of the command line share: commands run in this process, on fresh databases."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from sqlalchemy import make_url
from typer.testing import CliRunner

from txplatform import embedded
from txplatform.cli import app
from txplatform.platform import Platform
from txplatform.settings import Settings


class Done(NamedTuple):
    """What a command printed, and the error that ended it, if any."""

    out: str
    err: str
    error: BaseException | None

    @property
    def lines(self) -> list[str]:
        """What it printed, line by line, without trailing blanks."""
        return [line.rstrip() for line in self.out.splitlines()]

    @property
    def json(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.out)


Command = Callable[..., Done]


@pytest.fixture
def command() -> Command:
    """`command("status", "--json")`: run a command as from a pipe."""

    def run(*arguments: object) -> Done:
        result = CliRunner().invoke(app, [str(one) for one in arguments])
        error = result.exception if not isinstance(result.exception, SystemExit) else None
        if result.exit_code and error is None:
            error = result.exception
        return Done(result.stdout, result.stderr, error)

    return run


@pytest.fixture
def installation(
    platform: Platform, endpoints: embedded.Endpoints, monkeypatch: pytest.MonkeyPatch
) -> Platform:
    """A platform that commands find by their environment: the test's own databases.

    Dagster's history is that of the session: its tables take seconds to create.
    """
    settings: Settings = platform.settings
    address = make_url(endpoints.dagster_postgres_url).render_as_string(hide_password=False)
    variables = {
        "TXPLATFORM_STATE_DIR": str(settings.state),
        "TXPLATFORM_LAKE_DIR": str(settings.lake),
        "TXPLATFORM_MONGO_URI": endpoints.mongo_uri,
        "TXPLATFORM_MONGO_DATABASE": settings.mongo_database,
        "TXPLATFORM_POSTGRES_URL": platform.endpoints.postgres_url,
        "TXPLATFORM_DAGSTER_POSTGRES_URL": address,
        # Commands set these for Dagster; named here, they are as before after the test.
        "DAGSTER_HOME": str(settings.state / "dagster"),
        "DAGSTER_EVENT_BATCH_SIZE": "500",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return platform
