"""What the tables of commerce share: their schema, and the types of money, shares and counts."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, MetaData, Numeric, Table

from txplatform.columns import of_kind
from txplatform.money import SQL as MONEY

SCHEMA = "commerce"
KEPT = "kept"
metadata = MetaData(schema=SCHEMA)
silver_metadata = MetaData()
"""Of the lake only: lines of orders and the people who placed them are never copied to a server."""

PRICE = Numeric(18, 4)
SHARE = Numeric(28, 6)
PERCENT = Numeric(28, 4)


# A column may be empty unless it is of the key: what cannot be said is not 0.
text, flag, day = (of_kind(kind, are_optional=True) for kind in (sa.Text, sa.Boolean, sa.Date))
count, money = of_kind(sa.BigInteger, are_optional=True), of_kind(MONEY, are_optional=True)
share, percent = of_kind(SHARE, are_optional=True), of_kind(PERCENT, are_optional=True)
instant = of_kind(sa.DateTime(timezone=True), are_optional=True)


def gold(name: str, comment: str, *columns: Column[Any]) -> Table:
    """A table of gold: in the lake, in MongoDB as `gold_<name>`, in PostgreSQL by its name."""
    return Table(name, metadata, *columns, comment=comment)


def kept(name: str, comment: str, *columns: Column[Any]) -> Table:
    """A table that grows with every run: in MongoDB and PostgreSQL like gold's, not in the lake."""
    return Table(name, metadata, *columns, comment=comment, info={KEPT: True})


def silver(name: str, comment: str, *columns: Column[Any]) -> Table:
    """A table of silver: in the lake."""
    return Table(name, silver_metadata, *columns, comment=comment)
