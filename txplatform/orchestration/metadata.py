"""What Dagster's UI shows of a table: schema with units, column lineage, figures per week."""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import dagster as dg
from sqlalchemy import Column, Table

from txplatform.connectors.postgres import sql_type

ACTIVE = re.compile(r"([\\`*_\[\]<>|~$&])")
"""What Markdown or markup would be made of."""


def schema_of(table: Table, names: Iterable[str] | None = None) -> dg.TableSchema:
    """Dagster's schema of a declared table: types, comments and nullability."""
    columns = [table.c[name] for name in names] if names else list(table.columns)
    return dg.TableSchema(columns=[_table_column(column) for column in columns])


def _table_column(column: Column[Any]) -> dg.TableColumn:
    return dg.TableColumn(
        name=column.name,
        type=sql_type(column),
        description=column.comment,
        constraints=dg.TableColumnConstraints(nullable=bool(column.nullable)),
    )


def markdown(headers: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """Rows of cells as a Markdown table."""
    lines = (headers, ["---"] * len(headers), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def cell(value: object) -> str:
    """A value as text that neither ends a cell nor is Markdown or markup there."""
    return "" if value is None else ACTIVE.sub(r"\\\1", str(value))


def money_figures(name: str, total: Decimal) -> dict[str, dg.MetadataValue[Any]]:
    """A sum of money, exactly, and as the float without which Dagster plots nothing over time."""
    return {
        name: dg.MetadataValue.text(str(total)),
        f"{name}_plotted": dg.MetadataValue.float(float(total)),
    }


def lineage(columns: Mapping[str, Iterable[tuple[str, str]]]) -> dg.TableColumnLineage:
    """Column lineage from `{column: [(upstream asset, upstream column), ...]}`."""
    return dg.TableColumnLineage(
        {
            column: [dg.TableColumnDep(dg.AssetKey(asset), source) for asset, source in sources]
            for column, sources in columns.items()
        }
    )
