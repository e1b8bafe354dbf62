"""The merchants of each week: alerts of one week read only the weeks that changed."""

import sqlalchemy as sa
from alembic import op

revision = "spend_0007"
down_revision = "spend_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "merchant_weeks",
        sa.Column(
            "week_start", sa.Date(), nullable=False, comment="The Monday of the calendar week."
        ),
        sa.Column(
            "merchant", sa.Text(), nullable=False, comment="Merchant as the source names it."
        ),
        sa.Column(
            "purchase_count",
            sa.Integer(),
            nullable=False,
            comment="Purchases there, without refunds.",
        ),
        sa.Column(
            "total_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Sum of these purchases.",
        ),
        sa.Column("first_day", sa.Date(), nullable=False, comment="Day of the first of them."),
        sa.Column(
            "fingerprint", sa.Text(), nullable=False, comment="Fingerprint of the week's documents."
        ),
        sa.PrimaryKeyConstraint("week_start", "merchant"),
        comment="The merchants of each week, so that a week's alerts read the documents of the weeks that changed and not of all.",
    )


def downgrade() -> None:
    op.drop_table("merchant_weeks")
