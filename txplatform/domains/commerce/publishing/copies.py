"""Gold's copies: MongoDB for the API, PostgreSQL for BI, and whether the three say the same.

MongoDB's collections are written under another name and renamed; PostgreSQL's tables change in one
transaction. A reader sees the old rows or the new ones, never a part or none.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import chain
from typing import Any, NamedTuple

import pyarrow as pa
from bson.decimal128 import Decimal128
from pyarrow import compute as pc
from pymongo import ReplaceOne
from pymongo.database import Database
from sqlalchemy import Connection, Engine, Table, func, select
from sqlalchemy.dialects.postgresql import insert

from txplatform.connectors import postgres
from txplatform.connectors.documents import encoded
from txplatform.domains.commerce import tables
from txplatform.domains.commerce.tables.arrow import schema_of

BATCH, TABLES_AT_ONCE = 5_000, 3
LOCK = func.pg_advisory_xact_lock(func.hashtext("txplatform.commerce"))


class Extent(NamedTuple):
    """What a table must have in every place: its rows, and the sum of its first money column."""

    rows: int
    total: Decimal


def to_mongo(
    database: Database[Any],
    gold: Mapping[str, pa.Table],
    run_id: str,
    on_shown: Callable[[str], None] = lambda _: None,
) -> None:
    """Replace the collections `gold_<table>`, some side by side, each at once.

    What an earlier shop had and this one has not, such as hours, goes. `on_shown` is told the name
    of each table as soon as readers see it.
    """

    def replace(name: str) -> None:
        _replace(database, name, gold[name], run_id)
        on_shown(name)

    with ThreadPoolExecutor(TABLES_AT_ONCE) as pool:
        deque(pool.map(replace, gold), maxlen=0)
    for name in _absent(gold):
        database.drop_collection(f"gold_{name}")


def _absent(gold: Mapping[str, pa.Table]) -> list[str]:
    """The tables of gold that a shop has not."""
    there = {*gold}
    return [name for name in tables.GOLD if name not in there]


def _replace(database: Database[Any], name: str, rows: pa.Table, run_id: str) -> None:
    unfinished = f"gold_{name}_next"
    database.drop_collection(unfinished)
    # Looking whether it exists takes a right that computations do not have.
    target = database.create_collection(unfinished, check_exists=False)
    kept = rows.select([column for column in rows.column_names if column != "run_id"])
    marked = kept.append_column("run_id", pa.repeat(run_id, rows.num_rows))
    for batch in marked.to_batches(BATCH):
        if batch.num_rows:
            target.insert_many(encoded(batch), ordered=False)
    key = [column.name for column in tables.GOLD[name].primary_key]
    if key:
        target.create_index([(column, 1) for column in key], unique=True, name="key")
    target.rename(f"gold_{name}", dropTarget=True)


def to_postgres(engine: Engine, gold: Mapping[str, pa.Table]) -> None:
    """Replace the tables of the schema `commerce` in one transaction."""
    with engine.begin() as connection:
        connection.execute(select(LOCK))
        for name, rows in gold.items():
            connection.execute(tables.GOLD[name].delete())
            postgres.copy(connection, tables.GOLD[name].fullname, rows)
        for name in _absent(gold):
            connection.execute(tables.GOLD[name].delete())


def keep(
    database: Database[Any], engine: Engine, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Add rows to a table that grows, in both places; the same key again replaces its row."""
    keys = [column.name for column in table.primary_key]
    documents = encoded(pa.RecordBatch.from_pylist([*rows], schema_of(table)))
    changes: list[ReplaceOne[Any]] = [
        ReplaceOne({key: document[key] for key in keys}, document, upsert=True)
        for document in documents
    ]
    database[f"gold_{table.name}"].bulk_write(changes)
    added = insert(table)
    others = {name: added.excluded[name] for name in rows[0] if name not in keys}
    replacing = added.on_conflict_do_update(index_elements=keys, set_=others)
    with engine.begin() as connection:
        connection.execute(replacing, list(rows))


def differences(
    database: Database[Any], engine: Engine, gold: Mapping[str, pa.Table]
) -> Iterable[str]:
    """Where a copy has other rows or another sum than the lake, in words."""
    absent = ((name, schema_of(tables.GOLD[name]).empty_table()) for name in _absent(gold))
    with engine.connect() as connection:
        for name, rows in chain(gold.items(), absent):
            wanted = _in_lake(name, rows)
            copies = {
                "MongoDB": _in_mongo(database, name),
                "PostgreSQL": _in_postgres(connection, name),
            }
            for place, found in copies.items():
                if found != wanted:
                    yield (
                        f"{name} has {wanted.rows} rows and {wanted.total} in the lake, "
                        f"{found.rows} rows and {found.total} in {place}"
                    )


def _summed_column(name: str) -> str | None:
    columns = tables.GOLD[name].columns
    known = ("net_amount", "amount", "gross_amount", "monetary", "clv")
    return next((column for column in known if column in columns), None)


def sums(name: str, rows: pa.Table) -> dict[str, str]:
    """The sum of a table's first column of money, by its name; none where it has no such column."""
    column = _summed_column(name)
    total = pc.sum(rows[column].cast(pa.decimal128(38, 2))).as_py() if column else None
    return {column: f"{total or 0:.2f}"} if column else {}


def _in_lake(name: str, rows: pa.Table) -> Extent:
    total = next(iter(sums(name, rows).values()), "0.00")
    return Extent(rows.num_rows, Decimal(total))


def _in_mongo(database: Database[Any], name: str) -> Extent:
    column = _summed_column(name)
    summed: Any = {"$sum": f"${column}"} if column else {"$sum": 0}
    group = {"$group": {"_id": None, "rows": {"$sum": 1}, "total": summed}}
    found = next(iter(database[f"gold_{name}"].aggregate([group])), {"rows": 0, "total": 0})
    total = found["total"]
    plain = total.to_decimal() if isinstance(total, Decimal128) else Decimal(total)
    return Extent(found["rows"], plain.quantize(Decimal("0.01")))


def _in_postgres(connection: Connection, name: str) -> Extent:
    table, column = tables.GOLD[name], _summed_column(name)
    total = func.coalesce(func.sum(table.c[column]), 0) if column else func.max(0)
    count, summed = connection.execute(select(func.count(), total).select_from(table)).one()
    return Extent(count, Decimal(summed or 0).quantize(Decimal("0.01")))
