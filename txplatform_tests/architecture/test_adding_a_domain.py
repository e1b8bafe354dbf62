"""The domain of docs/adding_a_domain.md, put into a copy of the house: it is everywhere at once.

Nothing else of the copy is edited, so whatever knows only the domains of today fails here.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from txplatform.settings import child_environment
from txplatform_tests.architecture.source_tree import PACKAGE, ROOT

PAGE = ROOT / "docs" / "adding_a_domain.md"
FILE = re.compile(r"^### `([\w./]+)`\n.*?^```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRAM = Path(__file__).with_name("house_with_visits.py")
HOURS = [
    {"hour_start": "2026-11-16 05:00:00+00:00", "visitors": 3},
    {"hour_start": "2026-11-16 06:00:00+00:00", "visitors": 3},
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package with the page's domain in it."""
    folder = tmp_path_factory.mktemp("house")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, folder / "txplatform", ignore=ignored)
    domain = folder / "txplatform" / "domains" / "visits"
    for name, content in FILE.findall(PAGE.read_text(encoding="utf-8")):
        (domain / name).parent.mkdir(parents=True, exist_ok=True)
        (domain / name).write_text(content, encoding="utf-8")
    return folder


def python(house: Path, *arguments: str, state: str = "state") -> str:
    """What a Python in the copy prints."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=house,
        env=child_environment(
            PYTHONPATH=str(house),
            TXPLATFORM_STATE_DIR=str(house / state),
            TXPLATFORM_MONGO_URI="",
            TXPLATFORM_POSTGRES_URL="",
        ),
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def txplatform(house: Path, *arguments: str, state: str = "state") -> str:
    """What a command of the copy prints."""
    return python(house, "-m", "txplatform", *arguments, state=state)


@pytest.fixture(scope="module")
def seen(house: Path) -> Iterator[dict[str, object]]:
    """What one process of the copy, with real servers, sees of the domain."""
    found = python(house, str(PROGRAM)).strip().splitlines()[-1]
    yield json.loads(found)
    txplatform(house, "down")


def test_the_command_line_has_it(house: Path) -> None:
    assert re.search(r"visits +How many people came through the door", txplatform(house, "--help"))
    assert "TXPLATFORM_VISITS_PEOPLE_PER_HOUR" in txplatform(house, "doctor", "--settings")


def test_dagster_has_its_hours(seen: dict[str, object]) -> None:
    assert seen["failure"] is None
    assert seen["partitions"] == ["2026-11-16-05:00", "2026-11-16-06:00"]


def test_the_migrations_made_its_table(seen: dict[str, object]) -> None:
    assert seen["columns"] == ["Start of the hour.", "People who came in."]


def test_the_api_serves_it_under_its_name(seen: dict[str, object]) -> None:
    assert seen["paths"] == ["/visits/hours"]
    assert [row["visitors"] for row in seen["items"]] == [3, 3]  # type: ignore[attr-defined]


def test_the_dashboard_says_what_it_is_about(seen: dict[str, object]) -> None:
    assert "How many people came through the door in an hour." in str(seen["start"])


def test_status_counts_its_hours(house: Path, seen: dict[str, object]) -> None:
    assert re.search(r"^visits +2 +0 +0", txplatform(house, "status"), re.MULTILINE), seen


def test_a_backup_brings_it_back(house: Path, seen: dict[str, object]) -> None:
    assert seen["failure"] is None
    txplatform(house, "backup", "copy")

    txplatform(house, "restore", "copy", state="again")

    assert json.loads(txplatform(house, "visits", "show", "--json", state="again")) == HOURS


def test_the_copied_domain_keeps_the_rules(house: Path) -> None:
    """Catches: a page of the docs that shows code which the house would refuse."""
    shutil.copy(ROOT / "pyproject.toml", house)
    ruff = [str(Path(sys.executable).parent / "ruff"), "check", "txplatform/domains/visits"]
    done = subprocess.run(ruff, cwd=house, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
