"""What the engine adds up for a shop's gold, in SQL written by hand for DuckDB alone."""

import time
from pathlib import Path

import duckdb

from txplatform.domains.commerce.computation import gold
from txplatform.errors import PlatformError

SQL = """
    CREATE VIEW lines AS SELECT *, CAST("at" AS DATE) AS day FROM read_parquet({files});
    CREATE TEMP TABLE goods AS
        SELECT *, hour("at") AS hour, kind = 'sale' AS is_sale,
            row_number() OVER (PARTITION BY order_id, kind ORDER BY "at", source_file, source_line)
                = 1 AND kind = 'sale' AS is_first,
            CASE WHEN kind = 'sale' AND customer_id <> '(anonymous)' THEN customer_id END AS buyer
        FROM lines WHERE class = 'goods' AND kind IN ('sale', 'refund');
"""
TOTALS = (
    "count(*) FILTER (is_first) AS order_count, count(*) AS line_count, "
    "count(*) FILTER (is_sale) AS sale_count, sum(quantity) AS quantity, "
    "sum(amount) FILTER (is_sale) AS gross, sum(amount) FILTER (NOT is_sale) AS refund"
)
OF_PRODUCTS = (
    TOTALS + ", count(DISTINCT buyer), count(DISTINCT order_id) FILTER (is_sale), "
    "min(amount) FILTER (is_sale), max(amount) FILTER (is_sale), min(day) FILTER (is_sale), "
    "max(day) FILTER (is_sale)"
)
BY_HAND = {
    "order_amounts": "SELECT order_id, sum(amount) FROM goods WHERE is_sale GROUP BY ALL",
    "customer_days": "SELECT customer_id, day, {totals} FROM goods GROUP BY ALL",
    "hours": "SELECT hour, {totals}, count(DISTINCT buyer) FROM goods GROUP BY ALL",
    "countries": "SELECT country, {totals}, count(DISTINCT buyer) FROM goods GROUP BY ALL",
    "products": "SELECT product, {of_products} FROM goods GROUP BY ALL",
    "country_products": "SELECT country, product, {of_products} FROM goods GROUP BY ALL",
    "descriptions": "SELECT product, description, count(*) FROM lines WHERE class = 'goods' "
    "GROUP BY ALL",
    "client_products": "SELECT customer_id, count(DISTINCT product) FROM goods WHERE is_sale "
    "GROUP BY ALL",
    "movements": "SELECT class, product, day, count(*), sum(amount) FROM lines "
    "WHERE class <> 'goods' GROUP BY ALL",
    "last_countries": 'SELECT customer_id, arg_max(country, ("at", source_file, source_line)) '
    "FROM lines GROUP BY ALL",
    "pairs": """
        WITH held AS (SELECT DISTINCT order_id, product FROM goods WHERE is_sale),
        often AS (SELECT product, count(*) AS n FROM held GROUP BY ALL HAVING count(*) >= {least}),
        kept AS (SELECT held.*, n FROM held JOIN often USING (product))
        SELECT a.product, b.product, a.n, b.n, count(*) FROM kept a JOIN kept b
            ON a.order_id = b.order_id AND a.product < b.product
            GROUP BY ALL HAVING count(*) >= {least}
    """,
}


def by_hand(paths: list[Path], ours: gold.Sums) -> float:
    """Seconds of the same tables in SQL; each has as many rows as ours."""
    least = -(-ours.basket_count // 100)
    began = time.monotonic()
    connection = duckdb.connect()
    connection.execute(SQL.format(files=[str(path) for path in paths]))
    parts = {"least": least, "totals": TOTALS, "of_products": OF_PRODUCTS}
    rows = {
        name: connection.sql(query.format(**parts)).to_arrow_table().num_rows
        for name, query in BY_HAND.items()
    }
    seconds = time.monotonic() - began
    expected = {name: len(getattr(ours, name)) for name in rows}
    if rows != expected:
        raise PlatformError(f"The SQL has other tables: {rows}, ours {expected}.")
    return seconds
