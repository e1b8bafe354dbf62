"""What all tests share: one pair of real servers per session, a fresh database per test."""

import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from shutil import disk_usage, rmtree
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
from pymongo import MongoClient
from pymongo.database import Database
from pyspark.sql import SparkSession
from sqlalchemy import Engine, create_engine, make_url, text

from txplatform import embedded, migrations
from txplatform.connectors import postgres, spark_config
from txplatform.connectors import spark as spark_connector
from txplatform.embedded.java import java_home
from txplatform.platform import Platform
from txplatform.settings import Settings, load_settings
from txplatform_tests import halves, quick
from txplatform_tests.cli import commands
from txplatform_tests.cli.commands import Command

# The same examples every time; `--hypothesis-profile=thorough` looks for new ones.
hypothesis.settings.register_profile(
    "steady", derandomize=True, deadline=None, max_examples=20, database=None
)
hypothesis.settings.register_profile(
    "quick", hypothesis.settings.get_profile("steady"), max_examples=6
)
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=1_000)
hypothesis.settings.load_profile("steady")

END_SESSIONS = text(
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
    "WHERE datname = :name AND usename = current_user"
)

IN_MEMORY = "txplatform-tests-"
MEMORY, ENOUGH = Path("/dev/shm"), 4 << 30  # noqa: S108 - a folder of the session's own in it
"""Where the session's servers wait for no disk, if so many bytes are free there."""

MAIN = sys.modules["__main__"]

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_configure(config: pytest.Config) -> None:
    """Let Ctrl-C reach what tests start, though whoever started the tests may ignore it himself."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.disable()  # of what is imported and collected nothing is garbage
    if config.getoption("quick"):
        hypothesis.settings.load_profile("quick")


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> halves.Halves:
    """How `make test` divides the tests."""
    return halves.Halves(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--quick`, the option of `make quick`."""
    parser.addoption("--quick", action="store_true", help="only tests without servers and Spark")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where only quick tests are wanted, a module that has none is not even imported."""
    is_slow = collection_path.suffix == ".py" and config.getoption("quick")
    return True if is_slow and quick.starts_processes(collection_path) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest parts first, or the quick tests alone."""
    items.sort(key=lambda item: halves.PARTS.index(halves.part_of(item.nodeid)))
    if config.getoption("quick"):
        quick.keep_quick(config, items)
        quick.skip_what_starts_processes()


def pytest_collection_finish() -> None:
    """Look for garbage from now on, and never again at what was there before the first test."""
    gc.freeze()
    gc.enable()


def pytest_runtest_setup() -> None:
    """Give back the program: Streamlit leaves its script there, which new processes would run."""
    sys.modules["__main__"] = MAIN


@pytest.fixture(scope="session")
def shared_data(request: pytest.FixtureRequest) -> Path:
    """Folder of the published purchase files and their oracles, next to the repository."""
    if request.config.getoption("quick"):
        pytest.skip("not quick: files of real businesses")  # asked for by name, while a test runs
    if not SHARED_DATA.is_dir():
        pytest.skip("the published purchase files (../shared/data) are not on this machine")
    return SHARED_DATA


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of the test session: embedded servers, whatever the environment names."""
    for left in MEMORY.glob(f"{IN_MEMORY}*"):
        if not Path(f"/proc/{left.name.split('-')[2]}").exists():
            rmtree(left, ignore_errors=True)  # of a session that was killed
    has_memory = MEMORY.is_dir() and disk_usage(MEMORY).free >= ENOUGH
    home = MEMORY if has_memory else tmp_path_factory.mktemp("state")
    own = TemporaryDirectory(
        prefix=f"{IN_MEMORY}{os.getpid()}-", dir=home, ignore_cleanup_errors=True
    )
    with own as folder:
        yield load_settings(
            state_dir=Path(folder),
            mongo_uri=None,
            postgres_url=None,
            dagster_postgres_url=None,
        )


@pytest.fixture(scope="session")
def endpoints(settings: Settings) -> Iterator[embedded.Endpoints]:
    """The session's MongoDB and PostgreSQL."""
    with embedded.running(settings) as addresses:
        yield addresses


