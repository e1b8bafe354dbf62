"""The tables of silver: lines, customers, what was refused or noted, and what stood before."""

from typing import Any

from sqlalchemy import Column, DateTime

from txplatform.domains.commerce.tables.base import (
    PRICE,
    count,
    day,
    flag,
    instant,
    money,
    silver,
    text,
)


def _origin() -> list[Column[Any]]:
    return [
        text("source_file", "Name of the file that brought the row."),
        count("source_line", "Line of the file, the header being 1."),
    ]


def _end() -> list[Column[Any]]:
    return [
        text("replaced_by", "Hash of the file that brought the later version."),
        instant("replaced_at", "When it did."),
    ]


def _line() -> list[Column[Any]]:
    return [
        text("line_id", "The line's own id, else the hash of its fields and its occurrence."),
        text("source", "Layout that read the line."),
        text("order_id", "The order or invoice; a line without one is an order by itself."),
        text("customer_id", "The customer; (anonymous) where the line names nobody."),
        text("product", "Product or code."),
        text("description", "The product's description as the line has it."),
        count("quantity", "Pieces; negative where goods came back."),
        Column("unit_price", PRICE, comment="Price of one piece."),
        money("amount", "Quantity x unit price, rounded half up per line."),
        Column("at", DateTime(timezone=False), comment="When, in the shop's local time."),
        text("country", "The line's country, else its customer's."),
        text("class", "goods, carriage or other (costs, adjustments, vouchers)."),
        text("kind", "Of goods: sale, refund, free or stock."),
        flag("is_before_registration", "Whether the customer registered only later."),
        text("fingerprint", "All fields as text: another one under the same id is a correction."),
        *_origin(),
    ]


def _customer() -> list[Column[Any]]:
    return [
        text("customer_id", "The customer."),
        text("name", "Name; (unknown) where blank."),
        text("email", "E-mail as written."),
        day("registered_on", "Day of registration; empty where it cannot be read."),
        text("country", "Country; (unknown) where blank."),
        text("fingerprint", "All fields as text: another one under the same id is a correction."),
        *_origin(),
    ]


lines = silver("lines", "One row per line of an order, as it stands.", *_line())
lines_history = silver("lines_history", "Lines as they were before.", *_line(), *_end())
customers = silver("customers", "One row per customer of a customer file.", *_customer())
customers_history = silver(
    "customers_history", "Customers as they were before.", *_customer(), *_end()
)
quarantine = silver(
    "quarantine",
    "Rows that were refused, with what could be read of them.",
    text("rule", "The first rule that the row broke."),
    text("kind", "Whether it is a row of lines or of customers."),
    text("customer_id", "The customer that it names."),
    money("amount", "Its amount, where it can be read."),
    text("raw", "The fields as they arrived."),
    *_origin(),
)
issues = silver(
    "issues",
    "Blemishes of rows that count all the same.",
    text("issue", "What is the matter."),
    text("customer_id", "The customer that it is about."),
    text("written", "What was written."),
    *_origin(),
)
withdrawals = silver(
    "withdrawals",
    "Files that were taken back.",
    text("content", "Hash of the file's bytes."),
    text("source_file", "Name of the file."),
    count("row_count", "Rows that it had."),
    text("withdrawn_by", "Who took it back."),
    text("withdrawn_because", "Why."),
    instant("withdrawn_at", "When."),
)
ingestions = silver(
    "ingestions",
    "One row per file: its books, which add up.",
    text("content", "Hash of the file's bytes."),
    text("source_file", "Name of the file."),
    text("layout", "Layout that read it."),
    text("kind", "Whether it holds lines or customers."),
    text("rows", "Where bronze keeps its rows."),
    count("row_count", "Rows read."),
    count("new_count", "Rows that were not there."),
    count("unchanged_count", "Rows that were there already."),
    count("corrected_count", "Rows that replaced an earlier version."),
    count("quarantined_count", "Rows that were refused."),
    money("amount", "Sum of the readable amounts of all rows."),
    money("new_amount", "Of the new rows."),
    money("unchanged_amount", "Of the unchanged rows."),
    money("corrected_amount", "Of the correcting rows."),
    money("quarantined_amount", "Of the refused rows."),
    instant("ingested_at", "When."),
)
