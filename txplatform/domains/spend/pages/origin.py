"""Why this number: a cell of the table down to its purchases and their lines, and what it was."""

from datetime import date
from functools import partial

import pyarrow as pa
import streamlit as st

from txplatform.domains.spend.pages import cells, wording
from txplatform.domains.spend.pages.reader import SpendReader
from txplatform.domains.spend.pages.scope import chosen_scope, tell_scope_and_state
from txplatform.domains.spend.queries import trends
from txplatform.domains.spend.queries.purchases import (
    PurchaseFilter,
    purchase_page,
    refused_rows_of_week,
)
from txplatform.domains.spend.queries.status import week_status
from txplatform.domains.spend.queries.trends import Scope
from txplatform.domains.spend.queries.weekly_table import WeeklyFilter, cell_versions, weekly_page
from txplatform.domains.spend.tables import weekly_transactions
from txplatform.domains.spend.transforms import CODE_VERSION
from txplatform.serving.dashboard import blocks
from txplatform.serving.dashboard.formats import as_text
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.paging import every_row

WEEKLY = weekly_transactions.c
PURCHASES, REFUSED, CELLS = 50, 20, 30
FIGURES = (
    "total_amount",
    "refund_amount",
    "transaction_count",
    "division_share_of_department",
    "division_share_of_week",
    "department_amount",
    "department_share",
    "department_previous_amount",
    "department_change_pct",
)


def show(reader: SpendReader, view: View) -> None:
    """The page: of one week, the last of those chosen."""
    st.title(reader.text("why.title"))
    scope = chosen_scope(reader, view)
    if scope is None:
        return
    if scope.first < scope.last:
        st.caption(reader.text("why.one_week"))
    scope = scope._replace(first=scope.last)
    tell_scope_and_state(reader, scope)
    if scope.division is None:
        _choose_cell(reader, scope)
    else:
        _cell(reader, scope)
    _run(reader, scope.last)
    _purchases(reader, view, scope)
    _refused(reader, scope.last)


def _choose_cell(reader: SpendReader, scope: Scope) -> None:
    """The week or department as a whole, and links to its cells."""
    sums = trends.sums(reader.engine, scope)
    cells.sums(reader, st.columns(3), sums)
    departments = (scope.department,) if scope.department else ()
    page = weekly_page(reader.engine, WeeklyFilter(scope.last, scope.last, departments), size=CELLS)
    rows = page.rows.to_pylist()
    cells.to_cells(reader, [(one["department"], one["division"], scope.last) for one in rows])


def _cell(reader: SpendReader, scope: Scope) -> None:
    versions = cell_versions(
        reader.engine, scope.last, scope.department or "", scope.division or ""
    )
    now = [one for one in versions.to_pylist() if one["valid_to"] is None]
    if not now:
        st.info(reader.text("why.no_row"), icon=":material/inbox:")
    else:
        places = [place for _ in range(3) for place in st.columns(3)]
        for place, name in zip(places, FIGURES, strict=True):
            is_money = name.endswith("_amount")
            value = now[0][name]
            written = reader.money(value) if is_money else cells.cell(reader, name, value)
            exact = "" if is_money else as_text(cells.exact(reader, name, value))
            meaning = f"{reader.help(WEEKLY[name])} {exact}"
            place.metric(reader.text(f"column.{name}"), written, help=meaning)
    _earlier(reader, versions)


def _earlier(reader: SpendReader, versions: pa.Table) -> None:
    st.header(reader.text("why.before"), help=reader.text("why.before_help"))
    found = versions.to_pylist()
    if len(found) < 2 and all(one["valid_to"] is None for one in found):
        st.write(reader.text("why.never_changed"))
        return
    blocks.table(
        {
            reader.text("why.valid_from"): [reader.instant(one["valid_from"]) for one in found],
            reader.text("why.valid_to"): [
                reader.instant(one["valid_to"]) if one["valid_to"] else reader.text("why.now")
                for one in found
            ],
            reader.text("column.total_amount"): [
                reader.money(one["total_amount"]) for one in found
            ],
            reader.text("column.transaction_count"): [
                reader.whole(one["transaction_count"]) for one in found
            ],
            reader.text("why.run"): [one["run_id"] for one in found],
        }
    )


def _run(reader: SpendReader, week: date) -> None:
    st.header(reader.text("why.origin"))
    found = [one for one in week_status(reader.engine, CODE_VERSION) if one.week_start == week]
    if not found or found[0].computed_at is None:
        st.write(reader.text("why.not_computed"))
        return
    status = found[0]
    blocks.table(
        {
            reader.text("column.state"): [wording.state(reader, status)],
            reader.text("why.computed_at"): [reader.instant(status.computed_at)],
            reader.text("why.run"): [status.run_id or ""],
            reader.text("why.documents"): [reader.whole(status.document_count)],
            reader.text("why.documents_amount"): [reader.money(status.total_amount)],
        }
    )
    address = f"{reader.platform.settings.ui_url.rstrip('/')}/runs/{status.run_id}"
    st.link_button(
        reader.text("why.open_run"),
        address,
        icon=":material/open_in_new:",
        help=reader.text("why.open_run_help", address=reader.platform.settings.ui_url),
    )


def _purchases(reader: SpendReader, view: View, scope: Scope) -> None:
    st.header(reader.text("why.purchases"), help=reader.text("why.purchases_help"))
    wanted = PurchaseFilter(scope.last, scope.department, scope.division)
    page = purchase_page(reader.platform.database, wanted, view.get("after"), PURCHASES)
    if not page.rows.num_rows:
        st.info(reader.text("state.empty"), icon=":material/inbox:")
        return
    blocks.table(cells.purchases(reader, page.rows))
    blocks.next_page(reader, "why", view, page)
    database = reader.platform.database
    blocks.export_buttons(
        reader,
        "purchases",
        page.total,
        partial(every_row, partial(purchase_page, database, wanted)),
    )


def _refused(reader: SpendReader, week: date) -> None:
    st.header(reader.text("why.refused"), help=reader.text("why.refused_help"))
    page = refused_rows_of_week(reader.platform.database, week, REFUSED)
    if not page.total:
        st.write(reader.text("why.none_refused"))
        return
    st.caption(reader.text("pages.rows", shown=page.rows.num_rows, count=reader.whole(page.total)))
    found = page.rows.to_pylist()
    blocks.table(
        {
            **cells.origins(reader, found),
            reader.text("why.rule"): [one["rule"] for one in found],
            reader.text("why.reason"): [
                wording.refused(reader, one["rule"], one["reason"]) for one in found
            ],
            reader.text("why.raw"): [one["raw"] for one in found],
        }
    )
