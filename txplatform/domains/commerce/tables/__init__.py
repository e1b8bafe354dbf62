"""The tables of commerce, declared once: columns, types, what each number means, who may read."""

from txplatform.domains.commerce.tables import expectations, patterns, people, sales
from txplatform.domains.commerce.tables.base import metadata, silver_metadata
from txplatform.domains.commerce.tables.rights import COLLECTIONS, INDEXES, TABLES
from txplatform.domains.commerce.tables.silver import (
    customers,
    customers_history,
    ingestions,
    issues,
    lines,
    lines_history,
    quarantine,
)

DECLARED = (sales, people, patterns, expectations)
SILVER = silver_metadata.tables
GOLD = {table.name: table for table in metadata.tables.values()}

__all__ = [
    "COLLECTIONS",
    "DECLARED",
    "GOLD",
    "INDEXES",
    "SILVER",
    "TABLES",
    "customers",
    "customers_history",
    "ingestions",
    "issues",
    "lines",
    "lines_history",
    "metadata",
    "quarantine",
]
