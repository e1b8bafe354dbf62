"""What must hold of the computed rows before anything is written; a breach fails the run."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from txplatform.domains.spend.tables import WEEKLY_KEY
from txplatform.errors import ReconciliationError


def require_reconciled(
    rows: pa.Table, documents: Mapping[date, tuple[int, Decimal]], first: date, last: date
) -> None:
    """Hold computed rows against the documents and against themselves.

    Args:
        rows: rows of `weekly_transactions` of the weeks `first` to `last`.
        documents: by Monday, number and sum of amounts of the documents in MongoDB.
        first: Monday of the first week computed.
        last: Monday of the last week computed.

    Raises:
        ReconciliationError: names the first week and figure that do not agree.
    """
    _require_unique(rows)
    _require_inside(rows, first, last)
    _require_totals(rows, "department_amount", ("week_start", "department"))
    _require_totals(rows, "week_amount", ("week_start",))
    computed = _sums(rows, ("week_start",))
    for week, expected in documents.items():
        found = computed.get((week,), (0, Decimal("0.00")))
        if found != expected:
            raise ReconciliationError(
                f"Week {week}: MongoDB holds {expected[0]} transactions of {expected[1]}, the "
                f"computed rows {found[0]} of {found[1]}; nothing was written."
            )


def _require_unique(rows: pa.Table) -> None:
    counted = rows.group_by(list(WEEKLY_KEY)).aggregate([([], "count_all")])
    if counted.num_rows != rows.num_rows:
        raise ReconciliationError(
            f"{rows.num_rows - counted.num_rows} computed rows repeat the key of another; "
            "nothing was written."
        )


def _require_inside(rows: pa.Table, first: date, last: date) -> None:
    outside = {
        week for week in rows["week_start"].unique().to_pylist() if not first <= week <= last
    }
    if outside:
        raise ReconciliationError(
            f"Rows of {min(outside)} were computed for the weeks {first} to {last}; nothing was "
            "written."
        )


def _require_totals(rows: pa.Table, column: str, key: tuple[str, ...]) -> None:
    """Check that `column` holds the same total on all rows of `key`, the sum of their amounts."""
    sums = _sums(rows, key)
    for claim in rows.group_by([*key, column]).aggregate([]).to_pylist():
        where = tuple(claim[name] for name in key)
        if sums[where][1] != claim[column]:
            raise ReconciliationError(
                f"{column} of {', '.join(map(str, where))} is {claim[column]}, its divisions add "
                f"up to {sums[where][1]}; nothing was written."
            )


def _sums(rows: pa.Table, key: tuple[str, ...]) -> dict[tuple[Any, ...], tuple[int, Decimal]]:
    columns = ["transaction_count", "total_amount"]
    grouped = rows.group_by(list(key)).aggregate([(name, "sum") for name in columns])
    return {
        tuple(row[name] for name in key): (row["transaction_count_sum"], row["total_amount_sum"])
        for row in grouped.to_pylist()
    }
