"""What the desk counts is read from indexes alone."""

import sqlalchemy as sa
from alembic import op

revision = "spend_0004"
down_revision = "spend_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "alerts_by_assignee",
        "alerts",
        ["assignee", "state", "rule", "severity", "amount_at_risk"],
        unique=False,
        postgresql_where=sa.text("superseded_at IS NULL AND assignee IS NOT NULL"),
    )
    op.create_index(
        "alerts_concluded",
        "alerts",
        ["rule", "state", "concluded_at", "raised_at", "amount_at_risk"],
        unique=False,
        postgresql_where=sa.text("concluded_at IS NOT NULL"),
    )
    op.create_index(
        "alerts_dismissed",
        "alerts",
        ["concluded_at", "alert_id"],
        unique=False,
        postgresql_where=sa.text("state = 'dismissed'"),
    )


def downgrade() -> None:
    op.drop_index("alerts_dismissed", table_name="alerts")
    op.drop_index("alerts_concluded", table_name="alerts")
    op.drop_index("alerts_by_assignee", table_name="alerts")
