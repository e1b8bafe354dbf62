"""Commands run in this process, and what they printed."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import make_url
from typer.testing import CliRunner

from txplatform.cli.app import app
from txplatform.platform import Platform


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


def run(*arguments: object) -> Done:
    """Run a command as from a pipe: `run("spend", "status", "--json")`."""
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    error = result.exception if not isinstance(result.exception, SystemExit) else None
    if result.exit_code and error is None:
        error = result.exception
    return Done(result.stdout, result.stderr, error)


def addresses_of(platform: Platform) -> dict[str, str]:
    """The environment by which other processes find a platform."""
    settings, endpoints = platform.settings, platform.endpoints
    return {
        "TXPLATFORM_STATE_DIR": str(settings.state),
        "TXPLATFORM_LAKE_DIR": str(settings.lake),
        "TXPLATFORM_MONGO_URI": endpoints.mongo_uri,
        "TXPLATFORM_MONGO_DATABASE": settings.mongo_database,
        "TXPLATFORM_POSTGRES_URL": endpoints.postgres_url,
    }


def variables_of(platform: Platform, dagsters_url: str) -> dict[str, str]:
    """The same for commands, with a history of Dagster's."""
    return {
        **addresses_of(platform),
        "TXPLATFORM_DAGSTER_POSTGRES_URL": make_url(dagsters_url).render_as_string(
            hide_password=False
        ),
        # Commands set these for Dagster; named here, they are as before after the test.
        "DAGSTER_HOME": str(platform.settings.state / "dagster"),
        "DAGSTER_EVENT_BATCH_SIZE": "500",
    }
