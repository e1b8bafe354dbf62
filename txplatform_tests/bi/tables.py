"""What a chart must show, added up in Python from the rows of its table: no SQL of a metric."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

Row = Mapping[str, Any]
Rows = Sequence[Row]
Metric = Callable[[Rows], Any]


def total(column: str, where: str = "") -> Metric:
    """The sum of what is there; None where nothing is."""

    def metric(rows: Rows) -> Any:
        found = _values(rows, column, where)
        return sum(found) if found else None

    return metric


def only(column: str, *key: str, where: str = "") -> Metric:
    """The largest value, if the rows are of one key."""
    return lambda rows: largest(column, where)(rows) if _is_one(rows, key) else None


def of_one(column: str, metric: Metric) -> Metric:
    """A metric that is empty where rows of several values come together."""
    return lambda rows: metric(rows) if _is_one(rows, [column]) else None


def largest(column: str, where: str = "") -> Metric:
    """The largest value of the rows for which a column is true."""
    return lambda rows: max(_values(rows, column, where), default=None)


def mean(column: str, where: str = "") -> Metric:
    """The mean of the values of the rows for which a column is true."""

    def metric(rows: Rows) -> Any:
        found = _values(rows, column, where)
        return sum(found) / len(found) if found else None

    return metric


def count(column: str = "", where: str = "") -> Metric:
    """How many rows, or values of a column."""
    return lambda rows: len(_values(rows, column, where)) if column else len(rows)


def ratio(above: str, below: str, factor: int = 1) -> Metric:
    """A sum over a sum."""

    def metric(rows: Rows) -> Any:
        divisor = total(below)(rows)
        return factor * Decimal(total(above)(rows)) / divisor if divisor else None

    return metric


def _is_one(rows: Rows, key: Sequence[str]) -> bool:
    return len({tuple(row[name] for name in key) for row in rows}) == 1


def _values(rows: Rows, column: str, where: str) -> list[Any]:
    wanted = (row for row in rows if not where or _is_true(row, where))
    return [row[column] for row in wanted if row[column] is not None]


def _is_true(row: Row, where: str) -> bool:
    """`is_valid`, or `not is_suspect`."""
    return not row[where.removeprefix("not ")] if where.startswith("not ") else bool(row[where])


def grouped(rows: Iterable[Row], keys: Sequence[str], grain: str | None) -> dict[Any, list[Row]]:
    """The rows by their keys; the first, if it is a time, by its grain (P1M: months)."""
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        values = [row[key] for key in keys]
        if grain == "P1M" and isinstance(values[0], date):
            values[0] = values[0].replace(day=1)
        groups[tuple(values)].append(row)
    return groups


def is_wanted(row: Row, condition: Mapping[str, Any]) -> bool:
    """Whether a row meets a filter of a chart."""
    value, wanted = row[condition["subject"]], condition["comparator"]
    return value in wanted if condition["operator"] == "IN" else bool(value == wanted)


def readable(value: Any) -> Any:
    """A key as a chart's data have it: times as milliseconds since 1970, numbers as they are."""
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    if isinstance(value, date):
        return round(datetime(value.year, value.month, value.day).timestamp() * 1000)
    return float(value) if isinstance(value, Decimal) else value
