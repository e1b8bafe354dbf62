"""The weekly job in a fork, with the preload and the rehearsal of dagster.yaml and a warm Spark."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import dagster as dg
import psutil
import pytest
import yaml
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.origin import JobPythonOrigin, RepositoryPythonOrigin
from dagster._serdes import serialize_value

from txplatform import embedded
from txplatform.definitions import build
from txplatform.embedded.connect import Connect, keep_warm
from txplatform.orchestration.launcher import ForkServerRunLauncher
from txplatform.orchestration.run_queue import WarmRunQueue, is_daemon
from txplatform.settings import Settings, load_settings
from txplatform_tests.architecture.source_tree import ROOT
from txplatform_tests.orchestration.launcher_location import execute_and_tell_imports

SAFE_THREADS = ("jemalloc_bg_thd",)
"""That of Arrow's allocator, which starts a new one in each fork."""

WEEK = "2024-01-01"
JOB = "weekly_spend"
OF_THE_TEST = ("txplatform_tests", "__mp_main__", "dagster._core.storage.migration")
"""What only a fork of pytest imports; the last is SQLite's, where the test keeps its instance."""


def instance_file() -> Any:
    """The instance file that the package ships."""
    text = files("txplatform.orchestration").joinpath("dagster.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def threads(pid: int) -> list[str]:
    """Names of the threads of a process."""
    return [path.read_text().strip() for path in Path(f"/proc/{pid}/task").glob("*/comm")]


@pytest.fixture
def warm(
    tmp_path: Path,
    endpoints: embedded.Endpoints,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Settings]:
    """An installation with empty databases whose runs use a warm Spark."""
    monkeypatch.setenv("TXPLATFORM_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("TXPLATFORM_MONGO_URI", endpoints.mongo_uri)
    monkeypatch.setenv("TXPLATFORM_MONGO_DATABASE", make_name(postgres_url))
    monkeypatch.setenv("TXPLATFORM_POSTGRES_URL", postgres_url)
    monkeypatch.setenv("SPARK_REMOTE", "")
    settings = load_settings()
    keep_warm(settings)
    yield settings
    embedded.down(settings)


def make_name(postgres_url: str) -> str:
    """A name that no other test has."""
    return postgres_url.rpartition("/")[2]


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance on SQLite with the launcher of dagster.yaml."""
    own = {"run_launcher": instance_file()["run_launcher"], "telemetry": {"enabled": False}}
    (tmp_path / "dagster.yaml").write_text(yaml.safe_dump(own), encoding="utf-8")
    with dg.DagsterInstance.from_config(str(tmp_path)) as opened:
        yield opened


def test_a_weekly_run_finds_everything_imported_and_the_forkserver_has_nothing_open(
    instance: dg.DagsterInstance, warm: Settings, tmp_path: Path
) -> None:
    launcher = instance.run_launcher
    assert isinstance(launcher, ForkServerRunLauncher)
    pointer = ModuleCodePointer("txplatform.definitions", "defs", str(ROOT))
    run = instance.create_run_for_job(
        build(warm).resolve_job_def(JOB),
        job_code_origin=JobPythonOrigin(JOB, RepositoryPythonOrigin("python", pointer)),
        tags={"dagster/partition": WEEK},
    )

    launcher.warm_up()
    server = psutil.Process(launcher.forkserver.ensure())
    reference, imported = serialize_value(instance.get_ref()), tmp_path / "imported"
    fork = launcher.forkserver.fork(execute_and_tell_imports, reference, run.run_id, str(imported))
    assert launcher.forkserver.attend(fork) == 0

    finished = instance.get_run_by_id(run.run_id)
    assert finished is not None
    assert finished.status is dg.DagsterRunStatus.SUCCESS
    late = imported.read_text(encoding="utf-8").splitlines()
    assert [name for name in late if not name.startswith(OF_THE_TEST)] == []
    assert [name for name in threads(server.pid) if name not in SAFE_THREADS] == ["python"]
    assert server.net_connections("inet") == []
    assert Connect(warm).process() is not None


def test_the_run_queue_is_dagsters_own_with_our_settings() -> None:
    configured = instance_file()["run_coordinator"]

    assert configured["class"] == WarmRunQueue.__name__
    assert configured["config"] == {"dequeue_interval_seconds": 1}


@pytest.mark.parametrize(
    ("command", "warms"),
    [
        ("/bin/dagster-daemon run", True),
        ("/bin/dagster-daemon run -w workspace.yaml", True),
        ("/bin/dagster-daemon liveness-check", False),
        ("/lib/dagster/_daemon/__main__.py run --log-level info", True),
        ("/lib/dagster_webserver/__main__.py --port 3000", False),
        ("/bin/txplatform run", False),
    ],
)
def test_only_the_daemon_warms_up(command: str, *, warms: bool) -> None:
    assert is_daemon(command.split()) == warms
