"""What the DAGs are on both versions, and what a hook hears, without a scheduler."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from txplatform.settings import child_environment
from txplatform_tests.airflow_dags import airflow_2, airflow_3
from txplatform_tests.airflow_dags.wire import Wire, answering
from txplatform_tests.architecture.source_tree import PACKAGE

PROGRAM = Path(__file__).with_name("dags_report.py")
SECRET = "MARKERhookx7Qz"


class Report(NamedTuple):
    """What the program says, and what the hook that took messages heard."""

    said: dict[str, Any]
    heard: list[str]

    def dag(self, dag_id: str) -> dict[str, Any]:
        """One DAG."""
        found: dict[str, Any] = self.said["dags"][dag_id]
        return found


@pytest.fixture(scope="module")
def refusing() -> Iterator[Wire]:
    """A hook that takes nothing."""
    with answering(403, "no") as wire:
        yield wire


@pytest.fixture(scope="module", params=[airflow_3.HOME, airflow_2.HOME], ids=["3.3", "2.11"])
def report(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, refusing: Wire
) -> Iterator[Report]:
    """The program's report in an environment with Airflow."""
    venv: Path = request.param
    if not venv.is_dir():
        pytest.skip(f"no environment {venv.name}: `make test-airflow` builds it")
    with answering(200, "ok") as taking:
        hook = json.dumps({"conn_type": "http", "password": taking.url})
        variables = {
            "AIRFLOW_HOME": str(tmp_path_factory.mktemp("home")),
            "AIRFLOW_CONN_HOOK": hook,
            "AIRFLOW_VAR_AIR_QUALITY": json.dumps({"notify": "hook", "cron": "20 * * * *"}),
            "AIRFLOW_VAR_SPEND": json.dumps({"first_week": "2026-01-05", "at_a_time": 3}),
        }
        hooks = {
            "refusing": f"{refusing.url}/{SECRET}",
            "nobody": f"http://127.0.0.1:9/{SECRET}",
            "nonsense": f"no address {SECRET}",
        }
        done = subprocess.run(
            [venv / "bin" / "python", "-W", "ignore", PROGRAM],
            input=json.dumps({"folder": str(PACKAGE / "airflow_dags"), "hooks": hooks}),
            env=dict(child_environment(**variables)),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        yield Report(json.loads(done.stdout.splitlines()[-1]), taking.bodies)


def test_the_hour_of_air_is_caught_up_on_by_one_run(report: Report) -> None:
    dag = report.dag("hourly_air")

    assert (dag["catchup"], dag["max_active_runs"], dag["tags"]) == (False, 1, ["air_quality"])
    assert dag["description"].startswith("Every hour: ask the stations' networks")


def test_days_wait_for_the_fetch_and_for_nothing_else(report: Report) -> None:
    dag = report.dag("hourly_air")

    assert dag["after"] == {
        "fetches": [],
        "answered": ["fetches"],
        "day": ["fetches"],
        "today": ["day"],
        "stale_days": ["today"],
        "changed": ["stale_days"],
        "changed_days": ["changed"],
    }
    assert {task for task, rule in dag["rules"].items() if rule.endswith("all_done")} == {"day"}
    assert dag["retries"]["fetches"] == 0
    assert {dag["retries"][task] for task in ("today", "changed_days")} == {2}


def test_a_day_of_commerce_is_one_run_of_its_job(report: Report) -> None:
    dag = report.dag("daily_commerce")

    assert (dag["catchup"], dag["max_active_runs"], dag["tags"]) == (False, 1, ["commerce"])
    assert dag["after"]["refresh"] == ["assets_of"]


def test_weeks_are_caught_up_on_from_the_first(report: Report) -> None:
    weekly, late = report.dag("weekly_spend"), report.dag("late_spend")

    assert (weekly["catchup"], weekly["start"], weekly["max_active_runs"]) == (
        True,
        "2026-01-05",
        3,
    )
    assert (late["catchup"], late["max_active_runs"]) == (False, 1)


def test_failures_are_told_where_the_variable_says_so(report: Report) -> None:
    told = {dag_id for dag_id, dag in report.said["dags"].items() if dag["is_told"]}

    assert told == {"hourly_air"}
    assert report.said["nobody"] is None


def test_a_hook_hears_the_task_its_run_and_the_sentence(report: Report) -> None:
    assert [json.loads(body)["text"] for body in report.heard] == [
        "fetches of hourly_air failed (manual): It wants a login.",
        "fetches of hourly_air failed (manual): it was stopped",
    ]


@pytest.mark.parametrize(
    ("hook", "sentence"),
    [("refusing", "status 403"), ("nobody", "ConnectionError"), ("nonsense", "InvalidURL")],
)
def test_a_hook_that_takes_nothing_is_a_warning_without_its_address(
    report: Report, hook: str, sentence: str
) -> None:
    told = report.said["hooks"][hook]

    assert not told["is_taken"]
    assert sentence in told["log"]
    assert SECRET not in told["log"]
