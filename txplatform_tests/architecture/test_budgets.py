"""The budgets of docs/architecture.md: how long functions and files may grow, and what each says.

A limit that hurts is a sign that a function or file wants to be two; raising it is a decision to
take in docs/architecture.md first.
"""

from textwrap import dedent

import pytest

from txplatform_tests.architecture import source_tree as tree
from txplatform_tests.architecture.source_tree import Module


def test_functions_are_short() -> None:
    assert tree.median_length(tree.package()) <= 8
    assert tree.percentile(tree.function_lengths(tree.package()), 0.9) <= 25
    assert tree.functions_over(50, tree.package()) == []


def test_test_functions_are_short_too() -> None:
    assert tree.functions_over(50, tree.tests()) == []


def test_asset_bodies_say_what_and_leave_the_how_to_transforms() -> None:
    assert any(map(tree.is_asset, (f for m in tree.package() for f in m.functions())))
    assert tree.assets_over(8, tree.package()) == []


def test_files_are_short() -> None:
    assert tree.files_over(250, tree.package() + tree.tests()) == []


def test_benchmarks_keep_the_budgets_and_use_no_tests() -> None:
    assert tree.files_over(250, tree.benchmarks()) == []
    assert tree.functions_over(50, tree.benchmarks()) == []
    assert tree.without_charter(tree.benchmarks()) == []
    assert [one.path for one in tree.benchmarks() if "txplatform_tests" in one.text] == []


def test_every_module_opens_with_its_charter() -> None:
    assert tree.without_charter(tree.package() + tree.tests()) == []


def test_everything_public_is_documented() -> None:
    assert tree.undocumented(tree.package()) == []


def test_everything_public_is_typed() -> None:
    assert tree.untyped(tree.package()) == []


def test_there_is_at_least_a_line_of_test_per_line_of_code() -> None:
    code, tests = (
        sum(module.line_count for module in modules) for modules in (tree.package(), tree.tests())
    )

    assert tests >= code, f"{tests} lines of tests for {code} lines of code"


OFFENDER = Module(
    "offender.py",
    dedent(
        '''
        import dagster as dg

        @dg.asset(group_name="spend")
        def weekly(context) -> None:
            """The docstring does not count."""
            first = 1

            last = 3

        class Ledger:
            """Documented."""

            def total(self, *rows: int) -> int:
                return sum(rows)

            def _own(self, anything):
                return anything
        '''
    ),
)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (tree.functions_over(2, [OFFENDER]), ["offender.py:5 weekly: 3 lines"]),
        (tree.functions_over(3, [OFFENDER]), []),
        (tree.assets_over(2, [OFFENDER]), ["offender.py:5 weekly: 3 lines"]),
        (tree.assets_over(0, [Module("plain.py", "def asset() -> int:\n    return 1\n")]), []),
        (tree.files_over(11, [OFFENDER]), ["offender.py: 12 lines"]),
        (tree.files_over(12, [OFFENDER]), []),
        (tree.without_charter([OFFENDER]), ["offender.py"]),
        (tree.undocumented([OFFENDER]), ["offender.py:14 total"]),
        (tree.untyped([OFFENDER]), ["offender.py:5 weekly"]),
        (tree.function_lengths([OFFENDER]), [3, 1, 1]),
        (tree.percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 99], 0.9), 10),
    ],
)
def test_the_measures_find_what_they_look_for(found: object, expected: object) -> None:
    assert found == expected
