"""Logins of the platform's parts on MongoDB and PostgreSQL, made once and made again harmlessly.

The embedded servers get theirs by themselves. On one's own servers `setup` makes them and writes
each address into a file of its own, FOLDER/PART/mongo_uri and FOLDER/PART/postgres_url, which the
settings `TXPLATFORM_..._FILE` name: no password is printed. What each login may do is declared with
the tables (`domains/*/tables/rights.py`).
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from psycopg2.extensions import encrypt_password
from pymongo.database import Database
from pymongo.errors import OperationFailure
from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from txplatform import domains, migrations
from txplatform.connectors import mongo, postgres
from txplatform.connectors.private_files import private_folder, write_private
from txplatform.embedded.postgres import LOOKING
from txplatform.embedded.processes import locked, secret
from txplatform.errors import ServerError, UsageError
from txplatform.settings import Settings
from txplatform.settings.logins import Component, login_of, revealed

LONGEST_NAME = 63
"""Bytes of a role's name in PostgreSQL, which cuts longer ones off."""

PASSWORD_BYTES = 24

SUPERSET = "superset"
"""The part that owns a database of its own, with Superset's dashboards and users."""


class Login(NamedTuple):
    """A login that is there now: the setting that is to name its file."""

    variable: str
    file: Path
    is_new: bool


def setup(settings: Settings, folder: Path, has_superset: bool = False) -> list[Login]:
    """Make every login on the servers that the settings name, with its privileges.

    A login whose file is there keeps its password.

    Args:
        settings: which servers.
        folder: of the files with the addresses.
        has_superset: whether Superset gets a database and a login that owns it.

    Raises:
        UsageError: the servers are embedded ones, which have their logins already.
        ServerError: the administrator's login may not make others.
    """
    if settings.is_mongo_embedded or settings.is_postgres_embedded:
        raise UsageError(
            "The embedded servers have their logins already; this is for servers of your own: set "
            "TXPLATFORM_MONGO_URI and TXPLATFORM_POSTGRES_URL."
        )
    owner = _required(settings.postgres_url_of(None), "TXPLATFORM_POSTGRES_URL")
    uri = _required(settings.mongo_uri_of(None), "TXPLATFORM_MONGO_URI")
    parts = [*Component, SUPERSET] if has_superset else [*Component]
    return [
        *_setup_mongo(revealed(settings.mongo_admin_uri) or uri, settings.mongo_database, folder),
        *_setup_postgres(owner, revealed(settings.postgres_admin_url) or owner, parts, folder),
    ]


def _required(address: str | None, variable: str) -> str:
    if address is None:
        raise UsageError(f"{variable} is missing: it names the owner of the database.")
    return address


def _setup_mongo(uri: str, name: str, folder: Path) -> Iterator[Login]:
    with mongo.connect(uri) as client, _refusals_told():
        database = client[name]
        for tables in domains.modules("tables"):
            mongo.ensure_indexes(database, getattr(tables, "INDEXES", {}))
        for component in COLLECTIONS:
            path = folder / component / "mongo_uri"
            is_new = not (path.exists() and is_user(database, component))
            password = secrets.token_urlsafe(PASSWORD_BYTES) if is_new else None
            ensure_user(database, component, password)
            if password:
                _write(path, mongo_address(uri, name, component, password))
            yield Login(f"TXPLATFORM_MONGO_{component.upper()}_URI_FILE", path, is_new)


@contextmanager
def _refusals_told() -> Iterator[None]:
    try:
        yield
    except OperationFailure as error:
        raise _may_not("MongoDB", "MONGO_ADMIN_URI", error.details or {}) from None


def provide(database: Database[Any], folder: Path) -> None:
    """Make the logins of an embedded MongoDB that are missing, their passwords in `folder`."""
    with locked(folder / "logins.lock"):
        for component in COLLECTIONS:
            path = folder / f"mongo-{component}"
            is_kept = path.exists() and is_user(database, component)
            ensure_user(database, component, None if is_kept else secret(path))


def mongo_address(uri: str, database: str, component: Component, password: str) -> str:
    """An address of the same servers and options with a part's login."""
    scheme, rest = uri.split("://", 1)
    hosts, _, query = rest.rpartition("@")[2].partition("?")
    options = [one for one in query.split("&") if one and not one.lower().startswith("authsource=")]
    options.append(f"authSource={quote(database, safe='')}")
    user = quote(login_of(database, component), safe="")
    return f"{scheme}://{user}:{password}@{hosts.split('/')[0]}/?{'&'.join(options)}"


