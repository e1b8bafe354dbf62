"""Who may import what: the contracts of import-linter and ruff's banned names in pyproject.toml.

`make check` holds the real code against them. Here each rule is broken on purpose, in a copy, so
that a contract which no longer bites is noticed.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from txplatform.settings import child_environment
from txplatform_tests.architecture import source_tree as tree
from txplatform_tests.architecture.source_tree import PACKAGE, ROOT, Module

BIN = Path(sys.executable).parent
SPEND = "txplatform/domains/spend"


def copied(folder: Path) -> Path:
    """A folder with a copy of the package and its rules, to be spoilt."""
    tree.copy([PACKAGE], folder)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def broken_contracts(folder: Path) -> dict[str, str]:
    """What is said of each contract that the package in `folder` breaks, by its name."""
    done = subprocess.run(
        [BIN / "lint-imports", "--no-logo", "--no-cache"],
        cwd=folder,
        env=child_environment(COLUMNS="300"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Contracts: " in done.stdout, done.stdout + done.stderr
    _, _, told = done.stdout.partition("Broken contracts")
    _, *sections = re.split(r"^(\S.*)\n-{3,}$", told, flags=re.MULTILINE)
    return dict(zip(sections[::2], sections[1::2], strict=True))


def test_the_package_keeps_every_contract(tmp_path: Path) -> None:
    assert broken_contracts(copied(tmp_path)) == {}


PURE = "Tables, transforms, rules and models know no server, no Dagster and no web"
KNOWS_DAGSTER = "Only definitions, orchestration and the domains' assets and checks know Dagster"
READ_SIDE = "The read side loads neither Spark nor Dagster"
APART = "Domains do not import each other"
BELOW = "Connectors know a server's address, not who started it"
MACHINE = "The machine knows what a domain brings, and no domain"
GROUND = "Connectors, ingestion, servers and settings know nothing of what uses them"
PLANTED = [
    (PURE, f"{SPEND}/transforms/planted.py", "import pymongo"),
    (PURE, f"{SPEND}/transforms/planted.py", "import txplatform.connectors.postgres"),
    (PURE, f"{SPEND}/transforms/planted.py", "import txplatform.orchestration.partitions"),
    (PURE, f"{SPEND}/tables/planted.py", "import fastapi"),
    (PURE, "txplatform/domains/commerce/models/planted.py", "import httpx"),
    (KNOWS_DAGSTER, f"{SPEND}/tables/planted.py", "import dagster"),
    (KNOWS_DAGSTER, "txplatform/connectors/mongo.py", "import dagster"),
    (KNOWS_DAGSTER, "txplatform/cli/app.py", "def late() -> None:\n    import dagster"),
    (READ_SIDE, f"{SPEND}/queries/planted.py", "import pyspark"),
    (READ_SIDE, f"{SPEND}/api/planted.py", "import txplatform.orchestration.partitions"),
    (APART, "txplatform/domains/other/__init__.py", "import txplatform.domains.spend.tables"),
    (MACHINE, "txplatform/cli/app.py", "import txplatform.domains.spend.commands"),
    (MACHINE, "txplatform/platform.py", "import txplatform.domains.spend.tables"),
    (MACHINE, "txplatform/orchestration/materializations.py", "import txplatform.domains.spend"),
    (BELOW, "txplatform/connectors/lake.py", "import txplatform.embedded.processes"),
    (GROUND, "txplatform/connectors/mongo.py", "import txplatform.orchestration.partitions"),
    (GROUND, "txplatform/embedded/__init__.py", "import txplatform.domains.spend.tables"),
    (GROUND, "txplatform/ingestion/ledger.py", "import txplatform.platform"),
]
"""A contract, and a line in a module that breaks it."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is said of each contract where all are broken at once."""
    copy = copied(tmp_path_factory.mktemp("spoilt"))
    for _, module, line in PLANTED:
        (copy / module).parent.mkdir(exist_ok=True)
        with (copy / module).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    return broken_contracts(copy)


@pytest.mark.parametrize(("contract", "module", "line"), PLANTED)
def test_a_broken_rule_is_seen(told: dict[str, str], contract: str, module: str, line: str) -> None:
    importer = module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    imported = line.rpartition("import ")[2]

    assert f"{importer} -> {imported} (l." in told[contract]


READS_ENVIRONMENT = "Only txplatform/settings reads the environment."
STARTS_SPARK = "Only txplatform/connectors/spark.py starts Spark."


@pytest.mark.parametrize(
    ("module", "code", "message"),
    [
        ("txplatform/cli/demo.py", "import os\nos.environ['HOME']", READS_ENVIRONMENT),
        ("txplatform/cli/demo.py", "from os import environ", READS_ENVIRONMENT),
        ("txplatform/cli/demo.py", "import os\nos.getenv('HOME')", READS_ENVIRONMENT),
        ("txplatform_tests/conftest.py", "import os\nos.getenv('HOME')", READS_ENVIRONMENT),
        (
            f"{SPEND}/assets.py",
            "from pyspark.sql import SparkSession\nSparkSession.builder.getOrCreate()",
            STARTS_SPARK,
        ),
        ("txplatform_tests/test_x.py", "from unittest import mock", "Real servers are at hand"),
    ],
)
def test_a_banned_name_is_seen(module: str, code: str, message: str) -> None:
    assert message in ruff_findings(module, code)


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("txplatform/settings/environment.py", "import os\nos.environ['HOME']"),
        (
            "txplatform/connectors/spark.py",
            "from pyspark.sql import SparkSession\nSparkSession.builder.getOrCreate()",
        ),
        (f"{SPEND}/assets.py", "from pyspark.sql import SparkSession\nx: SparkSession"),
    ],
)
def test_the_one_module_may(module: str, code: str) -> None:
    assert ruff_findings(module, code) == ""


def ruff_findings(module: str, code: str) -> str:
    """What ruff says of banned names in `code`, were it the text of `module`."""
    done = subprocess.run(
        [BIN / "ruff", "check", "--select", "TID251", "--quiet", "--stdin-filename", module, "-"],
        cwd=ROOT,
        input=code,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    return done.stdout


def test_airflows_side_imports_nothing_of_the_platform() -> None:
    assert imports_of_txplatform(tree.read(PACKAGE / "airflow_dags")) == []


def test_an_import_of_the_platform_is_seen() -> None:
    late = "def run() -> None:\n    from txplatform.settings import load_settings\n"

    assert imports_of_txplatform([Module("dag.py", late)]) == ["dag.py: txplatform.settings"]


def imports_of_txplatform(modules: list[Module]) -> list[str]:
    """Imports of the platform, which Airflow's environment does not have."""
    return [
        f"{module.path}: {name}"
        for module in modules
        for name in sorted(tree.imports(module))
        if name.split(".")[0] == "txplatform"
    ]


def test_no_child_process_imports_from_the_working_folder() -> None:
    """Catches: a file `python_calamine.py` beside a workbook, which reading it would execute."""
    offender = Module("offender.py", 'command = [sys.executable, "-m", "reader", task]')

    assert tree.importing_from_here([offender]) == ["offender.py:1"]
    assert tree.importing_from_here(tree.package()) == []
    assert child_environment()["PYTHONSAFEPATH"] == "1"
