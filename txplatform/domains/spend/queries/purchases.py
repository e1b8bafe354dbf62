"""From a number down to its purchases: documents of MongoDB with file and line, in pages.

A cell is asked for by its seven days: with them the covering index of `transactions` is entered at
the right places and gives the order too. What no ingestion writes (an amount that is text, say) has
no place in that order and comes last.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
from bson.decimal128 import Decimal128
from pymongo.database import Database

from txplatform import money
from txplatform.domains.spend import tables
from txplatform.domains.spend.transforms.pushdown import at_midnight, in_weeks
from txplatform.errors import UsageError
from txplatform.periods import WEEK
from txplatform.serving import paging
from txplatform.serving.paging import Page

DAYS = 7
LOOK_BACK = 52 * WEEK
LARGEST_LIST = 1_000
INDEX = [(name, 1) for name in tables.INDEXES[tables.TRANSACTIONS][0].fields]
MOST = 10**33
USUAL: dict[str, Any] = {
    "department": {"$type": "string"},
    "division": {"$type": "string"},
    "amount": {
        "$type": ["decimal", "int", "long"],
        "$not": {"$type": "array"},
        "$gte": Decimal128(str(-MOST)),  # NaN is less
        "$lte": Decimal128(str(MOST)),
    },
    tables.FINGERPRINT_FIELD: {"$type": ["long", "int"]},
}
"""Purchases that a cursor can name by their key of the index."""
ODD = "."
"""Before the cursor of a page that begins among the others."""

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
"""A purchase as it is shown; money in the platform's currency, NULL for what is none."""

KINDS: dict[str, type] = {
    **dict.fromkeys(("department", "division", "merchant", "category", "card", "source_file"), str),
    "source_line": int,
    "ingested_at": datetime,
}
OLDEST_FIRST = ("transaction_date", "transaction_id")

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
    collection, matching = database[tables.TRANSACTIONS], _matching(wanted)
    total = collection.count_documents(matching, hint=INDEX)
    found, skipped = list[dict[str, Any]](), 0
    usual = {**USUAL, **matching, "transaction_date": {"$in": _days(wanted.week, DAYS)}}
    if cursor is not None and cursor.startswith(ODD):
        skipped = abs(paging.key_of(cursor.removeprefix(ODD), paging.whole)[0])
    else:
        rest = usual if cursor is None else {"$and": [usual, _after(cursor)]}
        found = list(collection.find(rest).hint(INDEX).sort(INDEX).limit(size + 1))
    if len(found) > size:
        return Page(_rows(found[:size]), total, _cursor(found[size - 1]))
    room = size - len(found)
    others = collection.find({"$and": [matching, {"$nor": [usual]}]}).hint(INDEX)
    odd = list(others.sort("_id", 1).skip(skipped).limit(room + 1))
    following = ODD + paging.cursor_of([skipped + room]) if len(odd) > room else None
    return Page(_rows(found + odd[:room]), total, following)


def _matching(wanted: PurchaseFilter) -> dict[str, Any]:
    names = {"department": wanted.department, "division": wanted.division}
    named = {name: value for name, value in names.items() if value is not None}
    return {**in_weeks(wanted.week, wanted.week), **named}


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
    return _rows(list(found)).sort_by([(name, "ascending") for name in OLDEST_FIRST])


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
    """A purchase as it is shown, without what is not of the kind that an ingestion writes."""
    day = document.get("transaction_date")
    return {
        **{name: _if_is(kind, document.get(name)) for name, kind in KINDS.items()},
        "transaction_id": str(document["_id"]),
        "transaction_date": day.date() if isinstance(day, datetime) else None,
        "amount": amount_of(document.get("amount")),
    }


def _if_is(kind: type, value: object) -> object:
    return value if isinstance(value, kind) and not isinstance(value, bool) else None


def amount_of(value: object) -> Decimal | None:
    """What somebody wrote as an amount, if it is money to the cent."""
    match value:
        case Decimal128():
            found = value.to_decimal()
        case float() | int() if not isinstance(value, bool):
            found = Decimal(repr(value))
        case _:
            return None
    is_money = found.is_finite() and abs(found) <= money.LARGEST and found == round(found, 2)
    return money.half_up(found) if is_money else None


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
