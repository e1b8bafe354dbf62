"""The date dimension: every calendar fact of a day, made once in Python and joined by number.

Engines disagree about weeks and weekdays; a join and a subtraction mean the same on all.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache

import polars as pl
import pyarrow as pa

EPOCH = date(1970, 1, 1)
FIRST, LAST = date(1970, 1, 1), date(2099, 12, 31)
DAY_SECONDS = 86_400


def number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def day_of(days: int) -> date:
    """The date of a day's number."""
    return EPOCH + timedelta(days=days)


def today() -> date:
    """The day of ingestion: what lies after it has not happened."""
    return datetime.now(UTC).date()


@cache
def written_days(form: str) -> pa.Table:
    """The number of every day as a source may write it, with and without leading zeros."""
    forms = [form]
    if any(sign in form for sign in "-/. "):
        forms.append(form.replace("%m", "%-m").replace("%d", "%-d"))
    days = pl.DataFrame({"day": pl.date_range(FIRST, LAST, eager=True)})
    written = pl.concat(days.with_columns(written_day=pl.col("day").dt.strftime(f)) for f in forms)
    numbered = written.unique("written_day", keep="last", maintain_order=True).select(
        "written_day", pl.col("day").cast(pl.Int32).cast(pl.Int64)
    )
    schema = pa.schema({"written_day": pa.string(), "day": pa.int64()})
    return numbered.to_arrow().cast(schema)


def calendar(first: int, last: int) -> pl.DataFrame:
    """One row per day from `first` to `last`: week start, ISO week, month, quarter, weekday."""
    return pl.DataFrame(
        [_facts(day_of(day)) for day in range(first, last + 1)], orient="row", schema=SCHEMA
    )


def _facts(day: date) -> Iterable[int | bool]:
    iso = day.isocalendar()
    days = number(day)
    month_start = number(day.replace(day=1))
    return (
        days, days - day.weekday(), iso.year, iso.week, month_start, month_number(day),
        day.year, day.month, (day.month + 2) // 3, iso.weekday, iso.weekday >= 6,
    )  # fmt: skip


def month_number(day: date) -> int:
    """Months since the year 0, so that an age in months is a subtraction."""
    return day.year * 12 + day.month - 1


NUMBERS = ("day", "week_start", "iso_year", "iso_week", "month_start", "month_number", "year",
           "month", "quarter", "weekday")  # fmt: skip
SCHEMA = {**dict.fromkeys(NUMBERS, pl.Int64), "is_weekend": pl.Boolean}
