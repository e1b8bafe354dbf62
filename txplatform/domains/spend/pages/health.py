"""Data health: weeks present, stale or missing, refused rows, Benford, sign-offs, refresh time."""

from datetime import date, timedelta

import streamlit as st

from txplatform.domains.spend.pages import benford, signing, withdrawing, wording
from txplatform.domains.spend.pages.reader import SpendReader
from txplatform.domains.spend.pages.scope import choose_scope, tell_empty
from txplatform.domains.spend.queries.purchases import refused_by_rule
from txplatform.domains.spend.queries.refresh import refresh_time
from txplatform.domains.spend.queries.status import WeekStatus, table_totals, week_status
from txplatform.domains.spend.queries.trends import Scope
from txplatform.domains.spend.queries.unusual import unusual_weeks, vanished_divisions
from txplatform.domains.spend.transforms import CODE_VERSION
from txplatform.freshness import PeriodState
from txplatform.periods import WEEK
from txplatform.serving.dashboard import blocks
from txplatform.serving.dashboard.formats import DASH, as_text
from txplatform.serving.dashboard.query_parameters import View

SHOWN_WEEKS = 60
VANISHED_WEEKS = 52


def show(reader: SpendReader, view: View) -> None:
    """The page."""
    st.title(reader.text("health.title"))
    scope = choose_scope(reader, view)
    statuses = week_status(reader.engine, CODE_VERSION)
    if scope is None and not statuses:
        tell_empty(reader)
        return
    _figures(reader, statuses)
    _checks(reader, scope)
    _weeks(reader, statuses, scope)
    if scope is not None:
        signing.show(reader, scope)
    _refused(reader)
    withdrawing.show(reader)
    benford.show(reader, scope)


def _figures(reader: SpendReader, statuses: list[WeekStatus]) -> None:
    counts = {state: sum(one.state is state for one in statuses) for state in PeriodState}
    refresh = refresh_time(reader.engine, reader.platform.database)
    fresh, stale, missing, last, median, slow = st.columns([2, 2, 2, 4, 2.5, 2.5])
    for place, state in zip((fresh, stale, missing), PeriodState, strict=True):
        place.metric(
            reader.text(f"health.{state}"),
            reader.whole(counts[state]),
            help=reader.text(f"health.{state}_help"),
        )
    last.metric(
        reader.text("health.last"),
        reader.instant(refresh.last_published_at),
        help=reader.text("health.last_help"),
    )
    for place, name, seconds in (
        (median, "p50", refresh.p50_seconds),
        (slow, "p95", refresh.p95_seconds),
    ):
        place.metric(
            reader.text(f"health.{name}"),
            _seconds(reader, seconds),
            help=reader.text(f"health.{name}_help"),
        )


def _seconds(reader: SpendReader, seconds: float | None) -> str:
    return DASH if seconds is None else reader.span(timedelta(seconds=round(seconds)))


def _checks(reader: SpendReader, scope: Scope | None) -> None:
    st.header(reader.text("health.checks"))
    totals = table_totals(reader.engine)
    if totals.is_reconciled:
        st.success(
            reader.text(
                "health.reconciled",
                amount=as_text(reader.money(totals.total_amount)),
                count=reader.whole(totals.transaction_count),
            ),
            icon=":material/check_circle:",
        )
    else:
        amounts = {"table": totals.total_amount, "documents": totals.source_amount}
        written = {name: as_text(reader.money(amount)) for name, amount in amounts.items()}
        st.error(reader.text("health.not_reconciled", **written), icon=":material/error:")
    if scope is None:
        return
    unusual = unusual_weeks(reader.engine, scope.first, scope.last)
    since = max(scope.first, scope.last - (VANISHED_WEEKS - 1) * WEEK)
    vanished = vanished_divisions(reader.engine, since, scope.last)
    for total, _ in unusual:
        st.warning(
            reader.text(
                "health.unusual",
                week=reader.week(total.week_start),
                amount=as_text(reader.money(total.amount)),
            ),
            icon=":material/info:",
        )
    if vanished:
        st.warning(
            reader.text("health.vanished", count=reader.whole(len(vanished))),
            icon=":material/info:",
        )
        _vanished(reader, vanished)
    if not unusual and not vanished:
        st.success(reader.text("health.usual"), icon=":material/check_circle:")


def _vanished(reader: SpendReader, found: list[tuple[date, str, str]]) -> None:
    with st.expander(reader.text("health.which")):
        blocks.table(
            {
                reader.text("column.week_start"): [reader.week(week) for week, _, _ in found],
                reader.text("column.department"): [department for _, department, _ in found],
                reader.text("column.division"): [division for _, _, division in found],
            }
        )


def _weeks(reader: SpendReader, statuses: list[WeekStatus], scope: Scope | None) -> None:
    st.header(reader.text("health.weeks"), help=reader.text("health.weeks_help"))
    shown = [
        one
        for one in reversed(statuses)
        if scope is None
        or one.state is not PeriodState.FRESH
        or scope.first <= one.week_start <= scope.last
    ]
    count = reader.whole(len(shown))
    shown = sorted(shown, key=lambda one: one.state is PeriodState.FRESH)[:SHOWN_WEEKS]
    st.caption(reader.text("pages.rows", shown=len(shown), count=count))
    blocks.table(
        {
            reader.text("column.week_start"): [reader.week(one.week_start) for one in shown],
            reader.text("column.state"): [wording.state(reader, one) for one in shown],
            reader.text("why.documents"): [reader.whole(one.document_count) for one in shown],
            reader.text("why.documents_amount"): [reader.money(one.total_amount) for one in shown],
            reader.text("health.rows"): [reader.whole(one.row_count) for one in shown],
            reader.text("why.computed_at"): [reader.instant(one.computed_at) for one in shown],
        }
    )


def _refused(reader: SpendReader) -> None:
    st.header(reader.text("health.refused"), help=reader.text("health.refused_help"))
    found = refused_by_rule(reader.platform.database)
    if not found:
        st.write(reader.text("health.none_refused"))
        return
    blocks.table(
        {
            reader.text("why.rule"): list(found),
            reader.text("why.reason"): [wording.refused(reader, rule) for rule in found],
            reader.text("health.refused_rows"): [reader.whole(count) for count in found.values()],
        }
    )
