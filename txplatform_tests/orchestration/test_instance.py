"""Dagster's instance: a home in the state folder, history in PostgreSQL, no secret on disk."""

import os
from pathlib import Path

import dagster as dg
import pytest
import yaml

from txplatform.embedded import Endpoints
from txplatform.orchestration import instance as instances
from txplatform.orchestration.instance import POSTGRES_VARIABLE, environment, home, open_instance
from txplatform.settings import Settings, load_settings


@pytest.fixture
def own(tmp_path: Path) -> Settings:
    return load_settings(state_dir=tmp_path / "my state")


@pytest.fixture
def addresses(postgres_url: str) -> Endpoints:
    return Endpoints("mongodb://unused", "postgresql://unused", postgres_url)


@pytest.fixture
def environment_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts the variables back that opening an instance exports."""
    for name in ("DAGSTER_HOME", POSTGRES_VARIABLE, "TXPLATFORM_STATE_DIR"):
        monkeypatch.setenv(name, os.environ.get(name, ""))  # noqa: TID251 - to restore it
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "0")


def test_the_home_holds_the_newest_instance_file(own: Settings) -> None:
    (own.state / "dagster").mkdir(parents=True)
    (own.state / "dagster" / "dagster.yaml").write_text("telemetry: {enabled: true}")

    found = yaml.safe_load((home(own) / "dagster.yaml").read_text())

    assert found["telemetry"] == {"enabled": False}
    assert found["storage"]["postgres"]["postgres_url"] == {"env": POSTGRES_VARIABLE}


def test_an_unchanged_instance_file_is_left_alone(own: Settings) -> None:
    before = (home(own) / "dagster.yaml").stat().st_mtime_ns

    assert (home(own) / "dagster.yaml").stat().st_mtime_ns == before


def test_a_wrong_number_is_never_retried(own: Settings) -> None:
    found = yaml.safe_load((home(own) / "dagster.yaml").read_text())

    assert found["run_retries"]["retry_on_asset_or_op_failure"] is False
    assert found["run_monitoring"]["enabled"] is True


def test_processes_find_the_instance_by_their_environment(
    own: Settings, addresses: Endpoints
) -> None:
    found = environment(own, addresses)

    assert found["DAGSTER_HOME"] == str(own.state / "dagster")
    assert found["TXPLATFORM_STATE_DIR"] == str(own.state)
    assert found[POSTGRES_VARIABLE].startswith("postgresql+psycopg2://")


@pytest.mark.usefixtures("environment_kept")
def test_runs_are_kept_in_postgresql(own: Settings, addresses: Endpoints) -> None:
    with open_instance(own, addresses) as first:
        run = first.create_run_for_job(idle)
    with open_instance(own, addresses) as second:
        assert second.get_run_by_id(run.run_id) is not None
        assert not second.telemetry_enabled


@pytest.mark.usefixtures("environment_kept")
def test_no_file_of_the_home_holds_the_password(own: Settings, addresses: Endpoints) -> None:
    password = addresses.dagster_postgres_url.split(":")[2].split("@")[0]
    with open_instance(own, addresses) as instance:
        instance.create_run_for_job(idle)

    files = [path for path in home(own).rglob("*") if path.is_file()]
    assert files
    assert [path for path in files if password.encode() in path.read_bytes()] == []


@dg.op
def nothing() -> None:
    """An op that does nothing."""


@dg.job
def idle() -> None:
    """A job that does nothing."""
    nothing()


def test_the_instance_file_is_shipped_with_the_package() -> None:
    assert Path(instances.__file__).with_name("dagster.yaml").is_file()
