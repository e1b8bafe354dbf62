"""What the PostgreSQL tables share: their metadata, and the types of money, shares and instants."""

from typing import Any

from sqlalchemy import Column, DateTime, MetaData, Numeric, Text

from txplatform import money

metadata = MetaData()
MONEY = money.SQL
SHARE = Numeric(28, 6)
PERCENT = Numeric(28, 4)


def instant(name: str, comment: str, is_optional: bool = False) -> Column[Any]:
    """A column that holds a moment in time."""
    return Column(name, DateTime(timezone=True), nullable=is_optional, comment=comment)


def stamps() -> list[Column[Any]]:
    """When and by which run a row was written."""
    return [
        instant("computed_at", "When the row was written."),
        Column("run_id", Text, nullable=False, comment="The run that wrote the row."),
    ]
