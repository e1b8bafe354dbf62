"""Events by their time, for whoever seals an hour; and how a job that failed is told from others."""

import sqlalchemy as sa
from alembic import op

revision = "clickstream_0002"
down_revision = "clickstream_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "events_by_time",
        "events",
        ["event_time"],
        schema="clickstream",
        postgresql_using="brin",
    )
    _say_of_the_end("When it ended in order; NULL if it runs, was killed or failed.")


def downgrade() -> None:
    op.drop_index("events_by_time", "events", schema="clickstream")
    _say_of_the_end("When it ended in order; NULL if it runs or was killed.")


def _say_of_the_end(comment: str) -> None:
    op.alter_column(
        "stream_jobs",
        "stopped_at",
        existing_type=sa.DateTime(timezone=True),
        comment=comment,
        schema="clickstream",
    )
