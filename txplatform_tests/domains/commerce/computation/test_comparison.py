"""Engines held against each other: what each takes, in a process of its own, and its rows."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pyarrow as pa
import pytest

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.computation import comparison
from txplatform.domains.commerce.computation.comparison import Contest
from txplatform.domains.commerce.queries.lists import Wanted, listing
from txplatform.errors import ServerError
from txplatform.platform import Platform
from txplatform.settings import load_settings
from txplatform_tests.airflow_dags.processes import until
from txplatform_tests.cli.commands import Command


def test_what_each_engine_takes_is_published(installation: Platform, command: Command) -> None:
    done = command("commerce", "engines", "--lines", "1000", "--engine", "pandas", "--json")

    assert done.error is None
    with installation.engine.connect() as connection:
        rows = connection.execute(tables.engine_timings.select()).mappings().all()
    measured = {(row["engine"], row["stage"], row["state"]): row for row in rows}
    assert set(measured) == {
        (engine, stage, state)
        for engine in ("duckdb", "pandas")
        for stage in ("silver", "gold")
        for state in ("cold", "warm")
    }
    assert all(row["is_equal"] and row["seconds"] > 0 for row in rows)
    assert len({row["line_count"] for row in rows}) == 1
    assert all(50 < row["peak_mb"] < 4_000 for row in rows)
    assert len(done.json) == len(rows)
    listed = listing(installation.database, "engine_timings", Wanted(100, 0)).rows.to_pylist()
    assert {row["seconds"] for row in listed} == {row["seconds"] for row in rows}


def test_rows_are_those_of_the_first_engine_or_are_not(tmp_path: Path) -> None:
    file, rows = tmp_path / "gold-kpis", pa.table({"n": [1, 2]})

    assert comparison._is_expected(file, rows)
    assert comparison._is_expected(file, rows)
    assert not comparison._is_expected(file, rows.slice(1))


def test_a_cluster_is_told_from_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert comparison._label("spark", load_settings(spark_remote=None)) == "spark"
    monkeypatch.setenv("SPARK_MASTER", "spark://host:7077")

    assert comparison._label("spark", load_settings(spark_remote=None)) == "spark-cluster"
    assert comparison._label("duckdb", load_settings()) == "duckdb"


def test_an_engine_whose_process_ends_is_a_sentence() -> None:
    own = psutil.Process()

    def children() -> list[psutil.Process]:
        found = []
        for one in own.children():
            with suppress(psutil.NoSuchProcess):  # other tests' processes end meanwhile
                if "spawn_main" in " ".join(one.cmdline()):
                    found.append(one)
        return found

    before = {one.pid for one in children()}
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(list, comparison.compared(Contest(["duckdb"], 1_000)))
        until(lambda: [one for one in children() if one.pid not in before], 30, "its process")
        for one in children():
            if one.pid not in before:
                one.kill()
        with pytest.raises(ServerError, match="more memory than there is"):
            told.result()
