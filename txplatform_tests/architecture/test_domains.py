"""The shape of a domain: the same file names in every folder of domains/.

Who knows one domain knows all. The shape itself is the docstring of txplatform/domains/__init__.py.
"""

import ast
import re
from pathlib import Path

import pytest

from txplatform import domains
from txplatform_tests.architecture.source_tree import PACKAGE

REQUIRED = {"tables", "sources", "transforms", "assets", "checks", "definitions"}

each_domain = pytest.mark.parametrize("folder", domains.names())


def parts(folder: Path) -> set[str]:
    """Names of a domain's modules, be they files or folders."""
    modules = [path for path in folder.iterdir() if path.suffix == ".py"]
    packages = [path.parent for path in folder.glob("*/__init__.py")]
    return {path.stem for path in modules + packages} - {"__init__"}


def shape() -> set[str]:
    """Names of the parts that the docstring of domains/ describes."""
    return set(re.findall(r"`(\w+?)(?:\.py|/)?`", domains.__doc__ or ""))


def test_every_folder_is_registered() -> None:
    folders = {path.parent.name for path in (PACKAGE / "domains").glob("*/__init__.py")}

    assert set(domains.names()) == folders
    assert folders >= {"spend"}


@each_domain
def test_a_domain_has_every_required_part(folder: str) -> None:
    assert parts(PACKAGE / "domains" / folder) >= REQUIRED


@each_domain
def test_a_domain_has_no_part_of_another_name(folder: str) -> None:
    assert parts(PACKAGE / "domains" / folder) - shape() == set()


@each_domain
def test_a_domain_says_its_question_and_its_grain(folder: str) -> None:
    text = (PACKAGE / "domains" / folder / "__init__.py").read_text(encoding="utf-8")
    charter = ast.get_docstring(ast.parse(text)) or ""

    assert "?" in charter
    assert "Grain: " in charter
    assert len(charter.splitlines()) <= 5


@each_domain
def test_a_domain_builds_its_definitions_from_settings(folder: str) -> None:
    file = PACKAGE / "domains" / folder / "definitions.py"
    functions = {
        node.name: [argument.arg for argument in node.args.args]
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }

    assert functions.get("build") == ["settings"]
