"""Cases: the alerts of one week whose purchases overlap. A trigger on `alerts` keeps the table.

A case has the columns by which the inbox finds, sorts and counts; its alerts and their histories
stay where they are. A superseded alert is a case of its own.
"""

from sqlalchemy import Column, Date, Index, Integer, Table, Text, text

from txplatform.columns import instant
from txplatform.domains.spend.tables.alerts import RISK
from txplatform.domains.spend.tables.base import MONEY, metadata

CASE_WORDS = "alert_words(department, division, merchant, sentences)"
"""The words of a case without case and accents (a function of migration 0006); SQL."""

RULES_APART = ", "

cases = Table(
    "cases",
    metadata,
    Column(
        "case_id",
        Text,
        primary_key=True,
        comment="Hash of its week and the smallest id of its purchases; the alert's where it has "
        "none (SPIKE) or is superseded.",
    ),
    Column("alert_id", Text, nullable=False, comment="Its gravest alert: severity, then amount."),
    Column("rule", Text, nullable=False, comment="Rule of the gravest alert."),
    Column("rules", Text, nullable=False, comment="Rules of all its alerts, sorted: A, B."),
    Column("severity", Text, nullable=False, comment="high, medium or low: the gravest."),
    Column("week_start", Date, nullable=False, comment="The Monday of the calendar week."),
    Column("transaction_date", Date, nullable=False, comment="Day of its latest purchase."),
    Column("department", Text, nullable=False, comment="Department of the gravest alert."),
    Column("division", Text, comment="Division of that department; empty for SPIKE."),
    Column("merchant", Text, comment="Merchant of the gravest alert; empty for SPIKE."),
    Column("category", Text, comment="Merchant category of the gravest alert."),
    Column("alert_count", Integer, nullable=False, comment="Number of its alerts."),
    Column("transaction_count", Integer, nullable=False, comment="Number of its purchases."),
    Column(
        "amount_at_risk",
        MONEY,
        nullable=False,
        comment="Amount that its alerts question, each purchase counted once.",
    ),
    Column("risk", RISK, nullable=False, comment="Risk of its gravest purchase."),
    Column("sentence", Text, nullable=False, comment="What happened, by the gravest alert."),
    Column("sentences", Text, nullable=False, comment="The sentences of all its alerts."),
    instant("raised_at", "When the first of its alerts was raised."),
    instant("superseded_at", "Since when its facts are gone; empty while they hold.", True),
    Column(
        "state",
        Text,
        nullable=False,
        comment="Where the alert stands that is least decided: open, in_review, abusive, "
        "justified or dismissed.",
    ),
    Column("assignee", Text, comment="Who looks into it."),
    Column("sequence", Integer, nullable=False, comment="Number of entries on its alerts."),
    Column("decided_by", Text, comment="Who made the newest entry."),
    instant("decided_at", "When the newest entry was made.", True),
    Index("cases_by_risk", "risk", "amount_at_risk", "case_id"),
    Index("cases_by_state", "state", "risk", "amount_at_risk", "case_id"),
    Index(
        "cases_counted",
        *("week_start", "department", "severity", "state", "rules", "amount_at_risk"),
        postgresql_where=text("superseded_at IS NULL"),
    ),
    Index(
        "cases_by_assignee",
        *("assignee", "state", "severity", "amount_at_risk"),
        postgresql_where=text("superseded_at IS NULL AND assignee IS NOT NULL"),
    ),
    Index("cases_by_word", text(CASE_WORDS), postgresql_using="gin"),
    comment="One row per case: the alerts of one week that share purchases.",
)
