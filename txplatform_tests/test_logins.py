"""`setup roles` on one's own servers: made once, kept, mended; a part needs only its own files."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from txplatform import embedded, logins
from txplatform.connectors import mongo, postgres
from txplatform.errors import ServerError, SettingsError, UsageError
from txplatform.platform import Platform
from txplatform.settings import Settings, load_settings
from txplatform.settings.logins import Component, login_of
from txplatform_tests.cli.commands import Command

NAMES = [f"TXPLATFORM_MONGO_{one}_URI_FILE" for one in ("INGEST", "COMPUTE", "READ")] + [
    f"TXPLATFORM_POSTGRES_{one}_URL_FILE" for one in ("INGEST", "COMPUTE", "READ", "DECIDE", "BI")
]


@pytest.fixture
def superuser(settings: Settings, empty_postgres_url: str) -> str:
    """Address of the test's database for the embedded server's superuser."""
    password = (settings.state / "secrets" / "postgres-superuser").read_text(encoding="utf-8")
    url = make_url(empty_postgres_url).set(username="postgres", password=password)
    return url.render_as_string(hide_password=False)


@pytest.fixture
def own(
    tmp_path: Path,
    settings: Settings,
    endpoints: embedded.Endpoints,
    empty_postgres_url: str,
    superuser: str,
) -> Iterator[Settings]:
    """Servers that the settings name, and an administrator's login for PostgreSQL."""
    name = make_url(empty_postgres_url).database or ""
    own = load_settings(
        state_dir=tmp_path / "state",
        mongo_uri=endpoints.mongo_uri,
        mongo_database=name,
        postgres_url=empty_postgres_url,
        postgres_admin_url=superuser,
    )
    assert settings.state != own.state
    yield own
    with MongoClient[dict[str, object]](endpoints.mongo_uri) as client:
        client[name].command("dropAllUsersFromDatabase")
        client[name].command("dropAllRolesFromDatabase")
        client.drop_database(name)
    engine = create_engine(superuser, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {login_of(name, logins.SUPERSET)}"))
        for component in (*Component, logins.SUPERSET):
            role = login_of(name, component)
            if connection.execute(
                text("SELECT 1 FROM pg_roles WHERE rolname=:r"), {"r": role}
            ).first():
                connection.execute(text(f"DROP OWNED BY {role}"))
                connection.execute(text(f"DROP ROLE {role}"))
    engine.dispose()


def files(folder: Path) -> dict[str, str]:
    """What is below a folder, by path."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in found}


def user_of(url: str) -> str:
    """Whom an address logs in as."""
    engine: Engine = postgres.connect(url)
    with engine.connect() as connection:
        name = str(connection.execute(text("SELECT current_user")).scalar_one())
    engine.dispose()
    return name


def is_looking_only(url: str) -> bool:
    """Whether a login's transactions refuse to write, and its statements to go on for hours."""
    names = ("default_transaction_read_only", "statement_timeout")
    engine: Engine = postgres.connect(url)
    with engine.connect() as connection:
        said = [connection.execute(text(f"SHOW {name}")).scalar_one() for name in names]
    engine.dispose()
    return said == ["on", "5min"]


def test_each_login_has_a_file_that_only_its_owner_reads(own: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "logins"

    made = logins.setup(own, folder)

    assert [one.variable for one in made] == NAMES
    assert all(one.is_new for one in made)
    assert {stat.S_IMODE(one.file.stat().st_mode) for one in made} == {0o600}
    assert {stat.S_IMODE(one.file.parent.stat().st_mode) for one in made} == {0o700}
    kept = files(folder)
    for component in Component:
        expected = login_of(own.mongo_database, component)
        assert user_of(kept[f"{component}/postgres_url"]) == expected
        assert is_looking_only(kept[f"{component}/postgres_url"]) == (component is Component.BI)
        if component in logins.COLLECTIONS:
            with mongo.connect(kept[f"{component}/mongo_uri"]) as client:
                said = client[own.mongo_database].command("connectionStatus")
            assert said["authInfo"]["authenticatedUsers"][0]["user"] == expected


def test_a_second_call_changes_no_password_and_mends_what_is_missing(
    own: Settings, tmp_path: Path, endpoints: embedded.Endpoints
) -> None:
    folder = tmp_path / "logins"
    logins.setup(own, folder)
    before = files(folder)

    assert not any(one.is_new for one in logins.setup(own, folder))
    assert files(folder) == before
    (folder / "read" / "postgres_url").unlink()
    with MongoClient[dict[str, object]](endpoints.mongo_uri) as client:
        client[own.mongo_database].command("dropUser", login_of(own.mongo_database, Component.READ))
    again = logins.setup(own, folder)

    assert [one.variable for one in again if one.is_new] == [
        "TXPLATFORM_MONGO_READ_URI_FILE",
        "TXPLATFORM_POSTGRES_READ_URL_FILE",
    ]
    assert user_of(files(folder)["read/postgres_url"]).endswith("_read")
    with mongo.connect(files(folder)["read/mongo_uri"]) as client:
        assert client[own.mongo_database]["transactions"].find_one() is None


def test_superset_gets_a_database_that_it_owns_and_nothing_else(
    own: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "logins"

    *_, made = logins.setup(own, folder, has_superset=True)
    again = logins.setup(own, folder, has_superset=True)

    assert made.variable == "TXPLATFORM_SUPERSET_POSTGRES_URL_FILE"
    assert not again[-1].is_new
    address = made.file.read_text(encoding="utf-8")
    assert user_of(address) == make_url(address).database == f"{own.mongo_database}_superset"
    engine = create_engine(make_url(address).set(database=own.mongo_database))
    with engine.connect() as connection, pytest.raises(ProgrammingError, match="permission denied"):
        connection.execute(text("SELECT * FROM weekly_transactions"))
    engine.dispose()


def test_a_part_needs_no_other_address_than_its_own(own: Settings, tmp_path: Path) -> None:
    logins.setup(own, tmp_path / "logins")
    kept = files(tmp_path / "logins")
    reader = load_settings(
        state_dir=tmp_path / "reader",
        mongo_database=own.mongo_database,
        mongo_uri=None,
        postgres_url=None,
        mongo_read_uri=kept["read/mongo_uri"],
        postgres_read_url=kept["read/postgres_url"],
    )
    platform = Platform(reader).acting(Component.READ)

    assert platform.database["transactions"].find_one() is None
    assert platform.engine.connect().closed is False
    with pytest.raises(SettingsError, match="TXPLATFORM_POSTGRES_URL is needed here and not set"):
        _ = platform.acting(Component.DECIDE).engine
    with pytest.raises(OperationFailure, match="not authorized"):
        platform.database["transactions"].insert_one({})
    platform.close()
    assert not reader.state.exists()


def test_a_part_says_who_brings_the_schema_up_to_date(own: Settings, tmp_path: Path) -> None:
    logins.setup(own, tmp_path / "logins")
    address = files(tmp_path / "logins")["read/postgres_url"]
    owner = Platform(own)
    with owner.engine.begin() as connection:
        connection.execute(
            text("DELETE FROM txplatform_alembic_version WHERE version_num <> '0001'")
        )
    owner.close()
    settings = load_settings(
        state_dir=tmp_path, postgres_url=None, mongo_uri=None, postgres_read_url=address
    )

    with pytest.raises(
        ServerError, match=r"is 0001 and .* is needed: run `txplatform setup roles`"
    ):
        _ = Platform(settings, Component.READ).engine


def test_an_owner_that_may_make_no_others_is_told(own: Settings, tmp_path: Path) -> None:
    plain = own.model_copy(update={"postgres_admin_url": None})

    with pytest.raises(ServerError, match=r"PostgreSQL does not let .* TXPLATFORM_POSTGRES_ADMIN"):
        logins.setup(plain, tmp_path / "logins")


def test_a_reader_cannot_set_logins_up(own: Settings, tmp_path: Path) -> None:
    logins.setup(own, tmp_path / "logins")
    uri = files(tmp_path / "logins")["read/mongo_uri"]
    reader = load_settings(
        mongo_uri=uri, mongo_database=own.mongo_database, postgres_url=own.postgres_url
    )

    with pytest.raises(ServerError, match=r"MongoDB does not let .*set TXPLATFORM_MONGO_ADMIN_URI"):
        logins.setup(reader, tmp_path / "others")


def test_embedded_servers_have_their_logins_already(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="have their logins already"):
        logins.setup(settings, tmp_path)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        (
            "mongodb://a:b@h1:1,h2:2/?tls=true",
            "mongodb://d_read:p@h1:1,h2:2/?tls=true&authSource=d",
        ),
        ("mongodb://h", "mongodb://d_read:p@h/?authSource=d"),
        (
            "mongodb+srv://a:b@h/x?authSource=admin&w=1",
            "mongodb+srv://d_read:p@h/?w=1&authSource=d",
        ),
    ],
)
def test_a_login_keeps_the_servers_and_their_options(uri: str, expected: str) -> None:
    assert logins.mongo_address(uri, "d", Component.READ, "p") == expected


def test_the_command_prints_settings_and_no_password(
    own: Settings,
    tmp_path: Path,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    superuser: str,
    empty_postgres_url: str,
    endpoints: embedded.Endpoints,
) -> None:
    values: dict[str, str | Path] = {
        "STATE_DIR": own.state,
        "MONGO_URI": endpoints.mongo_uri,
        "MONGO_DATABASE": own.mongo_database,
        "POSTGRES_URL": empty_postgres_url,
        "POSTGRES_ADMIN_URL": superuser,
    }
    for name, value in values.items():
        monkeypatch.setenv(f"TXPLATFORM_{name}", str(value))

    done = command("setup", "roles", "--folder", tmp_path / "logins")

    lines = dict(line.split("=", 1) for line in done.lines)
    assert list(lines) == NAMES
    addresses = [Path(file).read_text(encoding="utf-8") for file in lines.values()]
    passwords = [make_url(address).password for address in addresses]
    assert all(passwords)
    assert not [one for one in passwords if str(one) in done.out + done.err]
    for name, value in lines.items():
        monkeypatch.setenv(name, value)
    assert Platform(load_settings()).acting(Component.READ).component is Component.READ
