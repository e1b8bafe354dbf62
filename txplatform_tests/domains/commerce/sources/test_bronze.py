"""Bronze: bytes and rows of whatever a shop sends, kept under the hash of its content."""

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time

import pyarrow as pa
import pytest
import xlsxwriter
from pyarrow import parquet

from txplatform.connectors.object_store import ObjectStore, Stored
from txplatform.domains.commerce.sources import bronze
from txplatform.domains.commerce.sources.layouts import Kind, layout
from txplatform.errors import SourceError

HEADER = "id_achat,id_client,date_achat,montant,produit"
ROWS = [["1", "7", "2024-01-02", "5.50", "Mouse"], ["2", "8", "2024-01-03", "6.25", "Café"]]
TEXT = "\n".join([HEADER, *(",".join(row) for row in ROWS)]) + "\n"


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    """An empty lake."""
    return ObjectStore(str(tmp_path / "lake"))


def as_csv(folder: Path) -> Path:
    path = folder / "achats.csv"
    path.write_text(TEXT, encoding="utf-8")
    return path


def with_old_line_ends(folder: Path) -> Path:
    path = folder / "achats.csv"
    path.write_text(TEXT.replace("\n", "\r"), encoding="utf-8", newline="")
    return path


def with_bom_and_crlf(folder: Path) -> Path:
    path = folder / "achats.csv"
    path.write_bytes(("\ufeff" + TEXT.replace("\n", "\r\n")).encode())
    return path


def as_gzip(folder: Path) -> Path:
    path = folder / "achats.csv.gz"
    path.write_bytes(gzip.compress(TEXT.encode()))
    return path


def as_parquet(folder: Path) -> Path:
    path = folder / "achats.parquet"
    columns = dict(zip(HEADER.split(","), zip(*ROWS, strict=True), strict=True))
    table = pa.table({name: list(column) for name, column in columns.items()})
    numbers = pa.array([5.5, 6.25])
    parquet.write_table(table.set_column(3, "montant", numbers), path)
    return path


def as_excel(folder: Path) -> Path:
    path = folder / "achats.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate([HEADER.split(","), *ROWS]):
            sheet.write_row(number, 0, row)
    return path


def decomposed(folder: Path) -> Path:
    path = folder / "achats.csv"
    path.write_text(TEXT.replace("é", "e\u0301"), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "write",
    [as_csv, with_old_line_ends, with_bom_and_crlf, as_gzip, as_parquet, as_excel, decomposed],
)
def test_rows_are_the_same_text_from_every_kind_of_file(
    write: Callable[[Path], Path], store: ObjectStore, tmp_path: Path
) -> None:
    arrival = bronze.receive(store, write(tmp_path), layout("clients_achats"))

    rows = store.get_table(arrival.rows)

    assert (arrival.kind, arrival.row_count) == (Kind.LINES, 2)
    assert [list(row.values())[:5] for row in rows.to_pylist()] == [
        ["1", "7", "2024-01-02", rows["montant"][0].as_py(), "Mouse"],
        ["2", "8", "2024-01-03", "6.25", "Café"],
    ]
    assert rows["montant"][0].as_py() in ("5.50", "5.5")
    assert rows["source_line"].to_pylist() == [2, 3]


def test_the_bytes_are_kept_as_they_came(store: ObjectStore, tmp_path: Path) -> None:
    path = with_bom_and_crlf(tmp_path)

    arrival = bronze.receive(store, path, layout("clients_achats"))

    assert store.get(f"bronze/clients_achats/{arrival.content}/bytes") == path.read_bytes()


def test_the_same_bytes_are_one_arrival(store: ObjectStore, tmp_path: Path) -> None:
    first = bronze.receive(store, as_csv(tmp_path), layout("clients_achats"))
    again = tmp_path / "copy.csv"
    again.write_text(TEXT, encoding="utf-8")

    second = bronze.receive(store, again, layout("clients_achats"))

    assert first.content == second.content
    assert len(bronze.arrivals(store, layout("clients_achats"))) == 1


def test_a_row_of_another_length_is_kept_as_a_row_without_cells(
    store: ObjectStore, tmp_path: Path
) -> None:
    path = tmp_path / "achats.csv"
    path.write_text(TEXT + "3,7,2024-01-04\n", encoding="utf-8")

    arrival = bronze.receive(store, path, layout("clients_achats"))

    rows = store.get_table(arrival.rows)
    assert rows["id_achat"].to_pylist() == ["1", "2", ""]
    assert rows["source_line"].to_pylist() == [2, 3, 4]


