"""What the tables of commerce share: their schema, and the types of money, shares and counts."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Date, MetaData, Numeric, Table, Text

from txplatform.money import SQL as MONEY

SCHEMA = "commerce"
KEPT = "kept"
metadata = MetaData(schema=SCHEMA)
silver_metadata = MetaData()
"""Of the lake only: lines of orders and the people who placed them are never copied to a server."""

PRICE = Numeric(18, 4)
SHARE = Numeric(28, 6)
PERCENT = Numeric(28, 4)


def text(name: str, comment: str, **options: Any) -> Column[Any]:
    """A column of text."""
    return Column(name, Text, comment=comment, **options)


def count(name: str, comment: str, **options: Any) -> Column[Any]:
    """A column of whole numbers."""
    return Column(name, BigInteger, comment=comment, **options)


def money(name: str, comment: str, **options: Any) -> Column[Any]:
    """A column of amounts in the shop's currency."""
    return Column(name, MONEY, comment=comment, **options)


def share(name: str, comment: str, **options: Any) -> Column[Any]:
    """A column of fractions, indexes or scores with six digits."""
    return Column(name, SHARE, comment=comment, **options)


def percent(name: str, comment: str, **options: Any) -> Column[Any]:
    """A column of signed changes in per cent."""
    return Column(name, PERCENT, comment=comment, **options)


def day(name: str, comment: str, **options: Any) -> Column[Any]:
    """A column of days."""
    return Column(name, Date, comment=comment, **options)


def flag(name: str, comment: str, **options: Any) -> Column[Any]:
    """A column of yes or no."""
    return Column(name, Boolean, comment=comment, **options)


def gold(name: str, comment: str, *columns: Column[Any]) -> Table:
    """A table of gold: in the lake, in MongoDB as `gold_<name>`, in PostgreSQL by its name."""
    return Table(name, metadata, *columns, comment=comment)


def kept(name: str, comment: str, *columns: Column[Any]) -> Table:
    """A table that grows with every run: in MongoDB and PostgreSQL like gold's, not in the lake."""
    return Table(name, metadata, *columns, comment=comment, info={KEPT: True})


def silver(name: str, comment: str, *columns: Column[Any]) -> Table:
    """A table of silver: in the lake."""
    return Table(name, silver_metadata, *columns, comment=comment)
