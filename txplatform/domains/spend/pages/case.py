"""The case page: what fired its rules, what was there before, what people said, the decision."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import streamlit as st

from txplatform.domains.spend.pages import cells, deciding, outcomes, wording
from txplatform.domains.spend.pages.desk import Desk
from txplatform.domains.spend.pages.wording import sentences
from txplatform.domains.spend.queries.cases import LOOK_BACK, Case, case_of
from txplatform.domains.spend.queries.purchases import merchant_purchases, purchases_of
from txplatform.domains.spend.tables import cases, decisions
from txplatform.periods import WEEK, mondays
from txplatform.serving.dashboard import blocks, charts, links
from txplatform.serving.dashboard.charts import Point
from txplatform.serving.dashboard.formats import DASH, as_text
from txplatform.serving.dashboard.view import View

NEWEST = 20
SAME_ACT = ("kind", "state", "assignee", "reason", "decided_by")


def show(desk: Desk, view: View) -> None:
    """The case of the alert that the address names: an address of an alert leads to its case."""
    alert_id = view.get("alert") or ""
    view.keep()
    here = {name: value for name, value in view.values.items() if name != "alert"}
    found = case_of(desk.engine, alert_id)
    st.title(desk.text("case.title"))
    links.to_page(desk, "alerts", desk.text("case.back"), **here)
    if found is None:
        st.warning(desk.text("case.unknown", alert=as_text(alert_id)))
        return
    st.header(as_text(sentences(desk, [found.gravest])[0]))
    st.markdown(wording.tags(found.case["rules"]))
    outcomes.tell()
    _tell_standing(desk, found)
    _figures(desk, found.case)
    _where(desk, found.gravest)
    _rules(desk, found.alerts)
    _history(desk, found)
    if desk.may_decide:
        deciding.one(desk, found.alerts)
    _evidence(desk, found)
    _before(desk, view, found)


def _tell_standing(desk: Desk, found: Case) -> None:
    if found.case["superseded_at"] is not None:
        moment = desk.instant(found.case["superseded_at"])
        st.warning(desk.text("case.superseded", at=moment), icon=":material/history:")
    pointed_to = {alert["overlaps_alert_id"] for alert in found.alerts}
    if pointed_to.intersection(found.overlapping["alert_id"].to_pylist()):
        st.info(desk.text("case.overlaps"), icon=":material/join_inner:")
    if len({alert["state"] for alert in found.alerts}) > 1:
        st.info(desk.text("case.joined"), icon=":material/add_circle:")


def _figures(desk: Desk, case: Mapping[str, Any]) -> None:
    amount, risk, count, severity, state, assignee = st.columns([3, 2, 2, 2, 3, 3])
    amount.metric(
        desk.text("alerts.amount_at_risk"),
        desk.money(case["amount_at_risk"]),
        help=desk.help(cases.c.amount_at_risk),
    )
    exact = as_text(desk.exact_share(case["risk"]))
    risk.metric(
        desk.text("case.risk"),
        desk.share(case["risk"]),
        help=f"{desk.help(cases.c.risk)} {exact}",
    )
    count.metric(
        desk.text("case.count"),
        desk.whole(case["transaction_count"]),
        help=desk.help(cases.c.transaction_count),
    )
    severity.metric(
        desk.text("alerts.severity"),
        desk.text(f"severity.{case['severity']}"),
        help=desk.help(cases.c.severity),
    )
    state.metric(
        desk.text("alerts.state"),
        desk.text(f"state_of.{case['state']}"),
        help=desk.help(decisions.c.state),
    )
    assignee.metric(
        desk.text("alerts.assignee"),
        as_text(case["assignee"] or DASH),
        help=desk.help(decisions.c.assignee),
    )


def _where(desk: Desk, alert: Mapping[str, Any]) -> None:
    names = [alert["department"], alert["division"], alert["merchant"], alert["category"]]
    st.caption(as_text(" · ".join([desk.day(alert["transaction_date"]), *filter(None, names)])))
    links.to_page(
        desk,
        "why",
        desk.text("case.week"),
        from_=alert["week_start"].isoformat(),
        to=alert["week_start"].isoformat(),
        department=alert["department"],
        division=alert["division"],
    )


def _rules(desk: Desk, alerts: Sequence[Mapping[str, Any]]) -> None:
    """What each rule looks for, and the facts of each alert; the others' sentences too."""
    for alert, sentence in zip(alerts, sentences(desk, alerts), strict=True):
        label = desk.text("case.rule", rule=alert["rule"], version=alert["rule_version"])
        with st.expander(label):
            if alert is not alerts[0]:
                st.write(as_text(sentence))
            rule = next((one for one in desk.rulebook.rules if one.code == alert["rule"]), None)
            if rule:
                st.write(as_text(rule.explanation["fr" if desk.language == "fr" else "en"]))
            facts = wording.facts(desk, rule, alert["evidence"])
            blocks.table(
                {
                    desk.text("case.fact"): list(facts),
                    desk.text("case.value"): list(facts.values()),
                }
            )


