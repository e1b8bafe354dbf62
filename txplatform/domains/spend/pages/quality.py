"""How good the rules are by what controllers decided, and the dismissals up for a second look."""

from datetime import timedelta
from decimal import Decimal

import streamlit as st

from txplatform.domains.spend.pages.reader import SpendReader
from txplatform.domains.spend.pages.wording import sentences
from txplatform.domains.spend.queries.quality import Period, rule_quality
from txplatform.domains.spend.queries.rulebook import weights
from txplatform.domains.spend.queries.second_looks import second_looks
from txplatform.domains.spend.queries.trends import Scope
from txplatform.domains.spend.rules.catalogue import NO_LIMIT, SWITCHED_OFF, Rule
from txplatform.domains.spend.rules.ranking import Weight
from txplatform.domains.spend.settings import SpendSettings
from txplatform.serving.dashboard import blocks, links
from txplatform.serving.dashboard.formats import DASH
from txplatform.serving.dashboard.query_parameters import View

ROWS = 20
COUNTS = ("abusive", "dismissed", "justified")
STANDS = {NO_LIMIT: "quality.off_no_limit", SWITCHED_OFF: "quality.off_in_file"}


def rules(reader: SpendReader, view: View, scope: Scope) -> None:
    """Precision, time to decision and amounts found per rule, and what each rule looks for."""
    st.header(reader.text("quality.title"), help=reader.text("quality.help"))
    period = view.choice(
        "period",
        reader.text("quality.period"),
        tuple(Period),
        Period.ALL,
        str,
        lambda one: reader.text(f"quality.{one}"),
    )
    table = rule_quality(reader.engine, period, scope.first if period is not Period.ALL else None)
    found = table.to_pylist()
    said = "quality.of_all" if period is Period.ALL else "quality.from_week"
    st.caption(reader.text(said, week=reader.day(scope.first)))
    if found:
        since = [reader.day(one["period_start"]) for one in found]
        blocks.table(
            {
                **({reader.text("quality.since"): since} if period is not Period.ALL else {}),
                reader.text("alerts.rule"): [one["rule"] for one in found],
                **{
                    reader.text(f"state_of.{name}"): [reader.whole(one[name]) for one in found]
                    for name in COUNTS
                },
                reader.text("quality.precision"): [reader.share(one["precision"]) for one in found],
                reader.text("quality.hours"): [
                    _hours(reader, one["median_hours"]) for one in found
                ],
                reader.text("quality.found"): [reader.money(one["amount_found"]) for one in found],
            }
        )
        blocks.export_buttons(reader, "rule_quality", table.num_rows, lambda: table)
    else:
        st.info(reader.text("quality.none"), icon=":material/inbox:")
    _explanations(reader)
    _weights(reader)


def _weights(reader: SpendReader) -> None:
    """What each kind of alert adds to the risk: from its severity to what was decided."""
    st.header(reader.text("quality.weights"), help=reader.text("quality.weights_help"))
    if not reader.platform.settings.of(SpendSettings).learning:
        st.info(reader.text("quality.frozen"), icon=":material/ac_unit:")
    found = weights(reader.platform)
    if not found:
        st.write(reader.text("quality.no_alerts"))
        return
    shown = list(found.values())
    blocks.table(
        {
            reader.text("alerts.rule"): [rule for rule, _ in found],
            reader.text("alerts.severity"): [reader.text(f"severity.{one}") for _, one in found],
            reader.text("quality.prior"): [reader.number(one.prior) for one in shown],
            reader.text("quality.abusive_of_decided"): [_evidence(reader, one) for one in shown],
            reader.text("quality.weight"): [reader.number(one.weight) for one in shown],
        }
    )


def _evidence(reader: SpendReader, one: Weight) -> str:
    counts = {name: reader.whole(count) for name, count in one.evidence._asdict().items()}
    return reader.text("quality.counts", **counts)


def _hours(reader: SpendReader, hours: Decimal | None) -> str:
    return DASH if hours is None else reader.span(timedelta(hours=float(hours)))


def _explanations(reader: SpendReader) -> None:
    st.header(reader.text("quality.rules"))
    found = reader.rulebook.rules
    blocks.table(
        {
            reader.text("alerts.rule"): [rule.code for rule in found],
            reader.text("alerts.severity"): [
                reader.text(f"severity.{rule.severity}") for rule in found
            ],
            reader.text("quality.looks_for"): [
                rule.explanation["fr" if reader.language == "fr" else "en"] for rule in found
            ],
            reader.text("alerts.state"): [said_of(reader, rule) for rule in found],
        }
    )


def said_of(reader: SpendReader, rule: Rule) -> str:
    """That a rule is on, or why it is off."""
    return reader.text(STANDS.get(rule.off_reason, "quality.on"))


def second_look_list(reader: SpendReader, view: View) -> None:
    """Dismissed alerts that somebody else looks at again."""
    st.header(reader.text("second_looks.title"), help=reader.text("second_looks.help"))
    st.caption(reader.text("second_looks.all_weeks"))
    page = second_looks(reader.engine, reader.name, view.get("after"), ROWS)
    if not page.total:
        st.info(reader.text("second_looks.none"), icon=":material/inbox:")
        return
    found = page.rows.to_pylist()
    for one, sentence in zip(found, sentences(reader, found), strict=True):
        who = reader.text("second_looks.by", name=one["dismissed_by"], reason=one["reason"])
        text = f"{one['rule']} · {sentence} {who}"
        links.to_page(reader, "case", text, **{**view.values, "alert": one["alert_id"]})
    blocks.next_page(reader, "alerts", view, page)
