"""Parquet: every type that money and days come in, and files that are damaged."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from txplatform.connectors.files import Cell, FileFormat, open_table, verify
from txplatform.connectors.files.columnar import BATCH
from txplatform.errors import SourceError

PARIS = FileFormat(time_zone="Europe/Paris")


@pytest.mark.parametrize(
    ("values", "cell"),
    [
        (pa.array([5.28]), Decimal("5.28")),
        (pa.array([0.1]), Decimal("0.1")),
        (pa.array([5.28], pa.float32()), Decimal("5.28")),
        (pa.array([Decimal("5.280")], pa.decimal128(20, 3)), Decimal("5.280")),
        (pa.array([5], pa.int32()), 5),
        (pa.array(["5.28"]), "5.28"),
        (pa.array(["x"]).dictionary_encode(), "x"),
        (pa.array([date(2024, 6, 3)]), date(2024, 6, 3)),
        (pa.array([datetime(2024, 6, 3, 23, 59)]), date(2024, 6, 3)),
        (pa.array([datetime(2024, 6, 2, 22, tzinfo=UTC)]), date(2024, 6, 3)),
        (pa.array([None], pa.float64()), None),
        (pa.array([float("nan")]), Decimal("NaN")),
    ],
)
def test_types(values: Any, cell: Cell, tmp_path: Path) -> None:
    path = tmp_path / "purchases.parquet"
    pq.write_table(pa.table({"value": values}), path)

    with open_table(verify(path), PARIS) as table:
        (row,) = table.rows

    assert repr(row.cells) == repr([cell])


def test_rows_are_numbered_across_batches(tmp_path: Path) -> None:
    path = tmp_path / "purchases.parquet"
    pq.write_table(pa.table({"value": range(BATCH + 5)}), path)

    with open_table(verify(path)) as table:
        rows = list(table.rows)

    assert [row.line for row in rows] == list(range(1, BATCH + 6))
    assert rows[-1].cells == [BATCH + 4]


def test_a_truncated_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "purchases.parquet"
    pq.write_table(pa.table({"value": range(1_000)}), path)
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(SourceError, match="truncated or damaged"), open_table(verify(path)):
        pass


def test_damage_in_the_middle_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "purchases.parquet"
    pq.write_table(pa.table({"value": [str(n) * 50 for n in range(1_000)]}), path)
    damaged = bytearray(path.read_bytes())
    damaged[4:2_000] = b"\xff" * 1_996
    path.write_bytes(damaged)

    with (
        pytest.raises(SourceError, match="truncated or damaged"),
        open_table(verify(path)) as table,
    ):
        list(table.rows)