def test_a_quoted_cell_may_hold_commas_and_lines(store: ObjectStore, tmp_path: Path) -> None:
    path = tmp_path / "achats.csv"
    path.write_text(HEADER + '\n1,7,2024-01-02,5.50,"Mouse, ""big"""\n', encoding="utf-8")

    rows = store.get_table(bronze.receive(store, path, layout("clients_achats")).rows)

    assert rows["produit"].to_pylist() == ['Mouse, "big"']


def kept_of(store: ObjectStore, folder: Path, text: str) -> list[tuple[int, str]]:
    """The line and the id of each row of a file."""
    path = folder / "achats.csv"
    path.write_text(text, encoding="utf-8")
    rows = store.get_table(bronze.receive(store, path, layout("clients_achats")).rows)
    return [*zip(rows["source_line"].to_pylist(), rows["id_achat"].to_pylist(), strict=True)]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('3,7,2024-01-04,1.00,"Mou\nse"\n4,7,2024-01-04,1.00,Key\n', [(4, "3"), (6, "4")]),
        ("\n\n3,7,2024-01-04,1.00,Key\n\n", [(6, "3")]),
        ("\n3,7,2024-01-04\n\n4,7,2024-01-04,1.00,Key\n", [(5, ""), (7, "4")]),
        ("3,7,2024-01-04,1.00,Key\n\n\n", [(4, "3")]),
    ],
)
def test_a_row_has_the_line_where_it_begins(
    text: str, kept: list[tuple[int, str]], store: ObjectStore, tmp_path: Path
) -> None:
    """Catches: lines of cells and blank lines that are not counted, or count as rows."""
    assert kept_of(store, tmp_path, TEXT + text) == [(2, "1"), (3, "2"), *kept]


@pytest.mark.parametrize("closing", ["", '5,7,2024-01-04,1.00,"Key"\n', '5,7,2024-01-04,1.00,"x\n'])
def test_a_quote_that_is_not_closed_costs_its_line_alone(
    closing: str, store: ObjectStore, tmp_path: Path
) -> None:
    """Catches: purchases that became the text of the product before them."""
    open_, after = '3,7,2024-01-04,1.00,"Mouse\n', "4,7,2024-01-04,1.00,Key\n"

    kept = kept_of(store, tmp_path, TEXT + open_ + after + closing)

    assert kept[:4] == [(2, "1"), (3, "2"), (4, ""), (5, "4")]


@pytest.mark.parametrize("before", ["\n", "\n\n"])
def test_blank_lines_before_the_header_are_none(
    before: str, store: ObjectStore, tmp_path: Path
) -> None:
    first = 2 + len(before)

    assert kept_of(store, tmp_path, before + TEXT) == [(first, "1"), (first + 1, "2")]


def test_text_of_two_bytes_a_sign(store: ObjectStore, tmp_path: Path) -> None:
    path = tmp_path / "achats.csv"
    path.write_text(TEXT, encoding="utf-16")
    form = layout("clients_achats").model_copy(update={"encoding": "utf-16"})

    rows = store.get_table(bronze.receive(store, path, form).rows)

    assert rows["produit"].to_pylist() == ["Mouse", "Café"]
    assert rows["source_line"].to_pylist() == [2, 3]


def test_a_heading_may_have_two_lines(store: ObjectStore, tmp_path: Path) -> None:
    text = f'"a\nnote",{HEADER}\n5,1,7,2024-01-02,5.50,Mouse\n'

    assert kept_of(store, tmp_path, text) == [(3, "1")]


@pytest.mark.parametrize(
    ("text", "columns", "count"),
    [
        (" 00004 0001 19970101  2   29.33\r\n 00004 0001 19970118  2   29.73\r\n", 5, 2),
        (" 00004  19970101  2   29.33\r\n", 4, 1),
        ("ID DATE CDS DOLLARS\r\n 00004  19970101  2   29.33\r\n", 4, 1),
    ],
)
def test_files_separated_by_blanks(
    text: str, columns: int, count: int, store: ObjectStore, tmp_path: Path
) -> None:
    path = tmp_path / "cdnow.txt"
    path.write_text(text, encoding="utf-8")

    arrival = bronze.receive(store, path, layout("cdnow"))

    rows = store.get_table(arrival.rows)
    assert rows.num_rows == count
    assert len(rows.column_names) == columns + 3
    assert rows["amount"][0].as_py() == "29.33"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("a,b\n1,2\n", "the columns id_achat, id_client, date_achat"),
        (HEADER + "\n", "has a header and no rows"),
        ("", "is empty"),
    ],
)
def test_what_cannot_be_read_as_a_whole_is_a_sentence(
    content: str, sentence: str, store: ObjectStore, tmp_path: Path
) -> None:
    path = tmp_path / "achats.csv"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(SourceError, match=sentence):
        bronze.receive(store, path, layout("clients_achats"))

    assert bronze.arrivals(store, layout("clients_achats")) == []


