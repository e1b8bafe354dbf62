"""The tables that people read: hours, days and exceedances, each with what it said before."""

from typing import Any

from sqlalchemy import (
    Column,
    Index,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from txplatform.columns import day, flag, instant, stamps, text
from txplatform.domains.air_quality.tables.base import (
    MEAN,
    PERCENT,
    VALUE,
    metadata,
    station_and_parameter,
)


def _hourly_columns() -> list[Column[Any]]:
    return [
        *station_and_parameter(),
        instant(
            "hour_start",
            "Start of the hour (UTC). Every hour from the first to the last has a row.",
        ),
        Column("value", VALUE, comment="The hourly average as received; empty in a gap."),
        flag("is_valid", "Whether the hour counts in the means."),
        Column(
            "flags",
            ARRAY(Text),
            nullable=False,
            comment="Why it is invalid (RANGE, NEGATIVE, CLAMPED, FLAT, PM_ORDER, PARTIAL), "
            "suspect (DUPLICATE, SPIKE, HUMID) or missing (GAP).",
        ),
        day("local_date", "The station's local day of the hour."),
        Column(
            "mean_8h", MEAN, comment="Mean of this hour and the 7 before, if at least 6 are valid."
        ),
        Column(
            "nowcast",
            MEAN,
            comment="EPA's NowCast of particles: the newest of 12 hours weigh most; truncated.",
        ),
        Column("nowcast_aqi", SmallInteger, comment="The US air quality index of the NowCast."),
    ]


def _daily_columns() -> list[Column[Any]]:
    return [
        *station_and_parameter(),
        day("local_date", "The station's local day."),
        Column(
            "mean",
            MEAN,
            comment="Mean of the valid hours, rounded half up; empty under 75 % of the hours.",
        ),
        Column(
            "value_sum",
            Numeric(24, 13),
            nullable=False,
            comment="Exact sum of the valid hours: comparisons use value_sum / n_hours, unrounded.",
        ),
        Column("minimum", VALUE, comment="Smallest valid hour."),
        Column("maximum", VALUE, comment="Largest valid hour."),
        Column("n_hours", SmallInteger, nullable=False, comment="Valid hours."),
        Column("n_expected", SmallInteger, nullable=False, comment="Hours of the local day."),
        Column("capture_pct", PERCENT, nullable=False, comment="n_hours of n_expected, per cent."),
        Column("max_8h", MEAN, comment="Largest 8-hour mean of the day; empty under 75 % of them."),
        Column("n_8h", SmallInteger, nullable=False, comment="8-hour means of the day."),
        Column("aqi", SmallInteger, comment="The US air quality index of the day's mean."),
        flag(
            "is_suspect",
            "The drift alarm of the gas sensor held at the end of the day: out of headline "
            "figures.",
        ),
        text(
            "suspicion",
            "Why: BELOW_ZERO (most values of a week are zero or less), FOLLOWS_HEAT (the "
            "values follow the box's temperature) or both.",
            is_optional=True,
        ),
        Column("n_flagged", JSONB, nullable=False, comment="Hours per flag."),
    ]


def _exceedance_columns() -> list[Column[Any]]:
    return [
        *station_and_parameter(),
        day("local_date", "The station's local day."),
        text("level_set", "Code of the published set of levels."),
        text("compared", "What lies above: day, max_8h or hour."),
        Column("level", MEAN, nullable=False, comment="The level."),
        Column(
            "n_above",
            SmallInteger,
            nullable=False,
            comment="1 for a day; for hourly levels the number of valid hours above.",
        ),
        flag("is_suspect", "The sensor's drift alarm held on the day: out of headline figures."),
    ]


HOURLY_KEY = ("station_id", "parameter", "hour_start")
DAILY_KEY = ("station_id", "parameter", "local_date")
EXCEEDANCE_KEY = (*DAILY_KEY, "level_set", "compared", "level")


def _values(columns: list[Column[Any]], key: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(column.name for column in columns if column.name not in key)


HOURLY_VALUES = _values(_hourly_columns(), HOURLY_KEY)
DAILY_VALUES = _values(_daily_columns(), DAILY_KEY)
EXCEEDANCE_VALUES = _values(_exceedance_columns(), EXCEEDANCE_KEY)


def _history(name: str, columns: list[Column[Any]], key: tuple[str, ...]) -> Table:
    return Table(
        f"{name}_history",
        metadata,
        *columns,
        *stamps(),
        instant("valid_from", "Since when the table said so."),
        instant("valid_to", "When a recomputation changed or removed the row."),
        PrimaryKeyConstraint(*key, "valid_to"),
        comment=f"Rows of {name} that a recomputation changed or removed.",
    )


air_hourly = Table(
    "air_hourly",
    metadata,
    *_hourly_columns(),
    *stamps(),
    PrimaryKeyConstraint(*HOURLY_KEY),
    Index("air_hourly_by_day", "local_date", "station_id"),
    comment="One row per station, parameter and hour, gaps included; nothing is interpolated.",
)
air_hourly_history = _history("air_hourly", _hourly_columns(), HOURLY_KEY)

air_daily = Table(
    "air_daily",
    metadata,
    *_daily_columns(),
    *stamps(),
    PrimaryKeyConstraint(*DAILY_KEY),
    Index("air_daily_by_day", "local_date", "station_id"),
    comment="One row per station, parameter and local day.",
)
air_daily_history = _history("air_daily", _daily_columns(), DAILY_KEY)

air_exceedances = Table(
    "air_exceedances",
    metadata,
    *_exceedance_columns(),
    *stamps(),
    PrimaryKeyConstraint(*EXCEEDANCE_KEY),
    Index("air_exceedances_by_day", "local_date", "station_id"),
    comment="Valid days (or hours) above a level, by the unrounded value.",
)
air_exceedances_history = _history("air_exceedances", _exceedance_columns(), EXCEEDANCE_KEY)
