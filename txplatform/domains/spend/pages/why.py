"""Why this number: a cell of the table down to its purchases and their lines, and what it was."""

from datetime import date
from functools import partial

import pyarrow as pa
import streamlit as st

from txplatform.domains.spend.pages import cells, wording
from txplatform.domains.spend.pages.desk import Desk
from txplatform.domains.spend.pages.scope import choose_scope, tell_empty, tell_scope, tell_state
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
from txplatform.serving.dashboard.view import View
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


def show(desk: Desk, view: View) -> None:
    """The page: of one week, the last of those chosen."""
    st.title(desk.text("why.title"))
    scope = choose_scope(desk, view)
    if scope is None:
        tell_empty(desk)
        return
    if scope.first < scope.last:
        st.caption(desk.text("why.one_week"))
    scope = scope._replace(first=scope.last)
    tell_scope(desk, scope)
    tell_state(desk, scope)
    if scope.division is None:
        _choose_cell(desk, scope)
    else:
        _cell(desk, scope)
    _run(desk, scope.last)
    _purchases(desk, view, scope)
    _refused(desk, scope.last)


def _choose_cell(desk: Desk, scope: Scope) -> None:
    """The week or department as a whole, and links to its cells."""
    sums = trends.sums(desk.engine, scope)
    total, refunds, count = st.columns(3)
    total.metric(
        desk.text("figure.total"),
        desk.money(sums.total_amount),
        help=desk.help(WEEKLY.total_amount),
    )
    refunds.metric(
        desk.text("figure.refunds"),
        desk.money(sums.refund_amount),
        help=desk.help(WEEKLY.refund_amount),
    )
    count.metric(
        desk.text("figure.count"),
        desk.whole(sums.transaction_count),
        help=desk.help(WEEKLY.transaction_count),
    )
    departments = (scope.department,) if scope.department else ()
    page = weekly_page(desk.engine, WeeklyFilter(scope.last, scope.last, departments), size=CELLS)
    rows = page.rows.to_pylist()
    cells.to_cells(desk, [(one["department"], one["division"], scope.last) for one in rows])


def _cell(desk: Desk, scope: Scope) -> None:
    versions = cell_versions(desk.engine, scope.last, scope.department or "", scope.division or "")
    now = [one for one in versions.to_pylist() if one["valid_to"] is None]
    if not now:
        st.info(desk.text("why.no_row"), icon=":material/inbox:")
    else:
        places = [place for _ in range(3) for place in st.columns(3)]
        for place, name in zip(places, FIGURES, strict=True):
            is_money = name.endswith("_amount")
            value = now[0][name]
            written = desk.money(value) if is_money else cells.cell(desk, name, value)
            exact = "" if is_money else as_text(cells.exact(desk, name, value))
            meaning = f"{desk.help(WEEKLY[name])} {exact}"
            place.metric(desk.text(f"column.{name}"), written, help=meaning)
    _earlier(desk, versions)


def _earlier(desk: Desk, versions: pa.Table) -> None:
    st.header(desk.text("why.before"), help=desk.text("why.before_help"))
    found = versions.to_pylist()
    if len(found) < 2 and all(one["valid_to"] is None for one in found):
        st.write(desk.text("why.never_changed"))
        return
    blocks.table(
        {
            desk.text("why.valid_from"): [desk.instant(one["valid_from"]) for one in found],
            desk.text("why.valid_to"): [
                desk.instant(one["valid_to"]) if one["valid_to"] else desk.text("why.now")
                for one in found
            ],
            desk.text("column.total_amount"): [desk.money(one["total_amount"]) for one in found],
            desk.text("column.transaction_count"): [
                desk.whole(one["transaction_count"]) for one in found
            ],
            desk.text("why.run"): [one["run_id"] for one in found],
        }
    )


def _run(desk: Desk, week: date) -> None:
    st.header(desk.text("why.origin"))
    found = [one for one in week_status(desk.engine, CODE_VERSION) if one.week_start == week]
    if not found or found[0].computed_at is None:
        st.write(desk.text("why.not_computed"))
        return
    status = found[0]
    blocks.table(
        {
            desk.text("column.state"): [wording.state(desk, status)],
            desk.text("why.computed_at"): [desk.instant(status.computed_at)],
            desk.text("why.run"): [status.run_id or ""],
            desk.text("why.documents"): [desk.whole(status.document_count)],
            desk.text("why.documents_amount"): [desk.money(status.total_amount)],
        }
    )
    address = f"{desk.platform.settings.ui_url.rstrip('/')}/runs/{status.run_id}"
    st.link_button(
        desk.text("why.open_run"),
        address,
        icon=":material/open_in_new:",
        help=desk.text("why.open_run_help", address=desk.platform.settings.ui_url),
    )


def _purchases(desk: Desk, view: View, scope: Scope) -> None:
    st.header(desk.text("why.purchases"), help=desk.text("why.purchases_help"))
    wanted = PurchaseFilter(scope.last, scope.department, scope.division)
    page = purchase_page(desk.platform.database, wanted, view.get("after"), PURCHASES)
    if not page.rows.num_rows:
        st.info(desk.text("state.empty"), icon=":material/inbox:")
        return
    blocks.table(cells.purchases(desk, page.rows))
    blocks.next_page(desk, "why", view, page)
    database = desk.platform.database
    blocks.export_buttons(
        desk, "purchases", page.total, partial(every_row, partial(purchase_page, database, wanted))
    )


def _refused(desk: Desk, week: date) -> None:
    st.header(desk.text("why.refused"), help=desk.text("why.refused_help"))
    page = refused_rows_of_week(desk.platform.database, week, REFUSED)
    if not page.total:
        st.write(desk.text("why.none_refused"))
        return
    st.caption(desk.text("pages.rows", shown=page.rows.num_rows, count=desk.whole(page.total)))
    found = page.rows.to_pylist()
    blocks.table(
        {
            **cells.origins(desk, found),
            desk.text("why.rule"): [one["rule"] for one in found],
            desk.text("why.reason"): [
                wording.refused(desk, one["rule"], one["reason"]) for one in found
            ],
            desk.text("why.raw"): [one["raw"] for one in found],
        }
    )
