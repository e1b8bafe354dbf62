"""What becomes of an Airflow connection, on both versions: address, token, TLS."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from txplatform.settings import child_environment
from txplatform_tests.airflow_dags import airflow_2, airflow_3

REPORT = Path(__file__).with_name("hook_report.py")
TOKEN_IN = {"token_header": "Dagster-Cloud-Api-Token"}
CONNECTIONS: dict[str, dict[str, object]] = {
    "address": {"conn_type": "dagster", "host": "https://dagster.example.com/prefix/"},
    "parts": {"conn_type": "dagster", "host": "dagster", "port": 3000},
    "safe parts": {"conn_type": "dagster", "host": "dagster", "port": 443, "schema": "https"},
    "uri": {"uri": "https://dagster.example.com"},
    "token": {"conn_type": "dagster", "host": "http://d", "password": "t"},
    "cloud": {
        "conn_type": "dagster",
        "host": "http://d",
        "password": "t",
        "extra": json.dumps(TOKEN_IN),
    },
    "user": {"conn_type": "dagster", "host": "http://d", "login": "u", "password": "p"},
    "in the address": {"conn_type": "dagster", "host": "https://u:p%40@d:3000/x"},
    "tls": {
        "conn_type": "dagster",
        "host": "https://d",
        "extra": json.dumps({"verify": "ca.pem", "cert": "me.pem", "timeout": 5, "ui_url": "u"}),
    },
    "nowhere": {"conn_type": "dagster"},
}


@pytest.fixture(scope="module", params=[airflow_3.HOME, airflow_2.HOME], ids=["3.3", "2.11"])
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the program says in an environment with Airflow."""
    venv: Path = request.param
    if not venv.is_dir():
        pytest.skip(f"no environment {venv.name}: `make test-airflow` builds it")
    done = subprocess.run(
        [venv / "bin" / "python", REPORT],
        input=json.dumps({"connections": CONNECTIONS}),
        env=dict(child_environment(AIRFLOW_HOME=str(tmp_path_factory.mktemp("home")))),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("address", "https://dagster.example.com/prefix"),
        ("parts", "http://dagster:3000"),
        ("safe parts", "https://dagster:443"),
        ("uri", "https://dagster.example.com"),
    ],
)
def test_the_address_is_said_in_any_of_airflows_ways(report: Any, name: str, url: str) -> None:
    assert report["clients"][name]["url"] == url


@pytest.mark.parametrize(
    ("name", "headers"),
    [
        ("token", {"Authorization": "Bearer t"}),
        ("cloud", {"Dagster-Cloud-Api-Token": "t"}),
        ("user", {}),
    ],
)
def test_a_token_travels_in_its_header(report: Any, name: str, headers: dict[str, str]) -> None:
    assert report["clients"][name]["headers"] == headers


def test_login_and_password_are_basic_authentication(report: Any) -> None:
    assert report["clients"]["user"]["basic_auth"] == ["u", "p"]
    assert report["clients"]["token"]["basic_auth"] is None


def test_a_password_in_the_address_does_not_stay_there(report: Any) -> None:
    client = report["clients"]["in the address"]

    assert (client["url"], client["basic_auth"]) == ("https://d:3000/x", ["u", "p@"])


def test_tls_and_time_limit_come_from_the_extra(report: Any) -> None:
    client = report["clients"]["tls"]

    assert (client["verify"], client["cert"]) == ("ca.pem", "me.pem")
    assert (client["timeout"], client["ui_url"]) == (5, "u")
    assert report["clients"]["address"]["verify"] is True


def test_a_connection_without_a_host_says_so(report: Any) -> None:
    sentence = "The Airflow connection 'dagster_default' names no host"

    assert report["clients"]["nowhere"]["error"].startswith(sentence)


def test_airflow_knows_the_connection_type_and_the_button(report: Any) -> None:
    assert report["hook"] == "Dagster"
    assert report["links"] == ["dagster_partitions.link.DagsterRunLink"]
