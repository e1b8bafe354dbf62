"""What a customer is worth and whether it will come stand in one row."""

import sqlalchemy as sa
from alembic import op

revision = "commerce_0004"
down_revision = "commerce_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "customer_value",
        sa.Column(
            "churn_probability",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Probability of no order in the next 90 days; empty without a model of churn.",
        ),
        schema="commerce",
    )


def downgrade() -> None:
    op.drop_column("customer_value", "churn_probability", schema="commerce")
