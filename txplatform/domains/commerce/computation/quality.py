"""The table `quality`: what was asked of the files as they came, and of silver as it stands."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import narwhals as nw
import polars as pl
import pyarrow as pa

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.computation.engines import Engine, Frame
from txplatform.domains.commerce.computation.gold import MONEY_TABLES, TOTALS
from txplatform.domains.commerce.publishing.lake import Lake
from txplatform.domains.commerce.rules import PRESENT, RULES, Measured, severity_of
from txplatform.domains.commerce.sources.books import STATUSES
from txplatform.domains.commerce.tables.arrow import in_units, of_rows
from txplatform.domains.commerce.transforms.arithmetic import quotient
from txplatform.domains.commerce.transforms.calendar import number
from txplatform.domains.commerce.transforms.lines import ANONYMOUS, UNKNOWN

RAW, SILVER = "raw", "silver"
SHARE_DIGITS = 6
REFUSALS = tuple(name for name, rule in RULES.items() if rule.severity == "quarantine")
BLEMISHES = ("BAD_REGISTRATION", "FUTURE_REGISTRATION", "BAD_EMAIL")


class Standing(NamedTuple):
    """Silver as gold was computed from it: its small tables, and its lines counted."""

    lines: Mapping[str, int]
    customers: pl.DataFrame
    issues: pl.DataFrame
    quarantine: pl.DataFrame
    books: pl.DataFrame
    raw: pl.DataFrame
    replaced_amount: int
    """Cents of the lines that stood before."""


def standing(engine: Engine, lines: Frame, lake: Lake) -> Standing:
    """Count silver's lines, and read its other tables."""

    def table(name: str, *columns: str) -> pl.DataFrame:
        return pl.DataFrame(in_units(lake.silver_table(name, [*columns] or None)))

    counted = engine.collect(_counts(lines)).to_pylist()[0]
    return Standing(
        lines={name: int(value or 0) for name, value in counted.items()},
        customers=table("customers", "customer_id", "name", "email", "registered_on", "country"),
        issues=table("issues", "issue", "customer_id", "written"),
        quarantine=table("quarantine", "kind", "rule", "amount"),
        books=table("ingestions"),
        raw=table("raw_quality"),
        replaced_amount=int(table("lines_history", "amount")["amount"].sum()),
    )


def _counts(lines: Frame) -> Frame:
    """One pass over the lines for everything that is asked of them."""
    is_before = nw.col("is_before_registration")
    zero = nw.lit(0).cast(nw.Int64)
    flagged = lines.select(
        "line_id",
        "amount",
        product=(nw.col("product") != UNKNOWN).cast(nw.Int64),
        customer_id=(nw.col("customer_id") != ANONYMOUS).cast(nw.Int64),
        country=(nw.col("country") != UNKNOWN).cast(nw.Int64),
        before=is_before.cast(nw.Int64),
        before_amount=nw.when(is_before).then(nw.col("amount")).otherwise(zero),
    )
    sums = ("amount", "product", "customer_id", "country", "before", "before_amount")
    return flagged.select(
        *(nw.col(name).sum() for name in sums),
        count=nw.col("amount").count(),
        distinct=nw.col("line_id").n_unique(),
    )


def raw_measures(found: Standing) -> Iterator[Measured]:
    """What was asked of all files as they came."""
    counts = pl.col("checked", "passed").sum()
    has_amount = pl.col("amount").is_not_null().any()
    amount = pl.when(has_amount).then(pl.col("amount").sum()).alias("amount")
    grouped = found.raw.group_by("source", "rule").agg(counts, amount)
    for row in grouped.sort("source", "rule").iter_rows(named=True):
        yield Measured(stage=RAW, **row)


def silver_measures(found: Standing) -> Iterator[Measured]:
    """What is asked of silver as it stands."""
    yield from _of_lines(found)
    if not found.customers.is_empty():
        yield from _of_customers(found)
    kinds: list[str] = found.books["kind"].unique().sort().to_list()
    for kind in kinds:
        yield from _waiting(found, kind)
        yield from _accounted(found, kind)


def _of_lines(found: Standing) -> Iterator[Measured]:
    count = found.lines["count"]
    for field in ("product", "customer_id", "country"):
        yield Measured("lines", SILVER, f"{field}{PRESENT}", count, found.lines[field])
    yield Measured("lines", SILVER, "stands_once", count, found.lines["distinct"])
    before, amount = found.lines["before"], found.lines["before_amount"]
    if not found.customers.is_empty():
        yield Measured("lines", SILVER, "is_after_registration", count, count - before, amount)
    large = found.issues.filter(pl.col("issue") == "LARGE_AMOUNT").height
    yield Measured("lines", SILVER, "LARGE_AMOUNT", count, count - large)


