"""Which tests are quick: they need neither Spark, a server nor real data, and start no process.

Nobody marks them. A test is quick if no fixture of it leads to a server or to Spark, and if no
module of tests that it comes from starts a process; one that turns out to start one is skipped.
"""

import ast
import platform
import sys
from functools import cache
from pathlib import Path

import pytest

from txplatform_tests.architecture import source_tree

DEAR = {"endpoints", "spark", "shared_data"}
"""Fixtures that start something for the session, or lead to files of real businesses, which take
seconds each; whatever hangs on them is not quick."""

STARTERS = {
    *("multiprocessing", "playwright", "pyspark", "subprocess"),
    *("txplatform.embedded", "txplatform.orchestration.launcher"),
}
"""What a module of tests imports that starts processes or Spark, or reads what these have left."""

STARTING = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn"}
TESTS = "txplatform_tests"


def keep_quick(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave only the quick tests in `items`."""
    slow = [item for item in items if not is_quick(item)]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if is_quick(item)]


def is_quick(item: pytest.Item) -> bool:
    """Whether a test needs neither Spark, a server nor real data and starts no process."""
    assert isinstance(item, pytest.Function)
    if DEAR & set(item.fixturenames):
        return False
    return not any(map(starts_processes, {item.path, *_files_of_fixtures(item)}))


def _files_of_fixtures(item: pytest.Function) -> set[Path]:
    """Where the fixtures of a test are written, but those that all tests share."""
    given = (one for many in item._fixtureinfo.name2fixturedefs.values() for one in many)
    files = {Path(one.func.__code__.co_filename) for one in given}
    return {
        file
        for file in files
        if TESTS in file.parts and file != Path(__file__).parent / "conftest.py"
    }


def skip_what_starts_processes() -> None:
    """From now on a test ends as skipped where it would start a process."""
    platform.processor()  # asks a program once, and Dagster wants to know

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event in STARTING:
            pytest.skip(f"not quick: it starts {arguments[0]}")

    sys.addaudithook(watch)


@cache
def starts_processes(path: Path) -> bool:
    """Whether a module of tests, or one of those that it imports, knows how to start a process."""
    names = imported(path)
    own = (name for name in names if name.partition(".")[0] == TESTS)
    if any(f"{name}.".startswith(f"{one}.") for name in names for one in STARTERS):
        return True
    return any(starts_processes(file) for name in own if (file := file_of(name)))


def imported(path: Path) -> set[str]:
    """The modules that a file imports; of `from package import name` also `package.name`."""
    found: set[str] = set()
    for node in source_tree.statements(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@cache
def file_of(name: str) -> Path | None:
    """The file of a module of tests, which is not imported; None for what is no module."""
    place = Path(__file__).parents[1].joinpath(*name.split("."))
    return next(filter(Path.is_file, (place.with_suffix(".py"), place / "__init__.py")), None)
