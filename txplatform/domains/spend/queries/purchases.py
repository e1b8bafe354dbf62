"""From a number down to its purchases: documents of MongoDB with file and line, in pages.

A cell is asked for by its seven days: with them the covering index of `transactions` is entered at
the right places and gives the order too.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
from bson.decimal128 import Decimal128
from pymongo.database import Database

from txplatform import money
from txplatform.domains.spend import tables
from txplatform.domains.spend.transforms.pushdown import at_midnight
from txplatform.errors import UsageError
from txplatform.periods import WEEK
from txplatform.serving import paging
from txplatform.serving.paging import Page

DAYS = 7
LOOK_BACK = 52 * WEEK
LARGEST_LIST = 1_000
INDEX = [(name, 1) for name in tables.INDEXES[tables.TRANSACTIONS][0].fields]

PURCHASE = pa.schema(
    [
        ("transaction_id", pa.string()),
        ("transaction_date", pa.date32()),
        ("department", pa.string()),
        ("division", pa.string()),
        ("merchant", pa.string()),
        ("category", pa.string()),
        ("amount", money.ARROW),
        ("card", pa.string()),
        ("source_file", pa.string()),
        ("source_line", pa.int64()),
        ("ingested_at", pa.timestamp("us", tz="UTC")),
    ]
)
"""A purchase as it is shown; money in the platform's currency."""

REFUSED = pa.schema(
    [(name, pa.string()) for name in ("source_file", "rule", "reason", "raw")]
    + [("source_line", pa.int64())]
)


@dataclass(frozen=True)
class PurchaseFilter:
    """Which purchases: those of one week, of a department or division if named."""

    week: date
    department: str | None = None
    division: str | None = None


def purchase_page(
    database: Database[Any],
    wanted: PurchaseFilter,
    cursor: str | None = None,
    size: int = paging.DEFAULT_PAGE,
) -> Page:
    """A page of purchases in the order of the index: day, department, division, amount.

    Returns:
        `PURCHASE`; the total counts all purchases of the filter.
    """
    if not 1 <= size <= paging.LARGEST_PAGE:
        raise UsageError(f"A page has 1 to {paging.LARGEST_PAGE:,} rows, not {size}.")
    matching = _matching(wanted)
    collection = database[tables.TRANSACTIONS]
    rest = matching if cursor is None else {"$and": [matching, _after(cursor)]}
    documents = list(collection.find(rest).hint(INDEX).sort(INDEX).limit(size + 1))
    total = collection.count_documents(_counted(wanted), hint=INDEX)
    shown = documents[:size]
    is_last = len(documents) <= size
    return Page(_rows(shown), total, None if is_last else _cursor(shown[-1]))


def _matching(wanted: PurchaseFilter) -> dict[str, Any]:
    matching: dict[str, Any] = {"transaction_date": {"$in": _days(wanted.week, DAYS)}}
    if wanted.department is not None:
        matching["department"] = wanted.department
    if wanted.division is not None:
        matching["division"] = wanted.division
    return matching


def _counted(wanted: PurchaseFilter) -> dict[str, Any]:
    """The same purchases; a whole week as one stretch of the index, which is counted unread."""
    if wanted.department is not None or wanted.division is not None:
        return _matching(wanted)
    first, end = at_midnight(wanted.week), at_midnight(wanted.week + WEEK)
    return {"transaction_date": {"$gte": first, "$lt": end}}


def _days(first: date, count: int) -> list[Any]:
    return [at_midnight(first + timedelta(days=n)) for n in range(count)]


def _cursor(document: dict[str, Any]) -> str:
    day = document["transaction_date"].date()
    return paging.cursor_of([day, *(document[name] for name, _ in INDEX[1:])])


def _after(cursor: str) -> dict[str, Any]:
    """Purchases after a key of the index, which ends with a hash of the purchase itself."""
    day, department, division, amount, fingerprint = paging.key_of(
        cursor, date.fromisoformat, str, str, paging.amount, paging.whole
    )
    values = (at_midnight(day), department, division, Decimal128(amount), fingerprint)
    key = [(name, value) for (name, _), value in zip(INDEX, values, strict=True)]
    return {"$or": [{**dict(key[:n]), name: {"$gt": value}} for n, (name, value) in enumerate(key)]}


def purchases_of(database: Database[Any], transaction_ids: list[str]) -> pa.Table:
    """Purchases by id, such as those of an alert, oldest first; `LARGEST_LIST` at most."""
    found = database[tables.TRANSACTIONS].find({"_id": {"$in": transaction_ids[:LARGEST_LIST]}})
    return _rows(sorted(found, key=lambda one: (one["transaction_date"], one["_id"])))


def merchant_purchases(
    database: Database[Any], department: str, division: str, merchant: str, last: date
) -> pa.Table:
    """What a division bought at a merchant in the 52 weeks up to week `last`, oldest first.

    At most `LARGEST_LIST`, the newest.
    """
    first = last + WEEK - LOOK_BACK
    matching = {
        "transaction_date": {"$in": _days(first, LOOK_BACK.days)},
        "department": department,
        "division": division,
        "merchant": merchant,
    }
    newest = [(name, -1) for name, _ in INDEX]
    found = database[tables.TRANSACTIONS].find(matching).hint(INDEX).sort(newest)
    return _rows(list(found.limit(LARGEST_LIST))[::-1])


def _rows(documents: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([_row(document) for document in documents], PURCHASE)


def _row(document: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: document.get(name) for name in PURCHASE.names},
        "transaction_id": str(document["_id"]),
        "transaction_date": document["transaction_date"].date(),
        "amount": document["amount"].to_decimal(),
    }


def refused_rows_of_week(
    database: Database[Any], week: date, size: int = paging.DEFAULT_PAGE
) -> Page:
    """Refused rows of the sources that brought purchases of a week: the first ones, and how many.

    A refused row often has no date that could be read, so it belongs to the weeks of its file.

    Returns:
        `REFUSED`: file, rule, reason, text as it arrived, line.
    """
    sources = database[tables.INGESTIONS].distinct("_id", {"weeks": at_midnight(week)})
    matching = {"ingestion": {"$in": sources}}
    rejected = database[tables.TRANSACTIONS_REJECTED]
    found = rejected.find(matching).sort([("ingestion", 1), ("source_line", 1)]).limit(size)
    rows = [{name: one.get(name) for name in REFUSED.names} for one in found]
    return Page(pa.Table.from_pylist(rows, REFUSED), rejected.count_documents(matching), None)


def refused_by_rule(database: Database[Any]) -> dict[str, int]:
    """How many rows are refused by which rule, the commonest first."""
    counted = database[tables.TRANSACTIONS_REJECTED].aggregate([{"$sortByCount": "$rule"}])
    return {group["_id"]: group["count"] for group in counted}
