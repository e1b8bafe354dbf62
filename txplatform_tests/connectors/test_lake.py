"""The lake: a week is replaced whole, keeps what it was computed from, and fails in a sentence."""

import os
import threading
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from txplatform.connectors.lake import Lake, metadata_of, with_metadata
from txplatform.errors import PlatformError, ServerError

WEEK = "2026-11-16"


def amounts(*values: str) -> pa.Table:
    return pa.table(
        {"amount": pa.array([Decimal(value) for value in values], pa.decimal128(18, 2))}
    )


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "the lake")


def test_what_is_written_is_read_to_the_last_digit(lake: Lake) -> None:
    written = amounts("9999999999999999.99", "-0.01")

    lake.write("weekly_aggregates", WEEK, written)

    assert lake.read("weekly_aggregates", WEEK).equals(written)


def test_a_week_has_a_folder_of_its_own(lake: Lake) -> None:
    path = lake.write("weekly_aggregates", WEEK, amounts("1.00"))

    assert path.relative_to(lake.root).parts == (
        "weekly_aggregates",
        "period=2026-11-16",
        "weekly_aggregates.parquet",
    )


def test_datasets_of_two_domains_may_end_alike(lake: Lake) -> None:
    """Catches: a file named after the end of an asset's key alone."""
    path = lake.write("air_quality/daily", WEEK, amounts("1.00"))
    lake.write("clickstream/daily", WEEK, amounts("2.00"))

    assert path.relative_to(lake.root).parts == (
        "air_quality",
        "daily",
        "period=2026-11-16",
        "daily.parquet",
    )
    assert lake.read("air_quality/daily", WEEK).equals(amounts("1.00"))


def test_weeks_and_datasets_do_not_touch_each_other(lake: Lake) -> None:
    lake.write("weekly_aggregates", WEEK, amounts("1.00"))
    lake.write("weekly_aggregates", "2026-11-23", amounts("2.00"))
    lake.write("alerts", WEEK, amounts("3.00"))

    assert lake.read("weekly_aggregates", WEEK).equals(amounts("1.00"))
    assert lake.read("weekly_aggregates", "2026-11-23").equals(amounts("2.00"))


def test_a_week_that_became_empty_is_empty(lake: Lake) -> None:
    lake.write("weekly_aggregates", WEEK, amounts("1.00"))
    lake.write("weekly_aggregates", WEEK, amounts())

    assert lake.read("weekly_aggregates", WEEK).num_rows == 0


def test_what_a_week_was_computed_from_is_kept_with_it(lake: Lake) -> None:
    inputs = {"fingerprint": "3a7ed584cc19cea9", "previous_fingerprint": "empty"}

    lake.write("weekly_aggregates", WEEK, with_metadata(amounts("1.00"), inputs))

    assert metadata_of(lake.read("weekly_aggregates", WEEK)) == inputs


def test_a_table_without_metadata_has_none() -> None:
    assert metadata_of(amounts("1.00")) == {}


def test_a_week_that_was_never_written_says_what_to_do(lake: Lake) -> None:
    with pytest.raises(PlatformError, match="no weekly_aggregates of 2026-11-16: mater"):
        lake.read("weekly_aggregates", WEEK)


def test_a_write_that_fails_leaves_the_old_week_and_no_rest(lake: Lake) -> None:
    path = lake.write("weekly_aggregates", WEEK, amounts("1.00"))
    interval = pa.array([pa.MonthDayNano([1, 2, 3])], pa.month_day_nano_interval())
    unwritable = pa.table({"column": interval})  # Parquet has no such type

    with pytest.raises(pa.ArrowException):
        lake.write("weekly_aggregates", WEEK, unwritable)

    assert lake.read("weekly_aggregates", WEEK).equals(amounts("1.00"))
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(ServerError, match="TXPLATFORM_LAKE_DIR") as refused:
        Lake(tmp_path / "file").write("weekly_aggregates", WEEK, amounts("1.00"))

    assert "\n" not in str(refused.value)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_one_sentence(lake: Lake, tmp_path: Path) -> None:
    lake.path("weekly_aggregates", WEEK).parent.mkdir(parents=True)
    full = lake.root / "weekly_aggregates" / "period=2026-11-23"
    full.symlink_to(tmp_path / "nowhere" / os.devnull)

    with pytest.raises(ServerError, match="cannot be written"):
        lake.write("weekly_aggregates", "2026-11-23", amounts("1.00"))


def test_a_reader_sees_the_old_week_or_the_new_one(lake: Lake) -> None:
    versions = [amounts(*["1.00"] * 2_000), amounts(*["2.00"] * 3_000)]
    lake.write("weekly_aggregates", WEEK, versions[0])
    is_over = threading.Event()

    def write() -> None:
        for turn in range(60):
            lake.write("weekly_aggregates", WEEK, versions[turn % 2])
        is_over.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = 0
    while not is_over.is_set():
        found = lake.read("weekly_aggregates", WEEK)
        assert any(found.equals(version) for version in versions)
        seen += 1
    writer.join()
    assert seen > 0
