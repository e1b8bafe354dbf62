"""Occasions and histories: plain counting, any order of rows, and no later row."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from txplatform.domains.commerce.models import holdout
from txplatform.domains.commerce.models.churn import features
from txplatform.domains.commerce.models.fits import fit, model_fits
from txplatform.domains.commerce.models.holdout import forecasts
from txplatform.domains.commerce.models.occasions import Occasions, distinct, histories
from txplatform_tests.domains.commerce.models.histories import FIRST_DAY, Row, some_shops
from txplatform_tests.domains.commerce.models.published_shops import occasions

CUT = FIRST_DAY + timedelta(days=200)
END = FIRST_DAY + timedelta(days=400)


def test_a_history() -> None:
    """x, t_x, T and the value of the repeats, the first occasion aside."""
    ann = [("Ann", date(2026, 1, day), cents) for day, cents in ((1, 100), (8, 250), (15, 350))]

    known = histories(occasions([*ann, ("Bob", date(2026, 1, 10), 999)]), date(2026, 1, 30))

    assert known.repeats.tolist() == [2, 0]
    assert known.last_days.tolist() == [14, 0]
    assert known.days.tolist() == [28, 19]
    assert known.repeat_cents.tolist() == [600, 0]


@given(rows=some_shops())
def test_histories_are_what_counting_by_hand_gives(rows: list[Row]) -> None:
    known = histories(occasions(rows), END)

    of_customer: dict[str, list[tuple[date, int]]] = {}
    for customer, day, cents in sorted(rows):
        of_customer.setdefault(customer, []).append((day, cents))
    by_hand = [
        (
            len(own) - 1,
            (own[-1][0] - own[0][0]).days,
            (END - own[0][0]).days - 1,
            sum(cents for _, cents in own[1:]),
        )
        for own in of_customer.values()
    ]
    columns = (known.repeats, known.last_days, known.days, known.repeat_cents)
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == by_hand


@settings(max_examples=settings().max_examples // 5)
@given(rows=some_shops(), data=st.data())
def test_the_order_of_rows_says_nothing(rows: list[Row], data: st.DataObject) -> None:
    """The same digits, not nearly the same."""
    shuffled = data.draw(st.permutations(rows))

    first, second = (histories(occasions(given), END) for given in (rows, shuffled))

    assert model_fits(fit(first), first) == model_fits(fit(second), second)


@settings(max_examples=settings().max_examples // 3)
@given(rows=some_shops(), shift=st.integers(0, 150))
def test_later_rows_change_nothing(rows: list[Row], shift: int) -> None:
    """Catches: a feature, a history or a fit that looks past its cut."""
    moved = [
        (who, day if day < CUT else day + timedelta(days=shift), cents + (day >= CUT))
        for who, day, cents in rows
    ]

    pasts = [occasions(given).before(CUT) for given in (rows, moved)]

    if not pasts[0].day.size:
        return
    assert (features(pasts[0], CUT).values == features(pasts[1], CUT).values).all()
    known = [histories(past, CUT) for past in pasts]
    assert fit(known[0]) == fit(known[1])


def test_predictions_of_a_holdout_do_not_know_what_came() -> None:
    rows = [
        (f"C{who}", FIRST_DAY + timedelta(days=(who * 37 + n * 53) % 400), 1_000 + 7 * who)
        for who in range(40)
        for n in range(6)
    ]
    cut = END - timedelta(days=90)
    richer = [(who, day, cents * (100 if day >= cut else 1)) for who, day, cents in rows]

    before, after = (forecasts(occasions(shop), cut) for shop in (rows, richer))

    for name, amounts in before.amounts.items():
        assert (amounts == after.amounts[name]).all()
    assert after.actual.sum() == pytest.approx(100 * before.actual.sum())


def test_a_history_refuses_the_future() -> None:
    known = occasions([("Ann", date(2026, 1, 1), 1), ("Ann", date(2026, 1, 5), 1)])

    with pytest.raises(ValueError, match="not before 2026-01-05"):
        histories(known, date(2026, 1, 5))
    assert histories(known.before(date(2026, 1, 5)), date(2026, 1, 5)).repeats.tolist() == [0]


@given(rows=some_shops())
def test_distinct_histories_stand_for_all(rows: list[Row]) -> None:
    known = histories(occasions(rows), END)

    shared = distinct(known)

    columns = (shared.repeats, shared.last_weeks, shared.weeks)
    spread = [column.rows[shared.position] for column in columns]
    assert np.allclose(spread, [known.repeats, known.last_days / 7, known.days / 7])
    assert shared.counts.sum() == known.repeats.size
    assert len({*zip(*(column.rows.tolist() for column in columns), strict=True)}) == (
        shared.counts.size
    )


def test_a_shop_without_customers_is_no_error() -> None:
    nobody: Occasions = occasions([])

    known = histories(nobody, END)

    assert known.customer.size == 0
    assert holdout.model_holdout(nobody, END).num_rows == 0
