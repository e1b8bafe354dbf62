"""docker-compose.yml, Dockerfile and workspace.yaml agree with each other and keep secrets out."""

import json
import re
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path, PurePosixPath

import pytest
import yaml

from txplatform.embedded import kafka_jars
from txplatform_tests.architecture.source_tree import ROOT
from txplatform_tests.end_to_end import compose, environments

SERVICES = compose.load()["services"]
SPARK = ["spark-master", "spark-worker"]
OWN_IMAGE = [
    *("roles", "code", "webserver", "daemon", "api", "dashboard", "stream", "superset"),
    *SPARK,
]
DAGSTERS = ["code", "webserver", "daemon"]
DESK = ["api", "dashboard"]
LOGINS = {
    "code": {"ingest", "compute", "read"},
    "stream": {"compute", "read"},
    **{name: {"read", "decide"} for name in DESK},
    "superset": {"bi", "superset"},
}
ENDS = {"roles", "bucket"}
INSTANCE_FILE = "txplatform/orchestration/dagster.yaml"

each_service = pytest.mark.parametrize("name", SERVICES)


def dockerfile() -> list[str]:
    """The Dockerfile's instructions, continued lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def copied() -> dict[str, str]:
    """What the Dockerfile copies from the checkout, and where to."""
    copies = [line.split()[1:] for line in dockerfile() if line.startswith("COPY ")]
    return {
        source: copy[-1]
        for copy in copies
        if not copy[0].startswith("--from=")
        for source in copy[:-1]
    }


def test_the_services_are_there() -> None:
    others = {"mongo", "postgres", "minio", "bucket", "proxy", "kafka"}
    assert set(SERVICES) == {*others, *OWN_IMAGE}


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - ENDS))
def test_a_service_is_watched_and_comes_back(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["healthcheck"]["retries"] > 1
    assert SERVICES[name]["restart"] == "unless-stopped"


@each_service
def test_a_service_waits_for_healthy_ones(name: str) -> None:
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        assert other in SERVICES
        is_over = other in ENDS
        done = "service_completed_successfully" if is_over else "service_healthy"
        assert wait == {"condition": done}


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - {"bucket"}))
def test_what_a_service_keeps_lies_in_a_named_volume(name: str) -> None:
    kept = [volume.split(":")[0] for volume in SERVICES[name]["volumes"]]

    assert kept
    assert set(kept) <= set(compose.load()["volumes"])


@each_service
def test_a_port_is_published_on_loopback_only(name: str) -> None:
    ports = SERVICES[name].get("ports", [])

    assert all(port.startswith("${TXPLATFORM_PUBLISH:-127.0.0.1}:") for port in ports)
    assert bool(ports) == (name == "proxy")


def test_no_password_has_a_default() -> None:
    variables = compose.VARIABLE.findall(compose.FILE.read_text(encoding="utf-8"))
    passwords = (f"{part}_PASSWORD" for part in ("MONGO", "POSTGRES", "DAGSTER", "MINIO"))
    secret = {*passwords, "UI_HASH", "LAKE_SECRET", "LAKE_READ_SECRET"}
    own_lake = {"LAKE", "LAKE_ENDPOINT", "LAKE_KEY", "LAKE_READ_KEY"}
    others = {"PUBLISH", "SITE", "UI_USER", "KAFKA_BOOTSTRAP", *own_lake}

    assert {name for name, _ in variables} == {f"TXPLATFORM_{one}" for one in secret | others}
    assert all(
        rest.startswith(":?") for name, rest in variables if name[len("TXPLATFORM_") :] in secret
    )


@pytest.mark.parametrize("name", sorted(SERVICES.keys() - {"mongo", "postgres", *ENDS}))
def test_no_running_service_has_the_owners_password(name: str) -> None:
    """Catches: a reader of pages who may drop tables; `roles` alone makes logins, and ends."""
    environment = str(SERVICES[name].get("environment", {}))

    assert "TXPLATFORM_POSTGRES_PASSWORD" not in environment
    assert "TXPLATFORM_MONGO_PASSWORD" not in environment
    assert ("TXPLATFORM_MINIO_PASSWORD" in environment) == (name == "minio")
    assert all(one["path"] != ".env" for one in SERVICES[name].get("env_file", []))


@pytest.mark.parametrize("name", LOGINS)
def test_a_service_has_the_login_files_that_it_names_and_no_others(name: str) -> None:
    volumes = [one.split(":") for one in SERVICES[name]["volumes"]]
    mounted = {one[1] for one in volumes if one[1].startswith("/logins/")}
    named = {
        str(PurePosixPath(value).parent)
        for variable, value in SERVICES[name]["environment"].items()
        if variable.endswith("_FILE")
    }

    assert named == mounted
    assert all(one[-1] == "ro" for one in volumes if one[1] in mounted)
    assert mounted == {f"/logins/{one}" for one in LOGINS[name]}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_that_people_reach_is_reached_through_the_proxy(name: str) -> None:
    sites = compose.load()["configs"]["proxy"]["content"]

    assert (f"reverse_proxy {name}:" in sites) == (
        name in ("api", "dashboard", "superset", "webserver")
    )


def test_the_proxy_lets_nobody_to_dagster_without_a_password() -> None:
    sites = compose.load()["configs"]["proxy"]["content"].split("https://")
    [dagster] = [site for site in sites if "webserver" in site]

    assert "basic_auth" in dagster
    assert dagster.index("basic_auth") < dagster.index("reverse_proxy")


@pytest.mark.skipif(shutil.which("caddy") is None, reason="no caddy on this machine")
def test_caddy_understands_the_proxys_file(tmp_path: Path) -> None:
    path = tmp_path / "Caddyfile"
    content = compose.load()["configs"]["proxy"]["content"].replace("$$", "$")
    path.write_text(content, encoding="utf-8")
    hashed = subprocess.run(
        ["caddy", "hash-password", "--plaintext", "secret"], capture_output=True, check=True
    ).stdout.decode()
    environment = environments.clean(
        TXPLATFORM_SITE="localhost", TXPLATFORM_UI_USER="ada", TXPLATFORM_UI_HASH=hashed.strip()
    )
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(path)]

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


@each_service
def test_no_password_is_written_down(name: str) -> None:
    for variable, value in SERVICES[name].get("environment", {}).items():
        secret = (
            value
            if "PASSWORD" in variable or "HASH" in variable
            else "".join(re.findall(r"//\w+:(.*)@", value))
        )

        assert compose.VARIABLE.sub("", secret) == "", variable


@pytest.mark.parametrize("name", DAGSTERS)
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


def test_each_own_image_is_a_stage_that_runs_as_the_same_user() -> None:
    stages = {line.split()[-1]: line.split()[1] for line in dockerfile() if " AS " in line}
    targets = {name: SERVICES[name]["build"]["target"] for name in OWN_IMAGE}

    assert targets == {**dict.fromkeys(OWN_IMAGE, "txplatform"), "superset": "superset"}
    assert stages["superset"] == "txplatform"
    assert dockerfile()[-1] == "FROM txplatform", "the one that is built unasked"


def test_the_image_runs_without_rights() -> None:
    assert [line for line in dockerfile() if line.startswith("USER ")] == ["USER txplatform"]


@pytest.mark.parametrize("name", DAGSTERS)
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


def test_the_stream_and_its_broker_are_started_when_asked_for_and_find_each_other() -> None:
    kafka, stream = SERVICES["kafka"], SERVICES["stream"]
    bootstrap = stream["environment"]["TXPLATFORM_KAFKA_BOOTSTRAP"]

    assert kafka["profiles"] == stream["profiles"] == ["stream"]
    assert bootstrap == "${TXPLATFORM_KAFKA_BOOTSTRAP:-kafka:9092}"
    assert kafka["environment"]["KAFKA_ADVERTISED_LISTENERS"] == "PLAINTEXT://kafka:9092"
    assert kafka["image"] == f"apache/kafka:{kafka_jars.VERSION}"
    assert stream["command"][1:] == ["clickstream", "run"]


def test_who_computes_writes_the_lake_and_the_desk_reads_it() -> None:
    lake = {name: SERVICES[name]["environment"] for name in ("code", *DESK)}
    script = compose.load()["configs"]["lake"]["content"]
    policy = json.loads(compose.load()["configs"]["lake-reader"]["content"])

    assert {one["TXPLATFORM_LAKE"] for one in lake.values()} == {"${TXPLATFORM_LAKE:-s3://lake}"}
    assert {one["TXPLATFORM_LAKE_ENDPOINT"] for one in lake.values()} == {
        "${TXPLATFORM_LAKE_ENDPOINT:-http://minio:9000}"
    }
    keys = {name: one["TXPLATFORM_LAKE_KEY"].partition(":-")[2] for name, one in lake.items()}
    assert keys == {"code": "writer}", **dict.fromkeys(DESK, "reader}")}
    assert 'user add lake writer "$$WRITER"' in script
    assert "attach lake reader --user reader" in script
    assert [one for one in policy["Statement"][0]["Action"] if "Get" not in one] == [
        "s3:ListBucket"
    ]


def test_a_cluster_is_one_master_and_two_workers_of_the_platforms_own_image() -> None:
    master, worker = (SERVICES[name] for name in SPARK)

    assert master["profiles"] == worker["profiles"] == ["spark"]
    assert worker["deploy"]["replicas"] == 2
    assert worker["command"][-1] == "spark://spark-master:7077"
    assert set(SERVICES["code"]["volumes"]) >= set(worker["volumes"]), "what engines read"


def test_the_command_of_a_cluster_finds_java_and_starts(tmp_path: Path) -> None:
    command = [word.replace("$$", "$") for word in SERVICES["spark-worker"]["command"][:5]]
    programs = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    environment = environments.clean(PATH=programs, TXPLATFORM_STATE_DIR=str(tmp_path))

    done = subprocess.run(
        [*command, "--help"], env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "Usage: Worker" in done.stderr + done.stdout


def test_the_workspace_finds_the_code_service() -> None:
    environment = SERVICES["webserver"]["environment"]

    assert environment["DAGSTER_CODE_HOST"] == "code"
    assert environment["DAGSTER_CODE_PORT"] in SERVICES["code"]["command"]
