"""What pages show of `weekly_transactions` and purchases: cells as text, sums, links to cells."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pyarrow as pa
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from txplatform.domains.spend.pages.reader import SpendReader
from txplatform.domains.spend.queries.trends import Sums
from txplatform.domains.spend.queries.weekly_table import WeeklyFilter, telling_open, weekly_page
from txplatform.domains.spend.tables import weekly_transactions
from txplatform.serving.dashboard import links
from txplatform.serving.dashboard.formats import DASH, NO_BREAK
from txplatform.serving.paging import every_row

WEEKLY = weekly_transactions.c
NOT_SHOWN = ("computed_at", "run_id", "valid_from", "valid_to")
SHARES = ("department_share", "division_share_of_department", "division_share_of_week")


def weekly_rows(reader: SpendReader, rows: pa.Table) -> dict[str, list[str]]:
    """The rows of `weekly_transactions` as text, by the names of its columns."""
    return {
        reader.text(f"column.{name}"): [cell(reader, name, one) for one in rows[name].to_pylist()]
        for name in rows.column_names
        if name not in NOT_SHOWN
    }


def every_weekly_row(reader: SpendReader, wanted: WeeklyFilter) -> pa.Table:
    """The rows of `weekly_transactions` for an export, of the open week too, which says so."""
    rows = every_row(partial(weekly_page, reader.engine, wanted))
    return telling_open(rows, reader.open_week)


def cell(reader: SpendReader, name: str, value: object) -> str:
    """A value of a column of `weekly_transactions` as text; amounts without their currency."""
    if name == "week_start" and isinstance(value, date):
        return reader.told_if_open(value, reader.day(value).replace(" ", NO_BREAK))
    if isinstance(value, int):
        return reader.whole(value)
    if value is None or isinstance(value, Decimal):
        written = reader.even_share if name in SHARES else reader.amount
        return reader.even_change(value) if name.endswith("_pct") else written(value)
    return str(value)


def exact(reader: SpendReader, name: str, value: object) -> str:
    """Every digit of a share or change of `weekly_transactions`; nothing of another column."""
    if not isinstance(value, Decimal):
        return ""
    return reader.exact_change(value) if name.endswith("_pct") else reader.exact_share(value)


def purchases(reader: SpendReader, rows: pa.Table) -> dict[str, list[str]]:
    """Purchases as text, each with its file and line."""
    found = rows.to_pylist()
    names = ("merchant", "category", "department", "division")
    cells = {
        reader.text("purchase.transaction_date"): [
            reader.day(one["transaction_date"]).replace(" ", NO_BREAK) for one in found
        ]
    }
    for name in names:
        if name.startswith("d") and len({one[name] for one in found}) == 1:
            continue  # the page has said it above
        part = "column" if name.startswith("d") else "purchase"
        cells[reader.text(f"{part}.{name}")] = [one[name] or DASH for one in found]
    cells[reader.text("purchase.amount")] = [reader.money(one["amount"]) for one in found]
    if any(one["card"] for one in found):
        cells[reader.text("purchase.card")] = [one["card"] or DASH for one in found]
    return {**cells, **origins(reader, found)}


def origins(reader: SpendReader, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """File and line of rows; a line is a number in a column of its own, which never breaks."""
    return {
        reader.text("why.file"): [one["source_file"] or DASH for one in rows],
        reader.text("why.line"): [
            DASH if one["source_line"] is None else str(one["source_line"]) for one in rows
        ],
    }


def sums(reader: SpendReader, places: Iterable[DeltaGenerator], found: Sums) -> None:
    """Net total, refunds and purchases, each in its place."""
    total, refunds, count = places
    total.metric(
        reader.text("figure.total"),
        reader.money(found.total_amount),
        help=reader.help(WEEKLY.total_amount),
    )
    refunds.metric(
        reader.text("figure.refunds"),
        reader.money(found.refund_amount),
        help=reader.help(WEEKLY.refund_amount),
    )
    count.metric(
        reader.text("figure.count"),
        reader.whole(found.transaction_count),
        help=reader.help(WEEKLY.transaction_count),
    )


def to_cells(reader: SpendReader, cells: Sequence[tuple[str, str, date]]) -> None:
    """Links to "Why this number" of cells: department, division, week; two beside each other."""
    with st.expander(reader.text("links.why")):
        columns = st.columns(2)
        for position, (department, division, week) in enumerate(cells):
            with columns[position % 2]:
                links.to_page(
                    reader,
                    "why",
                    f"{department} · {division} · {reader.day(week)}",
                    from_=week.isoformat(),
                    to=week.isoformat(),
                    department=department,
                    division=division,
                )
