"""The alerts, Benford tests and decisions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

APPEND_ONLY = ("decisions", "sign_offs")

REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: make a new entry instead.', TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
COMMENT ON FUNCTION refuse_change IS 'Keeps what people decided.';
"""

PROTECT = """
CREATE TRIGGER {table}_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM CURRENT_USER;
"""

revision = "spend_0002"
down_revision = "spend_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert_weeks",
        sa.Column(
            "week_start", sa.Date(), nullable=False, comment="The Monday of the calendar week."
        ),
        sa.Column(
            "fingerprint", sa.Text(), nullable=False, comment="Fingerprint of the week's documents."
        ),
        sa.Column(
            "rules_version",
            sa.Text(),
            nullable=False,
            comment="Versions and parameters of all rules.",
        ),
        sa.Column(
            "alert_count", sa.Integer(), nullable=False, comment="Alerts of the week that hold."
        ),
        sa.Column(
            "computed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the row was written.",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="The run that wrote the row."),
        sa.PrimaryKeyConstraint("week_start"),
        comment="From which documents and rules each week's alerts were last computed.",
    )
    op.create_table(
        "alerts",
        sa.Column(
            "alert_id",
            sa.Text(),
            nullable=False,
            comment="Hash of rule, version and sorted transaction ids; for SPIKE of rule, version, department and week.",
        ),
        sa.Column("rule", sa.Text(), nullable=False, comment="Code of the rule, such as SPLIT."),
        sa.Column("rule_version", sa.Integer(), nullable=False, comment="Version of the rule."),
        sa.Column("severity", sa.Text(), nullable=False, comment="high, medium or low."),
        sa.Column(
            "week_start", sa.Date(), nullable=False, comment="The Monday of the calendar week."
        ),
        sa.Column(
            "transaction_date",
            sa.Date(),
            nullable=False,
            comment="Day of its latest purchase; the Monday for SPIKE.",
        ),
        sa.Column("department", sa.Text(), nullable=False, comment="Department that bought."),
        sa.Column(
            "division",
            sa.Text(),
            nullable=True,
            comment="Division of that department; empty for SPIKE.",
        ),
        sa.Column(
            "merchant",
            sa.Text(),
            nullable=True,
            comment="Merchant as the source names it; empty for SPIKE.",
        ),
        sa.Column(
            "category",
            sa.Text(),
            nullable=True,
            comment="Merchant category of its latest purchase.",
        ),
        sa.Column(
            "transaction_ids",
            postgresql.ARRAY(sa.Text()),
            nullable=False,
            comment="Its purchases, sorted.",
        ),
        sa.Column(
            "transaction_count", sa.Integer(), nullable=False, comment="Number of its purchases."
        ),
        sa.Column(
            "amount_at_risk",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Amount that the rule questions.",
        ),
        sa.Column(
            "risk",
            sa.Numeric(precision=7, scale=6),
            nullable=False,
            comment="Highest risk of its purchases: 1 - product of (1 - weight) over the alerts of one purchase; weights high 0.6, medium 0.3, low 0.1.",
        ),
        sa.Column(
            "evidence",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="The numbers that fired the rule, as text.",
        ),
        sa.Column(
            "sentence", sa.Text(), nullable=False, comment="What happened, for a controller."
        ),
        sa.Column(
            "overlaps_alert_id",
            sa.Text(),
            nullable=True,
            comment="The decided alert that it overlaps, where facts or rule changed since.",
        ),
        sa.Column(
            "raised_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the alert was first raised.",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="The run that first raised it."),
        sa.Column(
            "superseded_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Since when its facts are gone; empty while they hold.",
        ),
        sa.ForeignKeyConstraint(
            ["overlaps_alert_id"],
            ["alerts.alert_id"],
        ),
        sa.PrimaryKeyConstraint("alert_id"),
        comment="One row per alert ever raised; none is deleted.",
    )
    op.create_index(
        "alerts_by_department", "alerts", ["department", "division", "week_start"], unique=False
    )
    op.create_index("alerts_by_merchant", "alerts", ["merchant"], unique=False)
    op.create_index("alerts_by_overlap", "alerts", ["overlaps_alert_id"], unique=False)
    op.create_index(
        "alerts_by_risk", "alerts", ["risk", "amount_at_risk", "alert_id"], unique=False
    )
    op.create_index(
        "alerts_by_transaction", "alerts", ["transaction_ids"], unique=False, postgresql_using="gin"
    )
    op.create_index("alerts_by_week", "alerts", ["week_start", "rule"], unique=False)
    op.create_table(
        "benford_digits",
        sa.Column(
            "week_start",
            sa.Date(),
            nullable=False,
            comment="Last of the 52 weeks that it looks at.",
        ),
        sa.Column(
            "department", sa.Text(), nullable=False, comment="Department; empty: the organisation."
        ),
        sa.Column("test", sa.Text(), nullable=False, comment="first_digit or first_two_digits."),
        sa.Column("digits", sa.Integer(), nullable=False, comment="1 to 9, or 10 to 99."),
        sa.Column(
            "purchase_count",
            sa.Integer(),
            nullable=False,
            comment="Purchases that begin with them.",
        ),
        sa.Column(
            "observed_share",
            sa.Numeric(precision=28, scale=6),
            nullable=False,
            comment="Their fraction of all purchases.",
        ),
        sa.Column(
            "expected_share",
            sa.Numeric(precision=28, scale=6),
            nullable=False,
            comment="log10(1 + 1 / digits).",
        ),
        sa.PrimaryKeyConstraint("week_start", "department", "test", "digits"),
        comment="The digits behind each Benford test.",
    )
    op.create_table(
        "benford_tests",
        sa.Column(
            "week_start",
            sa.Date(),
            nullable=False,
            comment="Last of the 52 weeks that it looks at.",
        ),
        sa.Column(
            "department", sa.Text(), nullable=False, comment="Department; empty: the organisation."
        ),
        sa.Column("test", sa.Text(), nullable=False, comment="first_digit or first_two_digits."),
        sa.Column(
            "purchase_count", sa.Integer(), nullable=False, comment="Purchases of 10 or more."
        ),
        sa.Column(
            "mean_absolute_deviation",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Mean of |observed - expected share| over the digits; empty below the fewest purchases (300; first two digits 1,000).",
        ),
        sa.Column(
            "conformity",
            sa.Text(),
            nullable=True,
            comment="close, acceptable, marginal or none (Nigrini); or empty.",
        ),
        sa.Column(
            "computed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the row was written.",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="The run that wrote the row."),
        sa.PrimaryKeyConstraint("week_start", "department", "test"),
        comment="Benford tests per department over the 52 weeks that end with a week.",
    )
    op.create_table(
        "sign_offs",
        sa.Column(
            "sign_off_id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Order of entry.",
        ),
        sa.Column(
            "week_start", sa.Date(), nullable=False, comment="The Monday of the calendar week."
        ),
        sa.Column(
            "week_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Net total of the week at that moment.",
        ),
        sa.Column(
            "transaction_count", sa.Integer(), nullable=False, comment="Purchases at that moment."
        ),
        sa.Column(
            "row_count", sa.Integer(), nullable=False, comment="Rows of the table at that moment."
        ),
        sa.Column(
            "fingerprint", sa.Text(), nullable=False, comment="What the week was computed from."
        ),
        sa.Column("note", sa.Text(), nullable=True, comment="What the signer adds."),
        sa.Column("signed_by", sa.Text(), nullable=False, comment="Who signed the week off."),
        sa.Column(
            "signed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the week was signed off.",
        ),
        sa.PrimaryKeyConstraint("sign_off_id"),
        comment="Weeks that a controller signed off, with the totals at that moment; append-only.",
    )
    op.create_index("sign_offs_by_week", "sign_offs", ["week_start", "sign_off_id"], unique=False)
    op.create_table(
        "decisions",
        sa.Column(
            "decision_id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Order of entry.",
        ),
        sa.Column("alert_id", sa.Text(), nullable=False, comment="The alert that was decided on."),
        sa.Column(
            "sequence",
            sa.Integer(),
            nullable=False,
            comment="1, 2, 3... per alert: of two entries made at once the second is refused.",
        ),
        sa.Column(
            "kind",
            sa.Text(),
            nullable=False,
            comment="decide, assign, comment, undo or second_look.",
        ),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="State after the entry: open, in_review, justified, abusive or dismissed.",
        ),
        sa.Column(
            "assignee", sa.Text(), nullable=True, comment="Who looks into it after the entry."
        ),
        sa.Column(
            "reason", sa.Text(), nullable=True, comment="Why, or the comment; needed to decide."
        ),
        sa.Column("decided_by", sa.Text(), nullable=False, comment="Who made the entry."),
        sa.Column(
            "decided_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the entry was made.",
        ),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alerts.alert_id"],
        ),
        sa.PrimaryKeyConstraint("decision_id"),
        sa.UniqueConstraint("alert_id", "sequence"),
        comment="Every decision, assignment and comment on an alert; append-only.",
    )
    op.create_index("decisions_by_time", "decisions", ["decided_at"], unique=False)
    op.execute(REFUSE)
    for table in APPEND_ONLY:
        op.execute(PROTECT.format(table=table))


def downgrade() -> None:
    op.drop_index("decisions_by_time", table_name="decisions")
    op.drop_table("decisions")
    op.drop_index("sign_offs_by_week", table_name="sign_offs")
    op.drop_table("sign_offs")
    op.drop_table("benford_tests")
    op.drop_table("benford_digits")
    op.drop_index("alerts_by_week", table_name="alerts")
    op.drop_index("alerts_by_transaction", table_name="alerts", postgresql_using="gin")
    op.drop_index("alerts_by_risk", table_name="alerts")
    op.drop_index("alerts_by_overlap", table_name="alerts")
    op.drop_index("alerts_by_merchant", table_name="alerts")
    op.drop_index("alerts_by_department", table_name="alerts")
    op.drop_table("alerts")
    op.drop_table("alert_weeks")
    op.execute("DROP FUNCTION refuse_change")
