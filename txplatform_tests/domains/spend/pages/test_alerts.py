"""Alerts: the inbox, the case, decisions and who may make them."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
from streamlit.testing.v1 import AppTest

from txplatform.domains.spend import decisions
from txplatform.domains.spend.decisions import Seen, State
from txplatform.domains.spend.pages.alerts import all_cases
from txplatform.domains.spend.pages.reader import SpendReader
from txplatform.domains.spend.queries.alert_filter import AlertFilter
from txplatform.domains.spend.queries.cases import decision_page
from txplatform.domains.spend.queries.inbox import COUNTED
from txplatform_tests.domains.spend.alert_rows import raise_many
from txplatform_tests.domains.spend.pages.office import Office
from txplatform_tests.serving.pages import figures, plain, said, tables_of

SECOND = {"from_": "2026-11-09", "to": "2026-11-09"}
SPLIT = "decide.split"


def _send(page: AppTest, what: str, reason: str = "", form: str = SPLIT) -> AppTest:
    page.selectbox(key=f"{form}.act").select(what)
    page.text_area(key=f"{form}.reason").input(reason)
    button = next(one for one in page.button if one.form_id == form)
    button.click().run()
    assert not page.exception
    return page


def _history(office: Office, alert: str = "split") -> list[tuple[str, str, str]]:
    found = decision_page(office.platform.engine, alert)
    assert found is not None
    return [(one["kind"], one["state"], one["decided_by"]) for one in found.rows.to_pylist()]


def test_the_inbox_counts_and_sorts_by_risk(office: Office) -> None:
    office.fill()

    page = office.page("alerts", **SECOND)

    assert figures(page) == {"Cases": "2", "Amount at risk": "€200.00"}
    assert [one.key for one in page.checkbox] == ["marked.split", "marked.double"]
    assert page.selectbox(key="view.rule").options[:3] == ["All", "SPLIT (1)", "DUPLICATE (1)"]


def test_filters_narrow_the_inbox_and_stand_in_the_address(office: Office) -> None:
    office.fill()
    page = office.page("alerts", **SECOND)

    page.selectbox(key="view.rule").select("DUPLICATE").run()

    assert figures(page)["Cases"] == "1"
    assert page.query_params["rule"] == ["DUPLICATE"]
    again = office.page("alerts", **SECOND, search="no such thing")
    assert "No case matches" in said(again)


def test_the_inbox_counts_all_alerts_with_a_word(office: Office) -> None:
    """Catches: a page that says 10,000 where the search counts no further."""
    office.fill()
    raise_many(office.platform.engine, COUNTED + 1, sentence="'Bought a hammer.'")

    page = office.page("alerts", **SECOND, search="hammer")

    assert figures(page)["Cases"] == "10,001"
    assert "Rows shown: 20 of 10,001" in said(page)


def test_rules_without_a_limit_say_that_they_are_off(office: Office) -> None:
    office.fill()

    assert "SPLIT, JUST_BELOW, OVER_LIMIT off: no limit set" in said(office.page("alerts"))
    in_french = office.page("alerts", list="quality", lang="fr_FR")
    rules = next(one for one in tables_of(in_french) if "État" in one)
    assert rules["État"][:2] == ["inactive : aucun plafond fixé", "active"]


def test_a_case_shows_what_fired_the_rule_and_its_purchases(office: Office) -> None:
    office.fill()

    page = office.page("alerts", alert="split")

    assert "Two purchases at Ironmonger add up to 1,420.00." in said(page)
    shown = figures(page)
    assert (shown["Amount at risk"], shown["Risk"], shown["State"]) == ("€100.00", "72%", "open")
    evidence, purchases = tables_of(page)[:2]
    assert evidence == {"Fact": ["Total"], "Value": ["€1,420.00"]}
    assert purchases["Amount"] == ["€300.20", "-€20.05"]
    assert (purchases["File"], purchases["Line"]) == (["a.csv"] * 2, ["5", "6"])
    assert len(_drawn(page)) == 52  # weeks in which nothing was bought have their place too


def _drawn(page: AppTest) -> list[object]:
    """What the only chart of a case draws."""
    [chart] = page.get("vega_lite_chart")
    [data] = chart.proto.datasets
    rows: list[object] = pa.ipc.open_stream(data.data.data).read_all().to_pylist()
    return rows


def test_a_case_says_its_facts_in_the_readers_language(office: Office) -> None:
    office.fill()

    page = office.page("case", alert="split", lang="fr_FR")

    assert tables_of(page)[0] == {"Fait": ["Total"], "Valeur": ["1\u202f420,00\xa0€"]}


PAIR = """
alert_id | rule       | severity | week_start | risk     | division | transaction_ids | amount_at_risk
split    | SPLIT      | high     | 2026-11-09 | 0.747469 | Bridges  | p4 p5           | 700.30
below    | JUST_BELOW | medium   | 2026-11-09 | 0.747469 | Bridges  | p4              | 400.10
double   | DUPLICATE  | medium   | 2026-11-09 | 0.3      | Tunnels  | p6              | 20.05
"""  # noqa: E501 - a table


def test_alerts_that_share_purchases_are_one_line_and_one_case(office: Office) -> None:
    office.fill(alerts=PAIR)

    inbox = office.page("alerts", **SECOND)
    case = office.page("alerts", alert="below")

    assert [one.key for one in inbox.checkbox] == ["marked.split", "marked.double"]
    assert figures(inbox) == {"Cases": "2", "Amount at risk": "€720.35"}
    assert inbox.selectbox(key="view.rule").options[1:4] == [
        "SPLIT (1)", "DUPLICATE (1)", "REPEAT (0)",
    ]  # fmt: skip
    assert ":gray-badge[JUST_BELOW] :gray-badge[SPLIT]" in said(inbox)
    shown = figures(case)
    assert (shown["Amount at risk"], shown["Risk"]) == ("€700.30", "74.7%")
    assert "74.7469%" in next(plain(one.help) for one in case.metric if one.label == "Risk")
    assert tables_of(case)[2]["Line"] == ["5", "6"], "each purchase once, after both rules' facts"


def test_one_decision_decides_all_alerts_of_a_case(office: Office) -> None:
    office.fill(alerts=PAIR)
    page = office.page("alerts", alert="below")

    _send(page, "in_review")
    _send(page, "abusive", "A split")

    decided = [("decide", "in_review", "Ada"), ("decide", "abusive", "Ada")]
    assert (_history(office), _history(office, "below")) == (decided, decided)
    assert _history(office, "double") == []
    [history] = [one for one in tables_of(page) if "Who" in one]
    assert history["On"] == ["JUST_BELOW, SPLIT"] * 2, "an act is one line, whatever it wrote"


def test_marked_cases_stay_marked_when_they_are_taken_up(office: Office) -> None:
    """They are decided next: twenty cases need twenty marks and no more."""
    office.fill(alerts=PAIR)
    page = office.page("alerts", **SECOND)
    page.checkbox(key="marked.split").check()

    _send(page, "in_review", form="decide.many")
    assert page.checkbox(key="marked.split").value
    _send(page, "dismissed", "A lease", "decide.many")

    assert [state for _, state, _ in _history(office, "below")] == ["in_review", "dismissed"]
    assert "Written down: dismissed (1)." in said(page)


def test_the_export_of_the_inbox_has_all_cases_with_every_digit(office: Office) -> None:
    office.fill(alerts=PAIR)
    reader = SpendReader(office.platform, "Ada", "controller", "en_US", "spend")

    [first, second] = all_cases(reader, AlertFilter()).to_pylist()

    assert (first["rules"], first["risk"]) == ("JUST_BELOW, SPLIT", Decimal("0.747469"))
    assert (first["alert_count"], second["alert_count"]) == (2, 1)


def test_an_unknown_case_says_so(office: Office) -> None:
    office.fill()

    assert "There is no alert '; DROP TABLE" in said(
        office.page("alerts", alert="'; DROP TABLE alerts")
    )


def test_a_decision_stands_in_the_history_with_who_made_it(office: Office) -> None:
    office.fill()
    page = office.page("alerts", alert="split")

    _send(page, "in_review")
    _send(page, "abusive", "No <b>contract</b> for $500$")

    history = tables_of(page)[1]
    assert history["Who"] == ["Ada", "Ada"]
    assert history["State"] == ["in review", "abusive"]
    assert history["Reason or comment"] == ["", "No <b>contract</b> for $500$"]
    assert figures(page)["State"] == "abusive"
    assert _history(office) == [("decide", "in_review", "Ada"), ("decide", "abusive", "Ada")]


def test_what_is_missing_is_told_and_nothing_is_written(office: Office) -> None:
    office.fill()
    decisions.decide(office.platform.engine, [Seen("split", 0)], State.IN_REVIEW, None, "Grace")

    page = _send(office.page("alerts", alert="split"), "dismissed")

    assert "write down the reason or comment first" in said(page)
    assert _history(office) == [("decide", "in_review", "Grace")]


def test_the_second_of_two_controllers_is_told_who_was_first(office: Office) -> None:
    """Catches: the form that decides on what it reads at the click instead of what was seen."""
    office.fill()
    page = office.page("alerts", alert="split")
    decisions.decide(office.platform.engine, [Seen("split", 0)], State.IN_REVIEW, None, "Grace")

    _send(page, "comment", "Mine")
    in_french = office.page("case", alert="split", lang="fr_FR")
    decisions.comment(office.platform.engine, [Seen("split", 1)], "Mine", "Grace")
    _send(in_french, "comment", "Le mien")

    assert "Grace a été plus rapide : commenté le" in said(in_french)
    assert "Grace was faster: decided on" in said(page)
    assert len(_history(office)) == 2


def test_nothing_is_decided_by_what_a_form_begins_with(office: Office) -> None:
    """Catches: a form that stands at `abusive`, the first of its words."""
    office.fill()
    page = office.page("case", alert="split")

    assert page.selectbox(key=f"{SPLIT}.act").value is None
    next(one for one in page.button if one.form_id == SPLIT).click().run()

    assert "choose what to do first" in said(page)
    assert _history(office) == []


def test_many_marked_alerts_are_decided_at_once_and_no_other(office: Office) -> None:
    office.fill()
    page = office.page("alerts", **SECOND)

    page.checkbox(key="marked.double").check()
    _send(page, "comment", "Together", "decide.many")

    assert _history(office, "double") == [("comment", "open", "Ada")]
    assert _history(office) == []
    assert "Written down: comment (1)." in said(page)
    assert not page.checkbox(key="marked.double").value


def test_nothing_marked_decides_nothing(office: Office) -> None:
    """Catches: an inbox of one alert that is decided without being marked."""
    office.fill()

    page = _send(office.page("alerts", **SECOND, rule="SPLIT"), "comment", "x", "decide.many")

    assert "mark at least one case first" in said(page)
    assert _history(office) == []


def test_a_reader_sees_no_form_to_decide(office: Office) -> None:
    office.fill()

    case, inbox, health = (
        office.page("alerts", "reader", alert="split"),
        office.page("alerts", "reader", **SECOND),
        office.page("health", "reader", **SECOND),
    )

    assert figures(case)["State"] == "open"
    for page in (case, inbox, health):
        assert not page.button
        assert not page.checkbox


def test_what_became_of_alerts_gives_the_precision_of_their_rule(office: Office) -> None:
    office.fill()
    engine = office.platform.engine
    decisions.decide(engine, [Seen("split", 0)], State.IN_REVIEW, None, "Ada")
    decisions.decide(engine, [Seen("split", 1)], State.DISMISSED, "A lease", "Grace")

    quality = office.page("alerts", **SECOND, list="quality")
    looks = office.page("alerts", **SECOND, list="second_looks")

    assert tables_of(quality)[0]["Precision"] == ["0%"]
    assert len(tables_of(quality)[1]["Rule"]) == 12
    weights = tables_of(quality)[2]
    assert weights["Abusive, of decided"][weights["Rule"].index("SPLIT")] == "0 of 1"
    assert weights["Weight now"][weights["Rule"].index("SPLIT")] == "0.5714"
    assert "Rows shown: 1 of 1" in said(looks)
    assert "All decisions ever made" in said(quality)


def test_a_week_is_signed_off_and_a_change_after_it_is_marked(office: Office) -> None:
    office.fill()
    page = office.page("health", **SECOND)
    button = next(one for one in page.button if one.form_id == "sign_off")
    button.click().run()
    assert "Signed off: Nov 9, 2026" in said(page)

    office.platform.database["transactions"].delete_one({"_id": "p3"})
    office.note()
    office.compute([date(2026, 11, 9)])

    overview = said(office.page(**SECOND))
    assert "signed off by Ada" in overview
    assert "now says €310.18: -€400.10" in overview
    changed = next(one for one in tables_of(office.page("health", **SECOND)) if "Difference" in one)
    assert (changed["Signed"], changed["Now"]) == (["€700.30"], ["€300.20"])
    assert changed["Difference"] == ["-€400.10"]
