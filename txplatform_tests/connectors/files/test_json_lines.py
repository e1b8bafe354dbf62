"""JSON lines: exact numbers, MongoDB's extended JSON, nested objects and lines that are broken."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from txplatform.connectors.files.json_lines import first_names, json_row
from txplatform.connectors.files.rows import Cell, Row

UTC = ZoneInfo("UTC")


def read(*lines: str, zone: ZoneInfo = UTC) -> tuple[list[str], list[Row]]:
    """Header and rows of some lines."""
    header = first_names(lines)
    rows = (json_row(header, number, f"{line}\n", zone) for number, line in enumerate(lines, 1))
    return header, list(rows)


@pytest.mark.parametrize(
    ("json", "cell"),
    [
        ("5.28", Decimal("5.28")),
        ("0.1", Decimal("0.1")),
        ("12345678901234567.89", Decimal("1.23456789012346E+16")),
        ("57.699999999999996", Decimal("57.7")),
        ("12345678901234567.0", Decimal("12345678901234567.0")),
        ('{"$numberDecimal": "57.699999999999996"}', Decimal("57.699999999999996")),
        ('{"$numberDouble": "57.699999999999996"}', Decimal("57.7")),
        ("5", 5),
        ("true", True),
        ("null", None),
        ('"5.28"', "5.28"),
        ("NaN", Decimal("NaN")),
        ('{"$numberDecimal": "5.28"}', Decimal("5.28")),
        ('{"$numberDouble": "5.28"}', Decimal("5.28")),
        ('{"$numberDecimal": "sNaN"}', "sNaN"),
        ('{"$numberLong": "5"}', 5),
        ('{"$oid": "5f0000000000000000000001"}', "5f0000000000000000000001"),
        ('{"$date": "2024-06-03T00:00:00Z"}', date(2024, 6, 3)),
        ('{"$date": {"$numberLong": "1717372800000"}}', date(2024, 6, 3)),
    ],
)
def test_values(json: str, cell: Cell) -> None:
    _, rows = read(f'{{"value": {json}}}')

    assert repr(rows[0].cells) == repr([cell])


def test_an_instant_is_the_day_of_the_declared_zone() -> None:
    line = '{"at": {"$date": "2024-06-02T22:00:00Z"}}'  # midnight of the third in Paris

    assert read(line)[1][0].cells == [date(2024, 6, 2)]
    assert read(line, zone=ZoneInfo("Europe/Paris"))[1][0].cells == [date(2024, 6, 3)]


def test_the_header_is_every_name_in_the_order_of_appearance() -> None:
    header, rows = read('{"a": 1}', '{"b": 2, "a": 3}')

    assert header == ["a", "b"]
    assert [row.cells for row in rows] == [[1, None], [3, 2]]


def test_a_nested_name_is_reached_with_a_dot() -> None:
    header, rows = read('{"shop": {"name": "X", "place": {"town": "Y"}}, "a.b": 1}', '{"shop": 5}')

    assert header == ["shop.name", "shop.place.town", "a.b", "shop"]
    assert rows[0].cells[:3] == ["X", "Y", 1]
    assert rows[1].cells == [None, None, None, 5]


def test_a_list_is_kept_as_its_text() -> None:
    assert read('{"tags": ["a", 1]}')[1][0].cells == ['["a", 1]']


@pytest.mark.parametrize(
    "line",
    ['{"a": ', "[1, 2]", "5", '{"a": {"$date": "yesterday"}}', '{"a": {"$oid": "5"}}', "{" * 9_999],
)
def test_a_broken_line_is_a_row_with_a_problem(line: str) -> None:
    header, rows = read('{"a": 1}', line, '{"a": 2}')

    assert header == ["a"]
    assert [row.line for row in rows] == [1, 2, 3]
    assert rows[1].problem is not None
    assert rows[1].problem.startswith("the line is no JSON object: ")
    assert rows[1].raw == line


@pytest.mark.parametrize(
    "line", ['{"a": 5, "a": 500}', '{"a": {"b": 1, "b": 1}}', '{"a": [{"b": 1, "b": 2}]}']
)
def test_a_name_with_two_values_is_refused(line: str) -> None:
    """Catches: the last one wins, and what stood before it is nowhere."""
    _, rows = read('{"a": 1}', line)

    assert rows[1].cells == ()
    assert rows[1].problem
    assert rows[1].problem.endswith("is in it twice")
    assert rows[1].raw == line


def test_a_day_with_something_beside_it_is_no_day() -> None:
    _, rows = read('{"a": {"$day": "2024-06-03", "b": 5}}')

    assert rows[0].cells == ["2024-06-03", 5]


def test_a_blank_line_is_a_row_without_cells() -> None:
    assert read('{"a": 1}', "", '{"a": 2}')[1][1] == Row(2, (), "")
