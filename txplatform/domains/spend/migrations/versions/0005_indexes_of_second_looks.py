"""Which dismissed alerts are drawn for a second look stands in indexes."""

import sqlalchemy as sa
from alembic import op

HASH = "hashtextextended('second look' || alert_id, 0)"
DRAW = f"({HASH} # ({HASH} >> 63))"

revision = "spend_0005"
down_revision = "spend_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "alerts_drawn",
        "alerts",
        ["alert_id"],
        unique=False,
        postgresql_where=sa.text(f"state = 'dismissed' AND {DRAW} % 100 = 0"),
    )
    op.create_index(
        "alerts_dismissed_of_week",
        "alerts",
        [
            sa.text("date_trunc('week', (concluded_at AT TIME ZONE 'UTC'))"),
            sa.text(DRAW),
            "alert_id",
        ],
        unique=False,
        postgresql_where=sa.text("state = 'dismissed'"),
    )


def downgrade() -> None:
    op.drop_index("alerts_dismissed_of_week", table_name="alerts")
    op.drop_index("alerts_drawn", table_name="alerts")
