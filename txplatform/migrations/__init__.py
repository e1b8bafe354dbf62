"""Alembic migrations of the PostgreSQL schema; `upgrade` brings a database to the newest one.

PostgreSQL runs each migration in one transaction: one that fails leaves the database as it was.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from txplatform.errors import ServerError
from txplatform.migrations import rights

VERSION_TABLE = "txplatform_alembic_version"
"""Dagster keeps an `alembic_version` of its own, possibly in the same database."""

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER = Path(__file__).parent
_IS_THERE = text(f"SELECT to_regclass('{VERSION_TABLE}')")
_VERSION = text(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608 - our own name
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('txplatform.migrations'))")


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest version; two at once wait for each other."""
    with engine.begin() as connection:
        connection.execute(_LOCK)
        if current(connection) != newest():
            _run_missing(connection)
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
    """The version that this code expects: migrations are numbered."""
    return max(file.name for file in (_FOLDER / "versions").glob("0*.py")).partition("_")[0]


def current(connection: Connection) -> str | None:
    """The version of the database, None where it is empty."""
    if connection.execute(_IS_THERE).scalar() is None:
        return None
    return connection.execute(_VERSION).scalar_one_or_none()


def _run_missing(connection: Connection) -> None:
    # Imported here: every process compares versions, and hardly one has anything to migrate.
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
