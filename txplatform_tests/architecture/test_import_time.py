"""What importing costs and does: `--help` is light, and no import touches the world outside.

The budget of `txplatform --help` is half a second. A test that timed it would fail on a busy
machine; the modules that it loads decide and do not depend on the day.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from txplatform import domains
from txplatform_tests.architecture import source_tree as tree
from txplatform_tests.architecture.source_tree import PACKAGE, ROOT, TESTS

HEAVY = {
    *("dagster", "pyspark", "pandas", "pyarrow", "numpy", "sqlalchemy", "pymongo", "alembic"),
    "pydantic_settings",  # a quarter of a second, with pydantic
}
WATCH = "txplatform_tests.architecture.import_watch"
ELSEWHERE = ("txplatform.migrations.env", "txplatform.airflow_dags", "txplatform.bi.superset_")
"""Alembic executes the first with a connection in hand; Airflow and Superset have environments of
their own."""


def python(*arguments: str, folder: Path = ROOT) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


COMMANDS = ("", "demo", "run", "status", "doctor", "spend demo")
OF_DOMAINS = tuple(map(domains.slug, domains.by_name("commands")))


@pytest.mark.parametrize("command", COMMANDS + OF_DOMAINS)
def test_help_loads_nothing_heavy(command: str) -> None:
    script = (
        "import sys; from txplatform.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: print(*sys.modules)"
    )

    printed = python("-c", script, *command.split(), "--help")

    assert "Usage: txplatform" in printed
    assert HEAVY & set(printed.split()) == set()


def every_module() -> list[str]:
    """The dotted names of all modules of the package."""
    paths = (path.relative_to(ROOT).with_suffix("") for path in PACKAGE.rglob("*.py"))
    names = {".".join(path.parts).removesuffix(".__init__") for path in paths}
    importable = (name for name in names if all(map(str.isidentifier, name.split("."))))
    return sorted(name for name in importable if not name.startswith(ELSEWHERE))


def test_no_import_touches_the_network_the_environment_or_a_process() -> None:
    assert python("-m", WATCH, *every_module()).splitlines() == []


PLANTED = (
    ("import os; os.environ.get('HOME')", "the environment (HOME)"),
    ("import os; os.environ['PATH']", "the environment (PATH)"),
    ("import os; 'HOME' in os.environ", "the environment (HOME)"),
    ("import os; os.getenv('HOME')", "the environment (HOME)"),
    ("import os; dict(os.environ)", "the environment (PATH)"),
    ("import os; {**os.environ}", "the environment (PATH)"),
    ("from pathlib import Path; Path.home()", "the environment (HOME)"),
    ("import subprocess; subprocess.run(['true'])", "a process"),
    (
        "import socket; socket.socket().connect_ex(('127.0.0.1', 9))",
        "the network (socket.connect ('127.0.0.1', 9))",
    ),
    ("import socket; socket.gethostbyname('localhost')", "the network"),
)
"""Modules of one line each, and what importing them touches."""

ASKS_FOR_IT = "from txplatform.settings import load_settings; load_settings()"


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is seen of all of them in a copy of the house."""
    folder = tmp_path_factory.mktemp("house")
    tree.copy([PACKAGE, TESTS / "architecture"], folder)
    codes = [*(code for code, _ in PLANTED), ASKS_FOR_IT]
    for number, code in enumerate(codes):
        (folder / "txplatform" / f"planted_{number}.py").write_text(code, encoding="utf-8")
    modules = (f"txplatform.planted_{number}" for number in range(len(codes)))
    return python("-m", WATCH, *modules, folder=folder)


@pytest.mark.parametrize("number", range(len(PLANTED)), ids=[code for code, _ in PLANTED])
def test_an_import_that_touches_something_is_seen(number: int, seen: str) -> None:
    assert f"planted_{number}.py:1 touches {PLANTED[number][1]}" in seen


def test_an_import_that_lets_another_module_touch_something_is_seen(seen: str) -> None:
    assert re.search(r"^settings/\w+\.py:\d+ touches the environment \(PATH\)$", seen, re.MULTILINE)
