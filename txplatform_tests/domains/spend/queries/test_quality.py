"""How good the rules are: precision, time to decision and amounts, per period."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text

from txplatform.domains.spend import decisions, tables
from txplatform.domains.spend.decisions import State
from txplatform.domains.spend.queries.quality import Period, _of_everything, rule_quality
from txplatform_tests.domains.spend.alert_rows import RAISED_AT, raise_alerts, seen, settle

SPLITS = """
alert_id | rule  | amount_at_risk
a        | SPLIT | 100.10
b        | SPLIT | 200.20
c        | SPLIT | 300.30
open     | SPLIT | 400.40
r        | ROUND | 5.00
"""


@pytest.fixture(autouse=True)
def alerts(desk: Engine) -> None:
    """The alerts above."""
    raise_alerts(desk, SPLITS)


def quality(desk: Engine, *period: Any) -> dict[str, dict[str, Any]]:
    """The lines by rule."""
    return {row["rule"]: row for row in rule_quality(desk, *period).to_pylist()}


def decided(desk: Engine, alert_id: str, state: str, at: datetime) -> None:
    """Put a decision into the table with a moment of its own."""
    values = {"sequence": 1, "kind": "decide", "decided_by": "Ada", "reason": "so"}
    with desk.begin() as connection:
        statement = tables.decisions.insert()
        moment = {"alert_id": alert_id, "state": state, "decided_at": at}
        connection.execute(statement.values({**values, **moment}))


def test_precision_is_the_share_of_abuses_among_what_was_decided(desk: Engine) -> None:
    settle(desk, "a", State.ABUSIVE)
    settle(desk, "b", State.DISMISSED)
    settle(desk, "c", State.JUSTIFIED)
    decisions.decide(desk, seen("open"), State.IN_REVIEW, None, "Ada")

    line = quality(desk)["SPLIT"]

    counts = ("abusive", "dismissed", "justified", "precision", "amount_found", "period_start")
    assert [line[name] for name in counts] == [
        1, 1, 1, Decimal("0.333333"), Decimal("100.10"), None,
    ]  # fmt: skip
    assert "ROUND" not in quality(desk), "nothing of it is decided"


def test_amounts_found_are_those_of_abuses(desk: Engine) -> None:
    for one in "abc":
        settle(desk, one, State.ABUSIVE)

    assert quality(desk)["SPLIT"]["amount_found"] == Decimal("600.60")
    assert quality(desk)["SPLIT"]["precision"] == Decimal("1.000000")


def test_what_was_undone_does_not_count(desk: Engine) -> None:
    settle(desk, "a", State.ABUSIVE)
    decisions.undo(desk, seen("a", sequence=2), "wrong alert", "Ada")

    assert quality(desk) == {}


def test_what_a_second_look_confirmed_counts_once_and_when_it_was_dismissed(desk: Engine) -> None:
    decided(desk, "a", "dismissed", RAISED_AT + timedelta(hours=3))
    decisions.second_look(desk, seen("a", sequence=1), State.DISMISSED, "rightly", "Grace")

    line = quality(desk)["SPLIT"]

    assert (line["dismissed"], line["median_hours"]) == (1, Decimal("3.0"))


def test_the_time_to_decision_is_the_median_in_hours(desk: Engine) -> None:
    for alert_id, hours in (("a", 1), ("b", 2), ("c", 100)):
        decided(desk, alert_id, "justified", RAISED_AT + timedelta(hours=hours))

    assert quality(desk)["SPLIT"]["median_hours"] == Decimal("2.0")


def test_all_time_says_what_the_whole_span_says(desk: Engine) -> None:
    """Catches: a median that is read from another place than the middle of an even number."""
    for alert_id, state, hours in (("a", "abusive", 1), ("b", "justified", 3), ("r", "abusive", 5)):
        decided(desk, alert_id, state, RAISED_AT + timedelta(hours=hours))
    first, last = date(2020, 1, 1), date(2030, 1, 1)

    assert quality(desk) == quality(desk, Period.ALL, first, last)
    decided(desk, "c", "dismissed", RAISED_AT + timedelta(hours=1000, minutes=7))
    assert quality(desk) == quality(desk, Period.ALL, first, last)
    assert quality(desk)["SPLIT"]["median_hours"] == Decimal("3.0")


def test_the_median_is_read_from_an_index_alone(desk: Engine) -> None:
    asked = _of_everything().compile(desk, compile_kwargs={"render_postcompile": True})
    with desk.connect() as connection:
        connection.execute(text("SET enable_seqscan = off; SET enable_bitmapscan = off"))
        plan = connection.exec_driver_sql(f"EXPLAIN {asked}", asked.params).scalars().all()

    assert "Index Only Scan using alerts_by_time_to_conclusion" in str(plan)


@pytest.mark.parametrize(
    ("period", "starts"),
    [
        (Period.YEAR, [date(2026, 1, 1), date(2027, 1, 1)]),
        (Period.QUARTER, [date(2026, 10, 1), date(2027, 1, 1)]),
        (Period.MONTH, [date(2026, 12, 1), date(2027, 1, 1)]),
        (Period.WEEK, [date(2026, 12, 28)]),
        (Period.ALL, [None]),
    ],
)
def test_decisions_are_grouped_by_the_moment_when_they_were_made(
    desk: Engine, period: Period, starts: list[date | None]
) -> None:
    decided(desk, "a", "abusive", datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    decided(desk, "b", "abusive", datetime(2027, 1, 1, tzinfo=UTC))

    assert rule_quality(desk, period)["period_start"].to_pylist() == starts


def test_days_bound_the_decisions_inclusively(desk: Engine) -> None:
    decided(desk, "a", "abusive", datetime(2026, 12, 31, 23, 59, tzinfo=UTC))
    decided(desk, "b", "abusive", datetime(2027, 1, 1, tzinfo=UTC))
    last_day = date(2026, 12, 31)

    assert quality(desk, Period.ALL, None, last_day)["SPLIT"]["abusive"] == 1
    assert quality(desk, Period.ALL, last_day, None)["SPLIT"]["abusive"] == 2
    assert quality(desk, Period.ALL, date(2027, 1, 2), None) == {}
