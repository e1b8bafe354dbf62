"""Alembic migrations of the PostgreSQL schema; `upgrade` brings a database to the newest one.

PostgreSQL runs each migration in one transaction: one that fails leaves the database as it was.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from txplatform.errors import ServerError
from txplatform.migrations import rights

VERSION_TABLE = "txplatform_alembic_version"
"""Dagster keeps an `alembic_version` of its own, possibly in the same database."""

_FOLDER = Path(__file__).parent
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('txplatform.migrations'))")


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest version; two at once wait for each other."""
    with engine.begin() as connection:
        connection.execute(_LOCK)
        if current(connection) != newest():
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            rights.grant(connection, VERSION_TABLE)
        elif rights.are_missing(connection, VERSION_TABLE):
            rights.grant(connection, VERSION_TABLE)


def require_current(engine: Engine) -> None:
    """Refuse to work with another schema, where this login may not bring it to the newest.

    Raises:
        ServerError: the sentence says who can.
    """
    with engine.connect() as connection:
        try:
            found = current(connection)
        except ProgrammingError:
            found = "out of this login's reach"
    if found != newest():
        raise ServerError(
            f"The schema of PostgreSQL is {found or 'not there'} and {newest()} is needed: run "
            "`txplatform setup roles` where TXPLATFORM_POSTGRES_URL names its owner."
        )


def newest() -> str:
    """The version that this code expects."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def current(connection: Connection) -> str | None:
    """The version of the database, None where it is empty."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
