"""The events that officers are told of."""

import sqlalchemy as sa
from alembic import op

revision = "air_quality_0002"
down_revision = "air_quality_0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def _text(name: str, comment: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, comment=comment)


def upgrade() -> None:
    op.create_table(
        "air_events",
        sa.Column("event_id", sa.BigInteger(), sa.Identity(), comment="Number of the event."),
        _text("station_id", "The network's number of the station."),
        _text(
            "kind",
            "fetch (failed three hours running), silent (six hours), capture (under 75 % "
            "yesterday), drift, moved or exceedance.",
        ),
        _text("parameter", "Of which parameter; empty: the station."),
        _text("subject", "What tells events of one kind apart: the level, or the day of the move."),
        sa.Column("began_at", MOMENT, nullable=False, comment="Since when it is so."),
        _text("detail", "The figure, such as > 15 ug/m3 or +13.95."),
        _text("sentence", "What people are told."),
        sa.Column(
            "ended_at", MOMENT, comment="When it was found to be over; empty while it lasts."
        ),
        sa.Column("told_at", MOMENT, comment="When the alarm's channels took it."),
        sa.Column("end_told_at", MOMENT, comment="When they took that it is over."),
        sa.PrimaryKeyConstraint("event_id"),
        schema="air_quality",
        comment="What officers are told of, each once, and once when it is over.",
    )
    op.create_index(
        "air_events_open",
        "air_events",
        ["station_id", "kind", "parameter", "subject"],
        unique=True,
        schema="air_quality",
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("air_events", schema="air_quality")
