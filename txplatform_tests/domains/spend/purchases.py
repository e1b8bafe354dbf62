"""Purchases as a text table: as what Spark reads, and as documents of `transactions`.

date       | department | division | amount
2026-11-16 | Roads      | Bridges  | 10.00
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from typing import Any

import pyarrow as pa
from bson.decimal128 import Decimal128

from txplatform.domains.spend import tables
from txplatform.domains.spend.transforms.pushdown import at_midnight
from txplatform_tests.domains.spend.text_tables import Row, rows_of

TRANSACTIONS = pa.schema(
    [
        ("department", pa.string()),
        ("division", pa.string()),
        ("transaction_date", pa.date32()),
        ("amount", pa.decimal128(18, 2)),
        ("fingerprint", pa.int64()),
    ]
)


def transactions_of(text: str) -> pa.Table:
    """The purchases in the columns that the transforms read."""
    return as_transactions(rows_of(text))


def as_transactions(rows: Iterable[Row]) -> pa.Table:
    """Rows of `date`, `department`, `division` and `amount` as the transforms read them."""
    return pa.Table.from_pylist(
        [
            {**row, "transaction_date": row["date"], "fingerprint": fingerprint}
            for row, fingerprint in _fingerprinted(rows)
        ],
        TRANSACTIONS,
    )


def documents_of(text: str) -> list[dict[str, Any]]:
    """The purchases as documents; a column `_id`, `merchant` ... replaces the usual value."""
    return [
        {
            "_id": f"{fingerprint:010x}",
            "merchant": "Ironmonger",
            "category": "Hardware",
            **{name: value for name, value in row.items() if name != "date"},
            "transaction_date": at_midnight(row["date"]),
            "amount": Decimal128(row["amount"]),
            tables.FINGERPRINT_FIELD: fingerprint,
        }
        for row, fingerprint in _fingerprinted(rows_of(text))
    ]


def csv_lines(text: str) -> Iterator[str]:
    """The purchases as lines of a CSV file that the layout `generic` reads."""
    for line in text.strip().splitlines():
        yield ",".join(cell.strip() for cell in line.split("|"))


def _fingerprinted(rows: Iterable[Row]) -> list[tuple[Row, int]]:
    """Rows with a hash of what they say and of how often it was said before."""
    seen = Counter[str]()
    found = []
    for row in rows:
        said = "|".join(map(str, row.values()))
        seen[said] += 1
        digest = blake2b(f"{said}|{seen[said]}".encode(), digest_size=5).digest()
        found.append((row, int.from_bytes(digest)))
    return found
