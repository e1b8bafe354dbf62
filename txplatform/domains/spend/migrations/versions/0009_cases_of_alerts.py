"""Alerts of one week that share purchases are a case; a trigger on alerts keeps the table.

Weeks computed before have a case per alert until their alerts are computed again: they are made
stale, so that the next run of stale weeks does it.
"""

import sqlalchemy as sa
from alembic import op

STANDING = "'open', 'in_review', 'abusive', 'justified', 'dismissed'"
GRAVEST = (
    "array_position(ARRAY['high', 'medium', 'low'], severity), amount_at_risk DESC, rule, alert_id"
)
COLUMNS = (
    "case_id, alert_id, rule, rules, severity, week_start, transaction_date, department, division, "
    "merchant, category, alert_count, transaction_count, amount_at_risk, risk, sentence, sentences, "
    "raised_at, superseded_at, state, assignee, sequence, decided_by, decided_at"
)
OTHERS = COLUMNS.removeprefix("case_id, ")

WRITE = f"""
CREATE FUNCTION write_cases(changed text[]) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = SCHEMA, pg_temp AS $$
BEGIN
    -- First the locks: the statements after it see what whoever held them has written.
    PERFORM FROM cases WHERE case_id = ANY(changed) ORDER BY case_id FOR UPDATE;
    DELETE FROM cases c WHERE c.case_id = ANY(changed)
        AND NOT EXISTS (SELECT FROM alerts a WHERE a.case_id = c.case_id);
    INSERT INTO cases ({COLUMNS})
    SELECT g.case_id, g.alert_id, g.rule, s.rules, g.severity, g.week_start, s.transaction_date,
        g.department, g.division, g.merchant, g.category, s.alert_count,
        coalesce(p.transaction_count, g.transaction_count), g.case_amount_at_risk, s.risk,
        g.sentence, s.sentences, s.raised_at, g.superseded_at, s.state, s.assignee, s.sequence,
        s.decided_by, s.decided_at
    FROM (
        SELECT DISTINCT ON (case_id) * FROM alerts WHERE case_id = ANY(changed)
        ORDER BY case_id, {GRAVEST}) g
    JOIN (
        SELECT case_id, string_agg(DISTINCT rule, ', ' ORDER BY rule) AS rules, count(*) AS alert_count,
            max(transaction_date) AS transaction_date, max(risk) AS risk,
            string_agg(sentence, ' ' ORDER BY {GRAVEST}) AS sentences,
            min(raised_at) AS raised_at, sum(sequence) AS sequence,
            (ARRAY[{STANDING}])[min(array_position(ARRAY[{STANDING}], state))] AS state,
            (array_agg(assignee ORDER BY decided_at DESC, alert_id)
                FILTER (WHERE assignee IS NOT NULL))[1] AS assignee,
            (array_agg(decided_by ORDER BY decided_at DESC, alert_id)
                FILTER (WHERE decided_by IS NOT NULL))[1] AS decided_by,
            max(decided_at) AS decided_at
        FROM alerts WHERE case_id = ANY(changed) GROUP BY case_id) s USING (case_id)
    LEFT JOIN (
        SELECT case_id, count(DISTINCT purchase) AS transaction_count
        FROM alerts, unnest(transaction_ids) purchase
        WHERE case_id = ANY(changed) GROUP BY case_id) p USING (case_id)
    ON CONFLICT (case_id) DO UPDATE SET ({OTHERS}) =
        ROW({", ".join(f"EXCLUDED.{name}" for name in OTHERS.split(", "))});
END $$;
COMMENT ON FUNCTION write_cases IS 'Makes cases what their alerts say.';
"""  # noqa: S608 - constants

KEEP = """
CREATE FUNCTION keep_cases() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = SCHEMA, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM write_cases(ARRAY(SELECT DISTINCT case_id FROM after_it));
    ELSE
        PERFORM write_cases(
            ARRAY(SELECT case_id FROM before_it UNION SELECT case_id FROM after_it));
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION keep_cases IS 'Cases say what their alerts say.';
CREATE TRIGGER alerts_keep_cases_in AFTER INSERT ON alerts
    REFERENCING NEW TABLE AS after_it FOR EACH STATEMENT EXECUTE FUNCTION keep_cases();
CREATE TRIGGER alerts_keep_cases_again AFTER UPDATE ON alerts
    REFERENCING OLD TABLE AS before_it NEW TABLE AS after_it
    FOR EACH STATEMENT EXECUTE FUNCTION keep_cases();
"""

STALE = "UPDATE alert_weeks SET rules_version = ''"

