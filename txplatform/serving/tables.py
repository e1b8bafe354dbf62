"""The tables of the shells themselves: who may come in."""

from sqlalchemy import Column, DateTime, Index, MetaData, Table, Text

metadata = MetaData()

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("token_id", Text, primary_key=True, comment="Names the token; part of its text."),
    Column("name", Text, nullable=False, comment="Whom decisions made with it name."),
    Column("role", Text, nullable=False, comment="reader, controller or admin."),
    Column("secret_hash", Text, nullable=False, comment="SHA-256 of its secret, in hexadecimal."),
    Column("created_at", DateTime(timezone=True), nullable=False, comment="When it was made."),
    Column(
        "expires_at", DateTime(timezone=True), comment="Until when it is good; empty: for ever."
    ),
    Column(
        "revoked_at", DateTime(timezone=True), comment="When it was revoked; empty: it was not."
    ),
    Index("api_tokens_by_name", "name"),
    comment="Tokens of the API and the dashboard. Their secrets are nowhere.",
)

TABLES = {
    "decide": {api_tokens.name: ("SELECT", "INSERT", "UPDATE (revoked_at)")},
}
"""What each part of the platform may do with them: only whoever lets people in knows tokens."""