def ensure_user(database: Database[Any], component: Component, password: str | None) -> None:
    """Make a part's user with its privileges, or give it exactly these.

    Args:
        database: the platform's own, which keeps user and role.
        component: the part.
        password: the new one; None: the user is there and keeps its own.
    """
    name = login_of(database.name, component)
    privileges = [
        {"resource": {"db": database.name, "collection": collection}, "actions": list(actions)}
        for collection, actions in declared(component)
    ]
    role = database.command("rolesInfo", name, showPrivileges=True)["roles"]
    if not role or _plain(role[0]["privileges"]) != _plain(privileges):
        verb = "updateRole" if role else "createRole"
        database.command(verb, name, privileges=privileges, roles=[])
    if password:
        verb = "updateUser" if is_user(database, component) else "createUser"
        database.command(verb, name, pwd=password, roles=[name])


def is_user(database: Database[Any], component: Component) -> bool:
    """Whether the database has the user of a part."""
    return bool(database.command("usersInfo", login_of(database.name, component))["users"])


def declared(component: Component) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every collection that a part of the platform may use, with the actions."""
    for module in domains.modules("tables"):
        yield from getattr(module, "COLLECTIONS", {}).get(component, {}).items()


COLLECTIONS = (Component.INGEST, Component.COMPUTE, Component.READ)
"""The parts that use MongoDB; who decides writes PostgreSQL only."""


def _plain(privileges: list[dict[str, Any]]) -> set[tuple[str, frozenset[str]]]:
    return {(one["resource"]["collection"], frozenset(one["actions"])) for one in privileges}


def _setup_postgres(owner: str, admin: str, parts: Sequence[str], folder: Path) -> Iterator[Login]:
    database = make_url(owner).database or ""
    if any(len(login_of(database, one).encode()) > LONGEST_NAME for one in parts):
        raise UsageError(f"The name of the database {database} is too long to name logins after.")
    engine = postgres.connect(admin)
    try:
        with engine.begin() as connection:
            made = [_setup_role(connection, owner, one, folder) for one in parts]
        if SUPERSET in parts:
            _ensure_database(engine, login_of(database, SUPERSET))
    except ProgrammingError as error:
        said = {"errmsg": str(error.orig).strip().partition("\n")[0]}
        raise _may_not("PostgreSQL", "POSTGRES_ADMIN_URL", said) from None
    finally:
        engine.dispose()
    for login, address in made:
        if address:
            _write(login.file, address)
    engine = postgres.connect(owner)
    migrations.upgrade(engine)  # which gives the new logins their privileges
    engine.dispose()
    yield from (login for login, _ in made)


def _setup_role(
    connection: Connection, owner: str, part: str, folder: Path
) -> tuple[Login, str | None]:
    """Make a part's role; the address to keep, where it has a new password."""
    url, path = make_url(owner), folder / part / "postgres_url"
    name = login_of(url.database or "", part)
    variable = f"TXPLATFORM_POSTGRES_{part.upper()}_URL_FILE"
    if part == SUPERSET:
        url, variable = url.set(database=name), "TXPLATFORM_SUPERSET_POSTGRES_URL_FILE"
    known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name})
    is_known = known.first() is not None
    if is_known and path.exists():
        return Login(variable, path, is_new=False), None
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    # As a hash: the server logs a statement that fails.
    session = connection.connection.driver_connection
    hashed = encrypt_password(password, name, scope=session, algorithm="scram-sha-256")
    quoted = connection.dialect.identifier_preparer.quote_identifier(name)
    verb = "ALTER" if is_known else "CREATE"
    connection.exec_driver_sql(f"{verb} ROLE {quoted} LOGIN PASSWORD '{hashed}'")
    for kept in LOOKING if part == Component.BI else ():
        connection.exec_driver_sql(f"ALTER ROLE {quoted} {kept}")
    address = url.set(username=name, password=password).render_as_string(hide_password=False)
    return Login(variable, path, is_new=True), address


def _ensure_database(engine: Engine, name: str) -> None:
    """Make the database that a login of the same name owns, unless it is there."""
    is_there = text("SELECT 1 FROM pg_database WHERE datname = :name")
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        if connection.execute(is_there, {"name": name}).first() is None:
            quoted = connection.dialect.identifier_preparer.quote_identifier(name)
            connection.exec_driver_sql(f"GRANT {quoted} TO CURRENT_USER")
            connection.exec_driver_sql(f"CREATE DATABASE {quoted} OWNER {quoted}")
            connection.exec_driver_sql(
                f"REVOKE CONNECT, TEMPORARY ON DATABASE {quoted} FROM PUBLIC"
            )


def _write(path: Path, address: str) -> None:
    private_folder(path.parent)
    write_private(path, address)


def _may_not(server: str, setting: str, details: Any) -> ServerError:
    return ServerError(
        f"{server} does not let this login make others ({details.get('errmsg', 'no reason')}): "
        f"set TXPLATFORM_{setting} to one that may."
    )
