"""Tables of quality and freshness: what was checked, and when each table was published."""

from sqlalchemy import Column, DateTime

from txplatform.domains.commerce.tables.base import SHARE, count, gold, money, share, text

quality = gold(
    "quality",
    "What was checked before (raw) and after (silver) cleaning.",
    text("source", "Layout of the files.", primary_key=True),
    text("stage", "raw or silver.", primary_key=True),
    text("dimension", "Completeness, uniqueness, validity, consistency, accuracy or timeliness.",
         primary_key=True),
    text("rule", "What was checked.", primary_key=True),
    count("checked", "Rows that were checked."),
    count("passed", "Rows that passed."),
    share("score", "passed / checked; empty: not measured, there was nothing to check."),
    money("amount", "Amount of the rows that did not pass."),
    text("severity", "warn, quarantine or error; an error stops gold."),
)  # fmt: skip
refreshes = gold(
    "refreshes",
    "When each table was published, and how long that took.",
    text("table_name", "The table.", primary_key=True),
    text("run_id", "The run that wrote it."),
    count("row_count", "Its rows."),
    Column("written_at", DateTime(timezone=True), comment="End of the write."),
    Column("seconds", SHARE, comment="Seconds that the run took from its start to this write."),
    Column("publish_seconds", SHARE,
           comment="Seconds from the end of the write to the first answer of the API's store that "
                   "carries the run; measured by the run itself."),
)  # fmt: skip
