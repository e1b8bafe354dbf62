"""Engines are measured in processes of their own, Spark on a cluster beside Spark on one machine."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "commerce_0003"
down_revision = "commerce_0002"
branch_labels = None
depends_on = None

COMMENTS: dict[str, tuple[sa.types.TypeEngine[Any], str, str]] = {
    "engine": (
        sa.Text(),
        "duckdb, spark or pandas.",
        "duckdb, pandas, spark, or spark-cluster: not local.",
    ),
    "peak_mb": (
        sa.BigInteger(),
        "Highest memory of the process and its children so far, in megabytes.",
        "Highest memory of the engine's process and its children so far, in MB.",
    ),
}


def upgrade() -> None:
    for column, (kind, old, new) in COMMENTS.items():
        op.alter_column(
            "engine_timings",
            column,
            existing_type=kind,
            existing_comment=old,
            comment=new,
            schema="commerce",
        )


def downgrade() -> None:
    for column, (kind, old, new) in COMMENTS.items():
        op.alter_column(
            "engine_timings",
            column,
            existing_type=kind,
            existing_comment=new,
            comment=old,
            schema="commerce",
        )