def _history(desk: Desk, found: Case) -> None:
    st.header(desk.text("case.history"))
    rules = {alert["alert_id"]: alert["rule"] for alert in found.alerts}
    acts = acts_of(found.history.to_pylist())
    if not acts:
        st.write(desk.text("case.no_history"))
        return
    firsts = [entries[0] for entries in acts]
    on = [sorted({rules[one["alert_id"]] for one in entries}) for entries in acts]
    is_told = len(rules) > 1
    blocks.table(
        {
            desk.text("case.at"): [desk.instant(one["decided_at"]) for one in firsts],
            desk.text("case.by"): [one["decided_by"] for one in firsts],
            desk.text("case.entry"): [desk.text(f"kind.{one['kind']}") for one in firsts],
            **({desk.text("case.on"): [", ".join(codes) for codes in on]} if is_told else {}),
            desk.text("alerts.state"): [desk.text(f"state_of.{one['state']}") for one in firsts],
            desk.text("alerts.assignee"): [one["assignee"] or DASH for one in firsts],
            desk.text("case.reason"): [one["reason"] or "" for one in firsts],
        }
    )


def acts_of(entries: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Entries that one decision wrote on several alerts, together; in their order."""
    found: list[list[dict[str, Any]]] = []
    for entry in entries:
        last = found[-1] if found else []
        is_same = bool(last) and all(entry[name] == last[0][name] for name in SAME_ACT)
        if is_same and entry["alert_id"] not in {one["alert_id"] for one in last}:
            last.append(entry)
        else:
            found.append([entry])
    return found


def _evidence(desk: Desk, found: Case) -> None:
    st.header(desk.text("case.purchases"))
    rows = purchases_of(desk.platform.database, found.transaction_ids)
    if not rows.num_rows:
        st.info(desk.text("case.no_purchases"), icon=":material/inbox:")
        return
    blocks.table(cells.purchases(desk, rows))
    blocks.export_buttons(desk, "case", rows.num_rows, lambda: rows)


def _before(desk: Desk, view: View, found: Case) -> None:
    alert = found.gravest
    level = "department" if alert["division"] is None else "division"
    st.header(desk.text(f"case.{level}"), help=desk.text(f"case.{level}_help"))
    last = alert["week_start"]
    weeks: dict[date, Decimal] = dict.fromkeys(mondays(last + WEEK - LOOK_BACK, last), Decimal(0))
    for row in found.division_weeks.to_pylist():
        weeks[row["week_start"]] += row["total_amount"]
    kinds = (desk.text("case.other_weeks"), desk.text("case.this_week"))
    points = [
        Point(week, desk.week(week), amount, desk.money(amount), kinds[week == last])
        for week, amount in weeks.items()
    ]
    amount = desk.in_currency(desk.text("column.total_amount"))
    titles = [desk.text("column.week_start"), amount, ""]
    charts.period_bars(points, titles, kinds, desk.locale)
    _merchant(desk, alert)
    for name in ("overlapping", "similar", "merchant_alerts"):
        _alerts(desk, view, name, getattr(found, name))


def _merchant(desk: Desk, alert: Mapping[str, Any]) -> None:
    if not (alert["merchant"] and alert["division"]):
        return
    st.header(as_text(desk.text("case.merchant", merchant=alert["merchant"])))
    place = (alert["department"], alert["division"], alert["merchant"])
    rows = merchant_purchases(desk.platform.database, *place, alert["week_start"])
    newest = rows.slice(max(rows.num_rows - NEWEST, 0))
    count = desk.whole(rows.num_rows)
    st.caption(desk.text("pages.rows", shown=newest.num_rows, count=count))
    blocks.table(cells.purchases(desk, newest))


def _alerts(desk: Desk, view: View, name: str, rows: pa.Table) -> None:
    if not rows.num_rows:
        return
    with st.expander(desk.text(f"case.{name}", count=rows.num_rows)):
        found = rows.to_pylist()
        for one, sentence in zip(found, sentences(desk, found), strict=True):
            state = desk.text(f"state_of.{one['state']}")
            day = desk.day(one["transaction_date"])
            text = f"{day} · {one['rule']} · {state} · {sentence}"
            links.to_page(desk, "case", text, **{**view.values, "alert": one["alert_id"]})
