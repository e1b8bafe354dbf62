"""What each part of the platform may do with the domain's tables and collections."""

from collections.abc import Iterable

from txplatform.domains.air_quality.tables.base import SCHEMA, metadata
from txplatform.domains.air_quality.tables.documents import AIR_HOURS, AIR_HOURS_HISTORY, FETCHES

Rights = dict[str, dict[str, tuple[str, ...]]]
"""By part, by table or collection, the privileges."""

READ: dict[str, tuple[str, ...]] = dict.fromkeys(metadata.tables, ("SELECT",))
REPLACED = ("SELECT", "INSERT", "DELETE")
KEPT_CURRENT = (*REPLACED, "UPDATE")
APPENDED = ("SELECT", "INSERT")
NOTED = (*APPENDED, "UPDATE")


def _of(names: Iterable[str], rights: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {f"{SCHEMA}.{name}": rights for name in names}


FIGURES = ("air_hourly", "air_daily", "air_exceedances")
TABLES: Rights = {
    "ingest": _of(("source_days",), KEPT_CURRENT),
    "compute": {
        **READ,
        **_of(FIGURES, REPLACED),
        **_of((f"{name}_history" for name in FIGURES), APPENDED),
        **_of(("air_events", "air_stations"), NOTED),
        **_of(("source_days", "computed_days", "air_forecasts"), KEPT_CURRENT),
    },
    "read": READ,
    "decide": READ,
    "bi": _of((*FIGURES, "air_forecasts", "air_stations"), ("SELECT",)),
}
"""Privileges of PostgreSQL."""

STORED = (AIR_HOURS, AIR_HOURS_HISTORY, FETCHES)
COLLECTIONS: Rights = {
    "ingest": dict.fromkeys(STORED, ("find", "insert", "update")),
    "compute": dict.fromkeys(STORED, ("find",)),
    "read": dict.fromkeys(STORED, ("find",)),
}
"""Actions of MongoDB."""
