"""The books of a file: rows, and their amounts, are new, unchanged, corrected or quarantined."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import narwhals as nw
import pyarrow as pa

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.computation.engines import Engine, Frame
from txplatform.domains.commerce.sources.bronze import Arrival
from txplatform.domains.commerce.tables.arrow import in_units, of_rows
from txplatform.errors import ReconciliationError
from txplatform.ingestion.balance import Total, require_balanced

LARGEST_AMOUNT = 10**18 - 1
"""Cents of an amount, as tables hold it."""

STATUSES = ("new", "unchanged", "corrected", "quarantined")


@dataclass(frozen=True)
class Books:
    """Counts and amounts (cents) of a file's rows by what became of them."""

    arrival: Arrival
    counts: Mapping[str, int]
    amounts: Mapping[str, int]
    refused_by_rule: Mapping[str, int]
    read_count: int
    read_amount: int
    refused_amounts: Mapping[str, int] = field(default_factory=dict)

    def require_balanced(self) -> None:
        """Raise ReconciliationError where rows or amounts were lost, counted twice or too large."""
        if max(map(abs, [self.read_amount, *self.amounts.values()])) > LARGEST_AMOUNT:
            raise ReconciliationError(
                f"The amounts of {self.arrival.file} add up to more than "
                f"{LARGEST_AMOUNT / 100:,.0f}: nothing of it is in. Correct them, then ingest it."
            )
        became = map(Total, self.counts.values(), self.amounts.values())
        require_balanced(self.arrival.file, Total(self.read_count, self.read_amount), became)

    def sentence(self) -> str:
        """What became of the file."""
        counts = ", ".join(f"{self.counts[status]:,} {status}" for status in STATUSES)
        rules = ", ".join(f"{rule} {count:,}" for rule, count in self.refused_by_rule.items())
        return f"{self.arrival.file}: {self.read_count:,} rows: {counts}" + (
            f" ({rules})." if rules else "."
        )

    def added_to(self, earlier: Mapping[str, int]) -> "Books":
        """The file's books after some of its quarantined rows were read once more."""
        counts = {status: earlier[f"{status}_count"] for status in STATUSES}
        amounts = {status: earlier[f"{status}_amount"] for status in STATUSES}
        for status in STATUSES:
            counts[status] += self.counts[status]
            amounts[status] += self.amounts[status]
        counts["quarantined"] -= self.read_count
        amounts["quarantined"] -= self.read_amount
        count, amount = earlier["row_count"], earlier["amount"]
        return Books(self.arrival, counts, amounts, self.refused_by_rule, count, amount)

    def table(self, layout: str) -> pa.Table:
        """The books as a row of the table of ingestions."""
        now = int(datetime.now(UTC).timestamp())
        row: dict[str, str | int] = {
            "content": self.arrival.content,
            "source_file": self.arrival.file,
            "layout": layout,
            "kind": str(self.arrival.kind),
            "rows": self.arrival.rows,
            "row_count": self.read_count,
            "amount": self.read_amount,
            "ingested_at": now,
            **{f"{status}_count": self.counts[status] for status in STATUSES},
            **{f"{status}_amount": self.amounts[status] for status in STATUSES},
        }
        return of_rows(tables.ingestions, [row])


def figures(book: pa.Table) -> Mapping[str, int]:
    """Counts and amounts (cents) of a stored row of books."""
    row: Mapping[str, int] = in_units(book).to_pylist()[0]
    return row


def of(engine: Engine, arrival: Arrival, accepted: Frame, refused: Frame, read: Frame) -> Books:
    """Count the rows of a file three ways: as read, as accepted and as refused."""
    total = nw.len().alias("count"), nw.col("amount").sum().alias("amount")
    groups = engine.collect(accepted.group_by("status").agg(*total)).to_pylist()
    rules = engine.collect(refused.group_by("rule").agg(*total)).to_pylist()
    whole = engine.collect(read.select(*total)).to_pylist()[0]
    counts, amounts = dict.fromkeys(STATUSES, 0), dict.fromkeys(STATUSES, 0)
    for group in groups:
        counts[group["status"]] = int(group["count"])
        amounts[group["status"]] = int(group["amount"] or 0)
    counts["quarantined"] = sum(int(rule["count"]) for rule in rules)
    amounts["quarantined"] = sum(int(rule["amount"] or 0) for rule in rules)
    by_rule = {rule["rule"]: int(rule["count"]) for rule in sorted(rules, key=lambda r: r["rule"])}
    read_amount = int(whole["amount"] or 0)
    by_amount = {rule["rule"]: int(rule["amount"] or 0) for rule in rules}
    return Books(arrival, counts, amounts, by_rule, int(whole["count"]), read_amount, by_amount)
