"""How fresh a domain is, in a sentence."""

from datetime import UTC, date, datetime, timedelta

import pytest

from txplatform.freshness import Freshness, PeriodState

AT, AT_TEXT = datetime(2026, 11, 16, 8, 30, tzinfo=UTC), "2026-11-16 08:30 UTC"


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (Freshness(), "Nothing has arrived yet."),
        (Freshness(missing=2), "0 fresh, 0 stale, 2 missing; nothing is computed."),
        (
            Freshness(1_200, 3, 1, date(2026, 11, 9), AT),
            f"1,200 fresh, 3 stale, 1 missing; the newest is 2026-11-09, refreshed {AT_TEXT}.",
        ),
        (
            Freshness(1, 0, 0, datetime(2026, 11, 9, 7, tzinfo=UTC)),
            "1 fresh, 0 stale, 0 missing; the newest is 2026-11-09 07:00.",
        ),
    ],
)
def test_it_is_said_in_a_sentence(found: Freshness, sentence: str) -> None:
    assert found.sentence == sentence
    assert found.is_empty == (sentence == "Nothing has arrived yet.")


def test_periods_are_counted_and_the_newest_computed_one_is_named() -> None:
    periods = [
        (PeriodState.FRESH, date(2026, 11, 9), AT),
        (PeriodState.STALE, date(2026, 11, 2), AT - timedelta(days=1)),
        (PeriodState.MISSING, date(2026, 11, 16), None),
    ]

    assert Freshness.of(periods) == Freshness(1, 1, 1, date(2026, 11, 9), AT)
    assert Freshness.of([]) == Freshness()
