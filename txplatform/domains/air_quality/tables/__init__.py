"""The tables and collections of the air quality domain, declared once: columns, types, units, keys.

Alembic creates the PostgreSQL tables from here, in a schema of their own; column comments, exports
and the API derive from here.
"""

from txplatform.domains.air_quality.tables.base import SCHEMA, metadata
from txplatform.domains.air_quality.tables.documents import (
    AIR_HOURS,
    AIR_HOURS_HISTORY,
    FETCHES,
    INDEXES,
)
from txplatform.domains.air_quality.tables.figures import (
    DAILY_KEY,
    DAILY_VALUES,
    EXCEEDANCE_KEY,
    EXCEEDANCE_VALUES,
    HOURLY_KEY,
    HOURLY_VALUES,
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
    air_stations,
    computed_days,
    source_days,
)
from txplatform.domains.air_quality.tables.rights import COLLECTIONS, TABLES

__all__ = [
    "AIR_HOURS",
    "AIR_HOURS_HISTORY",
    "COLLECTIONS",
    "DAILY_KEY",
    "DAILY_VALUES",
    "EXCEEDANCE_KEY",
    "EXCEEDANCE_VALUES",
    "FETCHES",
    "HOURLY_KEY",
    "HOURLY_VALUES",
    "INDEXES",
    "SCHEMA",
    "TABLES",
    "air_daily",
    "air_daily_history",
    "air_events",
    "air_exceedances",
    "air_exceedances_history",
    "air_forecasts",
    "air_hourly",
    "air_hourly_history",
    "air_stations",
    "computed_days",
    "metadata",
    "source_days",
]
