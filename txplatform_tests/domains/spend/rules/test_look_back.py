"""What is kept of the weeks before: the same part by part as all at once, and enough."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txplatform.domains.spend.rules.look_back import LookBack, with_keys, with_weeks
from txplatform.domains.spend.rules.populations import (
    POPULATIONS,
    category_populations,
    department_populations,
)
from txplatform.periods import WEEK, monday_of
from txplatform_tests.domains.spend.rules.examples import LIMIT_500, TRANSACTIONS

RULES = replace(LIMIT_500, population_weeks=5, fewest_in_population=3)
"""Of 26 weeks of near purchases and 12 of totals, as ever."""
MONDAY = date(2025, 6, 2)
WEEKS = 45
PLACE = ("department", "division", "merchant_key")

purchase = st.fixed_dictionaries(
    {
        "transaction_date": st.integers(0, 7 * WEEKS - 1).map(lambda n: MONDAY + timedelta(days=n)),
        "amount": st.sampled_from(["-5.00", "0.00", "0.10", "3.30", "7.00", "7.01"]).map(Decimal),
        "department": st.sampled_from(["Roads", "Parks"]),
        "division": st.sampled_from(["A", "B"]),
        "merchant": st.sampled_from(["ACME", "acme.", "Bakery", "(unknown)"]),
        "category": st.sampled_from(["Tools", "Food"]),
        "card": st.sampled_from([None, "c1"]),
    }
)
purchases = st.lists(purchase, min_size=10, max_size=50)
cuts = st.lists(st.integers(1, WEEKS - 1), unique=True, max_size=5).map(sorted)
Rows = list[dict[str, Any]]


def keyed(rows: Rows) -> pa.Table:
    named = [{**row, "transaction_id": f"t{number}"} for number, row in enumerate(rows)]
    return with_keys(with_weeks(pa.Table.from_pylist(named, TRANSACTIONS)), RULES)


def parts_of(rows: Rows, ends: Sequence[int]) -> list[tuple[date, date, pa.Table]]:
    """First and last day of each part, and its transactions."""
    days = [MONDAY + WEEK * n for n in (0, *ends, WEEKS)]
    spans = pairwise(days)
    return [(a, b, keyed([r for r in rows if a <= r["transaction_date"] < b])) for a, b in spans]


def in_order(table: pa.Table) -> list[str]:
    return sorted(map(str, table.to_pylist()))


@given(purchases, cuts)
def test_part_by_part_as_much_is_known_as_all_at_once(rows: Rows, ends: list[int]) -> None:
    """Catches: a week lost or twice between two parts, one forgotten too early."""
    look_back, past = LookBack.of(keyed([])), keyed([])
    for first, end, part in parts_of(rows, ends):
        look_back = look_back.and_then(LookBack.of(part), first, RULES)
        past = pa.concat_tables([past, part])
        whole = LookBack.of(past)

        ours, theirs = (
            category_populations(one.amounts, RULES, first, end - WEEK)
            for one in (look_back, whole)
        )
        assert in_order(ours) == in_order(theirs)
        totals = [department_populations(one.totals, 12).to_pylist() for one in (look_back, whole)]
        ours, theirs = ([row for row in one if row["week_start"] >= first] for one in totals)
        assert sorted(ours, key=str) == sorted(theirs, key=str)
        found = in_order(look_back.before(part, first, RULES))
        assert set(found) <= set(in_order(whole.before(part, first, RULES)))
        assert _asked(past, part, first) <= set(found)


def _asked(past: pa.Table, part: pa.Table, first: date) -> set[str]:
    """The old purchases that REPEAT or REFUND_UNMATCHED have to see, by their definitions."""
    refunds = [row for row in part.to_pylist() if row["amount"] < 0 and row["merchant_key"]]
    names = LookBack.of(past).near.column_names
    asked = set()
    for row in past.to_pylist():
        days = (first - row["transaction_date"]).days
        is_matched = any(
            all(row[name] == refund[name] for name in PLACE)
            and (refund["transaction_date"] - row["transaction_date"]).days <= 180
            for refund in refunds
        )
        if row["amount"] > 0 and days > 0 and (days <= 14 or is_matched):
            asked.add(str({name: row[name] for name in names}))
    return asked


@given(purchases)
def test_populations_are_what_they_are_defined_to_be(rows: Rows) -> None:
    """Median, deviations and percentile as the books write them, purchase by purchase."""
    last = MONDAY + WEEK * (WEEKS - 1)

    found = category_populations(LookBack.of(keyed(rows)).amounts, RULES, MONDAY, last)

    assert found.schema == POPULATIONS
    bought = [row for row in rows if row["amount"] > 0]
    pairs = {(monday_of(row["transaction_date"]), row["category"]) for row in bought}
    expected = {pair: _defined(bought, *pair) for pair in pairs}
    assert {(row["week_start"], row["category"]) for row in found.to_pylist()} == {
        pair for pair, usual in expected.items() if usual
    }
    for row in found.to_pylist():
        usual = expected[row["week_start"], row["category"]]
        assert float(row["usual_amount"]) == pytest.approx(usual[0])
        assert (row["median"], row["median_deviation"]) == pytest.approx(usual[1:3])
        assert row["mean_deviation"] == (pytest.approx(usual[3]) if usual[2] < 1e-9 else None)


def _defined(bought: Rows, week: date, category: str) -> tuple[float, ...]:
    amounts = [
        float(row["amount"])
        for row in bought
        if row["category"] == category
        and week - WEEK * RULES.population_weeks <= row["transaction_date"] < week
    ]
    if len(amounts) < RULES.fewest_in_population:
        return ()
    logs = [math.log10(amount) for amount in amounts]
    middle = median(logs)
    distances = [abs(one - middle) for one in logs]
    percentile = float(np.percentile(amounts, 90))
    return percentile, middle, median(distances), sum(distances) / len(distances)


def test_keys_are_made_of_what_a_row_says() -> None:
    rows: Rows = [
        {"merchant": "Café, Zoë", "card": "1a"},
        {"merchant": "(unknown)", "card": None},
    ]
    usual: dict[str, Any] = {
        "department": "Roads",
        "division": "A",
        "transaction_date": date(2026, 1, 4),
    }

    first, second = keyed([{**usual, **row} for row in rows]).to_pylist()

    assert (first["merchant_key"], second["merchant_key"]) == ("CAFÉ ZOË", None)
    assert (first["buyer"], second["buyer"]) == ("\x1f1a", "Roads\x1fA")
    assert first["week_start"] == date(2025, 12, 29)
