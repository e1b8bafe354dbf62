"""One computation of some weeks: read at rest, reconciled, split by week."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from itertools import count
from threading import Event, Thread

import pytest
from pyspark.sql import SparkSession

from txplatform.connectors.lake import metadata_of
from txplatform.domains.spend import computation, tables
from txplatform.domains.spend.measuring import NO_DOCUMENTS
from txplatform.domains.spend.settings import SpendSettings
from txplatform.domains.spend.transforms import CODE_VERSION
from txplatform.errors import ReconciliationError
from txplatform.platform import Platform
from txplatform_tests.domains.spend.purchases import documents_of
from txplatform_tests.domains.spend.text_tables import assert_rows

WEEK_1, WEEK_2, WEEK_3 = date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16)
PURCHASES = """
    date       | department | division | amount
    2026-10-26 | Roads      | Bridges  | 50.00
    2026-11-02 | Roads      | Bridges  | 100.00
    2026-11-16 | Roads      | Bridges  | 30.00
    """


def test_each_week_comes_with_what_it_was_computed_from(
    platform: Platform, spark: SparkSession
) -> None:
    platform.database[tables.TRANSACTIONS].insert_many(documents_of(PURCHASES))
    measures = computation.measure(platform, [WEEK_1, WEEK_2, WEEK_3])

    found = computation.compute(platform, lambda: spark, [WEEK_1, WEEK_2, WEEK_3])

    assert_rows(
        found[WEEK_1],
        """
        week_start | division | total_amount | department_previous_amount | department_change_pct
        2026-11-02 | Bridges  | 100.00       | 50.00                      | 100.0000
        """,
    )
    assert {week: rows.num_rows for week, rows in found.items()} == {
        WEEK_1: 1,
        WEEK_2: 0,
        WEEK_3: 1,
    }
    assert metadata_of(found[WEEK_2]) == {
        "fingerprint": NO_DOCUMENTS,
        "previous_fingerprint": measures[WEEK_1].fingerprint,
        "code_version": CODE_VERSION,
    }


def test_the_other_engine_gives_the_same_tables_and_opens_no_session(
    platform: Platform, spark: SparkSession
) -> None:
    def no_java() -> SparkSession:
        raise AssertionError("a session was opened")

    platform.database[tables.TRANSACTIONS].insert_many(documents_of(PURCHASES))
    wanted = [WEEK_1, WEEK_2, WEEK_3]
    of_spark = computation.compute(platform, lambda: spark, wanted)

    platform.settings = platform.settings.having(SpendSettings, engine="mongo")
    found = computation.compute(platform, no_java, wanted)

    assert {week: (rows.to_pylist(), rows.schema.metadata) for week, rows in found.items()} == {
        week: (rows.to_pylist(), rows.schema.metadata) for week, rows in of_spark.items()
    }
    assert [rows.schema.types for rows in found.values()] == [
        rows.schema.types for rows in of_spark.values()
    ]


def test_nothing_gives_empty_weeks(platform: Platform, spark: SparkSession) -> None:
    found = computation.compute(platform, lambda: spark, [WEEK_1, WEEK_2])

    assert [rows.num_rows for rows in found.values()] == [0, 0]
    assert [rows.column_names for rows in found.values()] == [
        [*tables.WEEKLY_KEY, *tables.WEEKLY_VALUES]
    ] * 2


def test_a_measure_counts_sums_and_fingerprints(platform: Platform) -> None:
    platform.database[tables.TRANSACTIONS].insert_many(documents_of(PURCHASES))

    measured = computation.measure(platform, [WEEK_1, WEEK_2])

    assert [one[:3] for one in measured.values()] == [
        (WEEK_1, 1, Decimal("100.00")),
        (WEEK_2, 0, Decimal("0.00")),
    ]


@contextmanager
def purchases_arriving(platform: Platform) -> Iterator[None]:
    """Purchases of one week keep arriving, hundreds in each second."""
    is_over = Event()

    def buy() -> None:
        for number in count():
            if is_over.wait(0.002):
                return
            row = f"date | department | division | amount\n2026-11-02 | Roads | {number} | 1.00"
            platform.database[tables.TRANSACTIONS].insert_many(documents_of(row))

    buying = Thread(target=buy)
    buying.start()
    try:
        yield
    finally:
        is_over.set()
        buying.join()


def test_a_computation_during_an_ingestion_is_whole_or_fails(
    platform: Platform, spark: SparkSession
) -> None:
    """Catches: sums and measures of different moments, by which rows and documents differ."""
    refusals = []
    with purchases_arriving(platform):
        for _ in range(3):
            try:
                computation.compute(platform, lambda: spark, [WEEK_1])
            except ReconciliationError as error:
                refusals.append(str(error))
    assert all("run these weeks again when the ingestion is over" in one for one in refusals)

    at_rest = computation.compute(platform, lambda: spark, [WEEK_1])[WEEK_1]
    measured = computation.measure(platform, [WEEK_1])[WEEK_1]
    assert at_rest.num_rows == measured.document_count
    assert metadata_of(at_rest)["fingerprint"] == measured.fingerprint


@pytest.mark.parametrize("status", ["running", "finished"])
def test_sums_are_measured_anew_while_an_ingestion_runs(
    platform: Platform, spark: SparkSession, status: str
) -> None:
    """A correction changes no count: what an ingestion may be changing is read twice."""
    platform.database[tables.TRANSACTIONS].insert_many(documents_of(PURCHASES))
    platform.database[tables.INGESTIONS].insert_one({"_id": 1, "status": status, "attempts": 1})

    platform.database.command("profile", 2)
    computation.compute(platform, lambda: spark, [WEEK_1])
    platform.database.command("profile", 0)

    asked = platform.database["system.profile"].find({"command.aggregate": tables.TRANSACTIONS})
    stages = [stage for one in asked for stage in one["command"].get("pipeline", ())]
    groups = [stage["$group"]["_id"] for stage in stages if "$group" in stage]
    of_whole_weeks = [key for key in groups if key == {}]
    assert len(groups) > len(of_whole_weeks)
    assert bool(of_whole_weeks) is (status == "running")
