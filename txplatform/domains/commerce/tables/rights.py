"""What each part of the platform may do with the tables of commerce and their collections."""

from txplatform.domains.commerce.tables.base import KEPT, metadata

Rights = dict[str, dict[str, tuple[str, ...]]]

KEPT_TABLES = [table for table in metadata.tables.values() if KEPT in table.info]
READ: dict[str, tuple[str, ...]] = dict.fromkeys(metadata.tables, ("SELECT",))
CLIENTS = f"{metadata.schema}.clients"

TABLES: Rights = {
    "ingest": {},
    "compute": {
        **dict.fromkeys(metadata.tables, ("SELECT", "INSERT", "DELETE")),
        **dict.fromkeys((str(table) for table in KEPT_TABLES), ("SELECT", "INSERT", "UPDATE")),
    },
    "read": READ,
    "decide": {},
    "bi": {name: right for name, right in READ.items() if name != CLIENTS},  # no names, no e-mail
}
"""Privileges of PostgreSQL."""

COLLECTION_OF = {table: f"gold_{table.name}" for table in metadata.tables.values()}
GOLD_COLLECTIONS = [name for table, name in COLLECTION_OF.items() if table not in KEPT_TABLES]
KEPT_COLLECTIONS = [COLLECTION_OF[table] for table in KEPT_TABLES]
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
        **dict.fromkeys(KEPT_COLLECTIONS, ("find", "insert", "update")),
    },
    "read": dict.fromkeys(COLLECTION_OF.values(), ("find",)),
}
"""Actions of MongoDB; gold's collections are written under another name and renamed."""

INDEXES: dict[str, list[object]] = {}
"""None before the first run: a collection is made with its indexes."""