@pytest.fixture
def mongo_database(endpoints: embedded.Endpoints) -> Iterator[Database[dict[str, Any]]]:
    """An empty MongoDB database of the test's own."""
    with MongoClient[dict[str, Any]](endpoints.mongo_uri, tz_aware=False) as client:
        database = client[f"test_{uuid4().hex}"]
        yield database
        client.drop_database(database)


@contextmanager
def new_database(endpoints: embedded.Endpoints) -> Iterator[str]:
    """Address of a PostgreSQL database with the newest schema, for SQLAlchemy; dropped at the end.

    A copy of one that was migrated once: migrating takes ten times as long.
    """
    with _database(endpoints.postgres_url, f"TEMPLATE {_migrated(endpoints.postgres_url)}") as url:
        yield url


@cache
def _migrated(server: str) -> str:
    """Name of a database with the newest schema and without a row; it goes with its server."""
    name = "test_migrated"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    owner = postgres.connect(make_url(server).set(database=name).render_as_string(False))
    migrations.upgrade(owner)
    owner.dispose()
    return name


@contextmanager
def _database(server: str, made_from: str = "") -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} {made_from}"))
        yield make_url(server).set(database=name).render_as_string(False)
        # Not WITH (FORCE): it may not end the server's own vacuum and fails.
        connection.execute(END_SESSIONS, {"name": name})
        connection.execute(text(f"DROP DATABASE {name}"))
    engine.dispose()


@pytest.fixture
def postgres_url(endpoints: embedded.Endpoints) -> Iterator[str]:
    """Address of a PostgreSQL database of the test's own, without a row, for SQLAlchemy."""
    with new_database(endpoints) as url:
        yield url


@pytest.fixture
def empty_postgres_url(endpoints: embedded.Endpoints) -> Iterator[str]:
    """The same without a table."""
    with _database(endpoints.postgres_url) as url:
        yield url


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    """A database of the test's own with the platform's tables, all of them empty."""
    engine = postgres.connect(postgres_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def spark(settings: Settings) -> Iterator[SparkSession]:
    """The one Spark session of the whole test session."""
    config = spark_config.session_config(settings)
    session = spark_connector.session(config, lambda: java_home(settings))
    yield session
    session.stop()


@pytest.fixture
def platform(
    settings: Settings,
    endpoints: embedded.Endpoints,
    mongo_database: Database[dict[str, Any]],
    postgres_url: str,
    tmp_path: Path,
) -> Iterator[Platform]:
    """A platform of the test's own: fresh databases on the session's servers, a fresh lake."""
    name, lake = mongo_database.name, tmp_path / "lake"
    opened = Platform(_settings_of(settings, endpoints, name, postgres_url, lake))
    yield opened
    opened.close()


@pytest.fixture
def command() -> Command:
    """`command("spend", "status", "--json")`: run a command as from a pipe."""
    return commands.run


@contextmanager
def new_platform(
    settings: Settings, endpoints: embedded.Endpoints, lake: Path
) -> Iterator[Platform]:
    """The same for tests that share one: its databases go with the block."""
    with new_database(endpoints) as url, MongoClient[dict[str, Any]](endpoints.mongo_uri) as client:
        name = f"test_{uuid4().hex}"
        opened = Platform(_settings_of(settings, endpoints, name, url, lake))
        try:
            yield opened
        finally:
            opened.close()
            client.drop_database(name)


def _settings_of(
    settings: Settings, endpoints: embedded.Endpoints, name: str, url: str, lake: Path
) -> Settings:
    return load_settings(
        state_dir=settings.state,
        mongo_uri=endpoints.mongo_uri,
        mongo_database=name,
        postgres_url=url,
        dagster_postgres_url=None,
        lake_dir=lake,
    )


@pytest.fixture
def installation(
    platform: Platform, endpoints: embedded.Endpoints, monkeypatch: pytest.MonkeyPatch
) -> Platform:
    """A platform that commands find by their environment: the test's own databases.

    Dagster's history is that of the session: its tables take seconds to create.
    """
    for name, value in commands.variables_of(platform, endpoints.dagster_postgres_url).items():
        monkeypatch.setenv(name, value)
    return platform
