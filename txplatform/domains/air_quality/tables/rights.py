"""What each part of the platform may do with the domain's tables and collections."""

from txplatform.domains.air_quality.tables.base import metadata
from txplatform.domains.air_quality.tables.documents import AIR_HOURS, AIR_HOURS_HISTORY, FETCHES
from txplatform.domains.air_quality.tables.figures import (
    air_daily,
    air_daily_history,
    air_exceedances,
    air_exceedances_history,
    air_hourly,
    air_hourly_history,
)
from txplatform.domains.air_quality.tables.keeping import (
    air_events,
    air_forecasts,
    computed_days,
    source_days,
)

Rights = dict[str, dict[str, tuple[str, ...]]]
"""By part, by table or collection, the privileges."""

READ: dict[str, tuple[str, ...]] = dict.fromkeys(metadata.tables, ("SELECT",))
REPLACED = ("SELECT", "INSERT", "DELETE")
KEPT_CURRENT = (*REPLACED, "UPDATE")
APPENDED = ("SELECT", "INSERT")
NOTED = (*APPENDED, "UPDATE")

TABLES: Rights = {
    "ingest": {
        source_days.fullname: KEPT_CURRENT,
    },
    "compute": {
        **READ,
        **dict.fromkeys(
            (air_hourly.fullname, air_daily.fullname, air_exceedances.fullname), REPLACED
        ),
        **dict.fromkeys(
            (
                air_hourly_history.fullname,
                air_daily_history.fullname,
                air_exceedances_history.fullname,
            ),
            APPENDED,
        ),
        air_events.fullname: NOTED,
        **dict.fromkeys(
            (
                source_days.fullname,
                computed_days.fullname,
                air_forecasts.fullname,
            ),
            KEPT_CURRENT,
        ),
    },
    "read": READ,
    "decide": READ,
    "bi": dict.fromkeys(
        (
            air_hourly.fullname,
            air_daily.fullname,
            air_exceedances.fullname,
            air_forecasts.fullname,
        ),
        ("SELECT",),
    ),
}
"""Privileges of PostgreSQL."""

FOUND: dict[str, tuple[str, ...]] = dict.fromkeys(
    (AIR_HOURS, AIR_HOURS_HISTORY, FETCHES), ("find",)
)

COLLECTIONS: Rights = {
    "ingest": {
        AIR_HOURS: ("find", "insert", "update"),
        AIR_HOURS_HISTORY: ("find", "insert", "update"),
        FETCHES: ("find", "insert", "update"),
    },
    "compute": FOUND,
    "read": FOUND,
}
"""Actions of MongoDB."""
