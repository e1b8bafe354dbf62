"""Cells of tables as text: the rows of `weekly_transactions`, purchases, and links to them."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pyarrow as pa
import streamlit as st

from txplatform.domains.spend.pages.desk import Desk
from txplatform.domains.spend.queries.weekly_table import (
    WeeklyFilter,
    telling_open,
    weekly_page,
)
from txplatform.serving.dashboard import links
from txplatform.serving.dashboard.formats import DASH, NO_BREAK
from txplatform.serving.paging import every_row

NOT_SHOWN = ("computed_at", "run_id", "valid_from", "valid_to")
SHARES = ("department_share", "division_share_of_department", "division_share_of_week")


def weekly_rows(desk: Desk, rows: pa.Table) -> dict[str, list[str]]:
    """The rows of `weekly_transactions` as text, by the names of its columns."""
    return {
        desk.text(f"column.{name}"): [cell(desk, name, one) for one in rows[name].to_pylist()]
        for name in rows.column_names
        if name not in NOT_SHOWN
    }


def every_weekly_row(desk: Desk, wanted: WeeklyFilter) -> pa.Table:
    """The rows of `weekly_transactions` for an export, of the open week too, which says so."""
    rows = every_row(partial(weekly_page, desk.engine, wanted))
    return telling_open(rows, desk.open_week)


def cell(desk: Desk, name: str, value: object) -> str:
    """A value of a column of `weekly_transactions` as text; amounts without their currency."""
    if name == "week_start" and isinstance(value, date):
        return desk.told_if_open(value, desk.day(value).replace(" ", NO_BREAK))
    if isinstance(value, int):
        return desk.whole(value)
    if value is None or isinstance(value, Decimal):
        written = desk.even_share if name in SHARES else desk.amount
        return desk.even_change(value) if name.endswith("_pct") else written(value)
    return str(value)


def exact(desk: Desk, name: str, value: object) -> str:
    """Every digit of a share or change of `weekly_transactions`; nothing of another column."""
    if not isinstance(value, Decimal):
        return ""
    return desk.exact_change(value) if name.endswith("_pct") else desk.exact_share(value)


def purchases(desk: Desk, rows: pa.Table) -> dict[str, list[str]]:
    """Purchases as text, each with its file and line."""
    found = rows.to_pylist()
    names = ("merchant", "category", "department", "division")
    cells = {
        desk.text("purchase.transaction_date"): [
            desk.day(one["transaction_date"]).replace(" ", NO_BREAK) for one in found
        ]
    }
    for name in names:
        if name.startswith("d") and len({one[name] for one in found}) == 1:
            continue  # the page has said it above
        part = "column" if name.startswith("d") else "purchase"
        cells[desk.text(f"{part}.{name}")] = [one[name] or DASH for one in found]
    cells[desk.text("purchase.amount")] = [desk.money(one["amount"]) for one in found]
    if any(one["card"] for one in found):
        cells[desk.text("purchase.card")] = [one["card"] or DASH for one in found]
    return {**cells, **origins(desk, found)}


def origins(desk: Desk, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """File and line of rows; a line is a number in a column of its own, which never breaks."""
    return {
        desk.text("why.file"): [one["source_file"] or DASH for one in rows],
        desk.text("why.line"): [
            DASH if one["source_line"] is None else str(one["source_line"]) for one in rows
        ],
    }


def to_cells(desk: Desk, cells: Sequence[tuple[str, str, date]]) -> None:
    """Links to "Why this number" of cells: department, division, week; two beside each other."""
    with st.expander(desk.text("links.why")):
        columns = st.columns(2)
        for position, (department, division, week) in enumerate(cells):
            with columns[position % 2]:
                links.to_page(
                    desk,
                    "why",
                    f"{department} · {division} · {desk.day(week)}",
                    from_=week.isoformat(),
                    to=week.isoformat(),
                    department=department,
                    division=division,
                )
