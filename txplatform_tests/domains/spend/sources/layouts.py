"""Layouts for tests: the smallest one, and that one with some keys changed."""

from txplatform.domains.spend.sources.layouts import Layout, parse_layout

SMALL = """
name = "small"
currency = "USD"
date_format = "yyyy-MM-dd"
"""

COLUMNS = """
[columns]
department = "department"
division = "division"
merchant = "merchant"
transaction_date = "day"
amount = "amount"
"""


def small(keys: str = "", columns: str = COLUMNS, tables: str = "") -> Layout:
    """The small layout with further top-level keys, other columns or further tables."""
    return parse_layout(f"{SMALL}\n{keys}\n{columns}\n{tables}", "small.toml")
