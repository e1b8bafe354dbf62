"""Addresses: those of the settings as they are, those of embedded servers only while they run."""

from pathlib import Path

import pytest

from txplatform import embedded
from txplatform.embedded import Endpoints, ServerStatus
from txplatform.errors import ServerError
from txplatform_tests.embedded.commands import settings_of

MONGO = "mongodb://ada:s3cret@db1.example:27017,db2.example/?tls=true"
POSTGRES = "postgresql://ada:s3cret@pg.example:6432/spend?sslmode=verify-full"
DRIVEN = "postgresql+psycopg2://ada:s3cret@pg.example:6432/spend?sslmode=verify-full"


def test_servers_of_ones_own_are_used_and_nothing_is_started(tmp_path: Path) -> None:
    state = tmp_path / "state"
    settings = settings_of(state, mongo_uri=MONGO, postgres_url=POSTGRES)
    expected = Endpoints(MONGO, DRIVEN, DRIVEN)

    assert embedded.up(settings) == expected
    assert embedded.endpoints(settings) == expected
    with embedded.running(settings) as addresses:
        assert addresses == expected
    assert not state.exists()


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://host/db", "postgresql+psycopg2://host/db"),
        ("postgresql://host/db", "postgresql+psycopg2://host/db"),
        ("postgresql+psycopg2://host/db", "postgresql+psycopg2://host/db"),
    ],
)
def test_postgres_addresses_name_the_driver_that_is_installed(
    tmp_path: Path, given: str, used: str
) -> None:
    settings = settings_of(tmp_path, mongo_uri=MONGO, postgres_url=given)

    assert embedded.endpoints(settings).postgres_url == used


def test_dagsters_history_may_have_a_database_of_its_own(tmp_path: Path) -> None:
    dagster = "postgresql://ada@pg.example/dagster"
    settings = settings_of(
        tmp_path, mongo_uri=MONGO, postgres_url=POSTGRES, dagster_postgres_url=dagster
    )

    addresses = embedded.endpoints(settings)

    assert addresses.postgres_url == DRIVEN
    assert addresses.dagster_postgres_url == "postgresql+psycopg2://ada@pg.example/dagster"


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("MongoDB", {"postgres_url": POSTGRES}),
        ("PostgreSQL", {"mongo_uri": MONGO}),
        ("MongoDB", {}),
    ],
)
def test_a_server_that_does_not_run_has_no_address(
    tmp_path: Path, name: str, others: dict[str, str]
) -> None:
    with pytest.raises(ServerError, match=f"embedded {name} of .* not running.*`txplatform up`"):
        embedded.endpoints(settings_of(tmp_path / "state", **others))


def test_the_status_of_a_server_of_ones_own_is_its_address_without_credentials(
    tmp_path: Path,
) -> None:
    settings = settings_of(tmp_path, mongo_uri=MONGO, postgres_url=POSTGRES)

    assert embedded.status(settings) == [
        ServerStatus("MongoDB", "", None, "db1.example:27017,db2.example", None, None),
        ServerStatus("PostgreSQL", "", None, "pg.example:6432", None, None),
    ]


def test_the_status_before_the_first_start(tmp_path: Path) -> None:
    state = tmp_path / "state"

    assert embedded.status(settings_of(state)) == [
        ServerStatus("MongoDB", "", False, "", state / "mongo", None),
        ServerStatus("PostgreSQL", "", False, "", state / "postgres", None),
    ]
    assert not state.exists(), "looking changes nothing"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("mongodb://ada:s3cret@host/", "mongodb://***@host/"),
        ("mongodb://ada:s3/c@ret@host/", "mongodb://***@host/"),
        ("mongodb://host/?tls=true", "mongodb://host/?tls=true"),
        (
            "mongodb://host/?tlsCertificateKeyFilePassword=s3cret&tls=true",
            "mongodb://host/?tlsCertificateKeyFilePassword=***&tls=true",
        ),
        (
            "postgresql://host/db?user=ada&password=s3cret",
            "postgresql://host/db?user=ada&password=***",
        ),
    ],
)
def test_what_is_printed_hides_credentials(address: str, shown: str) -> None:
    assert repr(Endpoints(address, "", "")).startswith(f"Endpoints(mongo_uri={shown!r}, ")
