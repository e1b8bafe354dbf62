"""Purchases with an id: the later row replaces the document, and the history keeps the earlier."""

from datetime import date
from decimal import Decimal
from typing import Any

from pymongo.database import Database

from txplatform.domains.spend import tables
from txplatform_tests.domains.spend.sources.conftest import WITH_IDS, Ingest
from txplatform_tests.domains.spend.sources.stored import history, transactions

HEADER = "id, department, division, merchant, day, amount\n"
MAY = (
    HEADER
    + """
A-1, Roads, North, Shell, 2026-05-04, 5.00
A-2, Roads, North, Shell, 2026-05-04, 6.00
A-3, Roads, North, Shell, 2026-05-11, 7.00
""".lstrip("\n")
)
JUNE = (
    HEADER
    + """
A-2, Roads, North, Shell, 2026-05-04, 6.00
A-3, Roads, South, Shell, 2026-05-18, 7.50
A-4, Roads, North, Shell, 2026-06-01, 8.00
""".lstrip("\n")
)


def test_the_id_is_the_layouts_name_and_the_sources_id(
    ingest: Ingest, mongo_database: Database[dict[str, Any]]
) -> None:
    ingest(MAY, "may.csv", WITH_IDS)

    assert transactions(mongo_database, "_id") == ["small:A-1", "small:A-2", "small:A-3"]


def test_a_later_file_corrects_and_repeats(
    ingest: Ingest, mongo_database: Database[dict[str, Any]]
) -> None:
    ingest(MAY, "may.csv", WITH_IDS)

    report = ingest(JUNE, "june.csv", WITH_IDS)

    assert (report.loaded, report.unchanged, report.corrected) == (1, 1, 1)
    assert report.corrected_amount == Decimal("7.50")
    assert transactions(mongo_database, "_id", "division", "amount", "source_file") == [
        "small:A-3 | South | 7.50 | june.csv",
        "small:A-4 | North | 8.00 | june.csv",
        "small:A-1 | North | 5.00 | may.csv",
        "small:A-2 | North | 6.00 | may.csv",
    ]


def test_the_weeks_of_both_versions_changed(ingest: Ingest) -> None:
    ingest(MAY, "may.csv", WITH_IDS)

    report = ingest(JUNE, "june.csv", WITH_IDS)

    assert report.weeks == {date(2026, 5, 11), date(2026, 5, 18), date(2026, 6, 1)}


def test_the_history_says_when_and_from_which_file(
    ingest: Ingest, mongo_database: Database[dict[str, Any]]
) -> None:
    ingest(MAY, "may.csv", WITH_IDS)
    ingest(JUNE, "june.csv", WITH_IDS)

    fields = "transaction_id", "division", "amount", "source_file", "replaced_by_file"
    assert history(mongo_database, *fields) == ["small:A-3 | North | 7.00 | may.csv | june.csv"]
    (version,) = mongo_database[tables.TRANSACTIONS_HISTORY].find()
    assert version["replaced_by_line"] == 3
    assert version["ingested_at"] < version["replaced_at"]


def test_an_old_file_again_does_not_undo_a_correction(
    ingest: Ingest, mongo_database: Database[dict[str, Any]]
) -> None:
    ingest(MAY, "may.csv", WITH_IDS)
    ingest(JUNE, "june.csv", WITH_IDS)

    assert ingest(MAY, "may.csv", WITH_IDS).is_skipped
    assert "small:A-3 | 7.50" in transactions(mongo_database, "_id", "amount")


def test_one_id_several_times_in_one_file(
    ingest: Ingest, mongo_database: Database[dict[str, Any]]
) -> None:
    report = ingest(
        HEADER
        + "A-1, Roads, North, Shell, 2026-05-04, 5.00\n"
        + "A-1, Roads, North, Shell, 2026-05-04, 5.00\n"
        + "A-1, Roads, North, Shell, 2026-05-04, 6.00\n"
        + "A-1, Roads, North, Shell, 2026-05-04, 5.00\n",
        layout=WITH_IDS,
    )

    assert (report.loaded, report.unchanged, report.corrected) == (1, 1, 2)
    assert transactions(mongo_database, "amount", "source_line") == ["5.00 | 5"]
    assert history(mongo_database, "amount", "source_line", "replaced_by_line") == [
        "5.00 | 2 | 4",
        "6.00 | 4 | 5",
    ]


def test_a_fingerprint_changes_with_a_correction_and_returns_with_its_return(
    ingest: Ingest, mongo_database: Database[dict[str, Any]]
) -> None:
    prints = []
    for number, amount in enumerate(("5.00", "6.00", "$5.00")):
        row = f"A-1, Roads, North, Shell, 2026-05-04, {amount}\n"
        ingest(HEADER + row, f"{number}.csv", WITH_IDS)
        prints += transactions(mongo_database, tables.FINGERPRINT_FIELD)

    assert prints[0] == prints[2] != prints[1]


def test_free_text_that_is_no_canonical_field_changes_nothing(ingest: Ingest) -> None:
    header = HEADER.replace("\n", ", purpose\n")
    ingest(header + "A-1, R, N, S, 2026-05-04, 5.00, nuts\n", "a.csv", WITH_IDS)

    report = ingest(header + "A-1, R, N, S, 2026-05-04, 5.00, bolts\n", "b.csv", WITH_IDS)

    assert (report.unchanged, report.corrected) == (1, 0)
