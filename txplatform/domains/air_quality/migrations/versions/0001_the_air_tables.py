"""The tables of hours, days and exceedances, with what they said before."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "air_quality_0001"
down_revision = None
branch_labels = ("air_quality",)
depends_on = None

AS_OF = """
CREATE FUNCTION air_quality.{name}_as_of(instant timestamptz)
RETURNS SETOF air_quality.{name} LANGUAGE sql STABLE AS $$
    SELECT * FROM air_quality.{name} WHERE computed_at <= instant
    UNION ALL
    SELECT {columns} FROM air_quality.{name}_history
    WHERE valid_from <= instant AND instant < valid_to
$$;
COMMENT ON FUNCTION air_quality.{name}_as_of IS '{name} as the table stood at an instant.';
"""
VALUE, MEAN, PERCENT = sa.Numeric(12, 6), sa.Numeric(12, 4), sa.Numeric(5, 2)
INSTANT, TEXT, SMALL = sa.DateTime(timezone=True), sa.Text(), sa.SmallInteger()
Columns = list[sa.Column[Any]]


def _column(name: str, kind: Any, comment: str, *, is_optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=is_optional, comment=comment)


def _station() -> Columns:
    return [_column("station_id", TEXT, "The network's number of the station.")]


def _station_and_parameter() -> Columns:
    return [
        *_station(),
        _column(
            "parameter",
            TEXT,
            "co (mg/m3), no2, o3, pm10, pm25 (ug/m3), rh (%), t_ext (degrees C) or t_int_raw (raw counts of the box's own sensor).",
        ),
    ]


def _stamps() -> Columns:
    return [
        _column("computed_at", INSTANT, "When the row was written."),
        _column("run_id", TEXT, "The run that wrote the row."),
    ]


def _until() -> Columns:
    return [
        _column("valid_from", INSTANT, "Since when the table said so."),
        _column("valid_to", INSTANT, "When a recomputation changed or removed the row."),
    ]


def _hours() -> Columns:
    return [
        *_station_and_parameter(),
        _column(
            "hour_start",
            INSTANT,
            "Start of the hour (UTC). Every hour from the first to the last has a row.",
        ),
        _column(
            "value", VALUE, "The hourly average as received; empty in a gap.", is_optional=True
        ),
        _column("is_valid", sa.Boolean(), "Whether the hour counts in the means."),
        _column(
            "flags",
            postgresql.ARRAY(sa.Text()),
            "Why it is invalid (RANGE, NEGATIVE, CLAMPED, FLAT, PM_ORDER, PARTIAL), suspect (DUPLICATE, SPIKE, HUMID) or missing (GAP).",
        ),
        _column("local_date", sa.Date(), "The station's local day of the hour."),
        _column(
            "mean_8h",
            MEAN,
            "Mean of this hour and the 7 before, if at least 6 are valid.",
            is_optional=True,
        ),
        _column(
            "nowcast",
            MEAN,
            "EPA's NowCast of particles: the newest of 12 hours weigh most; truncated.",
            is_optional=True,
        ),
        _column("nowcast_aqi", SMALL, "The US air quality index of the NowCast.", is_optional=True),
        *_stamps(),
    ]


def _days() -> Columns:
    return [
        *_station_and_parameter(),
        _column("local_date", sa.Date(), "The station's local day."),
        _column(
            "mean",
            MEAN,
            "Mean of the valid hours, rounded half up; empty under 75 % of the hours.",
            is_optional=True,
        ),
        _column(
            "value_sum",
            sa.Numeric(precision=24, scale=13),
            "Exact sum of the valid hours: comparisons use value_sum / n_hours, unrounded.",
        ),
        _column("minimum", VALUE, "Smallest valid hour.", is_optional=True),
        _column("maximum", VALUE, "Largest valid hour.", is_optional=True),
        _column("n_hours", SMALL, "Valid hours."),
        _column("n_expected", SMALL, "Hours of the local day."),
        _column("capture_pct", PERCENT, "n_hours of n_expected, per cent."),
        _column(
            "max_8h",
            MEAN,
            "Largest 8-hour mean of the day; empty under 75 % of them.",
            is_optional=True,
        ),
        _column("n_8h", SMALL, "8-hour means of the day."),
        _column("aqi", SMALL, "The US air quality index of the day's mean.", is_optional=True),
        _column(
            "is_suspect",
            sa.Boolean(),
            "The drift alarm of the gas sensor held at the end of the day: out of headline figures.",
        ),
        _column(
            "suspicion",
            TEXT,
            "Why: BELOW_ZERO (most values of a week are zero or less), FOLLOWS_HEAT (the values follow the box's temperature) or both.",
            is_optional=True,
        ),
        _column("n_flagged", postgresql.JSONB(astext_type=sa.Text()), "Hours per flag."),
        *_stamps(),
    ]


def _exceedances() -> Columns:
    return [
        *_station_and_parameter(),
        _column("local_date", sa.Date(), "The station's local day."),
        _column("level_set", TEXT, "Code of the published set of levels."),
        _column("compared", TEXT, "What lies above: day, max_8h or hour."),
        _column("level", MEAN, "The level."),
        _column(
            "n_above", SMALL, "1 for a day; for hourly levels the number of valid hours above."
        ),
        _column(
            "is_suspect",
            sa.Boolean(),
            "The sensor's drift alarm held on the day: out of headline figures.",
        ),
        *_stamps(),
    ]


def _table(name: str, comment: str, key: str, columns: Columns) -> None:
    keys = sa.PrimaryKeyConstraint(*key.split())
    op.create_table(name, *columns, keys, schema="air_quality", comment=comment)


def _history(name: str, key: str, columns: Columns) -> None:
    comment = f"Rows of {name} that a recomputation changed or removed."
    _table(f"{name}_history", comment, f"{key} valid_to", [*columns, *_until()])


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS air_quality")
    _table(
        "air_hourly",
        "One row per station, parameter and hour, gaps included; nothing is interpolated.",
        "station_id parameter hour_start",
        _hours(),
    )
    _history("air_hourly", "station_id parameter hour_start", _hours())
    op.create_index(
        "air_hourly_by_day", "air_hourly", ["local_date", "station_id"], schema="air_quality"
    )
    _table(
        "air_daily",
        "One row per station, parameter and local day.",
        "station_id parameter local_date",
        _days(),
    )
    _history("air_daily", "station_id parameter local_date", _days())
    op.create_index(
        "air_daily_by_day", "air_daily", ["local_date", "station_id"], schema="air_quality"
    )
    _table(
        "air_exceedances",
        "Valid days (or hours) above a level, by the unrounded value.",
        "station_id parameter local_date level_set compared level",
        _exceedances(),
    )
    _history(
        "air_exceedances",
        "station_id parameter local_date level_set compared level",
        _exceedances(),
    )
    op.create_index(
        "air_exceedances_by_day",
        "air_exceedances",
        ["local_date", "station_id"],
        schema="air_quality",
    )
    _table(
        "air_forecasts",
        "The next hours of each station, as of its last believed hour.",
        "station_id parameter horizon",
        [
            *_station_and_parameter(),
            _column("horizon", SMALL, "Hours after the last believed one."),
            _column("hour_start", INSTANT, "The hour that is predicted (UTC)."),
            _column("value", MEAN, "What is expected."),
            _column("low", MEAN, "Lower end of the 90 % interval."),
            _column("high", MEAN, "Upper end of the 90 % interval."),
            _column(
                "is_persistence",
                sa.Boolean(),
                "The model did not beat 'as it is now', which is therefore shown.",
            ),
            _column("n_scored", sa.Integer(), "Hours of the last 60 days scored."),
            _column("rmse", MEAN, "Root mean square error of the model on them.", is_optional=True),
            _column("persistence_rmse", MEAN, "The same of 'as it is now'.", is_optional=True),
            _column(
                "coverage_pct",
                PERCENT,
                "Share of them inside the interval, per cent.",
                is_optional=True,
            ),
            *_stamps(),
        ],
    )
    _table(
        "computed_days",
        "From what each local day was last computed, by which code and rules.",
        "station_id local_date",
        [
            *_station(),
            _column("local_date", sa.Date(), "The local day."),
            _column(
                "changed_at",
                INSTANT,
                "The day's `changed_at` that it was computed from.",
                is_optional=True,
            ),
            _column("code_version", TEXT, "Version of the transforms."),
            _column("rules_version", TEXT, "Version of the flags' parameters."),
            *_stamps(),
        ],
    )
    _table(
        "source_days",
        "Local days of which something can be said, and since when it would be that.",
        "station_id local_date",
        [
            *_station(),
            _column("local_date", sa.Date(), "A local day that has figures."),
            _column(
                "changed_at",
                INSTANT,
                "When a fetch or import last changed what its figures would say.",
            ),
        ],
    )
    tables = (("air_hourly", _hours()), ("air_daily", _days()), ("air_exceedances", _exceedances()))
    for name, columns in tables:
        listed = ", ".join(column.name for column in columns)
        op.execute(AS_OF.format(name=name, columns=listed))
