"""The lake's silver as people read it: lines, what was refused or noted, and the files' books."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

import pyarrow as pa

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.publishing.lake import open_lake
from txplatform.domains.commerce.queries.lists import CENTS, NOTHING_YET, Listing
from txplatform.errors import PlatformError
from txplatform.settings import Settings

LINES = [column for column in tables.lines.columns if column.name != "fingerprint"]
NAMES = [column.name for column in LINES]


class Counted(NamedTuple):
    """Rows of a kind in one file, and the amount that could be read of them; None: of no row."""

    kind: str
    source_file: str
    row_count: int
    amount: Decimal | None


def lines(settings: Settings, limit: int, skip: int, where: Mapping[str, str]) -> Listing:
    """A page of the lines of orders, with the number and the sum of all that match.

    Their order is that in which the lake's files hold them, which never change: the same for every
    page, and DuckDB need not sort half a million lines for fifty.

    Raises:
        PlatformError: nothing was taken in yet.
    """
    import duckdb

    layer = open_lake(settings).silver
    paths = [str(path) for path in layer.paths(layer.current().files("lines"))]
    if not paths:
        raise PlatformError(NOTHING_YET)
    given = {column: value for column, value in where.items() if value and column in NAMES}
    condition = " AND ".join(f'"{column}" = ?' for column in given) or "TRUE"
    taken = ", ".join(f'"{name}"' for name in NAMES)
    source = f"FROM read_parquet(?) WHERE {condition}"
    known = [paths, *given.values()]
    with duckdb.connect() as connection:
        sums = f"SELECT count(*), sum(amount) {source}"
        ((total, amount),) = connection.sql(sums, params=known).fetchall()
        page = f"SELECT {taken} {source} LIMIT {int(limit)} OFFSET {int(skip)}"
        rows = connection.sql(page, params=known).to_arrow_table()
    return Listing(rows, total, {"amount": Decimal(amount or 0).quantize(CENTS)})


def rows(settings: Settings, name: str) -> pa.Table:
    """The rows of `quarantine` (refused) or `issues` (noted, they count), by file and line."""
    order = [("source_file", "ascending"), ("source_line", "ascending")]
    return open_lake(settings).silver_table(name).sort_by(order)


def files(settings: Settings) -> pa.Table:
    """The books of every file, the latest first."""
    return open_lake(settings).silver_table("ingestions").sort_by([("ingested_at", "descending")])


def counted(found: pa.Table, kind: str) -> list[Counted]:
    """How many rows of each kind each file has, and their amounts; the most first."""
    sums = [("amount", "sum")] if "amount" in found.column_names else []
    groups = found.group_by([kind, "source_file"]).aggregate([([], "count_all"), *sums])
    made = [
        Counted(row[kind], row["source_file"], row["count_all"], row.get("amount_sum"))
        for row in groups.to_pylist()
    ]
    return sorted(made, key=lambda one: (-one.row_count, one.kind, one.source_file))
