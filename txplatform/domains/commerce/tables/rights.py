"""What each part of the platform may do with the tables of commerce and their collections."""

from txplatform.domains.commerce.tables.base import metadata

Rights = dict[str, dict[str, tuple[str, ...]]]

READ: dict[str, tuple[str, ...]] = dict.fromkeys(metadata.tables, ("SELECT",))
TABLES: Rights = {
    "ingest": {},
    "compute": dict.fromkeys(metadata.tables, ("SELECT", "INSERT", "DELETE")),
    "read": READ,
    "decide": {},
}
"""Privileges of PostgreSQL."""

GOLD_COLLECTIONS = [f"gold_{table.name}" for table in metadata.tables.values()]
REPLACED = (
    "createCollection",
    "createIndex",
    "dropCollection",
    "find",
    "insert",
    "renameCollectionSameDB",
)
COLLECTIONS: Rights = {
    "ingest": {},
    "compute": {
        **dict.fromkeys(GOLD_COLLECTIONS, REPLACED),
        **dict.fromkeys((f"{name}_next" for name in GOLD_COLLECTIONS), REPLACED),
    },
    "read": dict.fromkeys(GOLD_COLLECTIONS, ("find",)),
}
"""Actions of MongoDB; a collection is written under another name and renamed."""

INDEXES: dict[str, list[object]] = {}
"""None before the first run: a collection is made with its indexes."""
