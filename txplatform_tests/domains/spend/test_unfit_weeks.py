"""Documents that no ingestion would write keep their own week from being computed, and no other."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from bson.decimal128 import Decimal128
from pyspark.sql import SparkSession

from txplatform import money
from txplatform.domains.spend import (
    alerting,
    computation,
    measuring,
    planning,
    publishing,
    tables,
)
from txplatform.domains.spend.alerting import documents, merchants
from txplatform.domains.spend.alerting.benford import find_benford
from txplatform.domains.spend.measuring.unfit import UnfitWeeksError
from txplatform.domains.spend.queries.weekly_table import weekly_rows
from txplatform.domains.spend.settings import SpendSettings
from txplatform.periods import WEEK
from txplatform.platform import Platform
from txplatform_tests.domains.spend.purchases import documents_of
from txplatform_tests.domains.spend.text_tables import assert_rows

BEFORE, ODD, AFTER = date(2026, 10, 19), date(2026, 10, 26), date(2026, 11, 2)
PURCHASES = """
    date       | department | division | amount
    2026-10-20 | Roads      | Bridges  | 100.00
    2026-10-27 | Parks      | Trees    | 40.00
    2026-10-27 | Roads      | Bridges  | 80.00
    2026-11-03 | Parks      | Trees    | 60.00
    2026-11-03 | Roads      | Bridges  | 60.00
    """
ODD_DOCUMENTS: dict[str, dict[str, Any]] = {
    "card numbers": {"amount": Decimal128("9111111111111111")},
    "no number": {"amount": Decimal128("NaN")},
    "endless": {"amount": Decimal128("-Infinity")},
    "beyond any column": {"amount": Decimal128("1E+6000")},
    "a third of a cent": {"amount": Decimal128("0.003")},
    "text": {"amount": "12.50"},
    "a list": {"amount": [Decimal128("1.00"), Decimal128("2.00")]},
    "nothing": {"amount": None},
    "a double": {"amount": 1e300},
    "no department": {"department": None, "merchant": None},
    "a number for a division": {"division": 7},
}


def no_spark() -> SparkSession:
    """The engine without a JVM opens no session."""
    raise AssertionError("a session was opened")


@pytest.fixture(params=ODD_DOCUMENTS)
def odd(platform: Platform, request: pytest.FixtureRequest) -> Platform:
    """A platform into whose MongoDB somebody wrote two purchases that are none."""
    usual = {"department": "Parks", "division": "Trees", "merchant": "Shop", "category": "Plants"}
    stood = {"transaction_date": datetime(2026, 10, 28), "source_file": "odd.csv"}
    document = {**usual, **stood, "amount": Decimal128("5.00"), **ODD_DOCUMENTS[request.param]}
    platform.settings = platform.settings.having(SpendSettings, engine="mongo")
    collection = platform.database[tables.TRANSACTIONS]
    collection.insert_many(documents_of(PURCHASES))
    collection.insert_many({**document, "source_line": n} for n in (2, 7))
    return platform


def test_the_week_is_one_sentence_and_the_others_are_computed(odd: Platform) -> None:
    with pytest.raises(UnfitWeeksError, match=f"^Week {ODD} .*odd.csv, lines 2, 7") as refusal:
        computation.compute(odd, no_spark, [BEFORE, ODD, AFTER])
    assert "\n" not in str(refusal.value)

    assert computation.doubtful_weeks(odd, BEFORE, AFTER) == [ODD]
    for week in (BEFORE, AFTER):
        publishing.publish(odd.engine, computation.compute(odd, no_spark, [week]), "a run")
    assert_rows(
        weekly_rows(odd.engine, None, None).to_pylist(),
        """
        week_start | department | total_amount | department_share
        2026-10-19 | Roads      | 100.00       | 1.000000
        2026-11-02 | Parks      | 60.00        | 0.500000
        2026-11-02 | Roads      | 60.00        | 0.500000
        """,
    )


def test_what_is_there_is_noted(odd: Platform) -> None:
    measured = measuring.measure(odd.database, BEFORE, AFTER, 2)

    publishing.record_measures(odd.engine, measured.values())

    assert measured[ODD].document_count == 4
    assert abs(measured[ODD].total_amount) <= money.LARGEST
    assert measured[AFTER].total_amount == Decimal("120.00")
    assert planning.all_weeks(odd) == [BEFORE, ODD, AFTER]


@pytest.mark.parametrize("odd", ["card numbers", "a number for a division"], indirect=True)
def test_alerts_and_digits_of_other_weeks_are_found(odd: Platform, spark: SparkSession) -> None:
    with pytest.raises(UnfitWeeksError, match=str(ODD)):
        list(alerting.find(odd, spark, [ODD]))

    (found,) = alerting.find(odd, spark, [AFTER], merchants.merchants(odd))
    (tested,) = find_benford(odd, spark, [AFTER])

    assert "REFUND_UNMATCHED" not in found[AFTER]["rule"].to_pylist()
    assert 5 <= tested[AFTER].tests.to_pylist()[0]["purchase_count"] <= 7


@pytest.mark.parametrize("day", [None, "2026-10-27", datetime(1, 1, 1), datetime(9999, 12, 31)])
def test_days_that_are_none_lock_nothing(platform: Platform, day: object) -> None:
    collection = platform.database[tables.TRANSACTIONS]
    collection.insert_many(documents_of(PURCHASES))
    collection.insert_one({"transaction_date": day, "amount": Decimal128("1.00")})

    assert measuring.span(platform.database) == (BEFORE, AFTER)
    assert documents.first_day(platform.database) == date(2026, 10, 20)
    assert documents.merchants(platform.database)["first_day"].to_pylist() == [date(2026, 10, 20)]
    assert len(merchants.merchants(platform)) == 1


def test_a_merchant_of_all_weeks_may_come_to_more_than_fits(platform: Platform) -> None:
    """Each week fits, and nothing hangs on the sum over all of them."""
    large = PURCHASES.replace("100.00", "9999999999999.99").replace("60.00", "9000000000000000.00")
    platform.database[tables.TRANSACTIONS].insert_many(documents_of(large))

    [merchant] = merchants.merchants(platform).to_pylist()

    assert merchant["total_amount"] == money.LARGEST
    assert len(measuring.measure(platform.database, BEFORE, AFTER + WEEK, 2)) == 4
