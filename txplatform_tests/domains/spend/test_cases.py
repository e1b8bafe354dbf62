"""What a trigger keeps of cases: they say what their alerts say, whoever changes those."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, select

from txplatform.domains.spend import decisions, publishing
from txplatform.domains.spend.decisions import Kind, Seen, State, concerned
from txplatform.domains.spend.queries.alert_counts import case_counts
from txplatform.domains.spend.queries.alert_filter import AlertFilter
from txplatform.domains.spend.queries.cases import Case, case_of
from txplatform.domains.spend.queries.inbox import case_page
from txplatform.domains.spend.tables import alerts, cases
from txplatform_tests.domains.spend.alert_rows import seen, settle
from txplatform_tests.domains.spend.found_alerts import empty_week, publish_found

PAIR = """
alert_id | rule | severity | risk | amount_at_risk | transaction_ids | week_start | sentence
split | SPLIT | high | 0.93 | 960.00 | p1 p2 | 2026-11-09 | Two add up.
below 1 | JUST_BELOW | medium | 0.93 | 480.00 | p1 | 2026-11-09 | Just below.
twins | DUPLICATE | medium | 0.93 | 480.00 | p1 p2 | 2026-11-09 | Twins at Café.
"""
BELOW_2 = "below 2 | JUST_BELOW | medium | 0.93 | 480.00 | p2 | 2026-11-09 | Just below."
SPIKE = "spike | SPIKE | medium | 0.30 | 5.00 |  | 2026-11-09 | A dear week."
EVERYTHING = AlertFilter()


@pytest.fixture(autouse=True)
def found(desk: Engine) -> None:
    """One pair of purchases that breaks three rules, and a dear week."""
    publish_found(desk, f"{PAIR}{SPIKE}")


def rows(desk: Engine) -> dict[str, dict[str, Any]]:
    """The cases that hold, by their gravest alert."""
    with desk.connect() as connection:
        found = connection.execute(select(cases).where(cases.c.superseded_at.is_(None)))
        return {row["alert_id"]: dict(row) for row in found.mappings()}


def case(desk: Engine, name: str = "split") -> Case:
    """A case that is there."""
    found = case_of(desk, name)
    assert found is not None
    return found


def act(desk: Engine, kind: Kind, write: Callable[[list[Seen]], object]) -> None:
    """Write entries on the alerts of the pair's case that an act is about."""
    write(concerned(case(desk).alerts, kind))


def decide(desk: Engine, state: State) -> None:
    """Decide the pair's case."""
    act(desk, Kind.DECIDE, lambda found: decisions.decide(desk, found, state, "because", "Ada"))


def test_a_case_says_what_its_alerts_say_together(desk: Engine) -> None:
    found = rows(desk)

    assert set(found) == {"split", "spike"}
    pair = found["split"]
    assert (pair["rule"], pair["severity"], pair["sentence"]) == ("SPLIT", "high", "Two add up.")
    assert pair["rules"] == "DUPLICATE, JUST_BELOW, SPLIT"
    assert (pair["alert_count"], pair["transaction_count"]) == (3, 2)
    assert (pair["amount_at_risk"], pair["risk"]) == (Decimal("960.00"), Decimal("0.93"))
    assert (pair["state"], pair["sequence"]) == ("open", 0)
    assert (found["spike"]["amount_at_risk"], found["spike"]["transaction_count"]) == (5, 0)


def test_the_inbox_lists_counts_and_finds_cases(desk: Engine) -> None:
    page = case_page(desk, EVERYTHING)
    counts = case_counts(desk, EVERYTHING)

    assert page.rows["alert_id"].to_pylist() == ["split", "spike"]
    assert (counts.total, counts.amount_at_risk) == (2, Decimal("965.00"))
    assert counts.by_rule == {"DUPLICATE": 1, "JUST_BELOW": 1, "SPLIT": 1, "SPIKE": 1}
    assert counts.by_severity == {"high": 1, "medium": 1}


@pytest.mark.parametrize(
    ("wanted", "is_found"),
    [
        ({"rules": ("DUPLICATE",)}, True),
        ({"rules": ("ROUND", "JUST_BELOW")}, True),
        ({"rules": ("ROUND",)}, False),
        ({"severities": ("medium",)}, False),
        ({"text": "cafe"}, True),
        ({"text": "twins add"}, True),
        ({"states": ("in_review", "open")}, True),
        ({"states": ("in_review",)}, False),
        ({"assignee": "Ada"}, False),
    ],
)
def test_a_case_is_found_by_any_of_its_alerts(
    desk: Engine, wanted: dict[str, Any], is_found: bool
) -> None:
    """Catches: a search among the gravest alerts alone."""
    found = case_page(desk, AlertFilter(**wanted)).rows["alert_id"].to_pylist()

    assert ("split" in found) is is_found
    assert case_counts(desk, AlertFilter(**wanted)).total == len(found)


