"""Dagster's persisted instance: its home in the state folder, its history in PostgreSQL."""

import logging
from importlib.resources import files
from pathlib import Path

import dagster as dg

from txplatform.connectors import postgres
from txplatform.connectors.private_files import private_folder
from txplatform.embedded import Endpoints
from txplatform.settings import Settings, export

Instance = dg.DagsterInstance
"""Where runs and materialisations are kept; for callers that know nothing else of Dagster."""

INSTANCE_FILE = "dagster.yaml"
EVENT_BATCH_SIZE = "500"
"""Materialisations of a range of weeks are stored together: one commit instead of hundreds."""

NO_TIMEOUT = 0
RECYCLE_SECONDS = 3600
MOST_CONNECTIONS = 20

POSTGRES_VARIABLE = "TXPLATFORM_DAGSTER_POSTGRES_URL"


def home(settings: Settings) -> Path:
    """DAGSTER_HOME of this installation, holding the newest copy of the instance file."""
    folder = private_folder(settings.state / "dagster")
    content = files(__package__).joinpath(INSTANCE_FILE).read_text(encoding="utf-8")
    target = folder / INSTANCE_FILE
    if not target.exists() or target.read_text(encoding="utf-8") != content:
        target.write_text(content, encoding="utf-8")
    return folder


def environment(settings: Settings, endpoints: Endpoints) -> dict[str, str]:
    """The variables by which Dagster's processes find the instance; the address is a secret."""
    address = postgres.address_of(endpoints.dagster_postgres_url)
    return {
        "DAGSTER_HOME": str(home(settings)),
        "DAGSTER_EVENT_BATCH_SIZE": EVENT_BATCH_SIZE,
        POSTGRES_VARIABLE: address.render_as_string(hide_password=False),
        "TXPLATFORM_STATE_DIR": str(settings.state),
    }


def open_instance(settings: Settings, endpoints: Endpoints) -> Instance:
    """The persisted instance, its tables created when they are not there.

    Dagster tries a lost database again and warns each time; whoever opens the instance hears of
    it once, from the error in which the tries end.
    """
    logging.getLogger().addFilter(_is_no_retry)
    export(**environment(settings, endpoints))
    instance = dg.DagsterInstance.get()
    keep_connections(instance)
    return instance


def keep_connections(instance: Instance) -> None:
    """Have an instance keep its connections, as the webserver does.

    By default each event opens one, hundreds in a run of many weeks, and each logs in anew: 8 ms.
    """
    instance.optimize_for_webserver(
        statement_timeout=NO_TIMEOUT, pool_recycle=RECYCLE_SECONDS, max_overflow=MOST_CONNECTIONS
    )


def _is_no_retry(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith("Retrying failed database connection")
