"""All merchants with their purchases, kept per week: who asks reads the weeks that changed since.

Whether a week changed says `source_weeks`, and for what nobody has noted yet the ingestions.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any

import pyarrow as pa
from pyarrow import compute as pc
from pymongo.database import Database
from sqlalchemy import Engine, func, select

from txplatform.connectors import mongo
from txplatform.domains.spend import measuring, publishing, tables
from txplatform.domains.spend.alerting.documents import fitting, merchant_or_unknown
from txplatform.domains.spend.sources.ingestions import UNNOTED
from txplatform.domains.spend.tables import FINGERPRINT_FIELD, merchant_weeks, source_weeks
from txplatform.domains.spend.transforms.pushdown import in_weeks, week_start_of
from txplatform.periods import WEEK, mondays
from txplatform.platform import Platform

AT_ONCE = 8
"""Weeks of one question to MongoDB, of which it answers some side by side."""
MANY = 26
"""More weeks are read by going through the whole collection once: document by document in the
order of an index takes ten times as long for each."""

_SUMS = pa.schema(
    [
        ("week_start", pa.timestamp("ms")),
        ("merchant", pa.string()),
        ("purchase_count", pa.int32()),
        ("spent", pa.string()),
        ("first_day", pa.timestamp("ms")),
        ("transaction_count", pa.int64()),
        ("total_amount", pa.string()),
        (FINGERPRINT_FIELD, pa.int64()),
    ]
)


def merchants(platform: Platform) -> pa.Table:
    """Every merchant as `documents.merchants` reads them, from what is kept of each week.

    The weeks whose documents are others than those that were added up are read anew.
    """
    changed = changed_weeks(platform)
    if changed:
        parallel = platform.settings.mongo_parallel_reads
        read = merchants_of_weeks(platform.reading, changed, parallel)
        publishing.publish_merchant_weeks(platform.engine, changed, read)
    return publishing.merchants_of_all_weeks(platform.engine)


def changed_weeks(platform: Platform) -> list[date]:
    """The weeks whose documents changed since their merchants were added up, ascending."""
    ends = measuring.span(platform.reading)
    known, now = _fingerprints(platform.engine)
    changed = {week for week in known.keys() | now.keys() if known.get(week) != now.get(week)}
    silent = {week for week, fingerprint in now.items() if fingerprint == measuring.NO_DOCUMENTS}
    unmeasured = set(mondays(*ends)) - now.keys() if ends else set()
    there = {week for week in unmeasured if _has_documents(platform.reading, week)}
    return sorted((changed - (silent - known.keys())) | there | _unnoted(platform.reading))


def _fingerprints(engine: Engine) -> tuple[dict[date, str], dict[date, str]]:
    """By week, of the documents that were added up, and of those that MongoDB holds."""
    kept = merchant_weeks.c
    known = select(kept.week_start, func.min(kept.fingerprint)).group_by(kept.week_start)
    now = select(source_weeks.c.week_start, source_weeks.c.fingerprint)
    with engine.connect() as connection:
        added_up, held = (
            {row[0]: row[1] for row in connection.execute(one)} for one in (known, now)
        )
    return added_up, held


def _has_documents(database: Database[Any], week: date) -> bool:
    found = database[tables.TRANSACTIONS].find_one(in_weeks(week, week), {"_id": 1})
    return found is not None


def _unnoted(database: Database[Any]) -> set[date]:
    """The weeks of ingestions that `source_weeks` does not know yet."""
    found = database[tables.INGESTIONS].find(UNNOTED, {"weeks": 1})
    return {week.date() for one in found for week in one["weeks"]}


def merchants_of_weeks(
    database: Database[Any], wanted: Sequence[date], parallel: int, many: int = MANY
) -> pa.Table:
    """The merchants of some weeks, with the fingerprint of the documents that were read.

    Args:
        database: MongoDB.
        wanted: Mondays, ascending.
        parallel: questions side by side.
        many: more weeks are read in one pass through the whole collection.

    Returns:
        The columns of `merchant_weeks`; refunds and zeros are no purchases.
    """
    is_much = len(wanted) > many
    found = _pass(database, wanted) if is_much else _stretches(database, wanted, parallel)
    typed = measuring.typed(found, "spent", "total_amount")
    measured = measuring.measures_of(typed, wanted[0], wanted[-1])
    prints = [measured[week].fingerprint for week in typed["week_start"].to_pylist()]
    stamped = typed.drop_columns(["total_amount", "transaction_count", FINGERPRINT_FIELD])
    stamped = stamped.append_column("fingerprint", pa.array(prints, pa.string()))
    names = ["total_amount" if name == "spent" else name for name in stamped.column_names]
    bought = stamped.rename_columns(names).filter(pc.greater(stamped["purchase_count"], 0))
    return bought.select([column.name for column in merchant_weeks.c])


def _stretches(database: Database[Any], wanted: Sequence[date], parallel: int) -> pa.Table:
    pipelines = [_pipeline(part[0], part[-1]) for part in _neighbours(wanted)]
    return mongo.aggregate(database[tables.TRANSACTIONS], pipelines, _SUMS, parallel)


def _pass(database: Database[Any], wanted: Sequence[date]) -> pa.Table:
    pipelines, order = [_pipeline(wanted[0], wanted[-1])], {"$natural": 1}
    found = mongo.aggregate(database[tables.TRANSACTIONS], pipelines, _SUMS, 1, hint=order)
    return found.filter(pc.is_in(found["week_start"].cast(pa.date32()), pa.array(wanted)))


def _neighbours(wanted: Sequence[date]) -> Iterator[list[date]]:
    """Runs of weeks without a gap, `AT_ONCE` at most."""
    numbered = enumerate(wanted)
    for _, run in groupby(numbered, lambda one: one[1] - WEEK * one[0]):
        weeks_of_run = [week for _, week in run]
        for start in range(0, len(weeks_of_run), AT_ONCE):
            yield weeks_of_run[start : start + AT_ONCE]


def _pipeline(first: date, last: date) -> list[dict[str, Any]]:
    is_purchase = {"$gt": ["$amount", 0]}
    sums = {
        "purchase_count": {"$sum": {"$cond": [is_purchase, 1, 0]}},
        "spent": {"$sum": {"$cond": [is_purchase, "$amount", 0]}},
        "first_day": {"$min": {"$cond": [is_purchase, "$transaction_date", None]}},
        "transaction_count": {"$sum": 1},
        "total_amount": {"$sum": "$amount"},
        FINGERPRINT_FIELD: {"$sum": f"${FINGERPRINT_FIELD}"},
    }
    key = {"week_start": week_start_of("$transaction_date"), "merchant": merchant_or_unknown()}
    written = {
        "_id": 0,
        **{name: f"$_id.{name}" for name in key},
        **dict.fromkeys(("purchase_count", "first_day"), 1),
        "spent": {"$toString": fitting("$spent")},
        "total_amount": {"$toString": "$total_amount"},
        **{name: {"$toLong": f"${name}"} for name in ("transaction_count", FINGERPRINT_FIELD)},
    }
    return [
        {"$match": in_weeks(first, last)},
        {"$group": {"_id": key, **sums}},
        {"$project": written},
    ]
