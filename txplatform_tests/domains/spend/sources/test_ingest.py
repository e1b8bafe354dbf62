"""Ingesting files: what is loaded, what is there already, what is refused, and what is skipped."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from bson.decimal128 import Decimal128
from pymongo.database import Database

from txplatform.domains.spend import tables
from txplatform.domains.spend.sources.ingest import ingest_file
from txplatform.domains.spend.sources.records import Policy
from txplatform.errors import ReconciliationError, SourceError, UsageError
from txplatform_tests.connectors.files import same_purchases as formats
from txplatform_tests.domains.spend.sources.conftest import POLICY, Ingest, write
from txplatform_tests.domains.spend.sources.layouts import COLUMNS, small
from txplatform_tests.domains.spend.sources.stored import content, rejected, transactions

JUNE = """
department, division, merchant, day,        amount
Roads,      North,    Shell,    2026-06-01, 5.28
Roads,      North,    Shell,    2026-06-01, 5.28
Parks,      ,         B & Q,    2026-06-09, $1620.00
Parks,      East,     B & Q,    2026-06-09, (20.00)
"""


def test_purchases_become_documents(
    ingest: Ingest, mongo_database: Database[dict[str, Any]]
) -> None:
    ingest(JUNE)

    assert transactions(
        mongo_database, "department", "division", "merchant", "transaction_date", "amount"
    ) == [
        "Roads | North | Shell | 2026-06-01 | 5.28",
        "Roads | North | Shell | 2026-06-01 | 5.28",
        "Parks | (unknown) | B & Q | 2026-06-09 | 1620.00",
        "Parks | East | B & Q | 2026-06-09 | -20.00",
    ]


def test_a_document_in_full(ingest: Ingest, mongo_database: Database[dict[str, Any]]) -> None:
    before = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    ingest(JUNE)

    document = mongo_database[tables.TRANSACTIONS].find_one({"source_line": 4})

    assert document is not None
    assert document.pop("ingested_at") >= before
    assert len(document.pop("_id")) == 32
    assert 0 <= document.pop(tables.FINGERPRINT_FIELD) < 2**40
    assert document == {
        "department": "Parks",
        "division": "(unknown)",
        "merchant": "B & Q",
        "category": "(unknown)",
        "transaction_date": datetime(2026, 6, 9),
        "amount": Decimal128("1620.00"),
        "fiscal_year": None,
        "fiscal_period": None,
        "card": None,
        "source_file": "june.csv",
        "source_line": 4,
    }


def test_the_report(ingest: Ingest) -> None:
    report = ingest(JUNE + "Roads, North, Shell, 2026-06-31, 7.00\nRoads, North, Shell, , free\n")

    assert (report.file, report.layout) == ("june.csv", "small")
    assert (report.rows_read, report.loaded, report.refused) == (6, 4, 2)
    assert (report.unchanged, report.corrected, report.vanished) == (0, 0, 0)
    assert report.refused_by_rule == {"DATE_IMPOSSIBLE": 1, "DATE_EMPTY": 1}
    assert report.loaded_amount == Decimal("1610.56")
    assert report.refused_amount == Decimal("7.00")
    assert report.read_amount == Decimal("1617.56")
    assert report.weeks == {date(2026, 6, 1), date(2026, 6, 8)}
    assert not report.is_skipped
    assert report.sentence == (
        "june.csv: 6 rows read, 4 loaded, 0 unchanged, 0 corrected, 2 refused."
    )


def test_a_report_becomes_json_with_every_digit(ingest: Ingest) -> None:
    text = json.loads(json.dumps(ingest(JUNE).to_json()))

    assert text["loaded_amount"] == "1610.56"
    assert text["weeks"] == ["2026-06-01", "2026-06-08"]
    assert text["is_skipped"] is False


def test_a_finished_file_is_skipped_whatever_its_name(
    ingest: Ingest, mongo_database: Database[dict[str, Any]]
) -> None:
    first = ingest(JUNE)
    before = content(mongo_database)

    again = ingest(JUNE, "renamed.csv")

    assert again.is_skipped
    assert again.sentence.startswith("renamed.csv was ingested before, with the layout small ")
    assert (again.loaded, again.loaded_amount, again.weeks) == (4, Decimal("1610.56"), first.weeks)
    assert content(mongo_database) == before
    assert mongo_database[tables.INGESTIONS].count_documents({}) == 1


def test_rows_of_an_earlier_file_are_not_added_again(
    ingest: Ingest, mongo_database: Database[dict[str, Any]]
) -> None:
    ingest(JUNE)

    report = ingest(JUNE + "Roads, North, Shell, 2026-06-01, 5.28\n", "june_again.csv")

    # Two twins were there: the third is a purchase that the first file did not have.
    assert (report.loaded, report.unchanged) == (1, 4)
    assert (report.loaded_amount, report.unchanged_amount) == (Decimal("5.28"), Decimal("1610.56"))
    assert report.weeks == {date(2026, 6, 1)}
    assert mongo_database[tables.TRANSACTIONS].count_documents({}) == 5


def test_refused_rows_are_kept_one_by_one(
    ingest: Ingest, mongo_database: Database[dict[str, Any]]
) -> None:
    ingest(JUNE + "\nRoads, North, Shell, 31/06/2026, 7.00\nRoads, North, Shell\n")

    assert rejected(mongo_database, "source_file", "source_line", "rule", "raw", "amount") == [
        "june.csv | 6 | BLANK_ROW |  | None",
        "june.csv | 7 | DATE_FORMAT | Roads,North,Shell,31/06/2026,7.00 | 7.00",
        "june.csv | 8 | WRONG_CELL_COUNT | Roads,North,Shell | None",
    ]
    assert rejected(mongo_database, "reason") == [
        "the row is blank",
        "'31/06/2026' is not written as yyyy-MM-dd",
        "3 cells instead of 5",
    ]


def test_the_record_of_an_ingestion(
    ingest: Ingest, mongo_database: Database[dict[str, Any]]
) -> None:
    ingest(JUNE)

    (record,) = mongo_database[tables.INGESTIONS].find()

    assert (record["file"], record["layout"], record["status"]) == ("june.csv", "small", "finished")
    assert (record["rows_read"], record["loaded"], record["attempts"]) == (4, 4, 1)
    assert record["loaded_amount"] == Decimal128("1610.56")
    assert record["weeks"] == [datetime(2026, 6, 1), datetime(2026, 6, 8)]
    assert record["started_at"] <= record["finished_at"]
    assert len(record["_id"]) == 64


@pytest.mark.parametrize(
    ("name", "write_file"),
    [
        *formats.TEXTS.items(),
        *formats.TYPED.items(),
        ("purchases.jsonl", formats.json_lines),
    ],
)
def test_every_format_gives_the_same_documents(
    name: str, write_file: Any, mongo_database: Database[dict[str, Any]], tmp_path: Path
) -> None:
    columns = '[columns]\ndepartment = "merchant"\ntransaction_date = "day"\namount = "amount"\n'
    path = write_file(tmp_path / name)

    report = ingest_file(mongo_database, path, small(columns=columns), POLICY)

    assert report.loaded_amount == Decimal("1609.53")
    assert transactions(mongo_database, "department", "transaction_date", "amount") == [
        "Café | 2024-01-02 | 5.28",
        "Nuts, Bolts | 2024-01-03 | 1620.00",
        "(unknown) | 2024-01-04 | -15.75",
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "june.csv is empty"),
        ("department,day,amount\n", "june.csv has no column 'division'"),
        ("x\0y\n", "june.csv is not a text file"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_nothing_behind(
    text: str, sentence: str, mongo_database: Database[dict[str, Any]], tmp_path: Path
) -> None:
    path = tmp_path / "june.csv"
    path.write_text(text)

    with pytest.raises(SourceError) as error:
        ingest_file(mongo_database, path, small(), POLICY)

    assert str(error.value).startswith(sentence)
    assert mongo_database.list_collection_names() == []


def test_a_file_of_a_header_alone_is_finished_and_empty(ingest: Ingest) -> None:
    report = ingest("department,division,merchant,day,amount")

    assert (report.rows_read, report.weeks) == (0, frozenset())


def test_progress_is_told_by_stage(
    mongo_database: Database[dict[str, Any]], tmp_path: Path
) -> None:
    told: list[tuple[str, float]] = []
    path = write(tmp_path / "june.csv", JUNE)

    ingest_file(mongo_database, path, small(), POLICY, lambda *progress: told.append(progress))

    assert told == [("checking", 1.0), ("loading", 1.0)]


def test_two_files_of_one_name_are_two_ingestions(ingest: Ingest) -> None:
    ingest(JUNE)

    other = ingest(JUNE.replace("5.28", "5.29"), "june.csv")

    assert (other.loaded, other.unchanged) == (2, 2)


def test_what_is_missing_in_the_end_leaves_the_ingestion_unfinished(
    ingest: Ingest, mongo_database: Database[dict[str, Any]], tmp_path: Path
) -> None:
    path = write(tmp_path / "june.csv", JUNE)

    def lose_a_document(stage: str, _fraction: float) -> None:
        if stage == "loading":
            _wait_for(mongo_database, 4)
            mongo_database[tables.TRANSACTIONS].delete_one({})

    with pytest.raises(ReconciliationError, match=r"purchases of 1610.56 in 4 rows were written"):
        ingest_file(mongo_database, path, small(), POLICY, lose_a_document)

    (record,) = mongo_database[tables.INGESTIONS].find()
    assert record["status"] == "failed"
    assert "1610.56" in record["error"]
    assert ingest(JUNE).loaded == 4
    assert mongo_database[tables.TRANSACTIONS].count_documents({}) == 4


def _wait_for(database: Database[dict[str, Any]], count: int) -> None:
    while database[tables.TRANSACTIONS].count_documents({}) < count:
        pass


def test_cards_are_hashed_on_their_way(
    ingest: Ingest, mongo_database: Database[dict[str, Any]]
) -> None:
    layout = small(columns=COLUMNS.replace("merchant =", "card ="))

    ingest(JUNE, layout=layout, policy=Policy(last_day=POLICY.last_day, card_key=b"key"))

    cards = mongo_database[tables.TRANSACTIONS].distinct("card")
    assert len(cards) == 2
    assert all(len(card) == 32 for card in cards)


def test_an_unfinished_file_is_not_taken_up_with_another_layout(
    ingest: Ingest, mongo_database: Database[dict[str, Any]]
) -> None:
    ingest(JUNE)
    mongo_database[tables.INGESTIONS].update_one({}, {"$set": {"status": "running"}})

    with pytest.raises(UsageError, match=r"june\.csv was begun with the layout small"):
        ingest(JUNE, layout=small('thousands_sign = ""'))
