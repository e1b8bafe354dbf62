"""The quarantine: looked at, and replayed once a layout is mended."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from txplatform.domains.spend import tables
from txplatform.domains.spend.queries.purchases import refused_by_rule
from txplatform.domains.spend.sources.ingest import ingest_file
from txplatform.domains.spend.sources.quarantine import (
    refused_rows,
    replay_rejected,
)
from txplatform.domains.spend.sources.records import Policy
from txplatform_tests.connectors.files import same_purchases as formats
from txplatform_tests.domains.spend.sources.conftest import POLICY, WITH_IDS, Ingest
from txplatform_tests.domains.spend.sources.layouts import COLUMNS, small
from txplatform_tests.domains.spend.sources.stored import history, rejected, transactions

Mongo = Database[dict[str, Any]]

HEADER = "department, division, merchant, day, amount\n"
JUNE = (
    HEADER
    + """
Roads, North, Shell, 2026-06-01, 5.28
Roads, North, Shell, 2026-06-01, 5.28-EUR
Roads, North, Shell, 2026-06-31, 6.00
Roads, North, Shell, 2026-06-02, '7.00
""".lstrip("\n")
)
EUROPEAN = (
    HEADER
    + """
Roads, North, Shell, 2026-06-01, 5.28
Roads, North, Shell, 2026-06-01, 1.625
Roads, North, Shell, 2026-06-31, 6.00
""".lstrip("\n")
)
MENDED = small('decimal_sign = ","\nthousands_sign = "."')


def test_counts_by_rule(ingest: Ingest, mongo_database: Mongo) -> None:
    ingest(JUNE + HEADER + "x\ny\n")

    assert refused_by_rule(mongo_database) == {
        "WRONG_CELL_COUNT": 2,
        "AMOUNT_TEXT": 1,
        "CURRENCY": 1,
        "DATE_IMPOSSIBLE": 1,
        "HEADER_REPEATED": 1,
    }


def test_refused_rows_say_where_and_why(ingest: Ingest, mongo_database: Mongo) -> None:
    ingest(JUNE)

    assert refused_rows(mongo_database, "DATE_IMPOSSIBLE") == [
        {
            "file": "june.csv",
            "line": 4,
            "rule": "DATE_IMPOSSIBLE",
            "reason": "'2026-06-31' is not a day of the calendar",
            "text": "Roads,North,Shell,2026-06-31,6.00",
        }
    ]
    assert [row["line"] for row in refused_rows(mongo_database, limit=2)] == [3, 4]


def test_rows_that_can_be_read_now_are_loaded_and_leave(
    ingest: Ingest, mongo_database: Mongo
) -> None:
    ingest(EUROPEAN)
    assert rejected(mongo_database, "rule") == ["AMOUNT_DECIMALS", "DATE_IMPOSSIBLE"]

    report = replay_rejected(mongo_database, MENDED, POLICY)

    assert (report.rows_read, report.loaded, report.refused) == (2, 1, 1)
    assert report.loaded_amount == Decimal("1625.00")
    assert report.weeks == {date(2026, 6, 1)}
    assert transactions(mongo_database, "amount", "source_file", "source_line") == [
        "5.28 | june.csv | 2",
        "1625.00 | june.csv | 3",
    ]
    assert rejected(mongo_database, "source_line", "rule") == ["4 | DATE_IMPOSSIBLE"]


def test_a_row_that_stays_refused_carries_the_rule_of_now(
    ingest: Ingest, mongo_database: Mongo
) -> None:
    ingest(HEADER + "Roads, North, Shell, 31/06/2026, 6.00\n")

    replay_rejected(mongo_database, _european_dates(), POLICY)

    assert rejected(mongo_database, "rule", "reason") == [
        "DATE_IMPOSSIBLE | '31/06/2026' is not a day of the calendar"
    ]


def _european_dates() -> Any:
    return small().model_copy(update={"date_format": "dd/MM/yyyy"})


def test_a_replay_is_an_ingestion_of_its_own(ingest: Ingest, mongo_database: Mongo) -> None:
    first = ingest(EUROPEAN)

    replay_rejected(mongo_database, MENDED, POLICY)

    file, replay = mongo_database[tables.INGESTIONS].find(sort=[("started_at", 1)])
    assert (file["loaded"], file["refused"]) == (first.loaded, first.refused) == (1, 2)
    assert (replay["loaded"], replay["refused"], replay["kind"]) == (1, 1, "replay")
    assert replay["run_of"] == file["_id"]


def test_a_second_replay_finds_nothing_new(ingest: Ingest, mongo_database: Mongo) -> None:
    ingest(EUROPEAN)
    replay_rejected(mongo_database, MENDED, POLICY)

    report = replay_rejected(mongo_database, MENDED, POLICY)

    assert (report.rows_read, report.loaded, report.refused) == (1, 0, 1)
    assert mongo_database[tables.TRANSACTIONS].count_documents({}) == 2


def test_with_nothing_refused_there_is_nothing_to_replay(mongo_database: Mongo) -> None:
    assert replay_rejected(mongo_database, MENDED, POLICY).rows_read == 0


def test_other_layouts_are_left_alone(ingest: Ingest, mongo_database: Mongo) -> None:
    ingest(EUROPEAN)

    report = replay_rejected(mongo_database, MENDED.model_copy(update={"name": "other"}), POLICY)

    assert report.rows_read == 0


def test_a_day_that_has_come(ingest: Ingest, mongo_database: Mongo) -> None:
    ingest(HEADER + "Roads, North, Shell, 2026-11-24, 6.00\n")
    tomorrow = Policy(last_day=POLICY.latest() + timedelta(days=1))

    assert replay_rejected(mongo_database, small(), POLICY).loaded == 0
    assert replay_rejected(mongo_database, small(), tomorrow).loaded == 1


TWIN = "Roads, North, Shell, 2026-06-01, 1625.00\n"
SWISS_TWIN = "Roads, North, Shell, 2026-06-01, 1'625.00\n"
SWISS = {"thousands_sign": "'"}


def test_a_replayed_twin_is_a_purchase_of_its_own(ingest: Ingest, mongo_database: Mongo) -> None:
    ingest(HEADER + SWISS_TWIN + TWIN + SWISS_TWIN)

    report = replay_rejected(mongo_database, small().model_copy(update=SWISS), POLICY)

    assert report.loaded == 2
    assert transactions(mongo_database, "source_line", "amount") == [
        "2 | 1625.00",
        "3 | 1625.00",
        "4 | 1625.00",
    ]


def test_a_replayed_row_that_another_file_has_loaded_is_a_repetition(
    ingest: Ingest, mongo_database: Mongo
) -> None:
    ingest(HEADER + TWIN + TWIN, "twins.csv")
    ingest(HEADER + SWISS_TWIN + SWISS_TWIN + SWISS_TWIN, "swiss.csv")

    report = replay_rejected(mongo_database, small().model_copy(update=SWISS), POLICY)

    assert (report.loaded, report.unchanged) == (1, 2)
    assert transactions(mongo_database, "source_file") == ["swiss.csv", "twins.csv", "twins.csv"]
    assert rejected(mongo_database, "rule") == []


def test_an_interrupted_replay_is_completed(ingest: Ingest, mongo_database: Mongo) -> None:
    ingest(EUROPEAN)
    before = list(mongo_database[tables.TRANSACTIONS_REJECTED].find())
    first = replay_rejected(mongo_database, MENDED, POLICY)
    # As if killed before the last step: the rows are loaded, and still in the quarantine.
    mongo_database[tables.TRANSACTIONS_REJECTED].delete_many({})
    mongo_database[tables.TRANSACTIONS_REJECTED].insert_many(before)
    mongo_database[tables.INGESTIONS].update_one(
        {"kind": "replay"}, {"$set": {"status": "running"}}
    )

    again = replay_rejected(mongo_database, MENDED, POLICY)

    assert (again.loaded, again.weeks) == (first.loaded, first.weeks)
    assert again.loaded == 1
    assert mongo_database[tables.TRANSACTIONS].count_documents({}) == 2
    assert rejected(mongo_database, "rule") == ["DATE_IMPOSSIBLE"]


def test_a_replayed_row_does_not_undo_what_a_later_file_corrected(
    ingest: Ingest, mongo_database: Mongo
) -> None:
    header = "id, " + HEADER
    ingest(header + "A, Roads, North, Shell, 2026-06-01, 1500.00\n", "may.csv", WITH_IDS)
    ingest(header + "A, Roads, North, Shell, 2026-06-01, 1'600.00\n", "june.csv", WITH_IDS)
    ingest(header + "A, Roads, North, Shell, 2026-06-01, 1700.00\n", "july.csv", WITH_IDS)

    report = replay_rejected(mongo_database, WITH_IDS.model_copy(update=SWISS), POLICY)

    assert (report.rows_read, report.unchanged, report.corrected) == (1, 1, 0)
    assert transactions(mongo_database, "amount") == ["1700.00"]


def test_replayed_versions_of_one_id_follow_the_order_of_their_file(
    ingest: Ingest, mongo_database: Mongo
) -> None:
    rows = ("1500.00", "1'600.00", "1'700.00")
    lines = [f"A, Roads, North, Shell, 2026-06-01, {amount}\n" for amount in rows]
    ingest("id, " + HEADER + "".join(lines), "may.csv", WITH_IDS)

    report = replay_rejected(mongo_database, WITH_IDS.model_copy(update=SWISS), POLICY)

    assert report.corrected == 2
    assert transactions(mongo_database, "amount") == ["1700.00"]
    assert history(mongo_database, "amount") == ["1500.00", "1600.00"]


def test_a_replayed_row_corrects_what_came_before_its_file(
    ingest: Ingest, mongo_database: Mongo
) -> None:
    header = "id, " + HEADER
    ingest(header + "A, Roads, North, Shell, 2026-06-01, 5.00\n", "may.csv", WITH_IDS)
    ingest(header + "A, Roads, North, Shell, 2026-11-24, 6.00\n", "june.csv", WITH_IDS)

    tomorrow = Policy(last_day=POLICY.latest() + timedelta(days=1))
    report = replay_rejected(mongo_database, WITH_IDS, tomorrow)

    assert report.corrected == 1
    assert report.weeks == {date(2026, 6, 1), date(2026, 11, 23)}
    assert history(mongo_database, "amount", "replaced_by_file") == ["5.00 | june.csv"]


@pytest.mark.parametrize(
    ("name", "write_file"),
    [*formats.TEXTS.items(), *formats.TYPED.items(), ("x.jsonl", formats.json_lines)],
)
def test_rows_of_every_format_are_replayed(
    name: str, write_file: Any, mongo_database: Mongo, tmp_path: Path
) -> None:
    columns = '[columns]\ndepartment = "merchant"\ntransaction_date = "day"\namount = "amount"\n'
    layout = small(columns=columns)
    path = write_file(tmp_path / name)
    first = ingest_file(mongo_database, path, layout, Policy(last_day=date(2024, 1, 2)))

    report = replay_rejected(mongo_database, layout, POLICY)

    assert (first.loaded, first.refused_by_rule) == (1, {"DATE_FUTURE": 2})
    assert report.loaded == 2
    assert transactions(mongo_database, "department", "transaction_date", "amount") == [
        "Café | 2024-01-02 | 5.28",
        "Nuts, Bolts | 2024-01-03 | 1620.00",
        "(unknown) | 2024-01-04 | -15.75",
    ]


def test_the_columns_of_the_test_layouts_are_those_of_the_header() -> None:
    assert all(name.strip() in COLUMNS for name in HEADER.split(","))