def test_a_missing_file_is_a_sentence(store: ObjectStore, tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        bronze.receive(store, tmp_path / "nowhere.csv", layout("clients_achats"))


def test_a_file_of_blanks_of_another_width_is_a_sentence(
    store: ObjectStore, tmp_path: Path
) -> None:
    path = tmp_path / "cdnow.txt"
    path.write_text("1 2 3\n", encoding="utf-8")

    with pytest.raises(SourceError, match="has 3 columns"):
        bronze.receive(store, path, layout("cdnow"))


def test_a_broken_row_of_blanks_is_kept_without_cells(store: ObjectStore, tmp_path: Path) -> None:
    path = tmp_path / "cdnow.txt"
    path.write_text("00004 19970101 2 29.33\n00004 19970118\n\n00005 19970118 1 5.00\n")

    rows = store.get_table(bronze.receive(store, path, layout("cdnow")).rows)

    assert rows["amount"].to_pylist() == ["29.33", "", "5.00"]
    assert rows["source_line"].to_pylist() == [1, 2, 4]


def test_a_column_that_is_there_twice_is_a_sentence_where_it_counts(
    store: ObjectStore, tmp_path: Path
) -> None:
    path = tmp_path / "achats.csv"
    path.write_text(HEADER + ",note,note\n1,7,2024-01-02,5.50,Mouse,a,b\n")
    rows = store.get_table(bronze.receive(store, path, layout("clients_achats")).rows)
    assert rows["note"].to_pylist() == ["a"]

    path.write_text(HEADER + ",Montant\n1,7,2024-01-02,5.50,Mouse,6\n")
    with pytest.raises(SourceError, match="has two columns montant"):
        bronze.receive(store, path, layout("clients_achats"))


@pytest.mark.parametrize("names", ["source_line,source_file", "Source_Line,SOURCE_FILE"])
def test_columns_named_as_ours_do_not_count(names: str, store: ObjectStore, tmp_path: Path) -> None:
    """Engines do not tell upper case from lower case in names of columns."""
    path = tmp_path / "achats.csv"
    path.write_text(HEADER + f",{names}\n1,7,2024-01-02,5.50,Mouse,x,y\n")

    rows = store.get_table(bronze.receive(store, path, layout("clients_achats")).rows)

    assert rows["source_line"].to_pylist() == [2]
    assert rows["source_file"].to_pylist() == ["achats.csv"]
    assert len({name.casefold() for name in rows.column_names}) == len(rows.column_names)


def test_each_column_more_takes_as_long_as_the_one_before(
    store: ObjectStore, tmp_path: Path
) -> None:
    """Catches: a file of a hundred thousand columns that takes two minutes."""
    more = range(40_000)
    path = tmp_path / "achats.csv"
    names, cells = ",".join(f"c{number}" for number in more), ",".join("1" for _ in more)
    path.write_text(f"{HEADER},{names}\n1,7,2024-01-02,5.50,Mouse,{cells}\n")
    before = process_time()

    bronze.receive(store, path, layout("clients_achats"))

    assert process_time() - before < 8


def test_a_column_of_lists_is_a_sentence(store: ObjectStore, tmp_path: Path) -> None:
    path = tmp_path / "achats.parquet"
    cells = {name: [["1"]] for name in HEADER.split(",")}
    parquet.write_table(pa.table(cells), path)

    with pytest.raises(SourceError, match="cannot be read"):
        bronze.receive(store, path, layout("clients_achats"))


def test_a_file_is_read_some_rows_at_a_time(tmp_path: Path) -> None:
    """Its rows as text are 90 MB; a part of that is held."""
    path, held = tmp_path / "achats.parquet", list[int]()
    columns = {name: pa.repeat("12345", 1_500_000) for name in HEADER.split(",")}
    parquet.write_table(pa.table(columns), path)
    before = pa.total_allocated_bytes()

    class Watching(ObjectStore):
        def put_table(self, name: str, rows: pa.Table | pa.RecordBatchReader) -> Stored:
            def watched() -> Iterator[pa.RecordBatch]:
                for batch in rows:
                    held.append(pa.total_allocated_bytes())
                    yield batch

            return super().put_table(
                name, pa.RecordBatchReader.from_batches(rows.schema, watched())
            )

    del columns
    bronze.receive(Watching(str(tmp_path / "lake")), path, layout("clients_achats"))

    assert len(held) > 10
    assert max(held) - before < 30_000_000
