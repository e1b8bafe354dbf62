"""Documents of hours on a real MongoDB: upserts, history, and writing that may break off."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from txplatform.domains.air_quality import tables
from txplatform.domains.air_quality.sources import documents
from txplatform.domains.air_quality.sources.documents import Plan, Stamp
from txplatform.domains.air_quality.sources.records import Record

START = datetime(2026, 3, 1, tzinfo=UTC)
LATER = datetime(2026, 4, 1, tzinfo=UTC)
STATION = "283164601"
MongoDb = Database[dict[str, Any]]

value = st.sampled_from(["-0.43", "0.0", "5.5", "5.50", "12.25"]).map(Decimal)
answer = st.dictionaries(
    st.integers(0, 5),
    st.dictionaries(st.sampled_from(["co", "pm25"]), value, max_size=2),
    max_size=5,
)
Hours = dict[int, dict[str, Decimal]]


def records(hours: Hours) -> list[Record]:
    return [Record(START + timedelta(hours=hour), values) for hour, values in sorted(hours.items())]


def plan(database: MongoDb, hours: Hours, fetch: str = "fetch", at: datetime = LATER) -> Plan:
    return documents.plan(database, STATION, records(hours), Stamp(at, fetch))


def take(database: MongoDb, hours: Hours, fetch: str = "fetch", at: datetime = LATER) -> Plan:
    found = plan(database, hours, fetch, at)
    documents.write(database, found.changes)
    return found


def stored(database: MongoDb) -> Hours:
    """What is stored, hour by hour."""
    return {
        int((each["hour_start"] - START.replace(tzinfo=None)) / timedelta(hours=1)): (
            documents.decimals_of(each)
        )
        for each in database[tables.AIR_HOURS].find()
    }


def counts(database: MongoDb) -> tuple[int, int]:
    """Documents and their former states."""
    return (
        database[tables.AIR_HOURS].count_documents({}),
        database[tables.AIR_HOURS_HISTORY].count_documents({}),
    )


@pytest.fixture(autouse=True)
def empty(mongo_database: MongoDb) -> None:
    """Both collections, empty."""
    clear(mongo_database)


def clear(database: MongoDb) -> None:
    for name in (tables.AIR_HOURS, tables.AIR_HOURS_HISTORY):
        database[name].delete_many({})


@given(answers=st.lists(answer, min_size=1, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_the_newest_values_stand_and_nothing_is_lost(
    mongo_database: MongoDb, answers: list[Hours]
) -> None:
    clear(mongo_database)
    expected: Hours = {}
    changes = 0
    for hours in answers:
        for hour, values in hours.items():
            merged = {**expected.get(hour, {}), **values}
            changes += hour in expected and merged != expected[hour]
            expected[hour] = merged
        found = take(mongo_database, hours)
        assert found.new + found.changed + found.unchanged == len(hours)

    assert stored(mongo_database) == expected
    assert counts(mongo_database) == (len(expected), changes)


def test_the_same_number_written_otherwise_is_no_change(mongo_database: MongoDb) -> None:
    take(mongo_database, {0: {"pm25": Decimal("5.5")}})

    found = take(mongo_database, {0: {"pm25": Decimal("5.50")}})

    assert (found.changed, found.unchanged) == (0, 1)


def test_a_running_hour_that_is_over_is_a_change(mongo_database: MongoDb) -> None:
    hours = {0: {"pm25": Decimal("5.5")}}
    take(mongo_database, hours, at=START + timedelta(minutes=30))

    found = take(mongo_database, hours, at=START + timedelta(minutes=90))

    assert found.changed == 1
    (document,) = mongo_database[tables.AIR_HOURS].find()
    assert (document["is_partial"], document["version"]) == (False, 2)


def test_a_write_that_broke_off_is_completed_by_the_next(mongo_database: MongoDb) -> None:
    """Killed after the history and half of the documents: nothing doubled, nothing lost."""
    before = {hour: {"pm25": Decimal(hour)} for hour in range(4)}
    after = {hour: {"pm25": Decimal(hour + 10)} for hour in range(6)}
    take(mongo_database, before)
    broken = plan(mongo_database, after, "killed")
    history = [documents._to_history(change) for change in broken.changes if change.former]
    mongo_database[tables.AIR_HOURS_HISTORY].bulk_write(history)
    half = list(documents._replacements(broken.changes))[:3]
    mongo_database[tables.AIR_HOURS].bulk_write(half)

    found = take(mongo_database, after, "next")

    assert (found.new, found.changed, found.unchanged) == (2, 1, 3)
    assert stored(mongo_database) == after
    assert counts(mongo_database) == (6, 4)


def test_a_document_that_another_replaced_meanwhile_is_left_alone(mongo_database: MongoDb) -> None:
    take(mongo_database, {0: {"pm25": Decimal(1)}})
    late = plan(mongo_database, {0: {"pm25": Decimal(2)}}, "late")
    take(mongo_database, {0: {"pm25": Decimal(3)}}, "first")

    documents.write(mongo_database, late.changes)

    assert stored(mongo_database) == {0: {"pm25": Decimal(3)}}


def test_history_tells_what_stood_until_when(mongo_database: MongoDb) -> None:
    take(mongo_database, {0: {"co": Decimal("-0.43")}}, "first", LATER)
    take(mongo_database, {0: {"co": Decimal("0.0")}}, "second", LATER + timedelta(days=1))

    (former,) = mongo_database[tables.AIR_HOURS_HISTORY].find()
    assert former["_id"] == f"{STATION}|2026-03-01T00:00Z|1"
    assert (former["fetch_id"], str(former["values"]["co"])) == ("first", "-0.43")
    assert former["replaced_at"] == (LATER + timedelta(days=1)).replace(tzinfo=None)


def test_a_week_that_is_restated_keeps_every_former_hour(mongo_database: MongoDb) -> None:
    week = {hour: {"co": Decimal(hour).scaleb(-3) - 1} for hour in range(168)}
    take(mongo_database, week)

    found = take(mongo_database, {hour: {"co": Decimal(0)} for hour in week}, "restated")

    assert (found.new, found.changed) == (0, 168)
    assert counts(mongo_database) == (168, 168)
    assert take(mongo_database, {hour: {"co": Decimal(0)} for hour in week}).changed == 0


def test_hours_of_other_stations_are_their_own(mongo_database: MongoDb) -> None:
    take(mongo_database, {0: {"co": Decimal(1)}})
    other = documents.plan(
        mongo_database, "283181971", records({0: {"co": Decimal(2)}}), Stamp(LATER, "other")
    )
    documents.write(mongo_database, other.changes)

    assert counts(mongo_database) == (2, 0)
    assert documents.last_hour(mongo_database, STATION) == START
    assert documents.last_hour(mongo_database, "nobody") is None


def test_nothing_is_planned_of_nothing(mongo_database: MongoDb) -> None:
    found = take(mongo_database, {})

    assert found == Plan([], 0, 0)
    assert counts(mongo_database) == (0, 0)
