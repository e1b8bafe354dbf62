"""What DuckDB may take of a machine's memory for a shop's files."""

from pathlib import Path

import narwhals as nw
import pyarrow as pa
import pytest

from txplatform.domains.commerce.computation import refresh
from txplatform.errors import ServerError
from txplatform.platform import Platform
from txplatform.settings import load_settings


def test_duckdb_takes_memory_by_the_size_of_the_files(tmp_path: Path) -> None:
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    small.write_bytes(b"x")
    with large.open("wb") as file:
        file.truncate(50_000_000)

    assert refresh.memory_for([small, tmp_path / "away.csv"]) == "500MB"
    assert refresh.memory_for([small, large]) == "1500MB"
    with large.open("wb") as file:
        file.truncate(1_000_000_000)
    assert refresh.memory_for([large]) == f"{refresh._most_mb()}MB"
    assert refresh._most_mb() <= refresh.MOST_MB


def test_a_small_memory_is_enough_for_a_small_shop(tmp_path: Path) -> None:
    own = Platform(load_settings(state_dir=tmp_path / "state", lake_dir=tmp_path / "lake"))
    with refresh.engine_of(own, "duckdb", memory="200MB") as engine:
        assert engine.name == "duckdb"
        assert engine.collect(engine.table(pa.table({"a": [1, 2]})))["a"].to_pylist() == [1, 2]
    assert refresh.memory_for([]) == "500MB"


def test_too_little_memory_is_a_sentence(tmp_path: Path) -> None:
    own = Platform(load_settings(state_dir=tmp_path / "state", lake_dir=tmp_path / "lake"))
    rows = pa.table({"n": range(3_000_000)})

    with (
        pytest.raises(ServerError, match="DuckDB cannot go on"),
        refresh.engine_of(own, "duckdb", memory="4MB") as engine,
    ):
        engine.collect(engine.keep(engine.table(rows)).group_by("n").agg(nw.len()))
