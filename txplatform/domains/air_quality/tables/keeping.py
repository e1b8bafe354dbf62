"""What is kept beside the figures: stations, days changed or computed, forecasts, and alarms."""

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
)
from sqlalchemy import (
    text as sql_text,
)

from txplatform.columns import day, flag, instant, stamps, text
from txplatform.domains.air_quality.tables.base import (
    MEAN,
    PERCENT,
    metadata,
    station_and_parameter,
)

DEGREES = Numeric(9, 6)

air_stations = Table(
    "air_stations",
    metadata,
    text("station_id", "The network's number of the station.", primary_key=True),
    text("station", "What people call it."),
    text("place", "Where it stands."),
    text("zone", "IANA zone in which its local days lie."),
    Column("latitude", DEGREES, nullable=False, comment="Degrees north."),
    Column("longitude", DEGREES, nullable=False, comment="Degrees east."),
    comment="The stations as they were declared when their figures were last computed.",
)

source_days = Table(
    "source_days",
    metadata,
    text("station_id", "The network's number of the station."),
    day("local_date", "A local day that has figures."),
    instant("changed_at", "When a fetch or import last changed what its figures would say."),
    PrimaryKeyConstraint("station_id", "local_date"),
    comment="Local days of which something can be said, and since when it would be that.",
)

computed_days = Table(
    "computed_days",
    metadata,
    text("station_id", "The network's number of the station."),
    day("local_date", "The local day."),
    instant("changed_at", "The day's `changed_at` that it was computed from.", is_optional=True),
    text("code_version", "Version of the transforms."),
    text("rules_version", "Version of the flags' parameters."),
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
    flag("is_persistence", "The model did not beat 'as it is now', which is therefore shown."),
    Column("n_scored", Integer, nullable=False, comment="Hours of the last 60 days scored."),
    Column("rmse", MEAN, comment="Root mean square error of the model on them."),
    Column("persistence_rmse", MEAN, comment="The same of 'as it is now'."),
    Column("coverage_pct", PERCENT, comment="Share of them inside the interval, per cent."),
    *stamps(),
    PrimaryKeyConstraint("station_id", "parameter", "horizon"),
    comment="The next hours of each station, as of its last believed hour.",
)

air_events = Table(
    "air_events",
    metadata,
    Column("event_id", BigInteger, Identity(), primary_key=True, comment="Number of the event."),
    text("station_id", "The network's number of the station."),
    text(
        "kind",
        "fetch (failed three hours running), silent (six hours), capture (under 75 % "
        "yesterday), drift, moved or exceedance.",
    ),
    text("parameter", "Of which parameter; empty: the station."),
    text("subject", "What tells events of one kind apart: the level, or the day of the move."),
    instant("began_at", "Since when it is so."),
    text("detail", "The figure, such as > 15 ug/m3 or +13.95."),
    text("sentence", "What people are told."),
    instant("ended_at", "When it was found to be over; empty while it lasts.", is_optional=True),
    instant("told_at", "When the alarm's channels took it.", is_optional=True),
    instant("end_told_at", "When they took that it is over.", is_optional=True),
    Index(
        "air_events_open",
        *("station_id", "kind", "parameter", "subject"),
        unique=True,
        postgresql_where=sql_text("ended_at IS NULL"),
    ),
    comment="What officers are told of, each once, and once when it is over.",
)