def _of_customers(found: Standing) -> Iterator[Measured]:
    rows = found.customers
    for field in ("name", "country"):
        known = rows.filter(pl.col(field) != UNKNOWN).height
        yield Measured("customers", SILVER, f"{field}{PRESENT}", rows.height, known)
    for field in ("email", "registered_on"):
        known = rows[field].drop_nulls().len()
        yield Measured("customers", SILVER, f"{field}{PRESENT}", rows.height, known)
    ids = rows["customer_id"].n_unique()
    is_bad = pl.col("issue") == "BAD_EMAIL"  # no address, so nobody shares it
    bad_emails = found.issues.filter(is_bad)["written"].unique().to_list()
    yield Measured("customers", SILVER, "stands_once", rows.height, ids)
    named = rows.filter(~pl.col("email").is_in(bad_emails)).drop_nulls("email")
    alone = named.filter(pl.len().over("email") == 1).height
    yield Measured("customers", SILVER, "SHARED_EMAIL", named.height, alone)
    for issue in BLEMISHES:
        noted = found.issues.filter(pl.col("issue") == issue)["customer_id"].n_unique()
        yield Measured("customers", SILVER, issue, rows.height, rows.height - noted)


def _waiting(found: Standing, kind: str) -> Iterator[Measured]:
    """Rows that are still refused, by the rules that the shop's files were asked."""
    count = _sum(found.books.filter(pl.col("kind") == kind), "row_count")
    asked = set(found.raw.filter(pl.col("source") == kind)["rule"])
    for rule in (rule for rule in REFUSALS if rule in asked):
        is_waiting = (pl.col("kind") == kind) & (pl.col("rule") == rule)
        rows = found.quarantine.filter(is_waiting)
        yield Measured(kind, SILVER, rule, count, count - rows.height, _sum(rows, "amount"))


def _accounted(found: Standing, kind: str) -> Iterator[Measured]:
    """Whether every row and every cent of the files is somewhere, and silver has no other."""
    books = found.books.filter(pl.col("kind") == kind)
    read = _sum(books, "row_count")
    counts = sum(_sum(books, f"{status}_count") for status in STATUSES)
    rows = found.lines["count"] if kind == "lines" else found.customers.height
    missing = abs(read - counts) + abs(_sum(books, "new_count") - rows)
    yield Measured(kind, SILVER, "rows_accounted", read, max(0, read - missing))
    if kind == "lines":
        parts = sum(_sum(books, f"{status}_amount") for status in STATUSES)
        arrived = _sum(books, "new_amount") + _sum(books, "corrected_amount")
        differences = (
            abs(_sum(books, "amount") - parts),
            abs(arrived - found.lines["amount"] - found.replaced_amount),
        )
        is_right = sum(difference == 0 for difference in differences)
        total = sum(differences)
        yield Measured(kind, SILVER, "amounts_accounted", len(differences), is_right, total)


def _sum(rows: pl.DataFrame, column: str) -> int:
    return int(rows[column].sum() or 0)


def gold_measures(made: Mapping[str, pa.Table], extent: Mapping[str, Any]) -> Iterator[Measured]:
    """Whether the money tables agree, how many days were silent, and how old the last line is."""
    totals = [tuple(_total(made[name], column) for column in TOTALS) for name in MONEY_TABLES]
    agreeing = sum(total == totals[0] for total in totals)
    yield Measured("tables", SILVER, "tables_agree", len(totals), agreeing)
    days = pl.DataFrame(made["sales_day"])
    with_sales = days.filter(pl.col("line_count") > 0).height
    yield Measured("lines", SILVER, "days_with_sales", days.height, with_sales)
    first = number(days["day"][0])
    reached = max(0, min(days.height, int(extent["last_day"] or first) - first + 1))
    yield Measured("lines", SILVER, "days_to_last_line", days.height, reached)


def _total(rows: pa.Table, column: str) -> Any:
    return pl.DataFrame(rows.select([column]))[column].sum()


def quality_table(
    measured: Iterable[Measured], run_id: str, severities: Mapping[str, str]
) -> pa.Table:
    """The measures as the table that is published."""
    rows = (
        {
            **one._asdict(),
            "run_id": run_id,
            "dimension": RULES[one.rule].dimension,
            "severity": severity_of(one.rule, severities),
            "score": quotient(one.passed, one.checked, SHARE_DIGITS),
        }
        for one in measured
    )
    return of_rows(tables.GOLD["quality"], rows)
