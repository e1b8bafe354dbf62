"""Labelled purchases as a text table: which of them a rule should find, and together with which.

date       | merchant | amount | alert
2026-11-16 | ACME     | 300.00 | a
2026-11-16 | ACME     | 300.00 | a
2026-11-17 | ACME     | 20.00  |

Purchases with one label are one alert; a blank cell is none. Columns that are left out get a usual
value. Ids are the line numbers: t01, t02...
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from txplatform.connectors.spark import frame
from txplatform.domains.spend.alerting.benford import COUNTS
from txplatform.domains.spend.rules import engine
from txplatform.domains.spend.rules.catalogue import Rulebook, load_rules
from txplatform.domains.spend.rules.populations import category_populations
from txplatform.domains.spend.rules.purchases import Known, Purchases, Scope, as_it_is, prepare
from txplatform.periods import WEEK, monday_of
from txplatform_tests.domains.spend.text_tables import Row, rows_of

USUAL = {
    "department": "Roads",
    "division": "Bridges",
    "merchant": "Ironmonger",
    "category": "Hardware",
    "card": None,
}
LONG_AGO = date(2010, 1, 4)
LIMIT_500 = load_rules(limit=Decimal(500))

TRANSACTIONS = pa.schema(
    [
        *((name, pa.string()) for name in ("transaction_id", *USUAL)),
        ("transaction_date", pa.date32()),
        ("amount", pa.decimal128(18, 2)),
    ]
)
FIRST_DAYS = pa.schema([("merchant", pa.string()), ("first_day", pa.date32())])


@dataclass(frozen=True)
class Examples:
    """Runs rules over labelled purchases, in the session's Spark."""

    spark: SparkSession

    def check(self, code: str, text: str, rules: Rulebook = LIMIT_500, **scope: date) -> None:
        """Assert that a rule finds exactly what the labels of `text` say."""
        alerts = self.found(code, text, rules, **scope)
        found = sorted(tuple(alert["transaction_ids"]) for alert in alerts)
        assert found == sorted(_labelled(rows_of(text)))

    def found(
        self, code: str, text: str, rules: Rulebook = LIMIT_500, **scope: date
    ) -> list[dict[str, Any]]:
        """What a rule finds, by day and purchase; evidence as a dictionary."""
        purchases = self.purchases(text, rules, as_it_is, **scope)
        findings = engine.FUNCTIONS[code](purchases, rules[code], rules).toArrow().to_pylist()
        for finding in findings:
            finding["evidence"] = dict(finding["evidence"])
        return sorted(findings, key=lambda one: (one["transaction_date"], one["transaction_ids"]))

    def purchases(
        self,
        text: str,
        rules: Rulebook = LIMIT_500,
        keep: Callable[[DataFrame], DataFrame] = as_it_is,
        **scope: date,
    ) -> Purchases:
        """The purchases of a text table; `scope` replaces parts of a scope of all their weeks."""
        rows = transactions_of(text)
        days = rows["transaction_date"].to_pylist()
        weeks = [monday_of(day) for day in days]
        wanted = Scope(min(weeks), max(weeks), data_begins=LONG_AGO, busy_from=LONG_AGO)
        scoped = replace(wanted, **scope)
        known = Known.of(rows, first_days(rows), scoped, rules)
        return prepare(partial(frame, self.spark), known, scoped, rules, keep)


def first_days(rows: pa.Table) -> pa.Table:
    """The first day at each merchant, refunds and zeros left out."""
    first: dict[str, date] = {}
    for row in rows.sort_by("transaction_date").to_pylist():
        if row["amount"] > 0:
            first.setdefault(row["merchant"], row["transaction_date"])
    pairs = [{"merchant": name, "first_day": day} for name, day in first.items()]
    return pa.Table.from_pylist(pairs, FIRST_DAYS)


def digit_counts(rows: pa.Table) -> pa.Table:
    """How many amounts of a week and department begin with each two digits, one by one."""
    counts = Counter(
        (monday_of(row["transaction_date"]), row["department"], int(f"{row['amount']:.2f}"[:2]))
        for row in rows.select(["transaction_date", "department", "amount"]).to_pylist()
        if row["amount"] >= 10
    )
    counted = [dict(zip(COUNTS.names, (*key, n), strict=True)) for key, n in counts.items()]
    return pa.Table.from_pylist(counted, COUNTS)


def with_one_population(purchases: Purchases, rules: Rulebook = LIMIT_500) -> Purchases:
    """The same purchases, all of them being the one population of every week."""
    amounts = purchases.positive.select("category", "week_start", "amount").toArrow()
    before, later = (
        amounts.set_column(1, "week_start", pa.repeat(monday, amounts.num_rows))
        for monday in (LONG_AGO, LONG_AGO + WEEK)
    )
    known, week = pa.concat_tables([before, later]), LONG_AGO + WEEK
    usual = category_populations(known, rules, week, week).drop_columns("week_start")
    populations = frame(purchases.transactions.sparkSession, usual)
    return replace(purchases, populations=populations)


def transactions_of(text: str) -> pa.Table:
    """The purchases in the columns that the rules read."""
    return pa.Table.from_pylist(
        [
            {
                **USUAL,
                **{name: value for name, value in row.items() if name not in ("date", "alert")},
                "transaction_id": f"t{number:02d}",
                "transaction_date": row["date"],
            }
            for number, row in enumerate(rows_of(text), 1)
        ],
        TRANSACTIONS,
    )


def daily(first: date, amounts: list[str], **cells: str) -> str:
    """Lines of purchases on consecutive days, one per amount, with the same further cells."""
    further = "".join(f" | {cell}" for cell in cells.values())
    return "\n".join(
        f"{first + timedelta(days=n)} | {amount}{further}" for n, amount in enumerate(amounts)
    )


def _labelled(rows: list[Row]) -> list[tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for number, row in enumerate(rows, 1):
        if row["alert"]:
            groups.setdefault(row["alert"], []).append(f"t{number:02d}")
    return [tuple(ids) for ids in groups.values()]
