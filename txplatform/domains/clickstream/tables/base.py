"""What the tables share: metadata, the types of money and instants, the fields of an event."""

from typing import Any

from sqlalchemy import BigInteger, Column, Integer, MetaData, Numeric, Uuid

from txplatform.columns import instant, text

SCHEMA = "clickstream"
metadata = MetaData(schema=SCHEMA)
AMOUNT = Numeric(11, 2)


def count(name: str, comment: str, **options: Any) -> Column[Any]:
    """A column that counts; 0 where nothing was counted."""
    options.setdefault("server_default", "0")
    return Column(name, BigInteger, nullable=False, comment=comment, **options)


def place() -> list[Column[Any]]:
    """Where in the log a line lies."""
    return [
        text("topic", "Topic of the log.", primary_key=True),
        Column("partition", Integer, primary_key=True, comment="Partition of the topic."),
        Column("offset", BigInteger, primary_key=True, comment="Offset in the partition."),
        instant("arrived_at", "The broker's timestamp."),
    ]


def fields() -> list[Column[Any]]:
    """The fields of an event, as it says them."""
    return [
        Column("event_id", Uuid, nullable=False, comment="The event's own id."),
        instant("event_time", "When it happened, by the shop's clock."),
        text("type", "view, add, remove, checkout or purchase."),
        text("customer_id", "Who did it."),
        text("session_id", "In which visit."),
        text("product_id", "With which product."),
        Column("quantity", Integer, nullable=False, comment="Pieces."),
        Column("amount", AMOUNT, nullable=False, comment="Value of the line."),
        text("currency", "ISO 4217."),
        text("country", "ISO 3166-1 alpha-2."),
    ]
