"""docs/guarantees.md names tests that are there, at least one for each promise."""

import re

from txplatform_tests.architecture import source_tree as tree
from txplatform_tests.architecture.source_tree import ROOT, Function
from txplatform_tests.faults import ledger

PAGE = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
TEST = re.compile(r"`([\w/]+\.py::\w+)`")


def existing() -> set[str]:
    """Every test of this repository, as the page names it."""
    return {
        f"{module.path.removeprefix('txplatform_tests/')}::{function.name}"
        for module in tree.tests()
        for function in module.functions()
        if isinstance(function, Function) and function.name.startswith("test_")
    }


def sections() -> dict[str, str]:
    """The page's sections by their titles."""
    parts = re.split(r"^## (.*)$", PAGE, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_every_test_that_is_named_is_there() -> None:
    named = set(TEST.findall(PAGE))

    assert len(named) > 30
    assert named - existing() == set()


def test_each_promise_is_attacked() -> None:
    promises = [title for title in sections() if title[0].isdigit()]

    assert [title[0] for title in promises] == list("123456")
    assert [title for title in promises if not TEST.search(sections()[title])] == []


def test_the_table_of_faults_is_that_of_the_ledger() -> None:
    assert ledger.with_table(PAGE, ledger.read()) == PAGE


def test_three_hundred_faults_broke_no_promise() -> None:
    found = ledger.read()

    assert sum(one.strikes for one in found) >= 300
    assert [one for one in found if not one.has_survived] == []


def test_every_attack_has_its_test() -> None:
    attacks = PAGE.partition("## The fault campaign")[0].splitlines()
    rows = [line for line in attacks if line.startswith("| ") and "| test |" not in line]

    assert len(rows) > 30
    assert [row for row in rows if not TEST.search(row)] == []
