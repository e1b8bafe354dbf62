"""The tables of commerce, declared once: columns, types, what each number means, who may read."""

from txplatform.domains.commerce.tables import expectations, patterns, people, sales  # noqa: F401
from txplatform.domains.commerce.tables.base import KEPT, metadata, silver_metadata
from txplatform.domains.commerce.tables.quality import engine_timings, raw_quality, refreshes
from txplatform.domains.commerce.tables.rights import COLLECTIONS, INDEXES, TABLES
from txplatform.domains.commerce.tables.silver import ingestions, lines, withdrawals

SILVER = silver_metadata.tables
GOLD = {table.name: table for table in metadata.tables.values() if KEPT not in table.info}
"""Tables of one run: they become current together."""
LISTED = {table.name: table for table in metadata.tables.values()}
"""Every table that has rows in MongoDB and PostgreSQL."""

__all__ = [
    "COLLECTIONS",
    "GOLD",
    "INDEXES",
    "LISTED",
    "SILVER",
    "TABLES",
    "engine_timings",
    "ingestions",
    "lines",
    "metadata",
    "raw_quality",
    "refreshes",
    "withdrawals",
]
