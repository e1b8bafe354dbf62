"""The read side: state of each week, totals, rows in order, what is unusual."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from txplatform.domains.spend import publishing, tables
from txplatform.domains.spend.measuring import NO_DOCUMENTS, WeekMeasure
from txplatform.domains.spend.queries.status import table_totals, week_status
from txplatform.domains.spend.queries.unusual import unusual_weeks, vanished_divisions
from txplatform.domains.spend.queries.weekly_table import weekly_rows
from txplatform.freshness import PeriodState
from txplatform.periods import WEEK
from txplatform_tests.domains.spend.text_tables import assert_rows
from txplatform_tests.domains.spend.weekly_tables import (
    computed_weeks,
    empty_week,
    weeks_of_amounts,
)

WEEK_1, WEEK_2, WEEK_3 = (date(2026, 11, 2) + n * WEEK for n in range(3))
HEADER = "week_start | department | division | total_amount"


def _documents(engine: Engine, week: date, fingerprint: str) -> None:
    count = 0 if fingerprint == NO_DOCUMENTS else 1
    measure = WeekMeasure(week, count, Decimal(count), fingerprint)
    publishing.record_measures(engine, [measure])


def _computed(engine: Engine, week: date, own: str, previous: str, code: str = "1") -> None:
    weeks = computed_weeks(
        f"{HEADER}\n{week} | Roads | Bridges | 1.00",
        fingerprint=own,
        previous_fingerprint=previous,
        code_version=code,
    )
    publishing.publish(engine, weeks, "a run")


def _states(engine: Engine) -> dict[date, str]:
    return {one.week_start: one.state.value for one in week_status(engine, "1")}


def test_a_week_is_fresh_while_nothing_that_it_came_from_changes(engine: Engine) -> None:
    _documents(engine, WEEK_1, "a")
    _documents(engine, WEEK_2, "b")
    _computed(engine, WEEK_1, "a", NO_DOCUMENTS)
    _computed(engine, WEEK_2, "b", "a")

    assert _states(engine) == {WEEK_1: "fresh", WEEK_2: "fresh"}


@pytest.mark.parametrize(
    ("own", "previous", "code", "state"),
    [
        ("b", "a", "1", "fresh"),
        ("other", "a", "1", "stale"),
        ("b", "other", "1", "stale"),
        ("b", NO_DOCUMENTS, "1", "stale"),
        ("b", "a", "0", "stale"),
    ],
)
def test_a_week_is_stale_when_it_came_from_something_else(
    engine: Engine, own: str, previous: str, code: str, state: str
) -> None:
    """Catches each part of the comparison that is left out: documents, week before, code."""
    _documents(engine, WEEK_1, "a")
    _documents(engine, WEEK_2, "b")
    _computed(engine, WEEK_2, own, previous, code)

    assert _states(engine) == {WEEK_1: "missing", WEEK_2: state}


def test_the_week_after_a_silent_one_hangs_on_nothing(engine: Engine) -> None:
    """Catches: the previous present week instead of the calendar's."""
    _documents(engine, WEEK_1, "a")
    _documents(engine, WEEK_3, "c")
    _computed(engine, WEEK_1, "a", NO_DOCUMENTS)
    _computed(engine, WEEK_3, "c", NO_DOCUMENTS)

    _documents(engine, WEEK_1, "changed")

    assert _states(engine) == {WEEK_1: "stale", WEEK_3: "fresh"}


def test_a_week_that_lost_all_its_documents_is_stale_until_it_is_computed(engine: Engine) -> None:
    _documents(engine, WEEK_1, "a")
    _computed(engine, WEEK_1, "a", NO_DOCUMENTS)

    _documents(engine, WEEK_1, NO_DOCUMENTS)
    before = _states(engine)
    empty = empty_week(WEEK_1, fingerprint=NO_DOCUMENTS, previous_fingerprint=NO_DOCUMENTS)
    publishing.publish(engine, empty, "another run")

    assert (before, _states(engine)) == ({WEEK_1: "stale"}, {WEEK_1: "fresh"})


def test_a_status_says_what_is_there_and_which_run_computed_it(engine: Engine) -> None:
    _documents(engine, WEEK_1, "a")
    _documents(engine, WEEK_2, "b")
    _computed(engine, WEEK_2, "b", "a")

    missing, fresh = week_status(engine, "1")

    assert missing == (WEEK_1, PeriodState.MISSING, 1, Decimal("1.00"), "a", None, None, None)
    assert fresh[:6] == (WEEK_2, PeriodState.FRESH, 1, Decimal("1.00"), "b", 1)
    assert fresh.computed_at is not None
    assert fresh.computed_at.utcoffset() is not None
    assert fresh.run_id == "a run"


def test_nothing_has_no_status_and_no_totals(engine: Engine) -> None:
    assert week_status(engine, "1") == []
    totals = table_totals(engine)
    assert totals == (0, 0, Decimal("0.00"), 0, Decimal("0.00"), 0)
    assert totals.is_reconciled
    assert weekly_rows(engine, None, None).num_rows == 0


