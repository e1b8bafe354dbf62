"""Alembic migrations of the PostgreSQL schema; `upgrade` brings a database to the newest one.

PostgreSQL runs each migration in one transaction: one that fails leaves the database as it was.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

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
