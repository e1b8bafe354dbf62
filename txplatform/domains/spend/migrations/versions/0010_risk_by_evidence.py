"""What the risk of an alert means; the next run of alerts gives all of them theirs."""

import sqlalchemy as sa
from alembic import op

revision = "spend_0010"
down_revision = "spend_0009"
branch_labels = None
depends_on = None

BEFORE = (
    "Highest risk of its purchases: 1 - product of (1 - weight) over the alerts of one purchase; "
    "weights high 0.6, medium 0.3, low 0.1."
)
SINCE = (
    "Highest risk of its purchases, 0 to 1: what the rules of one weigh together, and how few "
    "purchases break at least these."
)


def upgrade() -> None:
    _say(SINCE, BEFORE)


def downgrade() -> None:
    _say(BEFORE, SINCE)


def _say(comment: str, before: str) -> None:
    op.alter_column(
        "alerts",
        "risk",
        existing_type=sa.Numeric(7, 6),
        existing_nullable=False,
        existing_comment=before,
        comment=comment,
    )
