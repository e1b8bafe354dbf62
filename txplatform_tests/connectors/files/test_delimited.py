"""Delimited text: lines, quotes that run over lines, and quotes that are never closed."""

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txplatform.connectors.files.delimited import read_delimited
from txplatform.connectors.files.rows import Row


def rows_of(text: str, delimiter: str = ",") -> list[Row]:
    """The rows of a text."""
    return list(read_delimited(iter(io.StringIO(text, newline="")), delimiter))


def test_rows_know_their_line_and_their_text() -> None:
    assert rows_of('a,b\r\n1,"x, y"\r\n') == [
        Row(1, ["a", "b"], "a,b"),
        Row(2, ["1", "x, y"], '1,"x, y"'),
    ]


def test_a_record_over_several_lines_begins_at_its_first() -> None:
    assert rows_of('a,"x\ny\nz",b\n1,2,3\n') == [
        Row(1, ["a", "x\ny\nz", "b"], 'a,"x\ny\nz",b'),
        Row(4, ["1", "2", "3"], "1,2,3"),
    ]


def test_a_blank_line_is_a_row_without_cells() -> None:
    assert rows_of("a\n\nb\n") == [Row(1, ["a"], "a"), Row(2, [], ""), Row(3, ["b"], "b")]


def test_the_last_line_may_lack_its_end() -> None:
    assert rows_of("a,b\n1,2")[-1] == Row(2, ["1", "2"], "1,2")


def test_delimiters() -> None:
    assert rows_of("a;b\n", ";")[0].cells == ["a", "b"]
    assert rows_of("a\tb\n", "\t")[0].cells == ["a", "b"]


def test_old_line_ends() -> None:
    assert [row.cells for row in rows_of("a,b\r1,2\r")] == [["a", "b"], ["1", "2"]]


def test_a_broken_quote_costs_its_own_line() -> None:
    rows = rows_of('1,"JOE"S DINER,2\n3,4,5\n')

    assert rows[0] == Row(
        1, (), '1,"JOE"S DINER,2', "the line is not readable: ',' expected after '\"'"
    )
    assert rows[1] == Row(2, ["3", "4", "5"], "3,4,5")


@pytest.mark.parametrize(
    "text",
    [
        'a,b,c\n1,"two,3\n4,5,6\n7,eight",9\n',
        'a,b,c\n1,"two,3\n4,eight",6\n7,8,9\n',
        'a,b,c\n"1,two,3\n4,5,6\n7,eight",9\n',
        'a,b,c\n"1,two,3\n4",5,6\n7,8,9\n',
        'a,b,c\n1,"two,3\n4,"five,6\n7,eight",9\n',
        'a,b,c,,\n1,"two,3\n4,5,6\n7,eight",9\n',
        'a,b,c,,\n1,"two,3,,\n4,5,6,,\n7,eight",9,,\n',
    ],
)
def test_a_quote_that_was_not_meant_as_one_swallows_no_lines(text: str) -> None:
    rows = rows_of(text)

    assert [row.line for row in rows] == [1, 2, 3, 4]
    assert rows[1].problem or rows[2].problem


@pytest.mark.parametrize(
    "record",
    ['1,"two\nlines",3', '"1\na",2,3', '1,2,"3\na"', '1,"two\nlines, and\nmore",3', '1,2,"3\n\n"'],
)
def test_cells_of_several_lines_are_cells(record: str) -> None:
    rows = rows_of(f"a,b,c\n{record}\n4,5,6\n")

    assert [len(row.cells) for row in rows] == [3, 3, 3]
    assert not any(row.problem for row in rows)


@given(
    st.lists(
        st.lists(st.from_regex('"?[a-z0-9]{0,2}"?', fullmatch=True), min_size=3, max_size=3),
        max_size=12,
    )
)
def test_wherever_quotes_stand_every_line_is_accounted_for(table: list[list[str]]) -> None:
    """Catches: purchases between two quotes that vanish into the cell of another one."""
    lines = ["a,b,c", *(",".join(cells) for cells in table)]

    rows = rows_of("\n".join(lines) + "\n")

    assert [row.line for row in rows] == list(range(1, len(lines) + 1))


def test_a_quote_that_is_never_closed_costs_its_own_line_and_not_the_rest_of_the_file() -> None:
    rows = rows_of('1,"oops,2\n' + "3,4,5\n" * 3)

    assert [row.line for row in rows] == [1, 2, 3, 4]
    assert rows[0].problem == "the line is not readable: unexpected end of data"
    assert [row.cells for row in rows[1:]] == [["3", "4", "5"]] * 3


def test_a_cell_beyond_the_field_limit_costs_its_own_line() -> None:
    rows = rows_of(f"1,{'x' * 200_000}\n3,4\n")

    assert rows[0].problem == "the line is not readable: field larger than field limit (131072)"
    assert rows[1] == Row(2, ["3", "4"], "3,4")


def test_an_open_quote_in_a_long_file_is_found_at_the_field_limit() -> None:
    lines = 20_000
    rows = rows_of('1,"oops,2\n' + "3,4,5\n" * lines)

    assert [bool(row.problem) for row in rows] == [True] + [False] * lines
    assert rows[-1].line == lines + 1


def test_rows_stream() -> None:
    def endless() -> Iterator[str]:
        while True:
            yield "1,2\n"

    rows = read_delimited(endless(), ",")

    assert [next(rows).line for _ in range(3)] == [1, 2, 3]


@given(st.lists(st.lists(st.text(max_size=6), min_size=2, max_size=3), max_size=6))
def test_what_the_csv_module_writes_reads_back(table: list[list[str]]) -> None:
    import csv

    text = io.StringIO(newline="")
    csv.writer(text).writerows(table)

    assert [list(row.cells) for row in rows_of(text.getvalue())] == table


@given(st.text(alphabet='ab,"\n\r', max_size=40))
def test_no_text_is_lost_whatever_its_quotes(text: str) -> None:
    rows = rows_of(text)

    kept = "".join(row.raw or "" for row in rows)
    assert kept.replace("\n", "").replace("\r", "") == text.replace("\n", "").replace("\r", "")
    assert [row.line for row in rows] == sorted({row.line for row in rows})


@given(st.lists(st.text("ab, ;\t'\\\0\x0b\u2028é", max_size=6)), st.sampled_from(",;\t"))
def test_lines_without_quotes_are_split_as_the_csv_module_splits_them(
    lines: list[str], delimiter: str
) -> None:
    written = [f"{line}\r\n" for line in lines]

    split = [row.cells for row in read_delimited(iter(written), delimiter)]
    assert split == list(csv.reader(written, delimiter=delimiter, strict=True))


def test_quoted_and_plain_records_in_turns_keep_their_lines() -> None:
    text = '1,2\n"3\n4",5\n6,7\n"8,9\n10,11\n"12",13\n14,15\n'

    assert [(row.line, row.cells, bool(row.problem)) for row in rows_of(text)] == [
        (1, ["1", "2"], False),
        (2, ["3\n4", "5"], False),
        (4, ["6", "7"], False),
        (5, (), True),
        (6, ["10", "11"], False),
        (7, ["12", "13"], False),
        (8, ["14", "15"], False),
    ]
