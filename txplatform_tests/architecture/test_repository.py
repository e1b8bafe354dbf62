"""What the repository as a whole promises: what it holds, what it pins, what it leaves out."""

import ast
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from txplatform_tests.architecture import source_tree as tree
from txplatform_tests.architecture.source_tree import ROOT, Module

TOP_LEVEL = {
    "txplatform",
    "txplatform_tests",
    "workspace.yaml",
    "pyproject.toml",
    "docker-compose.yml",
    "README.md",
    "Makefile",
    "requirements.lock",
    ".ci",
    "LICENSE",
    ".gitignore",
    ".pre-commit-config.yaml",
    "Dockerfile",
    ".dockerignore",
    "CHANGELOG.md",
    "docs",
    "benchmarks",
}
"""What is not on this list has a room in one of the folders."""

BUILD_FILES = {
    "Makefile",
    "Dockerfile",
    ".ci/run",
    "pyproject.toml",
    "requirements.lock",
    ".pre-commit-config.yaml",
}
CONTAINERS = {"Dockerfile", "docker-compose.yml", "workspace.yaml"}
"""Their paths are those of an image, wherever this checkout lies."""
MIB = 1 << 20


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """The files that git tracks, those of a deletion in progress aside."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z"], capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


def text_of(path: Path) -> str:
    """A file's text; bytes that are not text do not matter here."""
    return path.read_text(encoding="utf-8", errors="replace")


def test_the_top_level_holds_only_what_tools_and_readers_demand(tracked: list[Path]) -> None:
    assert {path.relative_to(ROOT).parts[0] for path in tracked} - TOP_LEVEL == set()


def test_no_tracked_file_is_large(tracked: list[Path]) -> None:
    assert [path.name for path in tracked if path.stat().st_size > MIB] == []


def test_no_build_file_names_a_registry(tracked: list[Path]) -> None:
    named = [
        f"{path.name}: {line}"
        for path in tracked
        if str(path.relative_to(ROOT)) in BUILD_FILES
        for line in text_of(path).splitlines()
        if re.search(r"https?://|--(extra-)?index-url|find-links", line)
    ]

    assert named == []


def test_no_file_names_a_path_of_this_machine(tracked: list[Path]) -> None:
    places = {f"{ROOT}/", f"{Path.home()}/"}

    assert [
        f"{path.relative_to(ROOT)} holds {place}"
        for path in tracked
        for place in places
        if path.name not in CONTAINERS and place in text_of(path)
    ] == []


def astray(modules: list[Module]) -> list[str]:
    """Documents and modules that the code points to and a reader does not find."""
    pages = re.compile(
        r"docs/[\w-]+\.md|contract, section|\w+ contract, |architecture page|(?<=`)[\w/]+\.py(?=`)"
    )
    return [
        f"{module.path}: {page}"
        for module in modules
        for page in pages.findall(module.text)
        if not any((ROOT / place / page).is_file() for place in _places(module))
    ]


def _places(module: Module) -> tuple[Path, ...]:
    """From where a module names others: each folder that it lies in, and the tests."""
    return *Path(module.path).parents, Path("txplatform_tests")


def test_no_module_points_to_a_page_that_is_not_here() -> None:
    why = '"""docs/spend.md, docs/lost.md; spend contract, section 3; `logins.py`, `lost.py`."""'

    assert astray(tree.package()) == []
    assert astray([Module("txplatform/a.py", why)]) == [
        "txplatform/a.py: docs/lost.md",
        "txplatform/a.py: spend contract, ",
        "txplatform/a.py: lost.py",
    ]


ENDINGS = "csv|jsonl|lock|md|mk|png|py|sql|svg|toml|yaml"
NAMED = re.compile(rf"(?<![\w./<$-])((?:\.\./)*(?:[\w-]+/)+[\w-]+\.(?:{ENDINGS}))\b")
PAGES = ("README.md", "benchmarks/README.md", "docs/*.md")


def lost(page: Path) -> list[str]:
    """Files that a page names, from wherever its reader may look, and that are not there."""
    parts = (ROOT / "txplatform", ROOT / "txplatform_tests")
    places = (ROOT, page.parent, *parts, ROOT / "txplatform" / "domains" / page.stem)
    named = sorted(set(NAMED.findall(text_of(page))))
    return [file for file in named if not any((place / file).exists() for place in places)]


def test_every_file_that_a_page_names_is_there(tmp_path: Path) -> None:
    """All but those of the page that shows how new ones are written."""
    offender = tmp_path / "spend.md"
    offender.write_text("[](docs/spend.md) `rules/rules.toml` `rules/lost.toml`", encoding="utf-8")
    pages = [page for pattern in PAGES for page in sorted(ROOT.glob(pattern))]

    assert {page.name: lost(page) for page in pages if lost(page)}.keys() <= {"adding_a_domain.md"}
    assert lost(offender) == ["rules/lost.toml"]


def lock() -> dict[str, str]:
    """The entries of the lock: name==version to the text below it."""
    entries = re.split(r"^(?=[a-z0-9])", text_of(ROOT / "requirements.lock"), flags=re.MULTILINE)
    return {entry.split(" ", 1)[0]: entry for entry in entries if entry.strip()}


def test_every_package_of_the_lock_is_pinned_with_a_hash() -> None:
    assert len(lock()) > 100
    assert [
        name for name, entry in lock().items() if "==" not in name or "--hash=sha256:" not in entry
    ] == []


def declared() -> dict[str, set[str]]:
    """The names of the dependencies of pyproject.toml, per extra; those of all under `""`."""
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    return {
        extra: {normal(re.split(r"[^\w.-]", requirement)[0]) for requirement in requirements}
        for extra, requirements in groups.items()
    }


def normal(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_lock_holds_every_declared_dependency() -> None:
    assert (
        set().union(*declared().values()) - {normal(name.split("==")[0]) for name in lock()}
        == set()
    )


def test_what_the_package_imports_is_declared() -> None:
    owners = packages_distributions()
    ours = [m for m in tree.package() if not m.path.startswith("txplatform/airflow_dags/")]
    known = declared()[""] | declared()["embedded"] | {"txplatform"}

    assert [
        f"{module.path} imports {name}"
        for module in ours
        for name in tree.imports(module)
        if (packages := owners.get(name.split(".")[0])) and known.isdisjoint(map(normal, packages))
    ] == []


def test_no_test_replaces_a_part_of_the_program() -> None:
    assert list(replacements(tree.tests())) == []


def test_a_replacement_is_seen() -> None:
    code = "def test(monkeypatch) -> None:\n    monkeypatch.setattr('a.b', 1)\n"

    assert list(replacements([Module("test_x.py", code)])) == [
        "test_x.py: monkeypatch.setattr('a.b', 1)"
    ]


def replacements(modules: list[Module]) -> Iterator[str]:
    """Uses of `monkeypatch` on anything but environment, folder and path: real servers are here."""
    allowed = re.compile(
        r"monkeypatch\.(setenv|delenv|chdir|syspath_prepend|setitem\(sys\.modules,)"
    )
    for module in modules:
        for node in ast.walk(module.tree):
            call = ast.unparse(node) if isinstance(node, ast.Call) else ""
            if call.startswith("monkeypatch.") and not allowed.match(call):
                yield f"{module.path}: {call}"


def test_dg_finds_the_code_location_of_a_checkout() -> None:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["dg"]["project"]

    assert hasattr(import_module(project["code_location_target_module"]), "defs")
