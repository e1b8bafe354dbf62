"""Alembic migrations of the PostgreSQL schema; `upgrade` brings a database to the newest one.

The machine's own tables have a chain of revisions here (`versions/`), and each domain has one of
its own (`domains/*/migrations/versions/`), numbered and named after it. All that are missing run
in one transaction: one that fails leaves the database as it was.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError

from txplatform import domains
from txplatform.errors import ServerError
from txplatform.migrations import rights

VERSION_TABLE = "txplatform_alembic_version"
"""Dagster keeps an `alembic_version` of its own, possibly in the same database."""

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER = Path(__file__).parent
_IS_THERE = text(f"SELECT to_regclass('{VERSION_TABLE}')")
_VERSIONS = text(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608 - our own name
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('txplatform.migrations'))")


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest version; two at once wait for each other.

    Raises:
        ServerError: the database is of another txplatform, which knows more than this one.
    """
    with engine.begin() as connection:
        connection.execute(_LOCK)
        if (found := current(connection)) != newest():
            _require_known(found)
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
    """The version that this code expects: the last revision of every chain."""
    return _version(chain[-1] for chain in _chains())


def current(connection: Connection) -> str | None:
    """The version of the database, None where it is empty."""
    if connection.execute(_IS_THERE).scalar() is None:
        return None
    return _version(connection.execute(_VERSIONS).scalars()) or None


def _version(revisions: Iterable[str]) -> str:
    return ", ".join(sorted(revisions))


def _chains() -> Iterator[list[str]]:
    """The revisions of the machine and of each domain, in order; their numbers are their files'."""
    for name, folder in {"": _FOLDER, **domains.folders("migrations")}.items():
        prefix = f"{name}_" if name else ""
        files = sorted((folder / "versions").glob("0*.py"))
        yield [f"{prefix}{file.name.partition('_')[0]}" for file in files]


def _require_known(version: str | None) -> None:
    known = {revision for chain in _chains() for revision in chain}
    unknown = set(version.split(", ") if version else ()) - known
    if unknown:
        raise ServerError(
            f"The schema of PostgreSQL is {version}, and this txplatform knows no "
            f"{', '.join(sorted(unknown))}: use the version that made it, or another database."
        )


def _run_missing(connection: Connection) -> None:
    # Imported here: every process compares versions, and hardly one has anything to migrate.
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "heads")


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    folders = (_FOLDER, *domains.folders("migrations").values())
    locations = os.pathsep.join(str(folder / "versions") for folder in folders)
    config.set_main_option("version_locations", locations.replace("%", "%%"))
    return config
