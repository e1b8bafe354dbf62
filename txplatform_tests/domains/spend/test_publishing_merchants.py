"""The table `merchants`: that of the newest computation, and what stays the same is not touched."""

from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlalchemy import Engine, select

from txplatform.domains.spend import publishing
from txplatform.domains.spend.publishing.merchants import VALUES
from txplatform.domains.spend.queries.spellings import alias_proposals
from txplatform.domains.spend.rules.catalogue import load_rules
from txplatform.domains.spend.tables import merchants

SCHEMA = pa.schema(
    [
        ("merchant", pa.string()),
        ("purchase_count", pa.int32()),
        ("total_amount", pa.decimal128(18, 2)),
        ("first_day", pa.date32()),
    ]
)
FIRST = date(2026, 11, 9)


def publish(desk: Engine, run_id: str, **counts: int) -> None:
    """Publish merchants with so many purchases of 1.10 each."""
    rows = [
        {
            "merchant": name,
            "purchase_count": count,
            "total_amount": count * Decimal("1.10"),
            "first_day": FIRST,
        }
        for name, count in counts.items()
    ]
    publishing.publish_merchants(desk, pa.Table.from_pylist(rows, SCHEMA), run_id)


def stored(desk: Engine) -> dict[str, tuple[Any, ...]]:
    """By name: purchases, amount, first day, and the run that wrote it."""
    names = [merchants.c[name] for name in ("merchant", *VALUES, "run_id")]
    with desk.connect() as connection:
        return {row[0]: tuple(row[1:]) for row in connection.execute(select(*names))}


def test_a_merchant_is_written_when_it_changes_and_goes_with_its_purchases(desk: Engine) -> None:
    publish(desk, "first", same=2, more=1, gone=1)

    publish(desk, "second", same=2, more=3, new=1)

    assert stored(desk) == {
        "same": (2, Decimal("2.20"), FIRST, "first"),
        "more": (3, Decimal("3.30"), FIRST, "second"),
        "new": (1, Decimal("1.10"), FIRST, "second"),
    }


def test_proposals_come_from_the_table_and_follow_it(desk: Engine) -> None:
    """Catches: an answer that is kept although the merchants changed."""
    rules = load_rules()
    publish(desk, "first", Swan=2)
    assert alias_proposals(desk, rules, 10) == []

    publish(desk, "second", Swan=2, SwanLtd=1, **{"Swan Ltd": 3})

    (shop,) = alias_proposals(desk, rules, 10)
    assert (shop.keep, shop.aliases) == ("SWAN LTD", ("SWAN",))
    assert alias_proposals(desk, rules, 0) == []
