"""Where each alert stands and how many there are, kept by triggers; the merchants."""

import sqlalchemy as sa
from alembic import op

FOLD_AFTER = 1000

KEY = "week_start, department, rule, severity, state, is_superseded"
OF_ALERT = (
    "week_start, department, rule, severity, state, superseded_at IS NOT NULL AS is_superseded"
)

STAND = """
CREATE FUNCTION keep_alert_standing() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = SCHEMA, pg_temp AS $$
BEGIN
    -- In the order of their ids, as publishing locks them: none waits for the other in a circle.
    PERFORM FROM alerts WHERE alert_id IN (SELECT alert_id FROM added)
        ORDER BY alert_id FOR NO KEY UPDATE;
    UPDATE alerts a
    SET state = n.state, assignee = n.assignee, sequence = n.sequence,
        decided_by = n.decided_by, decided_at = n.decided_at,
        concluded_at = CASE WHEN n.state IN ('justified', 'abusive', 'dismissed') THEN (
            SELECT d.decided_at FROM decisions d
            WHERE d.alert_id = n.alert_id AND d.kind = 'decide' AND d.state = n.state
            ORDER BY d.sequence DESC LIMIT 1) END
    FROM (SELECT DISTINCT ON (alert_id) * FROM added ORDER BY alert_id, sequence DESC) n
    WHERE a.alert_id = n.alert_id AND n.sequence > a.sequence;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION keep_alert_standing IS 'Alerts say what their newest decision says.';
CREATE TRIGGER decisions_keep_standing AFTER INSERT ON decisions
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION keep_alert_standing();
"""

FOLD = f"""
CREATE FUNCTION fold_alert_counts(fewest integer) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = SCHEMA, pg_temp AS $$
BEGIN
    IF (SELECT count(*) FROM (SELECT FROM alert_counts WHERE is_change LIMIT fewest) c) < fewest
        OR NOT pg_try_advisory_xact_lock(hashtext('spend.alert_counts')) THEN
        RETURN;
    END IF;
    WITH gone AS (
        DELETE FROM alert_counts
        WHERE ({KEY}) IN (SELECT {KEY} FROM alert_counts WHERE is_change)
        RETURNING *)
    INSERT INTO alert_counts ({KEY}, alert_count, amount_at_risk)
    SELECT {KEY}, sum(alert_count), sum(amount_at_risk) FROM gone
    GROUP BY {KEY} HAVING sum(alert_count) <> 0 OR sum(amount_at_risk) <> 0;
END $$;
COMMENT ON FUNCTION fold_alert_counts IS 'Makes one row of each key that changed.';
"""  # noqa: S608 - constants

# No alert is ever deleted: the rights on `decisions` that its key needs are revoked (spend_0002).
COUNT = f"""
CREATE FUNCTION count_alerts() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = SCHEMA, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO alert_counts ({KEY}, alert_count, amount_at_risk, is_change)
        SELECT {OF_ALERT}, count(*), sum(amount_at_risk), true FROM after_it GROUP BY {KEY};
    ELSE
        INSERT INTO alert_counts ({KEY}, alert_count, amount_at_risk, is_change)
        SELECT {KEY}, sum(n), sum(amount), true
        FROM (
            SELECT {OF_ALERT}, 1 AS n, amount_at_risk AS amount FROM after_it
            UNION ALL
            SELECT {OF_ALERT}, -1, -amount_at_risk FROM before_it) moved
        GROUP BY {KEY} HAVING sum(n) <> 0 OR sum(amount) <> 0;
    END IF;
    PERFORM fold_alert_counts({FOLD_AFTER});
    RETURN NULL;
END $$;
COMMENT ON FUNCTION count_alerts IS 'Appends to alert_counts what a statement changed.';
CREATE TRIGGER alerts_are_counted_in AFTER INSERT ON alerts
    REFERENCING NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION count_alerts();
CREATE TRIGGER alerts_are_counted_again AFTER UPDATE ON alerts
    REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it
    FOR EACH STATEMENT EXECUTE FUNCTION count_alerts();
"""  # noqa: S608 - constants

