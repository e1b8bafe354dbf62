"""The case page: what fired its rules, what was there before, what people said, the decision."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import streamlit as st

from txplatform.domains.spend.pages import cells, deciding, outcomes, wording
from txplatform.domains.spend.pages.reader import SpendReader
from txplatform.domains.spend.pages.wording import sentences
from txplatform.domains.spend.queries.cases import LOOK_BACK, Case, case_of
from txplatform.domains.spend.queries.purchases import merchant_purchases, purchases_of
from txplatform.domains.spend.tables import cases, decisions
from txplatform.periods import WEEK, mondays
from txplatform.serving.dashboard import blocks, charts, links
from txplatform.serving.dashboard.charts import Point
from txplatform.serving.dashboard.formats import DASH, as_text
from txplatform.serving.dashboard.query_parameters import View

NEWEST = 20
SAME_ACT = ("kind", "state", "assignee", "reason", "decided_by")


def show(reader: SpendReader, view: View) -> None:
    """The case of the alert that the address names: an address of an alert leads to its case."""
    alert_id = view.get("alert") or ""
    view.keep()
    here = {name: value for name, value in view.values.items() if name != "alert"}
    found = case_of(reader.engine, alert_id)
    st.title(reader.text("case.title"))
    links.to_page(reader, "alerts", reader.text("case.back"), **here)
    if found is None:
        st.warning(reader.text("case.unknown", alert=as_text(alert_id)))
        return
    st.header(as_text(sentences(reader, [found.gravest])[0]))
    st.markdown(wording.tags(found.case["rules"]))
    outcomes.tell()
    _tell_standing(reader, found)
    _figures(reader, found.case)
    _where(reader, found.gravest)
    _rules(reader, found.alerts)
    _history(reader, found)
    if reader.may_decide:
        deciding.one(reader, found.alerts)
    _evidence(reader, found)
    _before(reader, view, found)


def _tell_standing(reader: SpendReader, found: Case) -> None:
    if found.case["superseded_at"] is not None:
        moment = reader.instant(found.case["superseded_at"])
        st.warning(reader.text("case.superseded", at=moment), icon=":material/history:")
    pointed_to = {alert["overlaps_alert_id"] for alert in found.alerts}
    if pointed_to.intersection(found.overlapping["alert_id"].to_pylist()):
        st.info(reader.text("case.overlaps"), icon=":material/join_inner:")
    if len({alert["state"] for alert in found.alerts}) > 1:
        st.info(reader.text("case.joined"), icon=":material/add_circle:")


def _figures(reader: SpendReader, case: Mapping[str, Any]) -> None:
    amount, risk, count, severity, state, assignee = st.columns([3, 2, 2, 2, 3, 3])
    amount.metric(
        reader.text("alerts.amount_at_risk"),
        reader.money(case["amount_at_risk"]),
        help=reader.help(cases.c.amount_at_risk),
    )
    exact = as_text(reader.exact_share(case["risk"]))
    risk.metric(
        reader.text("case.risk"),
        reader.share(case["risk"]),
        help=f"{reader.help(cases.c.risk)} {exact}",
    )
    count.metric(
        reader.text("case.count"),
        reader.whole(case["transaction_count"]),
        help=reader.help(cases.c.transaction_count),
    )
    severity.metric(
        reader.text("alerts.severity"),
        reader.text(f"severity.{case['severity']}"),
        help=reader.help(cases.c.severity),
    )
    state.metric(
        reader.text("alerts.state"),
        reader.text(f"state_of.{case['state']}"),
        help=reader.help(decisions.c.state),
    )
    assignee.metric(
        reader.text("alerts.assignee"),
        as_text(case["assignee"] or DASH),
        help=reader.help(decisions.c.assignee),
    )


def _where(reader: SpendReader, alert: Mapping[str, Any]) -> None:
    names = [alert["department"], alert["division"], alert["merchant"], alert["category"]]
    st.caption(as_text(" · ".join([reader.day(alert["transaction_date"]), *filter(None, names)])))
    links.to_page(
        reader,
        "why",
        reader.text("case.week"),
        from_=alert["week_start"].isoformat(),
        to=alert["week_start"].isoformat(),
        department=alert["department"],
        division=alert["division"],
    )


def _rules(reader: SpendReader, alerts: Sequence[Mapping[str, Any]]) -> None:
    """What each rule looks for, and the facts of each alert; the others' sentences too."""
    for alert, sentence in zip(alerts, sentences(reader, alerts), strict=True):
        label = reader.text("case.rule", rule=alert["rule"], version=alert["rule_version"])
        with st.expander(label):
            if alert is not alerts[0]:
                st.write(as_text(sentence))
            rule = next((one for one in reader.rulebook.rules if one.code == alert["rule"]), None)
            if rule:
                st.write(as_text(rule.explanation["fr" if reader.language == "fr" else "en"]))
            facts = wording.facts(reader, rule, alert["evidence"])
            blocks.table(
                {
                    reader.text("case.fact"): list(facts),
                    reader.text("case.value"): list(facts.values()),
                }
            )


