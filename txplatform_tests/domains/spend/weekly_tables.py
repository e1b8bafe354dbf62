"""Computed weeks as a text table: what a computation hands over to be published."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pyarrow as pa

from txplatform.columns import arrow_schema
from txplatform.connectors.lake import with_metadata
from txplatform.domains.spend import tables
from txplatform_tests.domains.spend.text_tables import Row, rows_of

COMPUTED_FROM = {"fingerprint": "own", "previous_fingerprint": "previous", "code_version": "1"}
NO_ROWS = "week_start | department | division | total_amount"


def computed(text: str) -> pa.Table:
    """Rows of `weekly_transactions`; columns that are left out get a plausible value.

    `week_start`, `department`, `division` and `total_amount` are needed.
    """
    names = (*tables.WEEKLY_KEY, *tables.WEEKLY_VALUES)
    schema = arrow_schema(tables.weekly_transactions.c[name] for name in names)
    return pa.Table.from_pylist([_completed(row) for row in rows_of(text)], schema)


def computed_weeks(text: str, **inputs: str) -> dict[date, pa.Table]:
    """The same by Monday, with what they were computed from; `inputs` replace parts of that."""
    rows = computed(text)
    weeks = rows["week_start"].to_pylist()
    return {
        week: _computed_from(rows.filter([one == week for one in weeks]), **inputs)
        for week in sorted(set(weeks))
    }


def weeks_of_amounts(first: date, amounts: Sequence[int | None]) -> dict[date, pa.Table]:
    """Weeks of one division with these totals, from Monday `first` on; None is a silent week."""
    lines = [
        f"{first + timedelta(weeks=n)} | Roads | Bridges | {amount}.00"
        for n, amount in enumerate(amounts)
        if amount is not None
    ]
    return computed_weeks("\n".join([NO_ROWS, *lines]))


def empty_week(week: date, **inputs: str) -> dict[date, pa.Table]:
    """A week that was computed and has no rows."""
    return {week: _computed_from(computed(NO_ROWS), **inputs)}


def _computed_from(rows: pa.Table, **inputs: str) -> pa.Table:
    return with_metadata(rows, {**COMPUTED_FROM, **inputs})


def _completed(row: Row) -> Row:
    amount = row["total_amount"]
    totals = {"department_amount": amount, "week_amount": amount}
    return {"refund_amount": Decimal("0.00"), "transaction_count": 1, **totals, **row}
