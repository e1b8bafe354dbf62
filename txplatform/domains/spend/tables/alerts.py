"""What the alert rules found, and the Benford tests: docs/alerts.md.

Triggers keep two things that follow from other rows, in the transaction that changes those: where
an alert stands (`STANDING`, from `decisions`) and `alert_counts` (from `alerts`).
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    false,
    literal,
)
from sqlalchemy import (
    text as sql_text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from txplatform.columns import amount, day, flag, instant, stamps, text
from txplatform.domains.spend.tables.base import SHARE, metadata

RISK = Numeric(7, 6)
STANDING = ("state", "assignee", "sequence", "decided_by", "decided_at")
"""The columns of `alerts` that its newest entry in `decisions` says."""

_HASH = "hashtextextended('second look' || alert_id, 0)"
DRAW = f"({_HASH} # ({_HASH} >> 63))"
"""A number of an alert from 0 to 2^63 - 1 that is as good as random; SQL, as indexes hold it."""
WEEK_CONCLUDED = "date_trunc('week', (concluded_at AT TIME ZONE 'UTC'))"
"""The Monday of the week in which an alert was concluded, UTC; SQL."""
SECONDS_TO_CONCLUSION = "date_part('epoch', concluded_at - raised_at)"
"""From raised to concluded, in seconds; SQL."""
ONE_IN = 100
"""One in so many dismissed alerts is looked at again."""
SEARCHED = ("department", "division", "merchant", "sentence")
"""Where the words of a text are looked for."""
WORDS = f"alert_words({', '.join(SEARCHED)})"
"""The words of an alert without case and accents (a function of migration 0007); SQL."""

alerts = Table(
    "alerts",
    metadata,
    text(
        "alert_id",
        "Hash of rule, version and sorted transaction ids; for SPIKE of rule, version, "
        "department and week.",
        primary_key=True,
    ),
    text("rule", "Code of the rule, such as SPLIT."),
    Column("rule_version", Integer, nullable=False, comment="Version of the rule."),
    text("severity", "high, medium or low."),
    day("week_start", "The Monday of the calendar week."),
    day("transaction_date", "Day of its latest purchase; the Monday for SPIKE."),
    text("department", "Department that bought."),
    text("division", "Division of that department; empty for SPIKE.", is_optional=True),
    text("merchant", "Merchant as the source names it; empty for SPIKE.", is_optional=True),
    text("category", "Merchant category of its latest purchase.", is_optional=True),
    Column("transaction_ids", ARRAY(Text), nullable=False, comment="Its purchases, sorted."),
    Column("transaction_count", Integer, nullable=False, comment="Number of its purchases."),
    amount("amount_at_risk", "Amount that the rule questions."),
    Column(
        "risk",
        RISK,
        nullable=False,
        comment="Highest risk of its purchases, 0 to 1: what the rules of one weigh together, and "
        "how few purchases break at least these.",
    ),
    Column("evidence", JSONB, nullable=False, comment="The numbers that fired the rule, as text."),
    text("sentence", "What happened, for a controller."),
    text("case_id", "Its case; superseded, a case of its own."),
    amount(
        "case_amount_at_risk", "What the alerts of its case question, each purchase counted once."
    ),
    Column(
        "overlaps_alert_id",
        Text,
        ForeignKey("alerts.alert_id"),
        comment="The decided alert that it overlaps, where facts or rule changed since.",
    ),
    instant("raised_at", "When the alert was first raised."),
    text("run_id", "The run that first raised it."),
    instant("superseded_at", "Since when its facts are gone; empty while they hold.", True),
    text(
        "state",
        "Where it stands: open, in_review, justified, abusive or dismissed.",
        server_default=literal("open"),
    ),
    text("assignee", "Who looks into it.", is_optional=True),
    Column(
        "sequence",
        Integer,
        nullable=False,
        server_default=sql_text("0"),
        comment="Of its newest entry, 0 without any: a decision says it.",
    ),
    text("decided_by", "Who made the newest entry.", is_optional=True),
    instant("decided_at", "When the newest entry was made.", True),
    instant(
        "concluded_at",
        "When it was decided to be what it is: justified, abusive or dismissed; else empty.",
        True,
    ),
    Index("alerts_by_week", "week_start", "rule"),
    Index("alerts_by_risk", "risk", "amount_at_risk", "alert_id"),
    Index("alerts_by_state", "state", "risk", "amount_at_risk", "alert_id"),
    Index("alerts_by_department", "department", "division", "week_start"),
    Index("alerts_by_merchant", "merchant", "transaction_date"),
    Index("alerts_by_overlap", "overlaps_alert_id"),
    Index("alerts_by_case", "case_id"),
    Index(
        "alerts_by_assignee",
        *("assignee", "state", "rule", "severity", "amount_at_risk"),
        postgresql_where=sql_text("superseded_at IS NULL AND assignee IS NOT NULL"),
    ),
    Index(
        "alerts_concluded",
        *("rule", "state", "concluded_at", "raised_at", "amount_at_risk"),
        postgresql_where=sql_text("concluded_at IS NOT NULL"),
    ),
    Index(
        "alerts_by_time_to_conclusion",
        *("rule", sql_text(SECONDS_TO_CONCLUSION)),
        postgresql_include=["concluded_at", "raised_at"],
        postgresql_where=sql_text("concluded_at IS NOT NULL"),
    ),
    Index(
        "alerts_dismissed",
        *("concluded_at", "alert_id"),
        postgresql_where=sql_text("state = 'dismissed'"),
    ),
    Index(
        "alerts_drawn",
        "alert_id",
        postgresql_where=sql_text(f"state = 'dismissed' AND {DRAW} % {ONE_IN} = 0"),
    ),
    Index(
        "alerts_dismissed_of_week",
        *(sql_text(WEEK_CONCLUDED), sql_text(DRAW), "alert_id"),
        postgresql_where=sql_text("state = 'dismissed'"),
    ),
    Index("alerts_by_transaction", "transaction_ids", postgresql_using="gin"),
    Index("alerts_by_word", sql_text(WORDS), postgresql_using="gin"),
    comment="One row per alert ever raised; none is deleted.",
)

COUNT_KEY = ("week_start", "department", "rule", "severity", "state", "is_superseded")

alert_counts = Table(
    "alert_counts",
    metadata,
    day("week_start", "The Monday of the calendar week."),
    text("department", "Department that bought."),
    text("rule", "Code of the rule."),
    text("severity", "high, medium or low."),
    text("state", "Where these alerts stand."),
    flag("is_superseded", "Whether their facts are gone."),
    Column(
        "alert_count", BigInteger, nullable=False, comment="Alerts, or by how many they changed."
    ),
    amount("amount_at_risk", "The sum of their amounts at risk."),
    flag(
        "is_change",
        "A change that is not folded into the other rows of its key yet.",
        server_default=false(),
    ),
    Index("alert_counts_by_week", *COUNT_KEY),
    Index("alert_counts_to_fold", "week_start", postgresql_where=sql_text("is_change")),
    comment="How many alerts there are: the sum over the rows of a key. Changes are appended, so "
    "that no two people and runs wait for each other.",
)

merchants = Table(
    "merchants",
    metadata,
    text("merchant", "Merchant as the source names it.", primary_key=True),
    Column("purchase_count", Integer, nullable=False, comment="Purchases there, without refunds."),
    amount("total_amount", "Sum of these purchases."),
    day("first_day", "Day of the first of them."),
    *stamps(),
    comment="Every merchant, as the alerts were last computed with; the desk looks for spellings "
    "of one shop among them.",
)

merchant_weeks = Table(
    "merchant_weeks",
    metadata,
    day("week_start", "The Monday of the calendar week."),
    text("merchant", "Merchant as the source names it."),
    Column("purchase_count", Integer, nullable=False, comment="Purchases there, without refunds."),
    amount("total_amount", "Sum of these purchases."),
    day("first_day", "Day of the first of them."),
    text("fingerprint", "Fingerprint of the week's documents."),
    PrimaryKeyConstraint("week_start", "merchant"),
    comment="The merchants of each week, so that a week's alerts read the documents of the weeks "
    "that changed and not of all.",
)

alert_weeks = Table(
    "alert_weeks",
    metadata,
    day("week_start", "The Monday of the calendar week.", primary_key=True),
    text("fingerprint", "Fingerprint of the week's documents."),
    text("rules_version", "Versions and parameters of all rules."),
    Column("alert_count", Integer, nullable=False, comment="Alerts of the week that hold."),
    *stamps(),
    comment="From which documents and rules each week's alerts were last computed.",
)

BENFORD_KEY = ("week_start", "department", "test")

benford_tests = Table(
    "benford_tests",
    metadata,
    day("week_start", "Last of the 52 weeks that it looks at."),
    text("department", "Department; empty: the organisation."),
    text("test", "first_digit or first_two_digits."),
    Column("purchase_count", Integer, nullable=False, comment="Purchases of 10 or more."),
    Column(
        "mean_absolute_deviation",
        SHARE,
        comment="Mean of |observed - expected share| over the digits; empty below the fewest "
        "purchases (300; first two digits 1,000).",
    ),
    text(
        "conformity", "close, acceptable, marginal or none (Nigrini); or empty.", is_optional=True
    ),
    *stamps(),
    PrimaryKeyConstraint(*BENFORD_KEY),
    comment="Benford tests per department over the 52 weeks that end with a week.",
)

benford_digits = Table(
    "benford_digits",
    metadata,
    day("week_start", "Last of the 52 weeks that it looks at."),
    text("department", "Department; empty: the organisation."),
    text("test", "first_digit or first_two_digits."),
    Column("digits", Integer, nullable=False, comment="1 to 9, or 10 to 99."),
    Column("purchase_count", Integer, nullable=False, comment="Purchases that begin with them."),
    Column("observed_share", SHARE, nullable=False, comment="Their fraction of all purchases."),
    Column("expected_share", SHARE, nullable=False, comment="log10(1 + 1 / digits)."),
    PrimaryKeyConstraint(*BENFORD_KEY, "digits"),
    comment="The digits behind each Benford test.",
)
