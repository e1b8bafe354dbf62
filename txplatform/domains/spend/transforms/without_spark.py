"""`weekly_transactions` in integers of cents, for who has no JVM: the rows are those of Spark.

docs/spend.md says what each column means, as for `weekly.py`; the tests run over both. It holds
the sums of all weeks of a run in memory, some hundred bytes per week, department and division.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa

from txplatform import money
from txplatform.domains.spend.tables import WEEKLY_KEY
from txplatform.periods import WEEK

SHARE, PERCENT = pa.decimal128(28, 6), pa.decimal128(28, 4)
SUMS = ("total_amount", "refund_amount", "transaction_count")
SCHEMA = pa.schema(
    [
        ("week_start", pa.date32()),
        ("department", pa.string()),
        ("division", pa.string()),
        ("total_amount", money.ARROW),
        ("refund_amount", money.ARROW),
        ("transaction_count", pa.int32()),
        ("department_amount", money.ARROW),
        ("week_amount", money.ARROW),
        ("department_share", SHARE),
        ("division_share_of_department", SHARE),
        ("division_share_of_week", SHARE),
        ("department_previous_amount", money.ARROW),
        ("department_change_pct", PERCENT),
    ]
)


def weekly_transactions(sums: pa.Table, first: date, last: date) -> pa.Table:
    """Compute the rows of `weekly_transactions` for the weeks `first` to `last`.

    Args:
        sums: partial sums per week, department and division (a key may come in several rows),
            from the week before `first` on.
        first: Monday of the first week wanted.
        last: Monday of the last week wanted, inclusive.

    Returns:
        The key and value columns of weekly_transactions, sorted by key.

    Raises:
        pyarrow.ArrowInvalid: an amount does not fit into its column.
    """
    added = sums.group_by(list(WEEKLY_KEY)).aggregate([(name, "sum") for name in SUMS])
    keys = [(name, "ascending") for name in WEEKLY_KEY]
    divisions = added.sort_by(keys).to_pylist()
    rows = list(_rows(divisions, first, last))
    columns = zip(*rows, strict=True) if rows else ([] for _ in SCHEMA)
    return pa.table([list(column) for column in columns], schema=SCHEMA)


def _rows(divisions: list[dict[str, Any]], first: date, last: date) -> Iterator[tuple[Any, ...]]:
    of_department: Counter[tuple[date, str]] = Counter()
    of_week: Counter[date] = Counter()
    for row in divisions:
        of_department[row["week_start"], row["department"]] += _cents(row["total_amount_sum"])
        of_week[row["week_start"]] += _cents(row["total_amount_sum"])
    for row in divisions:
        week, name = row["week_start"], row["department"]
        if first <= week <= last:
            previous = of_department.get((week - WEEK, name))
            yield _row(row, of_department[week, name], of_week[week], previous)


def _row(row: dict[str, Any], department: int, week: int, previous: int | None) -> tuple[Any, ...]:
    total = _cents(row["total_amount_sum"])
    return (
        *(row[name] for name in WEEKLY_KEY),
        *(row[f"{name}_sum"] for name in SUMS),
        Decimal(department).scaleb(-2),
        Decimal(week).scaleb(-2),
        _quotient(department, week, 6),
        _quotient(total, department, 6),
        _quotient(total, week, 6),
        None if previous is None else Decimal(previous).scaleb(-2),
        None if previous is None else _quotient(100 * (department - previous), previous, 4),
    )


def _cents(amount: Decimal) -> int:
    return int(amount.scaleb(2))


def _quotient(numerator: int, denominator: int, digits: int) -> Decimal | None:
    """numerator / denominator, rounded half up (away from zero), once; None where it is <= 0."""
    if denominator <= 0:
        return None
    size = (2 * abs(numerator) * 10**digits + denominator) // (2 * denominator)
    return Decimal(size if numerator >= 0 else -size).scaleb(-digits)
