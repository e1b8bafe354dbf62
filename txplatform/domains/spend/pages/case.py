"""The case page: what fired the rule, what was there before, what people said, and the decision."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import streamlit as st

from txplatform.domains.spend.decisions import Seen
from txplatform.domains.spend.pages import cells, deciding, outcomes, wording
from txplatform.domains.spend.pages.desk import Desk
from txplatform.domains.spend.pages.wording import sentences
from txplatform.domains.spend.queries.cases import LOOK_BACK, AlertCase, alert_case
from txplatform.domains.spend.queries.purchases import merchant_purchases, purchases_of
from txplatform.domains.spend.tables import alerts, decisions
from txplatform.periods import WEEK, mondays
from txplatform.serving.dashboard import blocks, charts, links
from txplatform.serving.dashboard.charts import Point
from txplatform.serving.dashboard.formats import DASH, as_text
from txplatform.serving.dashboard.view import View

NEWEST = 20


def show(desk: Desk, view: View) -> None:
    """The case of the alert that the address names."""
    alert_id = view.get("alert") or ""
    view.keep()
    here = {name: value for name, value in view.values.items() if name != "alert"}
    found = alert_case(desk.engine, alert_id)
    st.title(desk.text("case.title"))
    links.to_page(desk, "alerts", desk.text("case.back"), ":material/arrow_back:", **here)
    if found is None:
        st.warning(desk.text("case.unknown", alert=as_text(alert_id)))
        return
    alert = found.alert
    st.header(as_text(sentences(desk, [alert])[0]))
    outcomes.tell()
    _tell_standing(desk, found)
    _figures(desk, alert)
    _rule(desk, alert)
    _history(desk, found.history)
    if desk.may_decide:
        deciding.one(desk, Seen(alert_id, alert["sequence"]), alert["state"])
    _evidence(desk, found)
    _before(desk, view, found)


def _tell_standing(desk: Desk, found: AlertCase) -> None:
    alert = found.alert
    if alert["superseded_at"] is not None:
        moment = desk.instant(alert["superseded_at"])
        st.warning(desk.text("case.superseded", at=moment), icon=":material/history:")
    for other in found.overlapping.to_pylist():
        if other["alert_id"] == alert["overlaps_alert_id"]:
            st.info(desk.text("case.overlaps"), icon=":material/join_inner:")


def _figures(desk: Desk, alert: Mapping[str, Any]) -> None:
    amount, risk, count, severity, state, assignee = st.columns([3, 2, 2, 2, 3, 3])
    amount.metric(
        desk.text("alerts.amount_at_risk"),
        desk.money(alert["amount_at_risk"]),
        help=desk.help(alerts.c.amount_at_risk),
    )
    risk.metric(desk.text("case.risk"), desk.share(alert["risk"]), help=desk.help(alerts.c.risk))
    count.metric(
        desk.text("case.count"),
        desk.whole(alert["transaction_count"]),
        help=desk.help(alerts.c.transaction_count),
    )
    severity.metric(
        desk.text("alerts.severity"),
        desk.text(f"severity.{alert['severity']}"),
        help=desk.help(alerts.c.severity),
    )
    state.metric(
        desk.text("alerts.state"),
        desk.text(f"state_of.{alert['state']}"),
        help=desk.help(decisions.c.state),
    )
    assignee.metric(
        desk.text("alerts.assignee"),
        as_text(alert["assignee"] or DASH),
        help=desk.help(decisions.c.assignee),
    )


def _rule(desk: Desk, alert: Mapping[str, Any]) -> None:
    names = [alert["department"], alert["division"], alert["merchant"], alert["category"]]
    st.caption(as_text(" · ".join([desk.day(alert["transaction_date"]), *filter(None, names)])))
    links.to_page(
        desk,
        "why",
        desk.text("case.week"),
        ":material/search:",
        from_=alert["week_start"].isoformat(),
        to=alert["week_start"].isoformat(),
        department=alert["department"],
        division=alert["division"],
    )
    with st.expander(desk.text("case.rule", rule=alert["rule"], version=alert["rule_version"])):
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


def _history(desk: Desk, history: pa.Table) -> None:
    st.header(desk.text("case.history"))
    found = history.to_pylist()
    if not found:
        st.write(desk.text("case.no_history"))
        return
    blocks.table(
        {
            desk.text("case.at"): [desk.instant(one["decided_at"]) for one in found],
            desk.text("case.by"): [one["decided_by"] for one in found],
            desk.text("case.entry"): [desk.text(f"kind.{one['kind']}") for one in found],
            desk.text("alerts.state"): [desk.text(f"state_of.{one['state']}") for one in found],
            desk.text("alerts.assignee"): [one["assignee"] or DASH for one in found],
            desk.text("case.reason"): [one["reason"] or "" for one in found],
        }
    )


def _evidence(desk: Desk, found: AlertCase) -> None:
    st.header(desk.text("case.purchases"))
    rows = purchases_of(desk.platform.database, found.alert["transaction_ids"])
    if not rows.num_rows:
        st.info(desk.text("case.no_purchases"), icon=":material/inbox:")
        return
    blocks.table(cells.purchases(desk, rows))
    blocks.export_buttons(desk, "case", rows.num_rows, lambda: rows)


def _before(desk: Desk, view: View, found: AlertCase) -> None:
    alert = found.alert
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
