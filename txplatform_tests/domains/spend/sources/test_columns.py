"""Columns: found whatever their case and spaces, by an alias too; missing ones are named."""

import pytest

from txplatform.connectors.files import Cell
from txplatform.domains.spend.sources.columns import HeaderColumns, first_not_blank, is_blank
from txplatform.domains.spend.sources.layouts import Layout
from txplatform.errors import SourceError
from txplatform_tests.domains.spend.sources.layouts import small

ALIASED = small(tables='[aliases]\namount = ["Net Amount", "Value"]')


def columns(*header: str, layout: Layout = ALIASED) -> HeaderColumns:
    """A header's columns."""
    return HeaderColumns(layout, header, "x.csv")


@pytest.mark.parametrize(
    ("header", "position"),
    [
        (["day", "amount"], 1),
        (["day", " AMOUNT "], 1),
        (["day", "\ufeffAmount"], 1),
        (["day", "Net  amount"], 1),
        (["Value", "Net amount"], 1),
        (["Value", "amount"], 1),
        (["amounts"], None),
        ([], None),
    ],
)
def test_find(header: list[str], position: int | None) -> None:
    assert columns(*header).find("amount") == position


def test_a_column_that_stands_twice_is_a_doubt() -> None:
    with pytest.raises(SourceError) as error:
        columns("day", "Amount", "AMOUNT").find("amount")

    assert str(error.value) == "x.csv has the column 'amount' 2 times: rename all but one."


def test_a_column_that_nobody_asks_for_may_stand_twice() -> None:
    assert columns("note", "note", "amount").find("amount") == 2


def test_all_alternatives_are_named_where_none_is_there() -> None:
    with pytest.raises(SourceError, match="no column 'net' or 'gross', which the layout small"):
        columns("day").positions(["net", "gross"], is_required=True)


def test_an_optional_field_may_have_no_column() -> None:
    layout = small('optional = ["merchant"]')

    getter = columns("day", layout=layout).getter("merchant", ["merchant"])

    assert getter(["2024-01-02"]) is None


def test_a_header_of_blanks_is_named_so() -> None:
    with pytest.raises(SourceError, match="its columns are: none"):
        columns("", " ").index("amount")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [(None, True), ("", True), (" \u00a0\u200b", True), ("0", False), (0, False), (False, False)],
)
def test_is_blank(cell: Cell, expected: bool) -> None:
    assert is_blank(cell) is expected


def test_first_not_blank() -> None:
    get = first_not_blank([2, 0])

    assert get(["a", "b", "c"]) == "c"
    assert get(["a", "b", " "]) == "a"
    assert get([None, "b", ""]) is None
    assert first_not_blank([])(["a"]) is None
