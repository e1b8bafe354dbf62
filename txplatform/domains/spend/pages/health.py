"""Data health: weeks present, stale or missing, refused rows, Benford, sign-offs, refresh time."""

from datetime import date, timedelta

import streamlit as st

from txplatform.domains.spend.pages import benford, signing, withdrawing, wording
from txplatform.domains.spend.pages.desk import Desk
from txplatform.domains.spend.pages.scope import choose_scope, tell_empty
from txplatform.domains.spend.queries.purchases import refused_by_rule
from txplatform.domains.spend.queries.refresh import refresh_time
from txplatform.domains.spend.queries.status import WeekState, WeekStatus, table_totals, week_status
from txplatform.domains.spend.queries.trends import Scope
from txplatform.domains.spend.queries.unusual import unusual_weeks, vanished_divisions
from txplatform.domains.spend.transforms import CODE_VERSION
from txplatform.periods import WEEK
from txplatform.serving.dashboard import blocks
from txplatform.serving.dashboard.formats import DASH, as_text
from txplatform.serving.dashboard.view import View

SHOWN_WEEKS = 60
VANISHED_WEEKS = 52


def show(desk: Desk, view: View) -> None:
    """The page."""
    st.title(desk.text("health.title"))
    scope = choose_scope(desk, view)
    statuses = week_status(desk.engine, CODE_VERSION)
    if scope is None and not statuses:
        tell_empty(desk)
        return
    _figures(desk, statuses)
    _checks(desk, scope)
    _weeks(desk, statuses, scope)
    if scope is not None:
        signing.show(desk, scope)
    _refused(desk)
    withdrawing.show(desk)
    benford.show(desk, scope)


def _figures(desk: Desk, statuses: list[WeekStatus]) -> None:
    counts = {state: sum(one.state is state for one in statuses) for state in WeekState}
    refresh = refresh_time(desk.engine, desk.platform.database)
    fresh, stale, missing, last, median, slow = st.columns([2, 2, 2, 4, 2.5, 2.5])
    for place, state in zip((fresh, stale, missing), WeekState, strict=True):
        place.metric(
            desk.text(f"health.{state}"),
            desk.whole(counts[state]),
            help=desk.text(f"health.{state}_help"),
        )
    last.metric(
        desk.text("health.last"),
        desk.instant(refresh.last_published_at),
        help=desk.text("health.last_help"),
    )
    for place, name, seconds in (
        (median, "p50", refresh.p50_seconds),
        (slow, "p95", refresh.p95_seconds),
    ):
        place.metric(
            desk.text(f"health.{name}"),
            _seconds(desk, seconds),
            help=desk.text(f"health.{name}_help"),
        )


def _seconds(desk: Desk, seconds: float | None) -> str:
    return DASH if seconds is None else desk.span(timedelta(seconds=round(seconds)))


def _checks(desk: Desk, scope: Scope | None) -> None:
    st.header(desk.text("health.checks"))
    totals = table_totals(desk.engine)
    if totals.is_reconciled:
        st.success(
            desk.text(
                "health.reconciled",
                amount=as_text(desk.money(totals.total_amount)),
                count=desk.whole(totals.transaction_count),
            ),
            icon=":material/check_circle:",
        )
    else:
        amounts = {"table": totals.total_amount, "documents": totals.source_amount}
        written = {name: as_text(desk.money(amount)) for name, amount in amounts.items()}
        st.error(desk.text("health.not_reconciled", **written), icon=":material/error:")
    if scope is None:
        return
    unusual = unusual_weeks(desk.engine, scope.first, scope.last)
    since = max(scope.first, scope.last - (VANISHED_WEEKS - 1) * WEEK)
    vanished = vanished_divisions(desk.engine, since, scope.last)
    for total, _ in unusual:
        st.warning(
            desk.text(
                "health.unusual",
                week=desk.week(total.week_start),
                amount=as_text(desk.money(total.amount)),
            ),
            icon=":material/info:",
        )
    if vanished:
        st.warning(
            desk.text("health.vanished", count=desk.whole(len(vanished))), icon=":material/info:"
        )
        _vanished(desk, vanished)
    if not unusual and not vanished:
        st.success(desk.text("health.usual"), icon=":material/check_circle:")


def _vanished(desk: Desk, found: list[tuple[date, str, str]]) -> None:
    with st.expander(desk.text("health.which")):
        blocks.table(
            {
                desk.text("column.week_start"): [desk.week(week) for week, _, _ in found],
                desk.text("column.department"): [department for _, department, _ in found],
                desk.text("column.division"): [division for _, _, division in found],
            }
        )


def _weeks(desk: Desk, statuses: list[WeekStatus], scope: Scope | None) -> None:
    st.header(desk.text("health.weeks"), help=desk.text("health.weeks_help"))
    shown = [
        one
        for one in reversed(statuses)
        if scope is None
        or one.state is not WeekState.FRESH
        or scope.first <= one.week_start <= scope.last
    ]
    count = desk.whole(len(shown))
    shown = sorted(shown, key=lambda one: one.state is WeekState.FRESH)[:SHOWN_WEEKS]
    st.caption(desk.text("pages.rows", shown=len(shown), count=count))
    blocks.table(
        {
            desk.text("column.week_start"): [desk.week(one.week_start) for one in shown],
            desk.text("column.state"): [wording.state(desk, one) for one in shown],
            desk.text("why.documents"): [desk.whole(one.document_count) for one in shown],
            desk.text("why.documents_amount"): [desk.money(one.total_amount) for one in shown],
            desk.text("health.rows"): [desk.whole(one.row_count) for one in shown],
            desk.text("why.computed_at"): [desk.instant(one.computed_at) for one in shown],
        }
    )


def _refused(desk: Desk) -> None:
    st.header(desk.text("health.refused"), help=desk.text("health.refused_help"))
    found = refused_by_rule(desk.platform.database)
    if not found:
        st.write(desk.text("health.none_refused"))
        return
    blocks.table(
        {
            desk.text("why.rule"): list(found),
            desk.text("why.reason"): [wording.refused(desk, rule) for rule in found],
            desk.text("health.refused_rows"): [desk.whole(count) for count in found.values()],
        }
    )
