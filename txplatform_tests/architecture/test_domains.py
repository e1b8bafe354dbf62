"""The contract of a domain: what each folder of domains/ brings, and under which names.

Who knows one domain knows all. The contract itself is the docstring of txplatform/domains.
"""

import ast
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from sqlalchemy import MetaData
from typer import Typer

from txplatform import domains
from txplatform.serving.dashboard.pages import Page
from txplatform.serving.dashboard.texts import LANGUAGES
from txplatform.settings.domain import declared
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


Check = Callable[[Any], bool]


def takes(*names: str) -> Check:
    """Whether something is a function of these parameters, and needs no others."""
    return lambda given: callable(given) and needed(given) == list(names)


def needed(function: Callable[..., object]) -> list[str]:
    """The parameters of a function that have no default."""
    parameters = inspect.signature(function).parameters.values()
    return [one.name for one in parameters if one.default is inspect.Parameter.empty]


def a(kind: type) -> Check:
    """Whether something is of a kind."""
    return lambda given: isinstance(given, kind)


def are_rights(declared: object) -> bool:
    """Whether something says by part of the platform and table or collection what it may do."""
    return isinstance(declared, dict) and set(declared) <= set(Component)


EXPORTS: dict[str, dict[str, Check]] = {
    "tables": {"metadata": a(MetaData), "TABLES": are_rights},
    "definitions": {"build": takes("settings")},
    "commands": {"app": a(Typer)},
    "api": {"router": lambda given: isinstance(given, APIRouter) and not given.prefix},
    "pages": {"PAGES": lambda given: bool(given) and all(isinstance(one, Page) for one in given)},
    "freshness": {"summary": takes("platform")},
    "rehearsal": {"rehearse": takes("session")},
    "demo": {"demo": lambda given: callable(given) and len(needed(given)) == 3},
}
"""By part, what it must export, and whether that is right."""

OPTIONAL: dict[str, dict[str, Check]] = {
    "tables": {"INDEXES": a(dict), "COLLECTIONS": are_rights},
    "commands": {"run_stale": takes("opened"), "STARTS_SPARK": a(bool)},
    "api": {"STATUSES": a(dict), "gauges": takes("platform")},
    "demo": {"VARIABLES": a(dict), "IS_DEFAULT": a(bool)},
}
"""By part, what it may export, and whether that is right."""


@each_domain
def test_every_part_exports_what_the_machine_takes_from_it(folder: str) -> None:
    for part, exports in EXPORTS.items():
        module = domains.by_name(part).get(folder)
        for name, is_right in exports.items() if module else ():
            assert is_right(getattr(module, name, None)), f"{part}.{name}"
        for name, is_right in OPTIONAL.get(part, {}).items():
            assert is_right(getattr(module, name)) if hasattr(module, name) else True, name


@each_domain
def test_what_is_no_module_is_where_the_machine_looks(folder: str) -> None:
    """Its class of settings, its revisions, and its texts in both languages."""
    place = PACKAGE / "domains" / folder

    assert declared(domains.modules("settings")).keys() == domains.by_name("settings").keys()
    if (chain := domains.folders("migrations").get(folder)) is not None:
        assert list((chain / "versions").glob("0001_*.py"))
    if folder in domains.by_name("pages"):
        assert {file.name for file in (place / "pages" / "texts").iterdir()} == {
            f"{language}.toml" for language in LANGUAGES
        }


def test_the_contract_names_every_export() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \|(.*)\|.*\|$", domains.__doc__ or "", re.MULTILINE))

    assert [
        f"{part}.{name}"
        for exports in (EXPORTS, OPTIONAL)
        for part, names in exports.items()
        for name in names
        if f"`{name}" not in rows[part]
    ] == []


def test_a_part_that_no_domain_has_is_skipped() -> None:
    assert list(domains.modules("no_such_part")) == []
    assert "spend" in domains.by_name("tables")
