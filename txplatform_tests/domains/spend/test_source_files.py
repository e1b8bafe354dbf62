"""The asset source_files: what a run takes in, which weeks it tells of, what it says is missing."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from txplatform.domains.spend import tables
from txplatform.domains.spend.assets import tell_changes
from txplatform.domains.spend.sources.arrival import take
from txplatform.errors import SourceError
from txplatform.ingestion.drop_folder import TAKEN
from txplatform.orchestration.materializations import DATA_VERSION, UNVERSIONED
from txplatform.periods import monday_of
from txplatform.platform import Platform
from txplatform_tests.domains.spend.books import Books
from txplatform_tests.domains.spend.sources.drop_folder import (
    LAYOUT,
    PARKS,
    ROADS,
    drop,
    taking_from,
)

EXPECTED = "purchases-%Y-%m-%d*.csv"
TAKEN_IN = """\
| source | read | loaded | unchanged | corrected | refused |
| --- | --- | --- | --- | --- | --- |
| 1.csv | 3 | 2 | 0 | 0 | 1 |
| 2.csv | 1 | 1 | 0 | 0 | 0 |"""


@pytest.fixture
def office(platform: Platform, folder: Path) -> Iterator[Books]:
    """Books that are filled from the drop folder."""
    with (
        taking_from(platform, drop_folder=folder, expected_file=EXPECTED) as configured,
        dg.DagsterInstance.ephemeral() as instance,
    ):
        yield Books(configured, instance)


def _run(office: Books) -> dg.ExecuteInProcessResult:
    """Materialise source_files with its check."""
    job = office.definitions.resolve_job_def("ingest_sources")
    return job.execute_in_process(instance=office.instance)


def _figures(office: Books) -> dict[str, object]:
    [materialization] = office.materializations("source_files").values()
    return {name: value.value for name, value in materialization.metadata.items()}


def test_a_run_takes_in_what_is_new_and_says_what_it_was(office: Books, folder: Path) -> None:
    drop(folder, "1.csv", ROADS + "2026-13-01, Roads, Bridges, Shell, 5.28\n")
    drop(folder, "2.csv", PARKS)
    drop(folder, "3.csv", seconds_ago=0)

    _run(office)

    assert _figures(office) == {
        "sources": TAKEN_IN,
        "rows_read": 4,
        "rows_refused": 1,
        "refused_share": 0.25,
        "files_still_being_written": "3.csv",
        "weeks_changed": "2026-11-16",
    }


def test_a_run_that_finds_nothing_new_says_so(office: Books, folder: Path) -> None:
    drop(folder, "1.csv")
    _run(office)

    _run(office)

    figures = _figures(office)
    assert (figures["rows_read"], figures["weeks_changed"]) == (0, "none")
    assert figures["files_still_being_written"] == "none"


def test_an_unreadable_file_fails_the_run_after_all_others_were_taken(
    office: Books, folder: Path
) -> None:
    drop(folder, "1.csv")
    (folder / "2.csv").write_bytes(b"\x1f\x8b damaged")
    os.utime(folder / "2.csv", (0, 0))
    drop(folder, "3.csv", PARKS)

    with pytest.raises(SourceError, match=r"2\.csv is truncated or damaged"):
        _run(office)

    assert office.platform.database[tables.TRANSACTIONS].count_documents({}) == 3
    assert tell_changes(office.platform, office.instance) == [], "the run told of them"


def test_a_file_that_was_taken_in_before_counts_as_unchanged(office: Books, folder: Path) -> None:
    drop(folder, "1.csv")
    _run(office)

    drop(folder, "copy.csv")
    _run(office)

    assert "| copy.csv | 2 | 0 | 2 | 0 | 0 |" in str(_figures(office)["sources"])


def test_a_bar_in_a_name_stays_in_its_cell(office: Books, folder: Path) -> None:
    drop(folder, "a|b.csv")

    _run(office)

    assert "| a\\|b.csv | 2 |" in str(_figures(office)["sources"])


def test_a_run_tells_dagster_of_exactly_the_weeks_that_changed(office: Books, folder: Path) -> None:
    drop(folder, "1.csv", ROADS)
    drop(folder, "2.csv", PARKS.replace("2026-11-18", "2026-10-04"))
    _run(office)
    first = _versions(office)

    drop(folder, "3.csv", PARKS)
    _run(office)
    second = _versions(office)

    assert set(first) == {"2026-09-28", "2026-11-16"}
    assert {week for week in second if second[week] != first.get(week)} == {"2026-11-16"}


def _versions(office: Books) -> dict[str, str]:
    """Data version of each week of transactions that Dagster knows of."""
    found = office.materializations("transactions")
    return {week: (one.tags or {})[DATA_VERSION] for week, one in found.items()}


def test_source_files_has_no_data_version_of_its_own(office: Books) -> None:
    """Its content is never compared: a new materialisation makes nothing stale by itself."""
    _run(office)

    [materialization] = office.materializations("source_files").values()
    assert (materialization.tags or {})[DATA_VERSION] == UNVERSIONED.value


def test_changes_are_told_once(office: Books, folder: Path) -> None:
    """Also those of somebody who ingested and died before telling."""
    take(office.platform, str(drop(folder, "1.csv")), LAYOUT)
    assert _versions(office) == {}

    assert tell_changes(office.platform, office.instance) == [date(2026, 11, 16)]
    assert tell_changes(office.platform, office.instance) == []

    [week] = office.select("SELECT week_start, document_count, fingerprint FROM source_weeks")
    assert (week["week_start"], week["document_count"]) == (date(2026, 11, 16), 2)
    assert _versions(office) == {"2026-11-16": week["fingerprint"]}


def test_rows_that_are_there_already_change_no_week(office: Books, folder: Path) -> None:
    take(office.platform, str(drop(folder, "1.csv")), LAYOUT)
    tell_changes(office.platform, office.instance)

    again = take(
        office.platform, str(drop(folder, "2.csv", ROADS.replace("5.28", "$5.28"))), LAYOUT
    )

    assert (again.loaded, again.unchanged) == (0, 2)
    assert tell_changes(office.platform, office.instance) == []


def _closed_week() -> date:
    return monday_of(datetime.now(UTC).date()) - timedelta(weeks=1)


def _check(office: Books) -> dg.AssetCheckEvaluation:
    [evaluation] = _run(office).get_asset_check_evaluations()
    assert evaluation.check_name == "expected_file"
    assert evaluation.metadata["week"].value == str(_closed_week())
    return evaluation


def test_a_file_that_has_not_come_is_missed(office: Books, folder: Path) -> None:
    drop(folder, f"{_closed_week() - timedelta(weeks=1):{EXPECTED[:-5]}}.csv")

    found = _check(office)

    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert found.description == f"{_closed_week():{EXPECTED}} has not come to {folder}."


@pytest.mark.parametrize("seconds_ago", [3600, 0], ids=["taken by this run", "still being written"])
def test_a_file_that_has_come_is_not_missed(
    office: Books, folder: Path, seconds_ago: float
) -> None:
    drop(folder, f"purchases-{_closed_week()}.csv", seconds_ago=seconds_ago)

    assert _check(office).passed
    assert (folder / TAKEN).exists() is bool(seconds_ago)


@pytest.mark.parametrize("unset", [{"expected_file": None}, {"drop_folder": None}])
def test_nothing_is_missed_where_nothing_is_expected(
    office: Books, unset: dict[str, object]
) -> None:
    with taking_from(office.platform, **unset) as other:
        found = _check(Books(other, office.instance))

    assert (found.passed, found.description) == (True, "Nothing is missing.")
