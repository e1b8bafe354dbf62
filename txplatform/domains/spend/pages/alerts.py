"""Alerts: the inbox of cases with its filters, many decisions at once; a sentence opens a case."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pyarrow as pa
import streamlit as st

from txplatform.domains.spend.pages import case, deciding, outcomes, quality, spellings
from txplatform.domains.spend.pages.reader import SpendReader
from txplatform.domains.spend.pages.scope import (
    EVERYTHING,
    chosen_scope,
    tell_scope,
)
from txplatform.domains.spend.pages.wording import sentences, tags
from txplatform.domains.spend.queries.alert_counts import AlertCounts, case_counts
from txplatform.domains.spend.queries.alert_filter import NOBODY, AlertFilter
from txplatform.domains.spend.queries.cases import alerts_of_cases
from txplatform.domains.spend.queries.inbox import case_page
from txplatform.domains.spend.queries.trends import Scope
from txplatform.domains.spend.tables import cases
from txplatform.serving.dashboard import blocks, links
from txplatform.serving.dashboard.formats import as_text
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.paging import every_row

ROWS = 20
INBOX, SECOND_LOOKS, QUALITY, SPELLINGS = "", "second_looks", "quality", "spellings"
UNDECIDED = "undecided"
STATES = ("open", "in_review", "justified", "abusive", "dismissed")
ME, NO_ONE = "me", "nobody"
WIDTHS = [0.4, 5.4, 2.6, 1.7, 1, 1.4]


def show(reader: SpendReader, view: View) -> None:
    """The page: one of the lists; a case, if the address names one."""
    if view.get("alert"):
        case.show(reader, view)
        return
    st.title(reader.text("alerts.title"))
    outcomes.tell()
    scope = chosen_scope(reader, view)
    if scope is None:
        return
    shown = view.choice(
        "list",
        reader.text("alerts.list"),
        (INBOX, SECOND_LOOKS, QUALITY, SPELLINGS),
        INBOX,
        str,
        lambda one: reader.text(f"alerts.list_{one or 'inbox'}"),
    )
    if shown == SECOND_LOOKS:
        quality.second_look_list(reader, view)
    elif shown == QUALITY:
        quality.rules(reader, view, scope)
    elif shown == SPELLINGS:
        spellings.show(reader)
    else:
        _inbox(reader, view, scope)


def _inbox(reader: SpendReader, view: View, scope: Scope) -> None:
    tell_scope(reader, scope)
    _tell_off(reader)
    wanted = _choose(reader, view, scope)
    counts = case_counts(reader.engine, wanted)
    number, amount = st.columns([1, 3])
    number.metric(
        reader.text("alerts.matching"), reader.whole(counts.total), help=reader.text("alerts.order")
    )
    amount.metric(
        reader.text("alerts.amount_at_risk"),
        reader.money(counts.amount_at_risk),
        help=reader.help(cases.c.amount_at_risk),
    )
    found = case_page(reader.engine, wanted, view.get("after"), ROWS)
    page = replace(found, total=counts.total, is_total_exact=True)  # it stops at 10,000, these not
    if not page.rows.num_rows:
        st.info(reader.text("alerts.none"), icon=":material/inbox:")
        return
    rows = page.rows.to_pylist()
    listed(reader, view, rows)
    blocks.next_page(reader, "alerts", view, page)
    if reader.may_decide:
        members = alerts_of_cases(reader.engine, [one["case_id"] for one in rows])
        deciding.many(reader, {one["alert_id"]: members[one["case_id"]] for one in rows})
    blocks.export_buttons(reader, "cases", page.total, partial(all_cases, reader, wanted))


def _tell_off(reader: SpendReader) -> None:
    """Name the rules that raise no alerts, and why."""
    off = [rule for rule in reader.rulebook.rules if rule.is_off]
    for reason in sorted({quality.said_of(reader, rule) for rule in off}):
        codes = ", ".join(rule.code for rule in off if quality.said_of(reader, rule) == reason)
        st.info(as_text(f"{codes} {reason}"), icon=":material/toggle_off:")


def _choose(reader: SpendReader, view: View, scope: Scope) -> AlertFilter:
    everywhere = AlertFilter(
        scope.first,
        scope.last,
        departments=(scope.department,) if scope.department else (),
        divisions=(scope.division,) if scope.division else (),
    )
    counts = case_counts(reader.engine, everywhere)
    columns = st.columns(5)
    with columns[0]:
        rule = _one_of(
            reader, view, "rule", [r.code for r in reader.rulebook.rules], counts.by_rule
        )
    with columns[1]:
        severity = _one_of(reader, view, "severity", ("high", "medium", "low"), counts.by_severity)
    with columns[2]:
        states = _choose_states(reader, view, counts)
    with columns[3]:
        assignee = _choose_assignee(reader, view)
    with columns[4]:
        text = view.text("search", reader.text("alerts.search"), reader.text("alerts.search_help"))
    return AlertFilter(
        everywhere.first_week,
        everywhere.last_week,
        everywhere.departments,
        everywhere.divisions,
        rules=(rule,) if rule else (),
        severities=(severity,) if severity else (),
        states=states,
        assignee=assignee,
        text=text or None,
    )


def _one_of(
    reader: SpendReader, view: View, name: str, options: Sequence[str], counts: Mapping[str, int]
) -> str:
    """One of the values of a field, or all of them; each with its count."""

    def shown(one: str) -> str:
        if one == EVERYTHING:
            return reader.text("alerts.every")
        label = one if name == "rule" else reader.text(f"{name}.{one}")
        return f"{label} ({reader.whole(counts.get(one, 0))})"

    label = reader.text(f"alerts.{name}")
    return view.choice(name, label, [EVERYTHING, *options], EVERYTHING, str, shown)


def _choose_states(reader: SpendReader, view: View, counts: AlertCounts) -> tuple[str, ...]:
    every = "all"
    undecided = sum(counts.by_state.get(state, 0) for state in STATES[:2])
    numbers = {UNDECIDED: undecided, every: sum(counts.by_state.values()), **counts.by_state}
    chosen = view.choice(
        "state",
        reader.text("alerts.state"),
        (UNDECIDED, *STATES, every),
        UNDECIDED,
        str,
        lambda one: f"{reader.text(f'state_of.{one}')} ({reader.whole(numbers.get(one, 0))})",
    )
    return {UNDECIDED: STATES[:2], every: ()}.get(chosen, (chosen,))


def _choose_assignee(reader: SpendReader, view: View) -> str | None:
    chosen = view.choice(
        "assignee",
        reader.text("alerts.assignee"),
        (EVERYTHING, ME, NO_ONE),
        EVERYTHING,
        str,
        lambda one: reader.text(f"alerts.assignee_{one or 'every'}"),
    )
    return {ME: reader.name, NO_ONE: NOBODY}.get(chosen)


def listed(reader: SpendReader, view: View, rows: Sequence[Mapping[str, Any]]) -> None:
    """Cases under each other: what happened, where, amount at risk, risk, where it stands."""
    _headings(reader)
    for one, said in zip(rows, sentences(reader, rows), strict=True):
        mark, sentence, where, amount, risk, state = st.columns(WIDTHS, vertical_alignment="center")
        if reader.may_decide:
            label = reader.text("alerts.select", sentence=said)
            key = deciding.checkbox_key(one["alert_id"])
            mark.checkbox(label, key=key, label_visibility="collapsed")
        with sentence:
            severity = reader.text(f"severity.{one['severity']}")
            text = reader.text("alerts.line", severity=severity, sentence=said)
            links.to_page(reader, "case", text, **{**view.values, "alert": one["alert_id"]})
            st.markdown(tags(one["rules"]))
        names = " · ".join(name for name in (one["department"], one["division"]) if name)
        where.caption(as_text(f"{reader.day(one['transaction_date'])} · {names}"))
        amount.text(reader.money(one["amount_at_risk"]))
        risk.text(reader.share(one["risk"]))
        state.text(reader.text(f"state_of.{one['state']}"))
        if one["assignee"]:
            state.caption(as_text(one["assignee"]))


def _headings(reader: SpendReader) -> None:
    names = ("alerts.what", "alerts.where", "alerts.amount_at_risk", "case.risk", "alerts.state")
    explained = {"alerts.amount_at_risk": cases.c.amount_at_risk, "case.risk": cases.c.risk}
    for place, name in zip(st.columns(WIDTHS)[1:], names, strict=True):
        column = explained.get(name)
        place.caption(reader.text(name), help=None if column is None else reader.help(column))


def all_cases(reader: SpendReader, wanted: AlertFilter) -> pa.Table:
    """Every case of a filter."""
    return every_row(partial(case_page, reader.engine, wanted))
