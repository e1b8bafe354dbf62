"""Weeks that cannot be computed because of what somebody wrote into MongoDB: which, and why.

A sum does not fit into its column, an amount is none to the cent, or a name is missing. Ingestion
refuses such rows; a document that came another way must not keep other weeks from being computed.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
from bson.decimal128 import Decimal128
from pyarrow import compute as pc
from pymongo.database import Database

from txplatform import money
from txplatform.domains.spend import tables
from txplatform.domains.spend.measuring import MOST_DIGITS, WIDE
from txplatform.domains.spend.transforms.pushdown import in_weeks
from txplatform.errors import PlatformError

KEY = ("week_start", "department", "division")
AMOUNTS = ("total_amount", "refund_amount")
NO_MONEY = Decimal(10**MOST_DIGITS)
"""Stands for what is no amount: no sum with it fits."""
SUSPICIOUS = Decimal128(str(10**13))
SHOWN = 5

Unfit = Mapping[date, set[str | None]]
"""The departments of each week that cannot be computed; none where only the whole cannot."""


class UnfitWeeksError(PlatformError):
    """Weeks that cannot be computed, with the file and lines that are to blame."""


def find(sums: pa.Table) -> Unfit:
    """The weeks and departments that cannot be computed, of sums per division and refunds."""
    found: dict[date, set[str | None]] = {
        row["week_start"]: set() for row in _too_much(sums, KEY[:1]).to_pylist()
    }
    for rows in (_too_much(sums, KEY[:2]), _too_much(sums, KEY), sums.filter(_nameless(sums))):
        for row in rows.to_pylist():
            found.setdefault(row["week_start"], set()).add(row["department"])
    return found


def _too_much(sums: pa.Table, key: tuple[str, ...]) -> pa.Table:
    filled = sums
    for name in AMOUNTS:
        amounts = pc.fill_null(sums[name].cast(WIDE), pa.scalar(NO_MONEY, WIDE))
        filled = filled.set_column(filled.schema.get_field_index(name), name, amounts)
    added = filled.group_by(list(key)).aggregate([(name, "sum") for name in AMOUNTS])
    is_more = (
        pc.greater(pc.abs(added[f"{name}_sum"]), pa.scalar(money.LARGEST)) for name in AMOUNTS
    )
    return added.filter(pc.or_(*is_more))


def _nameless(sums: pa.Table) -> pa.ChunkedArray:
    return pc.or_(*(pc.is_null(sums[name]) for name in KEY[1:]))


def left_out(sums: pa.Table, found: Unfit) -> pa.Table:
    """The sums without those departments, as money."""
    pairs = zip(*(sums[name].to_pylist() for name in KEY[:2]), strict=True)
    is_kept = [department not in found.get(week, ()) for week, department in pairs]
    kept = sums.filter(pa.array(is_kept, pa.bool_())) if found else sums
    return kept.cast(
        pa.schema([(f.name, money.ARROW if f.name in AMOUNTS else f.type) for f in kept.schema])
    )


def error(database: Database[Any], weeks: Iterable[date]) -> UnfitWeeksError:
    """What to say of weeks that cannot be computed."""
    return UnfitWeeksError(" ".join(_sentence(database, week) for week in sorted(weeks)))


def _sentence(database: Database[Any], week: date) -> str:
    """Names the purchases that are no amounts, or else the largest ones."""
    purchases = database[tables.TRANSACTIONS]
    fields = ("source_file", "source_line")
    matching = in_weeks(week, week)
    found = list(purchases.find({**matching, "$expr": IS_ODD}, fields).limit(SHOWN + 1))
    if not found:
        by_amount = purchases.find(matching, fields).sort("amount", -1)
        found = list(by_amount.limit(SHOWN + 1))
    where = "; ".join(_places(found[:SHOWN])) + ("; ..." if len(found) > SHOWN else "")
    return (
        f"Week {week} cannot be computed ({where}): amounts add up to more than "
        f"{money.LARGEST:,}, or one is no amount to the cent or has no department; "
        "withdraw what brought these purchases or correct them, other weeks go on."
    )


def _places(found: list[dict[str, Any]]) -> Iterator[str]:
    by_file: dict[str, list[str]] = {}
    for one in found:
        file, line = one.get("source_file"), one.get("source_line")
        by_file.setdefault(str(file or "MongoDB"), []).append(f"{line or one['_id']}")
    for file, lines in by_file.items():
        yield f"{file}, {'line' if len(lines) == 1 else 'lines'} {', '.join(lines)}"


IS_ODD = {
    "$cond": [
        {"$isNumber": "$amount"},
        {
            "$or": [
                {"$not": [{"$lte": [{"$abs": "$amount"}, SUSPICIOUS]}]},
                {"$not": [{"$gte": ["$amount", Decimal128("-1E+33")]}]},  # NaN is less than all
                {"$ne": ["$amount", {"$round": ["$amount", 2]}]},
                *({"$ne": [{"$type": f"${name}"}, "string"]} for name in KEY[1:]),
            ]
        },
        True,
    ]
}
"""Not what an ingestion writes. `$abs` of what is no number would be an error of MongoDB."""
