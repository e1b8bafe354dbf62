"""Names, ids and fiscal periods: one spelling for what looks the same, and nothing dropped."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txplatform.connectors.files import Cell
from txplatform.domains.spend.sources.parsing import read_id, read_name, read_period, read_text


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("Roads", "Roads"),
        ("  Roads  and\tBridges\n", "Roads and Bridges"),
        ("Roads\u00a0and\u202fBridges", "Roads and Bridges"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("Roads\u200b\ufeff", "Roads"),
        ("\u202eRoads\u202c", "Roads"),
        ("Ro\u00adads", "Roads"),
        ("Ro\x07ads", "Roads"),
        ("ROADS", "ROADS"),
        ("", "(unknown)"),
        ("   ", "(unknown)"),
        ("\u200b\u200e", "(unknown)"),
        (None, "(unknown)"),
        (4711, "4711"),
        (Decimal("4711.0"), "4711"),
        (Decimal("4711.5"), "4711.5"),
        (Decimal("1E+999999999"), "1E+999999999"),
        ("Ro\ud800ads", "Roads"),
    ],
)
def test_names(cell: Cell, name: str) -> None:
    assert read_name(cell) == name


@given(st.text())
def test_a_name_read_again_is_the_same(text: str) -> None:
    assert read_name(read_name(text)) == read_name(text)


@given(st.text())
def test_no_control_character_survives(text: str) -> None:
    # Identity joins the canonical fields with one.
    assert not any(ord(char) < 32 or ord(char) == 127 for char in read_text(text))


@given(st.text())
def test_a_name_can_be_stored(text: str) -> None:
    assert read_name(text).encode()


@pytest.mark.parametrize(
    ("cell", "period"),
    [
        ("2015", 2015),
        ("07", 7),
        (Decimal("2015.0"), 2015),
        (2015, 2015),
        ("2015/16", "2015/16"),
        ("P07", "P07"),
        ("1234567890", "1234567890"),
        ("", None),
        (None, None),
    ],
)
def test_an_odd_fiscal_period_is_kept_as_text_and_never_refuses(
    cell: Cell, period: int | str | None
) -> None:
    assert read_period(cell) == period


@pytest.mark.parametrize(
    ("cell", "document_id"),
    [
        (" 1273-110 ", "1273-110"),
        ("a  b", "a  b"),
        (4711, "4711"),
        (Decimal("4711.0"), "4711"),
        ("a\ud800b", "ab"),
    ],
)
def test_an_id_is_trimmed_and_otherwise_left_alone(cell: Cell, document_id: str) -> None:
    assert read_id(cell) == document_id
