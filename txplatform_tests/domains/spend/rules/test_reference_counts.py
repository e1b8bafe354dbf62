"""What each rule counts on the published Birmingham purchases, computed apart; to the last one.

The whole file is its own population, without cards, exceptions and holidays; the second count of
OUTLIER is that of populations of 52 weeks. One read of the file serves all tests.
"""

import csv
import gzip
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from txplatform.connectors.spark import frame
from txplatform.domains.spend.rules import benford, outliers
from txplatform.domains.spend.rules.catalogue import Rulebook, load_rules
from txplatform.domains.spend.rules.engine import FUNCTIONS
from txplatform.domains.spend.rules.purchases import Known, Purchases, Scope, kept, prepare
from txplatform.domains.spend.sources.dates import read_date
from txplatform.domains.spend.sources.parsing import (
    NumberSigns,
    money,
    read_amount,
    read_name,
)
from txplatform.periods import monday_of
from txplatform_tests.domains.spend.rules.examples import (
    TRANSACTIONS,
    digit_counts,
    with_one_population,
)

NAMES = {
    "department": "DEPT_NAME",
    "division": "DIV_NAME",
    "merchant": "MERCHANT",
    "category": "CAT_DESCR",
}
NO_EXCEPTIONS = "[WEEKEND.parameters]\nexcepted_categories = []\n"
Counts = tuple[int, int | None]


@pytest.fixture(scope="module")
def transactions(shared_data: Path) -> pa.Table:
    """The published purchases in the columns that the rules read."""
    path = shared_data / "spend" / "birmingham_2014_2018_delaware_columns.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cents = [read_amount(row["MERCHANDISE_AMT"], NumberSigns()) for row in rows]
    columns = {name: [read_name(row[column]) for row in rows] for name, column in NAMES.items()}
    return pa.table(
        {
            "transaction_id": [f"{number:06d}" for number in range(len(rows))],
            **columns,
            "card": pa.nulls(len(rows), pa.string()),
            "transaction_date": [read_date(row["TRANS_DT"], "MM/dd/yyyy") for row in rows],
            "amount": [money(amount) for amount in cents if isinstance(amount, int)],
        },
        TRANSACTIONS,
    )


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    """No exceptions, no holidays, and the demo's limit."""
    path = tmp_path_factory.mktemp("rules") / "own.toml"
    path.write_text(NO_EXCEPTIONS, encoding="utf-8")
    return load_rules(path, limit=Decimal(500))


@pytest.fixture(scope="module")
def purchases(spark: SparkSession, transactions: pa.Table, rules: Rulebook) -> Purchases:
    """The published purchases of all weeks, kept in Spark's memory; 52-week populations."""
    bought = transactions.filter(pc.greater(transactions["amount"], 0))
    first_days = bought.group_by("merchant").aggregate([("transaction_date", "min")])
    weeks = Counter(map(monday_of, transactions["transaction_date"].to_pylist()))
    scope = Scope(
        min(weeks),
        max(weeks),
        data_begins=pc.min(transactions["transaction_date"]).as_py(),
        busy_from=min(week for week, count in weeks.items() if count >= 50),
    )
    named = first_days.rename_columns(["merchant", "first_day"])
    known = Known.of(transactions, named, scope, rules)
    return prepare(partial(frame, spark), known, scope, rules, kept)


@pytest.fixture(scope="module")
def whole(purchases: Purchases, rules: Rulebook) -> Purchases:
    """The same, with the whole file as the one population."""
    return with_one_population(purchases, rules)


def counted(findings: DataFrame) -> Counts:
    """Number of findings, and of their purchases."""
    (row,) = findings.agg(F.count("*"), F.sum("transaction_count")).collect()
    return row[0], row[1]


@pytest.mark.parametrize(
    ("code", "limit", "expected"),
    [
        ("SPLIT", 500, (1_508, 6_061)),
        ("SPLIT", 1_000, (929, 5_704)),
        ("SPLIT", 5_000, (526, 8_278)),
        ("JUST_BELOW", 500, (852, 852)),
        ("JUST_BELOW", 1_000, (395, 395)),
        ("JUST_BELOW", 5_000, (10, 10)),
        ("OVER_LIMIT", 500, (10_242, 10_242)),
        ("OVER_LIMIT", 1_000, (6_004, 6_004)),
        ("OVER_LIMIT", 5_000, (307, 307)),
        ("DUPLICATE", 500, (3_775, 8_649)),
        ("WEEKEND", 500, (11_628, 11_628)),
        ("CATEGORY", 500, (0, None)),
        ("ROUND", 500, (1_759, 1_759)),
        ("NEW_MERCHANT", 500, (2_128, 2_128)),
        ("OUTLIER", 500, (372, 372)),
        ("REFUND_UNMATCHED", 500, (570, 570)),
    ],
)
def test_findings_and_their_purchases(
    whole: Purchases, rules: Rulebook, code: str, limit: int, expected: Counts
) -> None:
    limited = replace(rules, limits=replace(rules.limits, default=Decimal(limit)))

    assert counted(FUNCTIONS[code](whole, limited[code], limited)) == expected


def test_pairs_of_repeat(whole: Purchases, rules: Rulebook) -> None:
    assert FUNCTIONS["REPEAT"](whole, rules["REPEAT"], rules).count() == 3_233


def test_duplicates_without_the_floor(whole: Purchases, rules: Rulebook) -> None:
    parameters = {**rules["DUPLICATE"].parameters, "lowest_amount": Decimal(0)}
    rule = replace(rules["DUPLICATE"], parameters=parameters)

    assert counted(FUNCTIONS["DUPLICATE"](whole, rule, rules)) == (8_111, 18_496)


def test_outliers_against_the_52_weeks_before(purchases: Purchases, rules: Rulebook) -> None:
    assert FUNCTIONS["OUTLIER"](purchases, rules["OUTLIER"], rules).count() == 608


def test_spikes_among_the_weeks_that_can_be_scored(purchases: Purchases, rules: Rulebook) -> None:
    assert outliers.scored_weeks(purchases).count() == 918
    assert FUNCTIONS["SPIKE"](purchases, rules["SPIKE"], rules).count() == 58


def test_benford_of_the_whole_file(
    spark: SparkSession, transactions: pa.Table, purchases: Purchases, rules: Rulebook
) -> None:
    """One window over all weeks instead of 52."""
    whole_file = replace(rules, population_weeks=300)
    last = purchases.scope.last_week

    counts = frame(spark, digit_counts(transactions))
    digits = benford.benford_digits(counts, last, last, whole_file)
    tests = benford.benford_tests(digits).where(F.col("department") == "").collect()

    places = Decimal("0.00001")
    found = {
        row["test"]: (
            row["purchase_count"],
            row["mean_absolute_deviation"].quantize(places),
        )
        for row in tests
    }
    assert found == {
        "first_digit": (148_009, Decimal("0.00729")),
        "first_two_digits": (148_009, Decimal("0.00156")),
    }
    assert {row["conformity"] for row in tests} == {"acceptable"}


def test_the_file_is_read_to_the_last_row(transactions: pa.Table, purchases: Purchases) -> None:
    assert transactions.num_rows == 185_908
    assert pc.sum(transactions["amount"]).as_py() == Decimal("32832795.56")
    assert purchases.scope.busy_from == date(2014, 3, 31)
