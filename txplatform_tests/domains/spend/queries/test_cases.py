"""One alert as a case: what overlaps it, what resembles it, its division's weeks, its history."""

from datetime import date

import pyarrow as pa
import pytest
from sqlalchemy import Engine

from txplatform.domains.spend import decisions, publishing, tables
from txplatform.domains.spend.decisions import State
from txplatform.domains.spend.queries.cases import AlertCase, alert_case, decision_page
from txplatform_tests.domains.spend.alert_rows import raise_alerts, seen, settle
from txplatform_tests.domains.spend.text_tables import assert_rows
from txplatform_tests.domains.spend.weekly_tables import computed_weeks

ALERTS = """
alert_id | rule      | transaction_ids | department | division | merchant | transaction_date
a        | SPLIT     | t1 t2           | Roads      | Bridges  | Smith    | 2026-11-11
twin     | DUPLICATE | t2 t3           | Parks      | Ponds    | Jones    | 2026-11-12
elsewhere| SPLIT     | t9              | Parks      | Ponds    | Smith    | 2026-11-13
here     | SPLIT     | t8              | Roads      | Bridges  | Jones    | 2026-11-14
other    | ROUND     | t7              | Parks      | Ponds    | Smith    | 2026-11-15
nothing  | ROUND     | t6              | Parks      | Ponds    | Jones    | 2026-11-16
"""


@pytest.fixture(autouse=True)
def alerts(desk: Engine) -> None:
    """The alerts above."""
    raise_alerts(desk, ALERTS)


def case(desk: Engine, alert_id: str) -> AlertCase:
    """The case of an alert that is there."""
    found = alert_case(desk, alert_id)
    assert found is not None
    return found


def ids(alerts: pa.Table) -> list[str]:
    found: list[str] = alerts["alert_id"].to_pylist()
    return found


def test_a_case_has_the_evidence_and_the_purchases(desk: Engine) -> None:
    alert = case(desk, "a").alert

    assert alert["transaction_ids"] == ["t1", "t2"]
    assert alert["evidence"] == {"total": "1420.00"}
    assert (alert["state"], alert["sequence"]) == ("open", 0)


def test_what_shares_a_purchase_overlaps(desk: Engine) -> None:
    assert ids(case(desk, "a").overlapping) == ["twin"]
    assert ids(case(desk, "nothing").overlapping) == []


def test_what_points_to_it_overlaps_in_both_directions(desk: Engine) -> None:
    raise_alerts(desk, "alert_id | transaction_ids | overlaps_alert_id\nlater | t5 | other")

    assert ids(case(desk, "other").overlapping) == ["later"]
    assert ids(case(desk, "later").overlapping) == ["other"]


def test_the_same_rule_at_the_merchant_or_in_the_division_is_similar(desk: Engine) -> None:
    assert ids(case(desk, "a").similar) == ["here", "elsewhere"], "the newest first"


def test_alerts_at_the_merchant_are_of_any_rule_and_division(desk: Engine) -> None:
    assert ids(case(desk, "a").merchant_alerts) == ["other", "elsewhere"]


def test_an_alert_without_merchant_shares_none(desk: Engine) -> None:
    """Catches: all alerts on whole departments taken for alerts at one merchant."""
    raise_alerts(desk, SPIKES)

    found = case(desk, "s1")

    assert ids(found.merchant_alerts) == []
    assert ids(found.similar) == ["s2"]


SPIKES = """
alert_id | rule  | department | division | merchant | transaction_ids
s1       | SPIKE | Roads      |          |          |
s2       | SPIKE | Roads      |          |          |
s3       | SPIKE | Parks      |          |          |
"""

WEEKLY = """
week_start | department | division | total_amount
2025-11-10 | Roads      | Bridges  | 1.00
2025-11-17 | Roads      | Bridges  | 2.00
2026-11-09 | Roads      | Bridges  | 3.00
2026-11-09 | Roads      | Signs    | 4.00
2026-11-16 | Roads      | Bridges  | 5.00
"""


def test_the_divisions_year_ends_with_the_week_of_the_alert(desk: Engine) -> None:
    publishing.publish(desk, computed_weeks(WEEKLY), "a run")
    raise_alerts(desk, SPIKES)

    assert_rows(
        case(desk, "a").division_weeks,
        """
        week_start | division | total_amount
        2025-11-17 | Bridges  | 2.00
        2026-11-09 | Bridges  | 3.00
        """,
    )
    assert case(desk, "s1").division_weeks.num_rows == 3, "of the whole department"


def test_the_history_is_every_entry_oldest_first(desk: Engine) -> None:
    settle(desk, "a", State.JUSTIFIED)

    history = case(desk, "a").history

    assert [(row["sequence"], row["state"]) for row in history.to_pylist()] == [
        (1, "in_review"),
        (2, "justified"),
    ]
    page = decision_page(desk, "a")
    assert page is not None
    assert history.equals(page.rows)


def test_entries_come_in_pages_and_a_case_has_the_newest(desk: Engine) -> None:
    settle(desk, "a", State.JUSTIFIED)
    decisions.comment(desk, seen("a", sequence=2), "hm", "Grace")

    first = decision_page(desk, "a", None, 2)
    assert first is not None
    second = decision_page(desk, "a", first.next_cursor, 2)
    assert second is not None

    assert [page.rows["sequence"].to_pylist() for page in (first, second)] == [[1, 2], [3]]
    assert (first.total, second.total, second.next_cursor) == (3, 3, None)
    short = alert_case(desk, "a", entries=2)
    assert short is not None
    assert short.history["sequence"].to_pylist() == [2, 3]


def test_an_alert_that_is_not_there_has_no_case_and_no_history(desk: Engine) -> None:
    assert alert_case(desk, "x") is None
    assert decision_page(desk, "x") is None


def test_a_superseded_alert_keeps_its_case(desk: Engine) -> None:
    with desk.begin() as connection:
        connection.execute(tables.alerts.update().values(superseded_at=date(2026, 11, 20)))

    assert case(desk, "a").alert["superseded_at"] is not None
