"""The median time to a decision is the middle of an index."""

import sqlalchemy as sa
from alembic import op

revision = "spend_0008"
down_revision = "spend_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "alerts_by_time_to_conclusion",
        "alerts",
        ["rule", sa.text("date_part('epoch', concluded_at - raised_at)")],
        unique=False,
        postgresql_include=["concluded_at", "raised_at"],
        postgresql_where=sa.text("concluded_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("alerts_by_time_to_conclusion", table_name="alerts")