def test_pages_of_cases_together_are_the_list(desk: Engine) -> None:
    first = case_page(desk, EVERYTHING, None, 1)
    second = case_page(desk, EVERYTHING, first.next_cursor, 1)

    names = [page.rows["alert_id"].to_pylist() for page in (first, second)]
    assert (names, second.next_cursor) == ([["split"], ["spike"]], None)


def test_one_decision_decides_all_alerts_and_each_keeps_its_history(desk: Engine) -> None:
    decide(desk, State.IN_REVIEW)
    decide(desk, State.ABUSIVE)

    pair = rows(desk)["split"]
    assert (pair["state"], pair["assignee"], pair["sequence"]) == ("abusive", "Ada", 6)
    assert pair["decided_by"] == "Ada"
    history = case(desk).history.to_pylist()
    assert {(one["alert_id"], one["sequence"]) for one in history} == {
        (name, number) for name in ("split", "below 1", "twins") for number in (1, 2)
    }
    assert rows(desk)["spike"]["state"] == "open"


def test_an_alert_that_joins_a_decided_case_is_decided_alone(desk: Engine) -> None:
    decide(desk, State.IN_REVIEW)
    decide(desk, State.JUSTIFIED)
    publish_found(desk, f"{PAIR}{SPIKE}\n{BELOW_2}")

    assert rows(desk)["split"]["state"] == "open", "somebody has to look again"
    decide(desk, State.IN_REVIEW)
    decide(desk, State.DISMISSED)

    assert [(one["alert_id"], one["state"]) for one in case(desk).alerts] == [
        ("split", "justified"),
        ("below 1", "justified"),
        ("below 2", "dismissed"),
        ("twins", "justified"),
    ]
    assert rows(desk)["split"]["state"] == "justified", "the gravest of what was found"


def test_comments_are_on_all_and_an_undo_on_those_that_stand_last(desk: Engine) -> None:
    decide(desk, State.IN_REVIEW)
    publish_found(desk, f"{PAIR}{SPIKE}\n{BELOW_2}")

    assert len(concerned(case(desk).alerts, Kind.COMMENT)) == 4
    assert concerned(case(desk).alerts, Kind.UNDO) == seen("below 2")
    decide(desk, State.IN_REVIEW)
    act(desk, Kind.UNDO, lambda found: decisions.undo(desk, found, "too early", "Ada"))
    assert {one["state"] for one in case(desk).alerts} == {"open"}


def test_a_superseded_alert_leaves_its_case_and_comes_back_to_it(desk: Engine) -> None:
    before = rows(desk)
    settle(desk, "twins", State.DISMISSED)
    publish_found(desk, "\n".join(f"{PAIR}{SPIKE}".splitlines()[:4]))

    assert rows(desk)["split"]["alert_count"] == 2
    alone = case(desk, "twins")
    assert (alone.case["case_id"], alone.case["state"]) == ("twins", "dismissed")
    assert alone.case["superseded_at"] is not None
    superseded = AlertFilter(is_superseded=True)
    assert set(case_page(desk, superseded).rows["alert_id"].to_pylist()) == {"twins", "spike"}

    publish_found(desk, f"{PAIR}{SPIKE}")
    assert rows(desk).keys() == before.keys()
    assert rows(desk)["split"]["case_id"] == before["split"]["case_id"]
    assert case_page(desk, superseded).total == 0


def test_an_empty_week_has_no_case_that_holds(desk: Engine) -> None:
    publishing.publish_alerts(desk, empty_week(date(2026, 11, 9)), "run 2")

    assert rows(desk) == {}
    assert case_counts(desk, EVERYTHING).total == 0


def test_two_that_decide_on_alerts_of_one_case_lose_nothing(desk: Engine) -> None:
    """Catches: a case written from what its alerts said before the other's entry."""
    names = ["split", "below 1", "twins"]
    for round_ in range(5):
        with ThreadPoolExecutor(3) as pool:
            done = [
                pool.submit(decisions.comment, desk, [Seen(one, round_)], "x", one) for one in names
            ]
            for one in done:
                one.result(60)

    assert rows(desk)["split"]["sequence"] == 15


def test_every_alert_is_in_the_case_that_it_names(desk: Engine) -> None:
    with desk.connect() as connection:
        named = connection.execute(select(alerts.c.case_id, alerts.c.alert_id)).all()
        known = set(connection.execute(select(cases.c.case_id)).scalars())

    assert {row[0] for row in named} == known
