"""What is kept beside the figures: which days changed or were computed, and forecasts."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
)

from txplatform.columns import instant, stamps
from txplatform.domains.air_quality.tables.base import (
    MEAN,
    PERCENT,
    metadata,
    station_and_parameter,
)

source_days = Table(
    "source_days",
    metadata,
    Column("station_id", Text, nullable=False, comment="The network's number of the station."),
    Column("local_date", Date, nullable=False, comment="A local day that has figures."),
    instant("changed_at", "When a fetch or import last changed what its figures would say."),
    PrimaryKeyConstraint("station_id", "local_date"),
    comment="Local days of which something can be said, and since when it would be that.",
)

computed_days = Table(
    "computed_days",
    metadata,
    Column("station_id", Text, nullable=False, comment="The network's number of the station."),
    Column("local_date", Date, nullable=False, comment="The local day."),
    instant("changed_at", "The day's `changed_at` that it was computed from.", is_optional=True),
    Column("code_version", Text, nullable=False, comment="Version of the transforms."),
    Column("rules_version", Text, nullable=False, comment="Version of the flags' parameters."),
    *stamps(),
    PrimaryKeyConstraint("station_id", "local_date"),
    comment="From what each local day was last computed, by which code and rules.",
)

air_forecasts = Table(
    "air_forecasts",
    metadata,
    *station_and_parameter(),
    Column("horizon", SmallInteger, nullable=False, comment="Hours after the last believed one."),
    instant("hour_start", "The hour that is predicted (UTC)."),
    Column("value", MEAN, nullable=False, comment="What is expected."),
    Column("low", MEAN, nullable=False, comment="Lower end of the 90 % interval."),
    Column("high", MEAN, nullable=False, comment="Upper end of the 90 % interval."),
    Column(
        "is_persistence",
        Boolean,
        nullable=False,
        comment="The model did not beat 'as it is now', which is therefore shown.",
    ),
    Column("n_scored", Integer, nullable=False, comment="Hours of the last 60 days scored."),
    Column("rmse", MEAN, comment="Root mean square error of the model on them."),
    Column("persistence_rmse", MEAN, comment="The same of 'as it is now'."),
    Column("coverage_pct", PERCENT, comment="Share of them inside the interval, per cent."),
    *stamps(),
    PrimaryKeyConstraint("station_id", "parameter", "horizon"),
    comment="The next hours of each station, as of its last believed hour.",
)
