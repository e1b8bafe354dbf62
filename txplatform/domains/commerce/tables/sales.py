"""Money tables: by time, place and product; their sums are the same in each."""

from typing import Any

from sqlalchemy import Column

from txplatform.domains.commerce.tables.base import (
    count,
    day,
    flag,
    gold,
    money,
    percent,
    share,
    text,
)


def measures() -> list[Column[Any]]:
    """What every money table measures."""
    return [
        count("order_count", "Orders with a sale line; each counts once, at its first one."),
        count("line_count", "Lines of sales and refunds."),
        count("customer_count", "Identified customers with a sale; does not add up."),
        count("quantity", "Pieces sold, less those that came back."),
        money("gross_amount", "Sales."),
        money("refund_amount", "Refunds (0 or negative)."),
        money("net_amount", "Sales and refunds together."),
        money("average_order", "Gross amount per order; empty without orders."),
    ]


def _is_complete() -> Column[Any]:
    return flag("is_complete", "Whether all of its days are among those that count.")


sales_day = gold(
    "sales_day",
    "One row per day from the first day on, zeros when silent.",
    day("day", "The day.", primary_key=True),
    count("iso_year", "Year of the ISO week."),
    count("iso_week", "ISO week."),
    count("month", "Month, 1 to 12."),
    count("quarter", "Quarter, 1 to 4."),
    count("weekday", "Weekday, Monday 1 to Sunday 7."),
    flag("is_weekend", "Saturday or Sunday."),
    *measures(),
    _is_complete(),
)
sales_week = gold(
    "sales_week",
    "One row per week, Monday to Sunday, zeros when silent.",
    day("week_start", "The Monday.", primary_key=True),
    *measures(),
    _is_complete(),
)
sales_month = gold(
    "sales_month",
    "One row per calendar month, zeros when silent.",
    day("month", "First day of the month.", primary_key=True),
    *measures(),
    _is_complete(),
)
sales_hour = gold(
    "sales_hour",
    "One row per hour of the day; empty where the source writes no times.",
    count("hour", "Hour of the day, 0 to 23, in the shop's time.", primary_key=True),
    *measures(),
)
sales_country = gold(
    "sales_country",
    "One row per country.",
    text("country", "Country of the line, else of its customer.", primary_key=True),
    *measures(),
    share("share", "Share of the net amount of all countries; empty if that is 0 or below."),
    money("amount_per_customer", "Net amount per identified customer with a sale."),
)
sales_product = gold(
    "sales_product",
    "One row per product; an order counts for each product that it holds.",
    text("product", "Product or code.", primary_key=True),
    text("description", "The most frequent description; of equals the first in the alphabet."),
    *measures(),
    money("minimum_amount", "Smallest sale line."),
    money("maximum_amount", "Largest sale line."),
    money("mean_amount", "Mean of the sale lines."),
    share("share", "Share of the net amount of all products; empty if that is 0 or below."),
    text("price_class", "Class of the mean sale line."),
    day("first_sale", "Day of the first sale."),
    day("last_sale", "Day of the last sale."),
)
sales_country_product = gold(
    "sales_country_product",
    "One row per country and product sold there.",
    text("country", "Country.", primary_key=True),
    text("product", "Product or code.", primary_key=True),
    *measures(),
)
other_movements = gold(
    "other_movements",
    "What is no sale or refund of goods: carriage, costs, adjustments, vouchers.",
    text("class", "carriage or other.", primary_key=True),
    text("code", "Code of the line.", primary_key=True),
    day("month", "First day of the month.", primary_key=True),
    count("line_count", "Lines."),
    money("amount", "Their amounts; with the net amount of goods, those of all lines."),
)
growth = gold(
    "growth",
    "Complete months against the month before and the year before.",
    day("month", "First day of the month.", primary_key=True),
    money("net_amount", "Net amount of the month."),
    percent("change_pct", "Change against the calendar month before; empty if incomplete or <= 0."),
    percent("yoy_pct", "Change against the month a year before; empty if incomplete or <= 0."),
)
sales_trend = gold(
    "sales_trend",
    "Complete months taken apart (STL); empty under two whole years of them.",
    day("month", "First day of the month.", primary_key=True),
    money("net_amount", "Net amount of the month."),
    money("trend", "What it would be without season and chance."),
    money("season", "What its place in the year adds to the trend."),
    money("remainder", "What neither explains: net amount less trend and season."),
)