def _history(reader: SpendReader, found: Case) -> None:
    st.header(reader.text("case.history"))
    rules = {alert["alert_id"]: alert["rule"] for alert in found.alerts}
    acts = acts_of(found.history.to_pylist())
    if not acts:
        st.write(reader.text("case.no_history"))
        return
    firsts = [entries[0] for entries in acts]
    on = [sorted({rules[one["alert_id"]] for one in entries}) for entries in acts]
    is_told = len(rules) > 1
    blocks.table(
        {
            reader.text("case.at"): [reader.instant(one["decided_at"]) for one in firsts],
            reader.text("case.by"): [one["decided_by"] for one in firsts],
            reader.text("case.entry"): [reader.text(f"kind.{one['kind']}") for one in firsts],
            **({reader.text("case.on"): [", ".join(codes) for codes in on]} if is_told else {}),
            reader.text("alerts.state"): [
                reader.text(f"state_of.{one['state']}") for one in firsts
            ],
            reader.text("alerts.assignee"): [one["assignee"] or DASH for one in firsts],
            reader.text("case.reason"): [one["reason"] or "" for one in firsts],
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


def _evidence(reader: SpendReader, found: Case) -> None:
    st.header(reader.text("case.purchases"))
    rows = purchases_of(reader.platform.database, found.transaction_ids)
    if not rows.num_rows:
        st.info(reader.text("case.no_purchases"), icon=":material/inbox:")
        return
    blocks.table(cells.purchases(reader, rows))
    blocks.export_buttons(reader, "case", rows.num_rows, lambda: rows)


def _before(reader: SpendReader, view: View, found: Case) -> None:
    alert = found.gravest
    level = "department" if alert["division"] is None else "division"
    st.header(reader.text(f"case.{level}"), help=reader.text(f"case.{level}_help"))
    last = alert["week_start"]
    weeks: dict[date, Decimal] = dict.fromkeys(mondays(last + WEEK - LOOK_BACK, last), Decimal(0))
    for row in found.division_weeks.to_pylist():
        weeks[row["week_start"]] += row["total_amount"]
    kinds = (reader.text("case.other_weeks"), reader.text("case.this_week"))
    points = [
        Point(week, reader.week(week), amount, reader.money(amount), kinds[week == last])
        for week, amount in weeks.items()
    ]
    amount = reader.in_currency(reader.text("column.total_amount"))
    titles = [reader.text("column.week_start"), amount, ""]
    charts.period_bars(points, titles, kinds, reader.locale)
    _merchant(reader, alert)
    for name in ("overlapping", "similar", "merchant_alerts"):
        _alerts(reader, view, name, getattr(found, name))


def _merchant(reader: SpendReader, alert: Mapping[str, Any]) -> None:
    if not (alert["merchant"] and alert["division"]):
        return
    st.header(as_text(reader.text("case.merchant", merchant=alert["merchant"])))
    place = (alert["department"], alert["division"], alert["merchant"])
    rows = merchant_purchases(reader.platform.database, *place, alert["week_start"])
    newest = rows.slice(max(rows.num_rows - NEWEST, 0))
    count = reader.whole(rows.num_rows)
    st.caption(reader.text("pages.rows", shown=newest.num_rows, count=count))
    blocks.table(cells.purchases(reader, newest))


def _alerts(reader: SpendReader, view: View, name: str, rows: pa.Table) -> None:
    if not rows.num_rows:
        return
    with st.expander(reader.text(f"case.{name}", count=rows.num_rows)):
        found = rows.to_pylist()
        for one, sentence in zip(found, sentences(reader, found), strict=True):
            state = reader.text(f"state_of.{one['state']}")
            day = reader.day(one["transaction_date"])
            text = f"{day} · {one['rule']} · {state} · {sentence}"
            links.to_page(reader, "case", text, **{**view.values, "alert": one["alert_id"]})
