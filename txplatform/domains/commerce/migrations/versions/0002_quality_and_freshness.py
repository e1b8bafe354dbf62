"""How good and how fresh the tables are, and how fast each engine makes them."""

import sqlalchemy as sa
from alembic import op

revision = "commerce_0002"
down_revision = "commerce_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "engine_timings",
        sa.Column("engine", sa.Text(), nullable=False, comment="duckdb, spark or pandas."),
        sa.Column("line_count", sa.BigInteger(), nullable=False, comment="Lines of the shop."),
        sa.Column(
            "stage",
            sa.Text(),
            nullable=False,
            comment="silver: reading the files; gold: adding up.",
        ),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="cold: the first time in a process; warm: again.",
        ),
        sa.Column(
            "seconds", sa.Numeric(precision=18, scale=3), nullable=True, comment="How long it took."
        ),
        sa.Column(
            "peak_mb",
            sa.BigInteger(),
            nullable=True,
            comment="Highest memory of the process and its children so far, in megabytes.",
        ),
        sa.Column(
            "is_equal", sa.Boolean(), nullable=True, comment="Whether every row is that of DuckDB."
        ),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=True, comment="When."),
        sa.PrimaryKeyConstraint("engine", "line_count", "stage", "state"),
        schema="commerce",
        comment="How long each engine takes for the same rows, as measured on one machine.",
    )
    op.create_table(
        "quality",
        sa.Column("run_id", sa.Text(), nullable=True, comment="The run that asked."),
        sa.Column(
            "source", sa.Text(), nullable=False, comment="lines, customers, or tables: gold's own."
        ),
        sa.Column(
            "stage",
            sa.Text(),
            nullable=False,
            comment="raw: as the files came; silver: as it stands now.",
        ),
        sa.Column(
            "dimension",
            sa.Text(),
            nullable=True,
            comment="completeness, uniqueness, validity, consistency, accuracy or timeliness.",
        ),
        sa.Column("rule", sa.Text(), nullable=False, comment="Name of the rule."),
        sa.Column(
            "checked",
            sa.BigInteger(),
            nullable=True,
            comment="Rows, amounts, tables or days of which it was asked.",
        ),
        sa.Column("passed", sa.BigInteger(), nullable=True, comment="Of these, how many hold it."),
        sa.Column(
            "score",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="passed / checked; empty where nothing was checked.",
        ),
        sa.Column(
            "amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Amount of what does not hold it, where that has one.",
        ),
        sa.Column(
            "severity",
            sa.Text(),
            nullable=True,
            comment="How bad a breach is: warn, quarantine (the row waits) or error (no gold).",
        ),
        sa.PrimaryKeyConstraint("source", "stage", "rule"),
        schema="commerce",
        comment="What was asked of the data before and after cleaning, rule by rule.",
    )
    op.create_table(
        "refreshes",
        sa.Column("table_name", sa.Text(), nullable=False, comment="The table."),
        sa.Column("run_id", sa.Text(), nullable=False, comment="The run."),
        sa.Column("version", sa.BigInteger(), nullable=True, comment="Number of gold's version."),
        sa.Column("row_count", sa.BigInteger(), nullable=True, comment="Rows written."),
        sa.Column(
            "written_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the run had written all tables; now - this is the data's age.",
        ),
        sa.Column(
            "seconds",
            sa.Numeric(precision=18, scale=3),
            nullable=True,
            comment="From the start of computing gold until this table was written.",
        ),
        sa.Column(
            "publish_seconds",
            sa.Numeric(precision=18, scale=3),
            nullable=True,
            comment="From the end of the write to the first answer that carries this run.",
        ),
        sa.PrimaryKeyConstraint("table_name", "run_id"),
        schema="commerce",
        comment="When each table was written by which run, and how long it took to be seen.",
    )


def downgrade() -> None:
    op.drop_table("refreshes", schema="commerce")
    op.drop_table("quality", schema="commerce")
    op.drop_table("engine_timings", schema="commerce")
