"""Silver is a set of parts, one per file: what each file brought, and two writers at once."""

from pathlib import Path

import pytest

from txplatform.domains.commerce.computation.engines import DuckDB
from txplatform.domains.commerce.sources import bronze
from txplatform.domains.commerce.sources.ingest import take_in
from txplatform.domains.commerce.sources.layouts import layout
from txplatform.domains.commerce.sources.silver import Silver
from txplatform.errors import ReconciliationError, ServerError
from txplatform_tests.domains.commerce.shops import ACHATS, Shop, written


def purchases(folder: Path, name: str, *amounts: str) -> Path:
    """A file of purchases 1, 2, 3... of these amounts."""
    lines = [f"{n},1,2024-01-02,{amount},Mouse" for n, amount in enumerate(amounts, start=1)]
    return written(folder / name, ACHATS, *lines)


def parts(shop: Shop, table: str) -> list[int]:
    """Rows of each part of a table."""
    return [file.rows for file in shop.lake.silver.current().files(table)]


def test_each_file_is_a_part_of_its_own(ready: Shop, duck: DuckDB, tmp_path: Path) -> None:
    ready.take_in(duck, purchases(tmp_path, "1.csv", "1.00", "2.00"))
    more = written(tmp_path / "2.csv", ACHATS, "9,1,2024-01-03,5.00,Pen")
    ready.take_in(duck, more)

    assert parts(ready, "lines") == [2, 1]
    assert parts(ready, "ingestions") == [1, 1, 1]
    assert parts(ready, "quarantine") == []


def test_only_the_parts_that_hold_a_corrected_line_are_written_again(
    ready: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    ready.take_in(duck, purchases(tmp_path, "1.csv", "1.00", "2.00"))
    ready.take_in(duck, written(tmp_path / "2.csv", ACHATS, "9,1,2024-01-03,5.00,Pen"))
    untouched = ready.lake.silver.current().files("lines")[1]

    ready.take_in(duck, purchases(tmp_path, "3.csv", "1.00", "7.00"))

    files = ready.lake.silver.current().files("lines")
    assert untouched in files
    assert sorted(file.rows for file in files) == [1, 1, 1]
    assert {row["source_file"] for row in ready.rows("lines_history")} == {"1.csv"}


def test_a_part_whose_lines_are_all_corrected_is_gone(
    ready: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    ready.take_in(duck, purchases(tmp_path, "1.csv", "1.00"))
    ready.take_in(duck, purchases(tmp_path, "2.csv", "2.00"))

    assert parts(ready, "lines") == [1]
    assert [str(row["amount"]) for row in ready.rows("lines")] == ["2.00"]


def test_of_two_ingestions_at_once_the_second_is_refused(
    ready: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    form = layout("clients_achats")
    first, second = (Silver(ready.lake, duck, form) for _ in range(2))
    one = bronze.receive(ready.lake.store, purchases(tmp_path, "1.csv", "1.00"), form)
    two = bronze.receive(ready.lake.store, purchases(tmp_path, "2.csv", "2.00"), form)
    first.take_in(one)
    second.take_in(two)
    first.commit("first")

    with pytest.raises(ServerError, match="Another run has written the silver layer"):
        second.commit("second")

    assert [str(row["amount"]) for row in ready.rows("lines")] == ["1.00"]
    told = list(take_in(ready.lake, duck, form, "again"))
    assert told == ["2.csv: 1 rows: 0 new, 0 unchanged, 1 corrected, 0 quarantined."]


def test_what_is_in_bronze_is_read_when_silver_next_runs(
    ready: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    form = layout("clients_achats")
    bronze.receive(ready.lake.store, purchases(tmp_path, "1.csv", "1.00"), form)
    assert ready.rows("lines") == []

    told = list(take_in(ready.lake, duck, form, "run"))

    assert told == ["1.csv: 1 rows: 1 new, 0 unchanged, 0 corrected, 0 quarantined."]
    assert list(take_in(ready.lake, duck, form, "run")) == []


def test_a_vacuum_keeps_the_lines_that_stand(ready: Shop, duck: DuckDB, tmp_path: Path) -> None:
    for number, amount in enumerate(("1.00", "2.00", "3.00")):
        ready.take_in(duck, purchases(tmp_path, f"{number}.csv", amount))

    ready.lake.silver.vacuum(keep=1)

    assert [str(row["amount"]) for row in ready.rows("lines")] == ["3.00"]
    assert [str(row["amount"]) for row in ready.rows("lines_history")] == ["1.00", "2.00"]
    assert len(ready.lake.silver.history()) == 1


def test_a_file_that_cannot_be_in_keeps_no_other_out(
    ready: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    """Catches: a lake that no file comes into any more, and none can be taken back from."""
    most = (f"{number},1,2024-01-02,9999999999999.99,Mouse" for number in range(1_001))
    with pytest.raises(ReconciliationError, match=r"The amounts of 1\.csv add up to more"):
        ready.take_in(duck, written(tmp_path / "1.csv", ACHATS, *most))

    ready.take_in(duck, written(tmp_path / "2.csv", ACHATS, "1,1,2024-01-02,5.00,Mouse"))

    assert [row["source_file"] for row in ready.rows("lines")] == ["2.csv"]
