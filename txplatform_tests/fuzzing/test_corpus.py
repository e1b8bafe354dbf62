"""The kept corpus again, some fresh cases of every target, and what the references say."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from txplatform.domains.spend.sources.parsing import NumberSigns
from txplatform_tests.fuzzing import references
from txplatform_tests.fuzzing.campaign import FIELDS, LEDGER, SLOW, ledger
from txplatform_tests.fuzzing.distinct import Distinct
from txplatform_tests.fuzzing.files import TARGETS
from txplatform_tests.fuzzing.shapes import SHAPES, shaped
from txplatform_tests.fuzzing.targets import CORPUS

US = NumberSigns()
EXAMPLES = 8


@pytest.mark.parametrize(
    "path", sorted(CORPUS.glob("*/*")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_the_kept_corpus(path: Path) -> None:
    assert TARGETS[path.parent.name](path.read_bytes(), Distinct()) >= 1


@pytest.mark.parametrize("target", SHAPES)
def test_fresh_cases(target: str) -> None:
    distinct = Distinct()

    for seed in range(EXAMPLES):
        TARGETS[target](shaped(target, seed, 100), distinct)

    assert distinct.total >= EXAMPLES


def test_a_shape_is_its_seed() -> None:
    assert shaped("amounts", 7, 5) == shaped("amounts", 7, 5) != shaped("amounts", 8, 5)


def test_every_target_has_a_corpus() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)
    assert sum(path.stat().st_size for path in CORPUS.rglob("*") if path.is_file()) < 500_000
    assert set(SLOW) < set(TARGETS)


def test_cases_are_counted_once() -> None:
    distinct = Distinct()

    assert [distinct.count(["5", "6"]), distinct.count(["6", "7"])] == [2, 1]
    assert (distinct.is_new(1, "5"), distinct.is_new(1, "5"), distinct.total) == (True, False, 4)


def test_the_ledger_adds_up() -> None:
    lines = list(ledger())

    with LEDGER.open(encoding="utf-8", newline="") as file:
        assert tuple(next(csv.reader(file))) == FIELDS
    assert {line.target for line in lines} <= set(TARGETS)
    assert all(line.cases > 0 for line in lines if not line.findings)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("5", 500),
        ("$1,620.5", 162_050),
        ("(15.75)", -1_575),
        ("$(0.01)", -1),
        ("-0.00", 0),
        ("12,34,5", None),
        ("1e5", None),
        ("5.285", None),
        ("-(5)", None),
        ("$5$", None),
        ("€5", None),
        ("1" * 17, None),
    ],
)
def test_the_reference_reads_amounts(text: str, cents: int | None) -> None:
    assert references.cents(text, US) == cents


@pytest.mark.parametrize(
    ("record", "cells"),
    [
        ("", []),
        ("a, b ,", ["a", " b ", ""]),
        ('"a,""b""",\n', ['a,"b"', "\n"]),
        (',"",x', ["", "", "x"]),
        ('"a"b,c', None),
        ('a"b', None),
        ('"a', None),
    ],
)
def test_the_reference_takes_records_apart(record: str, cells: list[str] | None) -> None:
    assert references.cells(record) == cells


def test_the_reference_reads_typed_cells() -> None:
    cells = (Decimal("5.28"), Decimal("5.285"), 10**16, True, None, Decimal("NaN"))

    assert [references.cents(cell, US) for cell in cells] == [528, *[None] * 5]
    assert references.day(date(2024, 1, 2), "yyyy") == date(2024, 1, 2)
    assert references.day("31.11.2024", "dd.MM.yyyy") is None
    assert references.day("5 sept 2024", "d MMM yyyy") == date(2024, 9, 5)
    assert references.name(" Ro\u200bads\t\u202e of  e\u0301 ") == "Roads of é"
