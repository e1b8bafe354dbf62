"""The contract of a domain: what each folder of domains/ brings, and under which names.

Who knows one domain knows all. The contract itself is the docstring of txplatform/domains.
"""

import ast
import inspect
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import APIRouter
from sqlalchemy import MetaData
from typer import Typer

from txplatform import domains
from txplatform.settings.logins import Component
from txplatform_tests.architecture.source_tree import PACKAGE

each_domain = pytest.mark.parametrize("folder", domains.names())


def parts(folder: Path) -> set[str]:
    """Names of a domain's modules, be they files or folders."""
    modules = [path for path in folder.iterdir() if path.suffix == ".py"]
    packages = [path.parent for path in folder.glob("*/__init__.py")]
    return {path.stem for path in modules + packages} - {"__init__"}


def shape() -> set[str]:
    """Names of the parts that the docstring of domains/ describes."""
    doc = domains.__doc__ or ""
    return {*re.findall(r"^\| `(\w+)`", doc, re.MULTILINE), *re.findall(r"`(\w+)`\s\(", doc)}


def required() -> set[str]:
    """Names of the parts without which a folder is no domain."""
    return set(re.findall(r"^\| `(\w+)` .*required \|$", domains.__doc__ or "", re.MULTILINE))


def test_every_folder_is_registered() -> None:
    folders = {path.parent.name for path in (PACKAGE / "domains").glob("*/__init__.py")}

    assert set(domains.names()) == folders
    assert folders >= {"spend"}


def test_the_contract_names_what_is_required() -> None:
    assert required() == {"__init__", "tables", "definitions"}
    assert shape() >= {"commands", "api", "pages", "freshness", "transforms", "queries"}


@each_domain
def test_a_domain_has_every_required_part(folder: str) -> None:
    assert parts(PACKAGE / "domains" / folder) >= required() - {"__init__"}


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


def takes(*names: str) -> Callable[[object], bool]:
    """Whether something is a function of these parameters, and needs no others."""

    def is_right(function: object) -> bool:
        if not callable(function):
            return False
        parameters = inspect.signature(function).parameters.values()
        needed = [one.name for one in parameters if one.default is inspect.Parameter.empty]
        return needed == list(names)

    return is_right


def are_rights(declared: object) -> bool:
    """Whether something says by part of the platform and table or collection what it may do."""
    return isinstance(declared, dict) and set(declared) <= set(Component)


EXPORTS: dict[str, dict[str, Callable[[object], bool]]] = {
    "tables": {"metadata": lambda one: isinstance(one, MetaData), "TABLES": are_rights},
    "definitions": {"build": takes("settings")},
    "commands": {"app": lambda one: isinstance(one, Typer)},
    "api": {"router": lambda one: isinstance(one, APIRouter) and not one.prefix},
    "pages": {"PAGES": lambda one: isinstance(one, tuple) and bool(one)},
    "freshness": {"summary": takes("platform")},
    "rehearsal": {"rehearse": takes("session")},
}
"""By part, what it must export, and whether that is right."""

OPTIONAL: dict[str, dict[str, Callable[[object], bool]]] = {
    "tables": {"INDEXES": lambda one: isinstance(one, dict), "COLLECTIONS": are_rights},
    "api": {"STATUSES": lambda one: isinstance(one, dict), "gauges": takes("platform")},
}
"""By part, what it may export, and whether that is right."""


@pytest.mark.parametrize("part", EXPORTS)
def test_a_part_exports_what_the_machine_takes_from_it(part: str) -> None:
    for folder, module in domains.by_name(part).items():
        for name, is_right in EXPORTS[part].items():
            assert is_right(getattr(module, name, None)), f"{folder}.{part}.{name}"
        for name, is_right in OPTIONAL.get(part, {}).items():
            assert is_right(getattr(module, name)) if hasattr(module, name) else True, folder


def test_a_part_that_no_domain_has_is_skipped() -> None:
    assert list(domains.modules("no_such_part")) == []
    assert "spend" in domains.by_name("tables")
