"""The drop folder and the company's collection: what is taken, what waits, what is put away."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest
from pydantic import SecretStr

from txplatform.domains.spend import tables
from txplatform.domains.spend.sources import arrival
from txplatform.domains.spend.sources.arrival import take, take_new
from txplatform.errors import SourceError, UsageError
from txplatform.ingestion.drop_folder import TAKEN
from txplatform.platform import Platform
from txplatform_tests.domains.spend.sources.drop_folder import (
    PARKS,
    ROADS,
    drop,
    names,
    taking_from,
)
from txplatform_tests.domains.spend.sources.stored import transactions

WEEK = date(2026, 11, 16)

Configured = Callable[..., Platform]


@pytest.fixture
def configured(platform: Platform, folder: Path) -> Iterator[Configured]:
    """`configured(setting=value)`: a platform that takes generic files from the folder."""
    with ExitStack() as stack:
        yield lambda **changes: stack.enter_context(
            taking_from(platform, **{"drop_folder": folder, **changes})
        )


def test_complete_files_are_ingested_and_put_away(configured: Configured, folder: Path) -> None:
    platform = configured()
    drop(folder, "1.csv", ROADS)
    drop(folder, "2.csv", PARKS)
    drop(folder, "3.csv.part", PARKS)

    arrivals = take_new(platform)

    assert [(one.file, one.loaded) for one in arrivals.reports] == [("1.csv", 2), ("2.csv", 1)]
    assert [path.name for path in arrivals.unfinished] == ["3.csv.part"]
    assert names(folder) == ["3.csv.part", TAKEN]
    assert names(folder / TAKEN) == ["1.csv", "2.csv"]
    assert transactions(platform.database, "source_file", "department", "amount") == [
        "1.csv | Roads | 5.28",
        "1.csv | Roads | -1.00",
        "2.csv | Parks | 20.00",
    ]
    assert take_new(platform).reports == [], "nothing is taken twice"


def test_a_name_that_comes_every_week_loses_no_earlier_file(
    configured: Configured, folder: Path
) -> None:
    platform = configured()
    for text in (ROADS, PARKS, ROADS.replace("Roads", "Harbour")):
        drop(folder, "purchases.csv", text)
        [report] = take_new(platform).reports
        assert report.loaded

    assert names(folder / TAKEN) == ["purchases-2.csv", "purchases-3.csv", "purchases.csv"]
    assert "Roads" in (folder / TAKEN / "purchases.csv").read_text()
    assert "Parks" in (folder / TAKEN / "purchases-2.csv").read_text()


def test_the_same_content_again_is_put_away_and_changes_nothing(
    configured: Configured, folder: Path
) -> None:
    platform = configured()
    drop(folder, "purchases.csv")
    take_new(platform)

    drop(folder, "copy.csv")
    [report] = take_new(platform).reports

    assert report.is_skipped
    assert platform.database[tables.TRANSACTIONS].count_documents({}) == 2
    assert names(folder) == [TAKEN]


def test_a_file_that_cannot_be_read_stays_and_keeps_no_other_from_being_taken(
    configured: Configured, folder: Path
) -> None:
    platform = configured()
    drop(folder, "1.csv")
    drop(folder, "2.csv").write_bytes(b"\x1f\x8b damaged")
    os.utime(folder / "2.csv", (0, 0))
    drop(folder, "3.csv")

    arrivals = take_new(platform)

    assert names(folder) == ["2.csv", TAKEN]
    assert names(folder / TAKEN) == ["1.csv", "3.csv"]
    assert len(arrivals.reports) == 2
    with pytest.raises(SourceError, match=r"2\.csv is truncated or damaged"):
        arrivals.require_readable()


def test_an_ingestion_that_was_interrupted_before_the_file_was_put_away_is_finished(
    configured: Configured, folder: Path
) -> None:
    """Whoever dies between the two leaves a known file in the folder."""
    platform = configured()
    path = drop(folder, "purchases.csv")
    take(platform, str(path), "generic")

    [report] = take_new(platform).reports

    assert report.is_skipped
    assert names(folder) == [TAKEN]


def test_without_sources_in_the_settings_nothing_is_taken(platform: Platform) -> None:
    assert take_new(platform) == ([], [], [])


def test_the_companys_collection_is_read_and_never_written(
    configured: Configured, folder: Path
) -> None:
    platform = configured()
    company = platform.database.client[f"{platform.database.name}_company"]["purchases"]
    purchase = {"date": "2026-11-16", "department": "Roads", "amount": "5.28"}
    company.insert_one({"_id": 7, **purchase})
    before = list(company.find())
    address = platform.endpoints.mongo_uri.replace("/?", f"/{company.full_name}?")
    drop(folder, "purchases.csv", PARKS)

    with_collection = configured(source_collection=SecretStr(address))
    first, _ = take_new(with_collection).reports
    [second] = take_new(with_collection).reports

    assert (first.loaded, second.loaded, second.unchanged) == (1, 0, 1)
    assert list(company.find()) == before
    company.database.client.drop_database(company.database.name)


@pytest.mark.parametrize(
    ("source", "layout", "sentence"),
    [
        ("nowhere.csv", "generic", "nowhere.csv is not a file: name files, or mongodb://"),
        (".", "generic", r"\. is not a file"),
        ("purchases.csv", "nonsense", "There is no layout 'nonsense': use a shipped one"),
    ],
)
def test_what_is_no_source_is_named(
    platform: Platform, source: str, layout: str, sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        take(platform, source, layout)


def test_progress_is_told(configured: Configured, folder: Path) -> None:
    told: list[tuple[str, float]] = []

    take(
        configured(),
        str(drop(folder, "purchases.csv")),
        "generic",
        lambda stage, done: told.append((stage, done)),
    )

    assert [stage for stage, _ in told] == ["checking", "loading"]
    assert told[-1][1] == pytest.approx(1)


def test_the_settings_say_what_is_accepted(configured: Configured) -> None:
    platform = configured(
        currency="CAD",
        first_week=WEEK,
        card_identity="plain",
        card_key=SecretStr("key"),
    )

    accepted = arrival.policy(platform)

    assert (accepted.currency, accepted.first_week) == ("CAD", WEEK)
    assert (accepted.time_zone, accepted.card_identity) == ("UTC", "plain")
    assert accepted.card_key == b"key"
