"""Publishing alerts: raised once, refreshed, superseded, back again; decisions are never lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text

from txplatform.domains.spend import publishing
from txplatform.domains.spend.decisions import State
from txplatform.domains.spend.publishing import AlertChanges
from txplatform_tests.domains.spend.alert_rows import settle
from txplatform_tests.domains.spend.found_alerts import empty_week, found_weeks, publish_found

TWO_WEEKS = """
    alert_id | rule  | week_start | transaction_ids
    first    | SPLIT | 2026-11-09 | p1 p2
    second   | ROUND | 2026-11-09 | p3
    other    | ROUND | 2026-11-16 | p4
    """
NINTH, SIXTEENTH = date(2026, 11, 9), date(2026, 11, 16)
NOTHING_DONE = AlertChanges(raised=0, returned=0, refreshed=0, superseded=0, unchanged=0)


def alerts(engine: Engine) -> dict[str, dict[str, Any]]:
    """The table by id."""
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM alerts ORDER BY alert_id")).mappings()
        return {row["alert_id"]: dict(row) for row in rows}


def standing(engine: Engine) -> set[str]:
    """The alerts that hold."""
    return {one for one, row in alerts(engine).items() if row["superseded_at"] is None}


def test_what_is_found_first_is_raised(desk: Engine) -> None:
    done = publish_found(desk, TWO_WEEKS, "run 1")

    assert done == {
        NINTH: NOTHING_DONE._replace(raised=2),
        SIXTEENTH: NOTHING_DONE._replace(raised=1),
    }
    first = alerts(desk)["first"]
    assert first["transaction_ids"] == ["p1", "p2"]
    assert first["evidence"] == {"total": "1420.00"}
    assert (first["run_id"], first["superseded_at"]) == ("run 1", None)
    assert (first["amount_at_risk"], first["risk"]) == (Decimal("100.00"), Decimal("0.6"))


def test_the_same_again_changes_nothing(desk: Engine) -> None:
    publish_found(desk, TWO_WEEKS, "run 1")
    before = alerts(desk)

    done = publish_found(desk, TWO_WEEKS, "run 2")

    assert done[NINTH] == NOTHING_DONE._replace(unchanged=2)
    assert alerts(desk) == before


def test_an_alert_whose_facts_are_gone_is_superseded_and_may_come_back(desk: Engine) -> None:
    publish_found(desk, TWO_WEEKS)
    settle(desk, "first", State.ABUSIVE)
    raised = alerts(desk)

    gone = publishing.publish_alerts(desk, empty_week(NINTH), "run 2")
    assert gone[NINTH] == NOTHING_DONE._replace(superseded=2)
    assert standing(desk) == {"other"}, "only the week that was computed"
    since = alerts(desk)["first"]["superseded_at"]
    publishing.publish_alerts(desk, empty_week(NINTH), "run 3")
    assert alerts(desk)["first"]["superseded_at"] == since

    back = publish_found(desk, TWO_WEEKS, "run 4")
    assert back[NINTH] == NOTHING_DONE._replace(returned=2)
    assert alerts(desk) == raised
    assert _states(desk) == [("first", "in_review"), ("first", "abusive")]


def _states(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        query = "SELECT alert_id, state FROM decisions ORDER BY decision_id"
        return [(row[0], row[1]) for row in connection.execute(text(query))]


def test_facts_of_the_same_alert_are_refreshed(desk: Engine) -> None:
    """Who raised it when stays, and so does its risk, which follows from all alerts together."""
    publish_found(desk, TWO_WEEKS, "run 1")
    before = alerts(desk)
    other_risk = """
        alert_id | rule  | week_start | transaction_ids | risk | sentence
        first    | SPLIT | 2026-11-09 | p1 p2           | 0.64 | Said in other words.
        second   | ROUND | 2026-11-09 | p3              | 0.6  | Two purchases at Ironmonger add up to 1,420.00.
        """  # noqa: E501 - one line per alert

    weeks = found_weeks(other_risk)
    done = publishing.publish_alerts(desk, weeks, "run 2")

    assert done[NINTH] == NOTHING_DONE._replace(refreshed=1, unchanged=1)
    after = alerts(desk)
    changed = {"sentence": "Said in other words."}
    assert after == {**before, "first": {**before["first"], **changed}}


@pytest.mark.parametrize("weeks", [(NINTH, SIXTEENTH), (SIXTEENTH, NINTH)])
def test_an_alert_moves_with_its_purchase_whichever_week_is_computed_first(
    desk: Engine, weeks: tuple[date, date]
) -> None:
    """A correction gave the purchase another date; the alert is the same, and so its decision."""
    publish_found(desk, TWO_WEEKS)
    moved = {
        **empty_week(NINTH),
        **found_weeks(TWO_WEEKS.replace("2026-11-09", "2026-11-16")),
    }

    for week in weeks:
        publishing.publish_alerts(desk, {week: moved[week]}, "run 2")

    assert standing(desk) == {"first", "second", "other"}
    assert {row["week_start"] for row in alerts(desk).values()} == {SIXTEENTH}


THIRD_TWIN = """
    alert_id | rule  | rule_version | week_start | transaction_ids
    third    | SPLIT | 1            | 2026-11-09 | p1 p2 p9
    second   | ROUND | 1            | 2026-11-09 | p3
    """
NEW_VERSION = """
    alert_id | rule  | rule_version | week_start | transaction_ids
    third    | SPLIT | 2            | 2026-11-09 | p1 p2
    """
OTHER_RULE = """
    alert_id | rule      | rule_version | week_start | transaction_ids
    third    | DUPLICATE | 1            | 2026-11-09 | p1 p2
    """


@pytest.mark.parametrize(
    ("now", "points_to"), [(THIRD_TWIN, "first"), (NEW_VERSION, "first"), (OTHER_RULE, None)]
)
def test_an_alert_with_other_facts_points_to_the_decided_one(
    desk: Engine, now: str, points_to: str | None
) -> None:
    publish_found(desk, TWO_WEEKS)
    settle(desk, "first", State.JUSTIFIED)

    publish_found(desk, now, "run 2")

    assert alerts(desk)["third"]["overlaps_alert_id"] == points_to
    assert "first" not in standing(desk)
    publish_found(desk, now, "run 3")
    assert alerts(desk)["third"]["overlaps_alert_id"] == points_to, "and keeps pointing"


def test_an_alert_nobody_decided_is_not_pointed_to(desk: Engine) -> None:
    publish_found(desk, TWO_WEEKS)
    publish_found(desk, THIRD_TWIN)

    assert alerts(desk)["third"]["overlaps_alert_id"] is None


def test_of_two_decided_alerts_the_newest_decision_counts(desk: Engine) -> None:
    publish_found(desk, TWO_WEEKS)
    publish_found(desk, NEW_VERSION)
    settle(desk, "third", State.DISMISSED)
    settle(desk, "first", State.ABUSIVE)

    publish_found(desk, THIRD_TWIN.replace("third", "fourth"))

    assert alerts(desk)["fourth"]["overlaps_alert_id"] == "first"


def test_a_spike_overlaps_by_department_and_week(desk: Engine) -> None:
    """It has no purchases of its own."""
    spike = """
        alert_id | rule  | week_start | department | transaction_ids
        roads    | SPIKE | 2026-11-09 | Roads      |
        parks    | SPIKE | 2026-11-09 | Parks      |
        """
    publish_found(desk, spike)
    settle(desk, "roads", State.JUSTIFIED)

    publish_found(desk, spike.replace(" roads ", " again ").replace(" parks ", " others"))

    found = alerts(desk)
    assert found["again"]["overlaps_alert_id"] == "roads"
    assert found["others"]["overlaps_alert_id"] is None
    assert found["again"]["transaction_ids"] == []


def test_two_runs_at_once_raise_an_alert_once(desk: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(publish_found, desk, TWO_WEEKS, f"run {n}") for n in range(4)]
        done = [run.result(60) for run in runs]

    assert sum(one[NINTH].raised for one in done) == 2
    assert sum(one[NINTH].unchanged for one in done) == 6
    assert standing(desk) == {"first", "second", "other"}


def test_names_come_in_every_script_and_with_every_sign(desk: Engine) -> None:
    """Catches: an id or a name that COPY, JSON or SQL takes for syntax."""
    hostile = "a,b\"c\\d{e}'; DROP TABLE alerts; -- <é>"
    [(week, table)] = found_weeks(NEW_VERSION).items()
    rows = [
        {**row, "transaction_ids": [hostile, "NULL"], "merchant": hostile, "sentence": hostile}
        for row in table.to_pylist()
    ]
    strange = type(table).from_pylist(rows, table.schema)

    publishing.publish_alerts(desk, {week: strange}, "run")

    row = alerts(desk)["third"]
    assert (row["transaction_ids"], row["merchant"]) == ([hostile, "NULL"], hostile)
    assert row["sentence"] == hostile


def test_a_week_says_what_its_alerts_were_found_with(desk: Engine) -> None:
    publish_found(desk, TWO_WEEKS, "run 1")
    again = empty_week(NINTH, fingerprint="new", rules_version="2")
    publishing.publish_alerts(desk, again, "run 2")

    with desk.connect() as connection:
        query = "SELECT week_start::text, fingerprint, rules_version, alert_count, run_id"
        rows = connection.execute(text(f"{query} FROM alert_weeks ORDER BY 1")).all()
    assert [tuple(row) for row in rows] == [
        ("2026-11-09", "new", "2", 0, "run 2"),
        ("2026-11-16", "own", "1", 1, "run 1"),
    ]
