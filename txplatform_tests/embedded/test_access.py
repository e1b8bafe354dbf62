"""Who gets in: only from this machine, only with the generated passwords, which nobody sees."""

import re
import stat
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure
from sqlalchemy import create_engine, make_url, text

from txplatform import embedded
from txplatform.embedded.servers import ServerStatus
from txplatform.settings import Settings


@pytest.fixture
def servers(settings: Settings, endpoints: embedded.Endpoints) -> list[ServerStatus]:
    """The session's running servers."""
    assert endpoints
    return embedded.status(settings)


@pytest.fixture
def passwords(settings: Settings, endpoints: embedded.Endpoints) -> list[str]:
    """The three passwords that were generated."""
    assert endpoints
    names = ("mongo", "postgres", "postgres-superuser")
    return [(settings.state / "secrets" / name).read_text(encoding="utf-8") for name in names]


def test_mongodb_wants_the_password(servers: list[ServerStatus]) -> None:
    with (
        MongoClient[dict[str, Any]](f"mongodb://{servers[0].address}") as client,
        pytest.raises(OperationFailure, match="requires authentication"),
    ):
        client.admin.command("listDatabases")


def test_mongodb_makes_no_second_user_without_it(servers: list[ServerStatus]) -> None:
    with (
        MongoClient[dict[str, Any]](f"mongodb://{servers[0].address}") as client,
        pytest.raises(OperationFailure, match="requires authentication"),
    ):
        client.admin.command("createUser", "intruder", pwd="secret", roles=["root"])


@pytest.mark.parametrize("user", ["txplatform", "postgres"])
def test_postgres_wants_the_password(servers: list[ServerStatus], user: str) -> None:
    host, port = servers[1].address.split(":")

    with pytest.raises(psycopg2.OperationalError, match="password"):
        psycopg2.connect(host=host, port=port, user=user, password="guess", dbname="txplatform")


def test_the_platforms_role_is_no_superuser_and_owns_both_databases(
    endpoints: embedded.Endpoints,
) -> None:
    query = text(
        "SELECT datname, rolname, rolsuper, datcollate, pg_encoding_to_char(encoding) "
        "FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba WHERE datname = current_database()"
    )
    found = []
    for url in (endpoints.postgres_url, endpoints.dagster_postgres_url):
        engine = create_engine(url)
        with engine.connect() as connection:
            found.append(tuple(connection.execute(query).one()))
        engine.dispose()

    assert found == [
        ("txplatform", "txplatform", False, "C", "UTF8"),
        ("dagster", "txplatform", False, "C", "UTF8"),
    ]


def test_writes_outlive_a_crash(endpoints: embedded.Endpoints) -> None:
    with MongoClient[dict[str, Any]](endpoints.mongo_uri) as client:
        assert client.write_concern.document == {"j": True}
        options = client.admin.command("getCmdLineOpts")["parsed"]
        assert "journal" not in options.get("storage", {}), "on unless it says otherwise"
        assert client.admin.command("serverStatus")["storageEngine"]["persistent"] is True
    engine = create_engine(endpoints.postgres_url)
    with engine.connect() as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert connection.execute(text(f"SHOW {name}")).scalar_one() == "on", name
    engine.dispose()


def test_mongodb_takes_a_quarter_gigabyte_of_cache(endpoints: embedded.Endpoints) -> None:
    with MongoClient[dict[str, Any]](endpoints.mongo_uri) as client:
        cache = client.admin.command("serverStatus")["wiredTiger"]["cache"]

    assert cache["maximum bytes configured"] == 256 * 1024 * 1024


def test_servers_listen_on_loopback_only(servers: list[ServerStatus]) -> None:
    for server in servers:
        listening = {
            connection.laddr.ip
            for connection in psutil.Process(server.pid).net_connections("all")
            if connection.status == psutil.CONN_LISTEN
        }
        assert listening == {"127.0.0.1"}, server.name


def test_no_password_is_among_arguments_or_variables(
    servers: list[ServerStatus], passwords: list[str]
) -> None:
    for server in servers:
        process = psutil.Process(server.pid)
        shown = [*process.cmdline(), *process.environ().values()]
        assert not [word for word in shown for password in passwords if password in word]


def test_no_password_is_in_a_log(settings: Settings, passwords: list[str]) -> None:
    logs = list((settings.state / "servers").glob("*.log"))
    assert logs
    for log in logs:
        written = log.read_text(encoding="utf-8", errors="replace")
        assert not [password for password in passwords if password in written], log.name


def test_passwords_are_long_and_different(passwords: list[str]) -> None:
    assert len(set(passwords)) == 3
    assert all(re.fullmatch(r"[\w-]{32}", password) for password in passwords)


def test_only_the_owner_reads_the_state(settings: Settings, endpoints: embedded.Endpoints) -> None:
    assert endpoints
    state = settings.state
    own = [state / "servers", state / "secrets", state / "mongo", state / "postgres"]
    files = [*(state / "servers").iterdir(), *(state / "secrets").iterdir()]

    assert {mode(folder) for folder in own} == {0o700}
    assert {mode(file) for file in files} == {0o600}


def mode(path: Path) -> int:
    """The permission bits of a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)


def test_what_libpq_reads_from_the_environment_does_not_reach_the_embedded_server(
    started: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such variables are meant for the company's server."""
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    monkeypatch.setenv("PGDATABASE", "elsewhere")

    engine = create_engine(embedded.up(started).postgres_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT current_database()")).scalar_one() == "txplatform"
    engine.dispose()


def test_addresses_show_no_password_when_printed(endpoints: embedded.Endpoints) -> None:
    shown = repr(endpoints)

    assert make_url(endpoints.postgres_url).password not in (None, "")
    assert str(make_url(endpoints.postgres_url).password) not in shown
    assert shown.count("//***@127.0.0.1:") == 3
