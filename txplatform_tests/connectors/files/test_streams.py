"""Tables: the same purchases read from every format, typed cells typed, text left as text."""

import gzip
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from txplatform.connectors.files import (
    Cell,
    FileFormat,
    Kind,
    Row,
    first_lines,
    open_table,
    raw_text,
    reread,
    verify,
)
from txplatform.errors import SourceError
from txplatform_tests.connectors.files import same_purchases

HEADER = ["day", "merchant", "amount"]


def read(path: Path, form: FileFormat = FileFormat()) -> tuple[list[str], list[Row]]:  # noqa: B008
    """Header and rows of a file."""
    with open_table(verify(path, form.encoding), form) as table:
        return table.header, list(table.rows)


@pytest.mark.parametrize("name", same_purchases.TEXTS)
def test_text_stays_text(name: str, tmp_path: Path) -> None:
    header, rows = read(same_purchases.TEXTS[name](tmp_path / name))

    assert header == HEADER
    assert [(row.line, row.cells) for row in rows] == [
        (2, ["2024-01-02", "Café", "5.28"]),
        (3, ["2024-01-03", "Nuts, Bolts", "1620.00"]),
        (4, ["2024-01-04", "", "-15.75"]),
    ]


@pytest.mark.parametrize("write", [same_purchases.json_lines, same_purchases.json_list])
def test_json_numbers_are_exact_and_a_missing_name_is_an_empty_cell(
    write: Callable[[Path], Path], tmp_path: Path
) -> None:
    header, rows = read(write(tmp_path / "purchases.json"))

    assert header == HEADER
    assert [(row.line, row.cells) for row in rows] == [
        (1, ["2024-01-02", "Café", Decimal("5.28")]),
        (2, ["2024-01-03", "Nuts, Bolts", 1620]),
        (3, ["2024-01-04", None, Decimal("-15.75")]),
    ]


@pytest.mark.parametrize(("name", "first_line"), [("purchases.xlsx", 2), ("purchases.parquet", 1)])
def test_typed_cells_stay_typed(name: str, first_line: int, tmp_path: Path) -> None:
    header, rows = read(same_purchases.TYPED[name](tmp_path / name))

    assert header == HEADER
    assert [row.line for row in rows] == [first_line, first_line + 1, first_line + 2]
    assert [row.cells for row in rows] == [
        [date(2024, 1, 2), "Café", Decimal("5.28")],
        [date(2024, 1, 3), "Nuts, Bolts", Decimal("1620.00")],
        [date(2024, 1, 4), None, Decimal("-15.75")],
    ]


@pytest.mark.parametrize(
    ("encoding", "prefix"),
    [("utf-8", b"\xef\xbb\xbf"), ("utf-8", b""), ("cp1252", b""), ("utf-16", b"")],
)
def test_encodings_and_their_marks(encoding: str, prefix: bytes, tmp_path: Path) -> None:
    path = tmp_path / "purchases.csv"
    path.write_bytes(prefix + same_purchases.CSV.encode(encoding))

    header, rows = read(path, FileFormat(encoding))

    assert header == HEADER
    assert rows[0].cells[1] == "Café"


def test_titles_above_the_header_are_skipped_and_lines_still_count_from_the_top(
    tmp_path: Path,
) -> None:
    path = tmp_path / "purchases.csv"
    path.write_text('Spend over 500\n"June, 2024"\n\nday;amount\n2024-06-03;5,28\n')

    header, rows = read(path, FileFormat(delimiter=";", skip_lines=2))

    assert header == ["day", "amount"]
    assert rows == [Row(5, ["2024-06-03", "5,28"], "2024-06-03;5,28")]


@pytest.mark.parametrize("text", ["\n\n,,\n", '"broken\n'])
def test_a_file_without_a_header_line(text: str, tmp_path: Path) -> None:
    path = tmp_path / "purchases.csv"
    path.write_text(text)

    with pytest.raises(SourceError, match=r"purchases\.csv has no header line\."):
        read(path)


def test_progress_of_every_format(tmp_path: Path) -> None:
    for name, write in {**same_purchases.TEXTS, **same_purchases.TYPED}.items():
        with open_table(verify(write(tmp_path / name))) as table:
            list(table.rows)

            # A zip archive ends with its directory, which is read first.
            assert table.fraction_read() == 1.0 or name.endswith(".zip")


def test_a_truncation_that_happens_after_verifying_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "purchases.csv.gz"
    packed = gzip.compress(same_purchases.CSV.encode() + b"x,y,1\n" * 100_000, compresslevel=0)
    path.write_bytes(packed)
    content = verify(path)
    path.write_bytes(packed[: len(packed) // 2])

    with (
        pytest.raises(SourceError, match="changed while it was read"),
        open_table(content) as table,
    ):
        list(table.rows)


def _delimited(cells: list[Cell]) -> Row:
    return Row(7, cells, '2024-01-02,"Nuts, Bolts",5.28')


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        (Kind.DELIMITED, _delimited(["2024-01-02", "Nuts, Bolts", "5.28"])),
        (Kind.DELIMITED, Row(7, (), "")),
        (Kind.JSON_LINES, Row(7, ["2024-01-02", None, 5], '{"day": "2024-01-02", "amount": 5}')),
        (Kind.JSON_LINES, Row(7, (), "")),
    ],
)
def test_a_row_is_read_again_from_its_text(kind: Kind, row: Row) -> None:
    text = raw_text(HEADER, row)

    assert reread(kind, FileFormat(), HEADER, 7, text) == row


@pytest.mark.parametrize("kind", [Kind.EXCEL, Kind.PARQUET])
def test_typed_cells_are_read_again_from_their_text(kind: Kind) -> None:
    cells: list[Cell] = [date(2024, 1, 2), "Café", Decimal("5.280")]
    text = raw_text(HEADER, Row(7, cells))

    assert text == (
        '{"day": {"$day": "2024-01-02"}, "merchant": "Café", "amount": {"$numberDecimal": "5.280"}}'
    )
    zone = FileFormat(time_zone="America/New_York")  # a day is no instant: it does not move
    assert reread(kind, zone, HEADER, 7, text).cells == cells


@pytest.mark.parametrize(
    "write", [same_purchases.plain, same_purchases.gzipped, same_purchases.zipped]
)
def test_first_lines(write: Callable[[Path], Path], tmp_path: Path) -> None:
    content = verify(write(tmp_path / "purchases"))

    assert first_lines(content, "utf-8", 2) == ["day,merchant,amount", "2024-01-02,Café,5.28"]
