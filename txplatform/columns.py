"""Columns that tables of several domains have: instants, and who wrote a row when. No I/O."""

from typing import Any

from sqlalchemy import Column, DateTime, Text


def instant(name: str, comment: str, is_optional: bool = False, **options: Any) -> Column[Any]:
    """A column that holds a moment in time."""
    kind = DateTime(timezone=True)
    return Column(name, kind, nullable=is_optional, comment=comment, **options)


def stamps() -> list[Column[Any]]:
    """When and by which run a row was written."""
    return [
        instant("computed_at", "When the row was written."),
        Column("run_id", Text, nullable=False, comment="The run that wrote the row."),
    ]
