"""The published shops, and how a test takes them in and reads gold's tables."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pyarrow as pa

from txplatform.connectors.object_store import ObjectStore
from txplatform.domains.commerce import tables
from txplatform.domains.commerce.computation import gold
from txplatform.domains.commerce.computation.engines import Engine
from txplatform.domains.commerce.computation.refresh import known_customers
from txplatform.domains.commerce.publishing.lake import Lake
from txplatform.domains.commerce.sources.ingest import ingest
from txplatform.domains.commerce.sources.layouts import layout
from txplatform.domains.commerce.tables.arrow import schema_of

MONEY_TABLES = {
    "sales_day": "day",
    "sales_week": "week_start",
    "sales_month": "month",
    "sales_country": "country",
    "sales_product": "product",
    "clients": "customer_id",
}
FILES = {
    "clients_achats": ("clients_achats_7k/clients.csv", "clients_achats_7k/achats.csv"),
    "online_retail": ("online_retail/online_retail_2010-12_2011-12.csv.gz",),
    "cdnow": ("cdnow/CDNOW_sample.txt",),
}
CLIENTS = "id_client,nom,email,date_inscription,pays"
ACHATS = "id_achat,id_client,date_achat,montant,produit"
RETAIL = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
"""The headers of the published files."""


class Shop(NamedTuple):
    """A lake that holds a shop."""

    lake: Lake
    layout: str

    def take_in(self, engine: Engine, *paths: Path) -> list[str]:
        """Ingest files; what became of them."""
        return list(ingest(self.lake, engine, layout(self.layout), paths, "test"))

    def choices(self, **changes: Any) -> gold.Choices:
        """The layout's choices, with changes."""
        form = layout(self.layout)
        return gold.Choices(form.has_time, form.basket)._replace(**changes)

    def gold(self, engine: Engine, **changes: Any) -> dict[str, pa.Table]:
        """Every table of sales and customers, as one engine makes them."""
        files = self.lake.silver.current().files("lines")
        lines = engine.read(self.lake.silver.paths(files), schema_of(tables.lines))
        chosen = self.choices(**changes)
        added = gold.added_up(engine, lines, chosen)
        return gold.gold_tables(added, known_customers(self.lake), chosen)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a silver table, which keeps no order, as they stood in their files."""
        rows: list[dict[str, Any]] = self.lake.silver_table(table).to_pylist()
        return sorted(rows, key=lambda row: row.get("source_line") or 0)


def new_shop(folder: Path, name: str) -> Shop:
    """A shop without a line."""
    return Shop(Lake.of(ObjectStore(str(folder / "lake")), folder / "cache"), name)


def published(shared_data: Path, name: str) -> list[Path]:
    """The files of a published shop."""
    return [shared_data / "commerce" / file for file in FILES[name]]


def written(path: Path, header: str, *lines: str) -> Path:
    """A file of text."""
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return path


def gold_table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows of a table of gold; what is left out is empty."""
    schema = schema_of(tables.GOLD[name])
    return pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema=schema)


def checksum(rows: pa.Table, key: str) -> str:
    """The first digits of a hash over `key,order_count,gross,refund,net`, in order of the key."""
    lines = sorted(
        (str(row[key]).encode(), row["order_count"], row["gross_amount"], row["refund_amount"],
         row["net_amount"])
        for row in rows.to_pylist()
    )  # fmt: skip
    text = "".join(
        f"{key.decode()},{n},{gross},{back},{net}\n" for key, n, gross, back, net in lines
    )
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def frame(rows: pa.Table) -> pl.DataFrame:
    """A table as a Polars frame."""
    return pl.DataFrame(rows)


def values(rows: pa.Table, columns: Iterable[str]) -> list[Sequence[str]]:
    """Some columns as text, row by row."""
    return [tuple(str(row[column]) for column in columns) for row in rows.to_pylist()]
