"""How good the rules are by what controllers decided, and the dismissals up for a second look."""

from datetime import timedelta
from decimal import Decimal

import streamlit as st

from txplatform.domains.spend import planning
from txplatform.domains.spend.pages.desk import Desk
from txplatform.domains.spend.pages.wording import sentences
from txplatform.domains.spend.queries.quality import Period, rule_quality
from txplatform.domains.spend.queries.second_looks import second_looks
from txplatform.domains.spend.queries.trends import Scope
from txplatform.domains.spend.rules.catalogue import NO_LIMIT, SWITCHED_OFF, Rule
from txplatform.domains.spend.rules.ranking import Weight
from txplatform.domains.spend.settings import SpendSettings
from txplatform.serving.dashboard import blocks, links
from txplatform.serving.dashboard.formats import DASH
from txplatform.serving.dashboard.view import View

ROWS = 20
COUNTS = ("abusive", "dismissed", "justified")
STANDS = {NO_LIMIT: "quality.off_no_limit", SWITCHED_OFF: "quality.off_in_file"}


def rules(desk: Desk, view: View, scope: Scope) -> None:
    """Precision, time to decision and amounts found per rule, and what each rule looks for."""
    st.header(desk.text("quality.title"), help=desk.text("quality.help"))
    period = view.choice(
        "period",
        desk.text("quality.period"),
        tuple(Period),
        Period.ALL,
        str,
        lambda one: desk.text(f"quality.{one}"),
    )
    table = rule_quality(desk.engine, period, scope.first if period is not Period.ALL else None)
    found = table.to_pylist()
    said = "quality.of_all" if period is Period.ALL else "quality.from_week"
    st.caption(desk.text(said, week=desk.day(scope.first)))
    if found:
        since = [desk.day(one["period_start"]) for one in found]
        blocks.table(
            {
                **({desk.text("quality.since"): since} if period is not Period.ALL else {}),
                desk.text("alerts.rule"): [one["rule"] for one in found],
                **{
                    desk.text(f"state_of.{name}"): [desk.whole(one[name]) for one in found]
                    for name in COUNTS
                },
                desk.text("quality.precision"): [desk.share(one["precision"]) for one in found],
                desk.text("quality.hours"): [_hours(desk, one["median_hours"]) for one in found],
                desk.text("quality.found"): [desk.money(one["amount_found"]) for one in found],
            }
        )
        blocks.export_buttons(desk, "rule_quality", table.num_rows, lambda: table)
    else:
        st.info(desk.text("quality.none"), icon=":material/inbox:")
    _explanations(desk)
    _weights(desk)


def _weights(desk: Desk) -> None:
    """What each kind of alert adds to the risk: from its severity to what was decided."""
    st.header(desk.text("quality.weights"), help=desk.text("quality.weights_help"))
    if not desk.platform.settings.of(SpendSettings).learning:
        st.info(desk.text("quality.frozen"), icon=":material/ac_unit:")
    found = planning.weights(desk.platform)
    if not found:
        st.write(desk.text("quality.no_alerts"))
        return
    shown = list(found.values())
    blocks.table(
        {
            desk.text("alerts.rule"): [rule for rule, _ in found],
            desk.text("alerts.severity"): [desk.text(f"severity.{one}") for _, one in found],
            desk.text("quality.prior"): [desk.number(one.prior) for one in shown],
            desk.text("quality.abusive_of_decided"): [_evidence(desk, one) for one in shown],
            desk.text("quality.weight"): [desk.number(one.weight) for one in shown],
        }
    )


def _evidence(desk: Desk, one: Weight) -> str:
    counts = {name: desk.whole(count) for name, count in one.evidence._asdict().items()}
    return desk.text("quality.counts", **counts)


def _hours(desk: Desk, hours: Decimal | None) -> str:
    return DASH if hours is None else desk.span(timedelta(hours=float(hours)))


def _explanations(desk: Desk) -> None:
    st.header(desk.text("quality.rules"))
    found = desk.rulebook.rules
    blocks.table(
        {
            desk.text("alerts.rule"): [rule.code for rule in found],
            desk.text("alerts.severity"): [
                desk.text(f"severity.{rule.severity}") for rule in found
            ],
            desk.text("quality.looks_for"): [
                rule.explanation["fr" if desk.language == "fr" else "en"] for rule in found
            ],
            desk.text("alerts.state"): [said_of(desk, rule) for rule in found],
        }
    )


def said_of(desk: Desk, rule: Rule) -> str:
    """That a rule is on, or why it is off."""
    return desk.text(STANDS.get(rule.off_reason, "quality.on"))


def second_look_list(desk: Desk, view: View) -> None:
    """Dismissed alerts that somebody else looks at again."""
    st.header(desk.text("second_looks.title"), help=desk.text("second_looks.help"))
    st.caption(desk.text("second_looks.all_weeks"))
    page = second_looks(desk.engine, desk.name, view.get("after"), ROWS)
    if not page.total:
        st.info(desk.text("second_looks.none"), icon=":material/inbox:")
        return
    found = page.rows.to_pylist()
    for one, sentence in zip(found, sentences(desk, found), strict=True):
        who = desk.text("second_looks.by", name=one["dismissed_by"], reason=one["reason"])
        text = f"{one['rule']} · {sentence} {who}"
        links.to_page(desk, "case", text, **{**view.values, "alert": one["alert_id"]})
    blocks.next_page(desk, "alerts", view, page)
