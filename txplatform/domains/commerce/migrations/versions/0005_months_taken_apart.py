"""Months are taken apart into trend, season and what remains."""

import sqlalchemy as sa
from alembic import op

revision = "commerce_0005"
down_revision = "commerce_0004"
branch_labels = None
depends_on = None

AMOUNTS = {
    "net_amount": "Net amount of the month.",
    "trend": "What it would be without season and chance.",
    "season": "What its place in the year adds to the trend.",
    "remainder": "What neither explains: net amount less trend and season.",
}


def upgrade() -> None:
    op.create_table(
        "sales_trend",
        sa.Column("month", sa.Date(), nullable=False, comment="First day of the month."),
        *(
            sa.Column(name, sa.Numeric(precision=18, scale=2), nullable=True, comment=comment)
            for name, comment in AMOUNTS.items()
        ),
        sa.PrimaryKeyConstraint("month"),
        schema="commerce",
        comment="Complete months taken apart (STL); empty under two whole years of them.",
    )


def downgrade() -> None:
    op.drop_table("sales_trend", schema="commerce")
