"""docker-compose.yml, Dockerfile and workspace.yaml agree with each other and keep secrets out."""

import re
from itertools import pairwise
from pathlib import Path, PurePosixPath

import pytest
import yaml

from txplatform_tests.architecture.source_tree import ROOT
from txplatform_tests.end_to_end import compose

SERVICES = compose.load()["services"]
OWN_IMAGE = ["code", "webserver", "daemon"]
INSTANCE_FILE = "txplatform/orchestration/dagster.yaml"

each_service = pytest.mark.parametrize("name", SERVICES)
each_own_service = pytest.mark.parametrize("name", OWN_IMAGE)


def dockerfile() -> list[str]:
    """The Dockerfile's instructions, continued lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def copied() -> dict[str, str]:
    """What the Dockerfile copies from the checkout, and where to."""
    copies = [line.split()[1:] for line in dockerfile() if line.startswith("COPY ")]
    return {
        source: copy[-1] for copy in copies if copy[0] != "--from=build" for source in copy[:-1]
    }


def test_the_five_services_are_there() -> None:
    assert set(SERVICES) == {"mongo", "postgres", *OWN_IMAGE}


@each_service
def test_a_service_is_watched_and_comes_back(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["healthcheck"]["retries"] > 1
    assert SERVICES[name]["restart"] == "unless-stopped"


@each_service
def test_a_service_waits_for_healthy_ones(name: str) -> None:
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        assert other in SERVICES
        assert wait == {"condition": "service_healthy"}


@each_service
def test_what_a_service_keeps_lies_in_a_named_volume(name: str) -> None:
    kept = [volume.split(":")[0] for volume in SERVICES[name]["volumes"]]

    assert kept
    assert set(kept) <= set(compose.load()["volumes"])


@each_service
def test_a_port_is_published_on_loopback_only(name: str) -> None:
    ports = SERVICES[name].get("ports", [])

    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert bool(ports) == (name == "webserver")


def test_no_password_has_a_default() -> None:
    variables = compose.VARIABLE.findall(compose.FILE.read_text(encoding="utf-8"))

    assert {name for name, _ in variables} == {
        "TXPLATFORM_MONGO_PASSWORD",
        "TXPLATFORM_POSTGRES_PASSWORD",
    }
    assert all(rest.startswith(":?") for _, rest in variables)


@each_service
def test_no_password_is_written_down(name: str) -> None:
    for variable, value in SERVICES[name].get("environment", {}).items():
        secret = value if "PASSWORD" in variable else "".join(re.findall(r"//\w+:(.*)@", value))

        assert compose.VARIABLE.sub("", secret) == "", variable


@each_own_service
def test_what_a_command_names_is_in_the_image(name: str) -> None:
    command = SERVICES[name]["command"]
    modules = [after for flag, after in pairwise(command) if flag == "-m"]
    files = [after for flag, after in pairwise(command) if flag == "-w"]

    assert modules or files
    assert all((ROOT / module.replace(".", "/")).with_suffix(".py").exists() for module in modules)
    assert set(files) <= set(copied())


def test_everything_that_is_copied_exists_and_reaches_the_build() -> None:
    let_in = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }

    assert all((ROOT / source).exists() for source in copied())
    assert {PurePosixPath(source).parts[0] for source in copied()} == let_in


def test_the_instance_file_lies_in_dagster_home() -> None:
    home = next(re.findall(r"DAGSTER_HOME=(\S+)", line) for line in dockerfile() if "HOME=" in line)

    assert copied()[INSTANCE_FILE] == f"{home[0]}/dagster.yaml"
    assert f"logs:{home[0]}/storage" in SERVICES["code"]["volumes"]


def test_the_image_runs_without_rights() -> None:
    assert [line for line in dockerfile() if line.startswith("USER ")] == ["USER txplatform"]


@each_own_service
def test_a_service_has_the_variables_that_its_files_ask_for(name: str) -> None:
    asked = variables_of(ROOT / "workspace.yaml") | variables_of(ROOT / INSTANCE_FILE)

    assert asked >= {"DAGSTER_CODE_HOST", "DAGSTER_CODE_PORT", "TXPLATFORM_DAGSTER_POSTGRES_URL"}
    assert asked <= set(SERVICES[name]["environment"])


def variables_of(path: Path) -> set[str]:
    """The environment variables that a YAML file of Dagster's reads (`env: NAME`)."""

    def walk(node: object) -> set[str]:
        if isinstance(node, dict):
            own = {node["env"]} if isinstance(node.get("env"), str) else set()
            return own.union(*map(walk, node.values()))
        return set().union(*map(walk, node)) if isinstance(node, list) else set()

    return walk(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_the_workspace_finds_the_code_service() -> None:
    environment = SERVICES["webserver"]["environment"]

    assert environment["DAGSTER_CODE_HOST"] == "code"
    assert environment["DAGSTER_CODE_PORT"] in SERVICES["code"]["command"]
