"""The tokens of the API and the dashboard."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column(
            "token_id", sa.Text(), nullable=False, comment="Names the token; part of its text."
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Whom decisions made with it name."),
        sa.Column("role", sa.Text(), nullable=False, comment="reader, controller or admin."),
        sa.Column(
            "secret_hash",
            sa.Text(),
            nullable=False,
            comment="SHA-256 of its secret, in hexadecimal.",
        ),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, comment="When it was made."
        ),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Until when it is good; empty: for ever.",
        ),
        sa.Column(
            "revoked_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was revoked; empty: it was not.",
        ),
        sa.PrimaryKeyConstraint("token_id"),
        comment="Tokens of the API and the dashboard. Their secrets are nowhere.",
    )
    op.create_index("api_tokens_by_name", "api_tokens", ["name"], unique=False)


def downgrade() -> None:
    op.drop_index("api_tokens_by_name", table_name="api_tokens")
    op.drop_table("api_tokens")