def test_totals_are_held_against_the_documents_of_computed_weeks(engine: Engine) -> None:
    """Catches: weeks that are not computed yet counted as missing money."""
    _documents(engine, WEEK_1, "a")
    _documents(engine, WEEK_2, "b")
    _computed(engine, WEEK_1, "a", NO_DOCUMENTS)

    totals = table_totals(engine)

    assert totals == (1, 1, Decimal("1.00"), 1, Decimal("1.00"), 1)
    assert totals.is_reconciled


@pytest.mark.parametrize(("count", "amount"), [(1, "1.01"), (2, "1.00")])
def test_a_cent_or_a_row_too_many_is_not_reconciled(
    engine: Engine, count: int, amount: str
) -> None:
    _computed(engine, WEEK_1, "a", NO_DOCUMENTS)
    measure = WeekMeasure(WEEK_1, count, Decimal(amount), "late")
    publishing.record_measures(engine, [measure])

    assert not table_totals(engine).is_reconciled


def test_rows_are_sorted_by_code_point_wherever_the_server_stands(engine: Engine) -> None:
    """Catches: a locale's order (Éducation between Diving and Finance, lower beside upper case)."""
    names = ["Zoo", "roads", "Roads", "Éducation", "(unknown)", "Roads and Parks", "Finance"]
    lines = [f"{WEEK_1} | {name} | A | 1.00" for name in names]
    publishing.publish(engine, computed_weeks("\n".join([HEADER, *lines])), "a run")

    found = weekly_rows(engine, None, None)["department"].to_pylist()

    assert found == sorted(names)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (None, None, [WEEK_1, WEEK_2, WEEK_3]),
        (WEEK_2, None, [WEEK_2, WEEK_3]),
        (None, WEEK_2, [WEEK_1, WEEK_2]),
        (WEEK_2, WEEK_2, [WEEK_2]),
        (WEEK_3, WEEK_1, []),
    ],
)
def test_rows_from_week_to_week(
    engine: Engine, first: date | None, last: date | None, expected: list[date]
) -> None:
    for week in (WEEK_3, WEEK_1, WEEK_2):
        _computed(engine, week, "a", "b")

    rows = weekly_rows(engine, first, last)

    assert rows["week_start"].to_pylist() == expected
    assert rows.column_names == [column.name for column in tables.weekly_transactions.columns]


def _weeks_of(engine: Engine, amounts: list[int | None]) -> list[date]:
    """Publish one amount per week (None: a silent week); the Mondays."""
    publishing.publish(engine, weeks_of_amounts(WEEK_1, amounts), "a run")
    return [WEEK_1 + n * WEEK for n in range(len(amounts))]


USUAL: list[int | None] = [100, 110, 90, 105, 95, 100, 110, 90, 105, 95, 100, 110]


@pytest.mark.parametrize(
    ("before", "amount", "is_unusual"),
    [
        (USUAL, 100, False),
        (USUAL, 1000, True),
        (USUAL, -200, True),
        (USUAL[:8], 1000, True),
        (USUAL[:7], 1000, False),
        ([*USUAL[:7], None, None, None, None, None, None], 1000, False),
        ([100] * 12, 1000, False),
    ],
    ids=["usual", "high", "low", "8 weeks", "7 weeks", "7 of 12 weeks", "no deviation to scale by"],
)
def test_a_total_far_from_the_weeks_before_is_unusual(
    engine: Engine, before: list[int | None], amount: int, *, is_unusual: bool
) -> None:
    last = _weeks_of(engine, [*before, amount])[-1]

    found = unusual_weeks(engine, last, last)

    assert [week for week, _ in found] == ([(last, Decimal(amount))] if is_unusual else [])


def test_an_unusual_week_comes_with_the_weeks_before_it(engine: Engine) -> None:
    weeks = _weeks_of(engine, [9999, *USUAL, 1000])

    [(_, before)] = unusual_weeks(engine, weeks[-1], weeks[-1])

    assert [(one.week_start, one.amount) for one in before] == list(
        zip(weeks[1:13], [Decimal(amount or 0) for amount in USUAL], strict=True)
    )


@pytest.mark.parametrize(("weeks_before", "is_vanished"), [(12, True), (11, False), (13, True)])
def test_a_division_that_bought_every_week_has_vanished(
    engine: Engine, weeks_before: int, *, is_vanished: bool
) -> None:
    weeks = _weeks_of(engine, [10] * weeks_before)
    absent = weeks[-1] + WEEK
    others = f"{HEADER}\n{absent} | Roads | Signs | 1.00"
    publishing.publish(engine, computed_weeks(others), "a run")

    found = vanished_divisions(engine, absent, absent)

    assert found == ([(absent, "Roads", "Bridges")] if is_vanished else [])


def test_a_week_in_which_nobody_buys_reports_nobody(engine: Engine) -> None:
    """Catches: every division reported in the week of a holiday, or in one that is not there."""
    weeks = _weeks_of(engine, [10] * 12)

    assert vanished_divisions(engine, weeks[0], weeks[-1] + timedelta(weeks=8)) == []
    assert_rows(
        weekly_rows(engine, weeks[-1], None),
        f"""
        week_start  | division | total_amount
        {weeks[-1]} | Bridges  | 10.00
        """,
    )
