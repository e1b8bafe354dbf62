"""Who the stations are: their names, and where they stand."""

import sqlalchemy as sa
from alembic import op

revision = "air_quality_0003"
down_revision = "air_quality_0002"
branch_labels = None
depends_on = None


def _text(name: str, comment: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False, comment=comment)


def upgrade() -> None:
    op.create_table(
        "air_stations",
        _text("station_id", "The network's number of the station."),
        _text("station", "What people call it."),
        _text("place", "Where it stands."),
        _text("zone", "IANA zone in which its local days lie."),
        sa.Column("latitude", sa.Numeric(9, 6), nullable=False, comment="Degrees north."),
        sa.Column("longitude", sa.Numeric(9, 6), nullable=False, comment="Degrees east."),
        sa.PrimaryKeyConstraint("station_id"),
        schema="air_quality",
        comment="The stations as they were declared when their figures were last computed.",
    )


def downgrade() -> None:
    op.drop_table("air_stations", schema="air_quality")
