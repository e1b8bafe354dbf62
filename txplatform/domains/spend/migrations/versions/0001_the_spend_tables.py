"""The spend tables."""

import sqlalchemy as sa
from alembic import op

AS_OF = """
CREATE FUNCTION weekly_transactions_as_of(instant timestamptz)
RETURNS SETOF weekly_transactions LANGUAGE sql STABLE AS $$
    SELECT * FROM weekly_transactions WHERE computed_at <= instant
    UNION ALL
    SELECT week_start, department, division, total_amount, refund_amount, transaction_count,
           department_amount, week_amount, department_share, division_share_of_department,
           division_share_of_week, department_previous_amount, department_change_pct,
           computed_at, run_id
    FROM weekly_transactions_history WHERE valid_from <= instant AND instant < valid_to
$$;
COMMENT ON FUNCTION weekly_transactions_as_of IS
    'weekly_transactions as the table stood at an instant.';
"""

revision = "spend_0001"
down_revision = None
branch_labels = ("spend",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "computed_weeks",
        sa.Column(
            "week_start", sa.Date(), nullable=False, comment="The Monday of the calendar week."
        ),
        sa.Column(
            "fingerprint", sa.Text(), nullable=False, comment="Fingerprint of the week's documents."
        ),
        sa.Column(
            "previous_fingerprint",
            sa.Text(),
            nullable=False,
            comment="Fingerprint of the previous week's documents.",
        ),
        sa.Column("code_version", sa.Text(), nullable=False, comment="Version of the transforms."),
        sa.Column(
            "row_count", sa.Integer(), nullable=False, comment="Rows of the week in the table."
        ),
        sa.Column(
            "total_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Sum of their amounts.",
        ),
        sa.Column(
            "computed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When it was computed.",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="The run that computed it."),
        sa.PrimaryKeyConstraint("week_start"),
        comment="From which documents each week of weekly_transactions was last computed.",
    )
    op.create_table(
        "source_weeks",
        sa.Column(
            "week_start", sa.Date(), nullable=False, comment="The Monday of the calendar week."
        ),
        sa.Column(
            "document_count",
            sa.Integer(),
            nullable=False,
            comment="Documents of the week in MongoDB.",
        ),
        sa.Column(
            "total_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Sum of their amounts.",
        ),
        sa.Column(
            "fingerprint", sa.Text(), nullable=False, comment="Changes when any of them changes."
        ),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When an ingestion or a run first saw this fingerprint.",
        ),
        sa.PrimaryKeyConstraint("week_start"),
        comment="What MongoDB held per week when an ingestion or a run last looked.",
    )
    op.create_table(
        "weekly_transactions",
        sa.Column(
            "week_start", sa.Date(), nullable=False, comment="The Monday of the calendar week."
        ),
        sa.Column("department", sa.Text(), nullable=False, comment="Department that bought."),
        sa.Column("division", sa.Text(), nullable=False, comment="Division of that department."),
        sa.Column(
            "total_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Sum of amounts, net of refunds.",
        ),
        sa.Column(
            "refund_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Sum of the negative amounts (<= 0).",
        ),
        sa.Column("transaction_count", sa.Integer(), nullable=False, comment="Number of all rows."),
        sa.Column(
            "department_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Net total of the department in the week.",
        ),
        sa.Column(
            "week_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Net total of the week.",
        ),
        sa.Column(
            "department_share",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="department_amount / week_amount, a fraction; empty where the latter is <= 0.",
        ),
        sa.Column(
            "division_share_of_department",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="total_amount / department_amount, a fraction; empty where the latter is <= 0.",
        ),
        sa.Column(
            "division_share_of_week",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="total_amount / week_amount, a fraction; empty where the latter is <= 0.",
        ),
        sa.Column(
            "department_previous_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="The department's net total of the previous calendar week; empty if it had no transaction in that week.",
        ),
        sa.Column(
            "department_change_pct",
            sa.Numeric(precision=28, scale=4),
            nullable=True,
            comment="(department_amount - previous) / previous * 100, signed; empty where the previous amount is empty or <= 0.",
        ),
        sa.Column(
            "computed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the row was written.",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="The run that wrote the row."),
        sa.PrimaryKeyConstraint("week_start", "department", "division"),
        comment="One row per calendar week, department and division with at least one transaction.",
    )
    op.create_index(
        "weekly_transactions_by_department",
        "weekly_transactions",
        ["department", "division", "week_start"],
        unique=False,
    )
    op.create_table(
        "weekly_transactions_history",
        sa.Column(
            "week_start", sa.Date(), nullable=False, comment="The Monday of the calendar week."
        ),
        sa.Column("department", sa.Text(), nullable=False, comment="Department that bought."),
        sa.Column("division", sa.Text(), nullable=False, comment="Division of that department."),
        sa.Column(
            "total_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Sum of amounts, net of refunds.",
        ),
        sa.Column(
            "refund_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Sum of the negative amounts (<= 0).",
        ),
        sa.Column("transaction_count", sa.Integer(), nullable=False, comment="Number of all rows."),
        sa.Column(
            "department_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Net total of the department in the week.",
        ),
        sa.Column(
            "week_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Net total of the week.",
        ),
        sa.Column(
            "department_share",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="department_amount / week_amount, a fraction; empty where the latter is <= 0.",
        ),
        sa.Column(
            "division_share_of_department",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="total_amount / department_amount, a fraction; empty where the latter is <= 0.",
        ),
        sa.Column(
            "division_share_of_week",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="total_amount / week_amount, a fraction; empty where the latter is <= 0.",
        ),
        sa.Column(
            "department_previous_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="The department's net total of the previous calendar week; empty if it had no transaction in that week.",
        ),
        sa.Column(
            "department_change_pct",
            sa.Numeric(precision=28, scale=4),
            nullable=True,
            comment="(department_amount - previous) / previous * 100, signed; empty where the previous amount is empty or <= 0.",
        ),
        sa.Column(
            "computed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the row was written.",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="The run that wrote the row."),
        sa.Column(
            "valid_from",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="Since when the table said so.",
        ),
        sa.Column(
            "valid_to",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When a recomputation changed or removed the row.",
        ),
        sa.PrimaryKeyConstraint("week_start", "department", "division", "valid_to"),
        comment="Rows of weekly_transactions that a recomputation changed or removed.",
    )
    op.create_index(
        "weekly_transactions_history_by_validity",
        "weekly_transactions_history",
        ["valid_from", "valid_to"],
        unique=False,
    )
    op.execute(AS_OF)


def downgrade() -> None:
    op.execute("DROP FUNCTION weekly_transactions_as_of")
    op.drop_index(
        "weekly_transactions_history_by_validity", table_name="weekly_transactions_history"
    )
    op.drop_table("weekly_transactions_history")
    op.drop_index("weekly_transactions_by_department", table_name="weekly_transactions")
    op.drop_table("weekly_transactions")
    op.drop_table("source_weeks")
    op.drop_table("computed_weeks")
