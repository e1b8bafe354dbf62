"""Who may import what: the contracts of import-linter and ruff's banned names in pyproject.toml.

`make check` holds the real code against them. Here each rule is broken on purpose, in a copy, so
that a contract which no longer bites is noticed.
"""

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


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package and its rules, to be spoilt."""
    tree.copy([PACKAGE], tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def broken_contracts(folder: Path) -> list[str]:
    """The contracts that the package in `folder` breaks, by name."""
    done = subprocess.run(
        [BIN / "lint-imports", "--no-logo", "--no-cache"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    summary, _, _ = done.stdout.partition("Broken contracts")
    assert "Contracts: " in summary, done.stdout + done.stderr
    return [line.removesuffix(" BROKEN") for line in summary.splitlines() if "BROKEN" in line]


def test_the_package_keeps_every_contract(copy: Path) -> None:
    assert broken_contracts(copy) == []


PURE = "Tables, transforms and rules know no server, no orchestration and no web"
KNOWS_DAGSTER = "Only definitions, orchestration and the domains' assets and checks know Dagster"
READ_SIDE = "The read side loads neither Spark nor Dagster"
APART = "Domains do not import each other"
BELOW = "Connectors know a server's address, not who started it"
MACHINE = "The machine knows what a domain brings, and no domain"
GROUND = "Connectors, ingestion, servers and settings know nothing of what uses them"


@pytest.mark.parametrize(
    ("contract", "module", "line"),
    [
        (PURE, f"{SPEND}/transforms/planted.py", "import pymongo"),
        (PURE, f"{SPEND}/transforms/planted.py", "from txplatform.connectors import postgres"),
        (PURE, f"{SPEND}/transforms/planted.py", "from txplatform.orchestration import partitions"),
        (PURE, f"{SPEND}/tables.py", "import fastapi"),
        (KNOWS_DAGSTER, f"{SPEND}/tables.py", "import dagster"),
        (KNOWS_DAGSTER, "txplatform/connectors/mongo.py", "import dagster"),
        (KNOWS_DAGSTER, "txplatform/cli/app.py", "def late() -> None:\n    import dagster"),
        (READ_SIDE, f"{SPEND}/queries.py", "import pyspark"),
        (READ_SIDE, f"{SPEND}/api.py", "from txplatform.orchestration import partitions"),
        (APART, "txplatform/domains/other/__init__.py", "import txplatform.domains.spend.tables"),
        (MACHINE, "txplatform/cli/app.py", "from txplatform.domains.spend import commands"),
        (MACHINE, "txplatform/platform.py", "import txplatform.domains.spend.tables"),
        (
            MACHINE,
            "txplatform/orchestration/materializations.py",
            "from txplatform.domains import spend",
        ),
        (BELOW, "txplatform/connectors/lake.py", "from txplatform.embedded import processes"),
        (GROUND, "txplatform/connectors/mongo.py", "import txplatform.orchestration.partitions"),
        (GROUND, "txplatform/embedded/__init__.py", "from txplatform.domains.spend import tables"),
        (GROUND, "txplatform/ingestion/ledger.py", "from txplatform.platform import Platform"),
    ],
)
def test_a_broken_rule_is_seen(copy: Path, contract: str, module: str, line: str) -> None:
    spoilt = copy / module
    spoilt.parent.mkdir(exist_ok=True)
    with spoilt.open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")

    assert contract in broken_contracts(copy)


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
