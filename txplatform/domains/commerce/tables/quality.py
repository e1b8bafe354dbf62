"""Tables of how good and how fresh the numbers are, and of how fast each engine makes them."""

from sqlalchemy import Numeric

from txplatform.columns import of_kind
from txplatform.domains.commerce.tables.base import (
    count,
    flag,
    gold,
    instant,
    kept,
    money,
    share,
    silver,
    text,
)

SECONDS = Numeric(18, 3)

_seconds = of_kind(SECONDS, are_optional=True)

raw_quality = silver(
    "raw_quality",
    "What was asked of a file's rows as they arrived, before anything was cleaned.",
    text("source", "lines or customers."),
    text("rule", "Name of the rule."),
    count("checked", "Rows of which it was asked."),
    count("passed", "Rows that hold it."),
    money("amount", "Readable amount of those that do not."),
)
quality = gold(
    "quality",
    "What was asked of the data before and after cleaning, rule by rule.",
    text("run_id", "The run that asked."),
    text("source", "lines, customers, or tables: gold's own.", primary_key=True),
    text("stage", "raw: as the files came; silver: as it stands now.", primary_key=True),
    text("dimension", "completeness, uniqueness, validity, consistency, accuracy or timeliness."),
    text("rule", "Name of the rule.", primary_key=True),
    count("checked", "Rows, amounts, tables or days of which it was asked."),
    count("passed", "Of these, how many hold it."),
    share("score", "passed / checked; empty where nothing was checked."),
    money("amount", "Amount of what does not hold it, where that has one."),
    text("severity", "How bad a breach is: warn, quarantine (the row waits) or error (no gold)."),
)
refreshes = kept(
    "refreshes",
    "When each table was written by which run, and how long it took to be seen.",
    text("table_name", "The table.", primary_key=True),
    text("run_id", "The run.", primary_key=True),
    count("version", "Number of gold's version."),
    count("row_count", "Rows written."),
    instant("written_at", "When the run had written all tables; now - this is the data's age."),
    _seconds("seconds", "From the start of computing gold until this table was written."),
    _seconds(
        "publish_seconds", "From the end of the write to the first answer that carries this run."
    ),
)
engine_timings = kept(
    "engine_timings",
    "How long each engine takes for the same rows, as measured on one machine.",
    text("engine", "duckdb, pandas, spark, or spark-cluster: not local.", primary_key=True),
    count("line_count", "Lines of the shop.", primary_key=True),
    text("stage", "silver: reading the files; gold: adding up.", primary_key=True),
    text("state", "cold: the first time in a process; warm: again.", primary_key=True),
    _seconds("seconds", "How long it took."),
    count("peak_mb", "Highest memory of the engine's process and its children so far, in MB."),
    flag("is_equal", "Whether every row is that of DuckDB."),
    instant("measured_at", "When."),
)