FILL = f"""
UPDATE alerts a
SET state = n.state, assignee = n.assignee, sequence = n.sequence,
    decided_by = n.decided_by, decided_at = n.decided_at,
    concluded_at = CASE WHEN n.state IN ('justified', 'abusive', 'dismissed') THEN (
        SELECT d.decided_at FROM decisions d
        WHERE d.alert_id = n.alert_id AND d.kind = 'decide' AND d.state = n.state
        ORDER BY d.sequence DESC LIMIT 1) END
FROM (SELECT DISTINCT ON (alert_id) * FROM decisions ORDER BY alert_id, sequence DESC) n
WHERE a.alert_id = n.alert_id;
INSERT INTO alert_counts ({KEY}, alert_count, amount_at_risk)
SELECT {OF_ALERT}, count(*), sum(amount_at_risk) FROM alerts GROUP BY {KEY};
"""  # noqa: S608 - constants

revision = "spend_0003"
down_revision = "spend_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_standing()
    _create_counts()
    _create_merchants()
    op.create_index(
        "alerts_by_state", "alerts", ["state", "risk", "amount_at_risk", "alert_id"], unique=False
    )
    op.drop_index("alerts_by_merchant", table_name="alerts")
    op.create_index("alerts_by_merchant", "alerts", ["merchant", "transaction_date"], unique=False)
    # As their owner: who decides may add decisions, and nothing else.
    schema = op.get_bind().execute(sa.text("SELECT quote_ident(current_schema())")).scalar_one()
    for statement in (FILL, STAND, FOLD, COUNT):
        op.execute(statement.replace("SCHEMA", schema))


def _add_standing() -> None:
    for column in (
        sa.Column(
            "state",
            sa.Text(),
            server_default=sa.literal("open"),
            nullable=False,
            comment="Where it stands: open, in_review, justified, abusive or dismissed.",
        ),
        sa.Column("assignee", sa.Text(), nullable=True, comment="Who looks into it."),
        sa.Column(
            "sequence",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Of its newest entry, 0 without any: a decision says it.",
        ),
        sa.Column("decided_by", sa.Text(), nullable=True, comment="Who made the newest entry."),
        sa.Column(
            "decided_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the newest entry was made.",
        ),
        sa.Column(
            "concluded_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was decided to be what it is: justified, abusive or dismissed; else empty.",
        ),
    ):
        op.add_column("alerts", column)


def _create_counts() -> None:
    op.create_table(
        "alert_counts",
        sa.Column(
            "week_start", sa.Date(), nullable=False, comment="The Monday of the calendar week."
        ),
        sa.Column("department", sa.Text(), nullable=False, comment="Department that bought."),
        sa.Column("rule", sa.Text(), nullable=False, comment="Code of the rule."),
        sa.Column("severity", sa.Text(), nullable=False, comment="high, medium or low."),
        sa.Column("state", sa.Text(), nullable=False, comment="Where these alerts stand."),
        sa.Column(
            "is_superseded", sa.Boolean(), nullable=False, comment="Whether their facts are gone."
        ),
        sa.Column(
            "alert_count",
            sa.BigInteger(),
            nullable=False,
            comment="Alerts, or by how many they changed.",
        ),
        sa.Column(
            "amount_at_risk",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="The sum of their amounts at risk.",
        ),
        sa.Column(
            "is_change",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="A change that is not folded into the other rows of its key yet.",
        ),
        comment="How many alerts there are: the sum over the rows of a key. Changes are appended, so that no two people and runs wait for each other.",
    )
    op.create_index("alert_counts_by_week", "alert_counts", KEY.split(", "), unique=False)
    op.create_index(
        "alert_counts_to_fold",
        "alert_counts",
        ["week_start"],
        unique=False,
        postgresql_where=sa.text("is_change"),
    )


def _create_merchants() -> None:
    op.create_table(
        "merchants",
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
            "computed_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the row was written.",
        ),
        sa.Column("run_id", sa.Text(), nullable=False, comment="The run that wrote the row."),
        sa.PrimaryKeyConstraint("merchant"),
        comment="Every merchant, as the alerts were last computed with; the desk looks for spellings of one shop among them.",
    )


def downgrade() -> None:
    for name in (
        "decisions_keep_standing ON decisions",
        "alerts_are_counted_in ON alerts",
        "alerts_are_counted_again ON alerts",
    ):
        op.execute(f"DROP TRIGGER {name}")
    for name in ("keep_alert_standing", "count_alerts", "fold_alert_counts"):
        op.execute(f"DROP FUNCTION {name}")
    op.drop_table("merchants")
    op.drop_table("alert_counts")
    op.drop_index("alerts_by_merchant", table_name="alerts")
    op.drop_index("alerts_by_state", table_name="alerts")
    for name in ("concluded_at", "decided_at", "decided_by", "sequence", "assignee", "state"):
        op.drop_column("alerts", name)
    op.create_index("alerts_by_merchant", "alerts", ["merchant"], unique=False)