revision = "spend_0009"
down_revision = "spend_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_case_of_each()
    _create_cases()
    op.create_index("cases_by_risk", "cases", ["risk", "amount_at_risk", "case_id"], unique=False)
    op.create_index(
        "cases_by_state", "cases", ["state", "risk", "amount_at_risk", "case_id"], unique=False
    )
    op.create_index(
        "cases_counted",
        "cases",
        ["week_start", "department", "severity", "state", "rules", "amount_at_risk"],
        unique=False,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_index(
        "cases_by_assignee",
        "cases",
        ["assignee", "state", "severity", "amount_at_risk"],
        unique=False,
        postgresql_where=sa.text("superseded_at IS NULL AND assignee IS NOT NULL"),
    )
    op.create_index(
        "cases_by_word",
        "cases",
        [sa.text("alert_words(department, division, merchant, sentences)")],
        unique=False,
        postgresql_using="gin",
    )
    schema = op.get_bind().execute(sa.text("SELECT quote_ident(current_schema())")).scalar_one()
    for statement in (WRITE, KEEP):
        op.execute(statement.replace("SCHEMA", schema))
    op.execute("SELECT write_cases(ARRAY(SELECT case_id FROM alerts))")
    op.execute(STALE)


def _add_case_of_each() -> None:
    for column in (
        sa.Column(
            "case_id",
            sa.Text(),
            nullable=True,
            comment="Its case; superseded, a case of its own.",
        ),
        sa.Column(
            "case_amount_at_risk",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="What the alerts of its case question, each purchase counted once.",
        ),
    ):
        op.add_column("alerts", column)
    op.execute("UPDATE alerts SET case_id = alert_id, case_amount_at_risk = amount_at_risk")
    for name in ("case_id", "case_amount_at_risk"):
        op.alter_column("alerts", name, nullable=False)
    op.create_index("alerts_by_case", "alerts", ["case_id"], unique=False)


def _create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column(
            "case_id",
            sa.Text(),
            nullable=False,
            comment="Hash of its week and the smallest id of its purchases; the alert's where it has none (SPIKE) or is superseded.",
        ),
        sa.Column(
            "alert_id",
            sa.Text(),
            nullable=False,
            comment="Its gravest alert: severity, then amount.",
        ),
        sa.Column("rule", sa.Text(), nullable=False, comment="Rule of the gravest alert."),
        sa.Column(
            "rules",
            sa.Text(),
            nullable=False,
            comment="Rules of all its alerts, sorted: A, B.",
        ),
        sa.Column(
            "severity", sa.Text(), nullable=False, comment="high, medium or low: the gravest."
        ),
        sa.Column(
            "week_start", sa.Date(), nullable=False, comment="The Monday of the calendar week."
        ),
        sa.Column(
            "transaction_date", sa.Date(), nullable=False, comment="Day of its latest purchase."
        ),
        sa.Column(
            "department", sa.Text(), nullable=False, comment="Department of the gravest alert."
        ),
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
            comment="Merchant of the gravest alert; empty for SPIKE.",
        ),
        sa.Column(
            "category", sa.Text(), nullable=True, comment="Merchant category of the gravest alert."
        ),
        sa.Column("alert_count", sa.Integer(), nullable=False, comment="Number of its alerts."),
        sa.Column(
            "transaction_count", sa.Integer(), nullable=False, comment="Number of its purchases."
        ),
        sa.Column(
            "amount_at_risk",
            sa.Numeric(precision=18, scale=2),
            nullable=False,
            comment="Amount that its alerts question, each purchase counted once.",
        ),
        sa.Column(
            "risk",
            sa.Numeric(precision=7, scale=6),
            nullable=False,
            comment="Risk of its gravest purchase.",
        ),
        sa.Column(
            "sentence", sa.Text(), nullable=False, comment="What happened, by the gravest alert."
        ),
        sa.Column(
            "sentences", sa.Text(), nullable=False, comment="The sentences of all its alerts."
        ),
        sa.Column(
            "raised_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="When the first of its alerts was raised.",
        ),
        sa.Column(
            "superseded_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Since when its facts are gone; empty while they hold.",
        ),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="Where the alert stands that is least decided: open, in_review, abusive, justified or dismissed.",
        ),
        sa.Column("assignee", sa.Text(), nullable=True, comment="Who looks into it."),
        sa.Column(
            "sequence", sa.Integer(), nullable=False, comment="Number of entries on its alerts."
        ),
        sa.Column("decided_by", sa.Text(), nullable=True, comment="Who made the newest entry."),
        sa.Column(
            "decided_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the newest entry was made.",
        ),
        sa.PrimaryKeyConstraint("case_id"),
        comment="One row per case: the alerts of one week that share purchases.",
    )


def downgrade() -> None:
    for name in ("alerts_keep_cases_in", "alerts_keep_cases_again"):
        op.execute(f"DROP TRIGGER {name} ON alerts")
    for name in ("keep_cases", "write_cases"):
        op.execute(f"DROP FUNCTION {name}")
    op.drop_table("cases")
    op.drop_index("alerts_by_case", table_name="alerts")
    for name in ("case_amount_at_risk", "case_id"):
        op.drop_column("alerts", name)
