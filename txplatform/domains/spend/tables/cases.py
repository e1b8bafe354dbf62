"""Cases: the alerts of one week whose purchases overlap. A trigger on `alerts` keeps the table.

A case has the columns by which the inbox finds, sorts and counts; its alerts and their histories
stay where they are. A superseded alert is a case of its own.
"""

from sqlalchemy import Column, Index, Integer, Table
from sqlalchemy import text as sql_text

from txplatform.columns import amount, day, instant, text
from txplatform.domains.spend.tables.alerts import RISK
from txplatform.domains.spend.tables.base import metadata

CASE_WORDS = "alert_words(department, division, merchant, sentences)"
"""The words of a case without case and accents (a function of migration 0006); SQL."""

RULES_APART = ", "

cases = Table(
    "cases",
    metadata,
    text(
        "case_id",
        "Hash of its week and the smallest id of its purchases; the alert's where it has "
        "none (SPIKE) or is superseded.",
        primary_key=True,
    ),
    text("alert_id", "Its gravest alert: severity, then amount."),
    text("rule", "Rule of the gravest alert."),
    text("rules", "Rules of all its alerts, sorted: A, B."),
    text("severity", "high, medium or low: the gravest."),
    day("week_start", "The Monday of the calendar week."),
    day("transaction_date", "Day of its latest purchase."),
    text("department", "Department of the gravest alert."),
    text("division", "Division of that department; empty for SPIKE.", is_optional=True),
    text("merchant", "Merchant of the gravest alert; empty for SPIKE.", is_optional=True),
    text("category", "Merchant category of the gravest alert.", is_optional=True),
    Column("alert_count", Integer, nullable=False, comment="Number of its alerts."),
    Column("transaction_count", Integer, nullable=False, comment="Number of its purchases."),
    amount("amount_at_risk", "Amount that its alerts question, each purchase counted once."),
    Column("risk", RISK, nullable=False, comment="Risk of its gravest purchase."),
    text("sentence", "What happened, by the gravest alert."),
    text("sentences", "The sentences of all its alerts."),
    instant("raised_at", "When the first of its alerts was raised."),
    instant("superseded_at", "Since when its facts are gone; empty while they hold.", True),
    text(
        "state",
        "Where the alert stands that is least decided: open, in_review, abusive, "
        "justified or dismissed.",
    ),
    text("assignee", "Who looks into it.", is_optional=True),
    Column("sequence", Integer, nullable=False, comment="Number of entries on its alerts."),
    text("decided_by", "Who made the newest entry.", is_optional=True),
    instant("decided_at", "When the newest entry was made.", True),
    Index("cases_by_risk", "risk", "amount_at_risk", "case_id"),
    Index("cases_by_state", "state", "risk", "amount_at_risk", "case_id"),
    Index(
        "cases_counted",
        *("week_start", "department", "severity", "state", "rules", "amount_at_risk"),
        postgresql_where=sql_text("superseded_at IS NULL"),
    ),
    Index(
        "cases_by_assignee",
        *("assignee", "state", "severity", "amount_at_risk"),
        postgresql_where=sql_text("superseded_at IS NULL AND assignee IS NOT NULL"),
    ),
    Index("cases_by_word", sql_text(CASE_WORDS), postgresql_using="gin"),
    comment="One row per case: the alerts of one week that share purchases.",
)
