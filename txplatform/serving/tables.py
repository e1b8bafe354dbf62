"""The tables of the shells themselves: who may come in."""

from sqlalchemy import Index, MetaData, Table

from txplatform.columns import instant, text

metadata = MetaData()

api_tokens = Table(
    "api_tokens",
    metadata,
    text("token_id", "Names the token; part of its text.", primary_key=True),
    text("name", "Whom decisions made with it name."),
    text("role", "reader, controller or admin."),
    text("secret_hash", "SHA-256 of its secret, in hexadecimal."),
    instant("created_at", "When it was made."),
    instant("expires_at", "Until when it is good; empty: for ever.", is_optional=True),
    instant("revoked_at", "When it was revoked; empty: it was not.", is_optional=True),
    Index("api_tokens_by_name", "name"),
    comment="Tokens of the API and the dashboard. Their secrets are nowhere.",
)

TABLES = {
    "decide": {api_tokens.name: ("SELECT", "INSERT", "UPDATE (revoked_at)")},
}
"""What each part of the platform may do with them: only whoever lets people in knows tokens."""
