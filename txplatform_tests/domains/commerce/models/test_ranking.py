"""Rankings: against counting pairs, and with ties whose order must not matter."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txplatform.domains.commerce.models.ranking import (
    GiniShare,
    auc,
    decile_error,
    gini_shares,
    top_share,
)

scores = st.integers(0, 5).map(float)
amounts = st.integers(0, 50).map(float)


def gini_share(prediction: list[float], actual: list[float]) -> GiniShare | None:
    return gini_shares({"one": np.array(prediction)}, np.array(actual))["one"]


@given(rows=st.lists(st.tuples(scores, st.booleans()), min_size=1, max_size=30))
def test_auc_is_the_share_of_pairs_in_order(rows: list[tuple[float, bool]]) -> None:
    true, false = ([score for score, is_true in rows if is_true == wanted] for wanted in (1, 0))
    pairs = [(t > f) + (t == f) / 2 for t in true for f in false]

    figure = auc(np.array([score for score, _ in rows]), np.array([label for _, label in rows]))

    assert figure == (pytest.approx(sum(pairs) / len(pairs)) if pairs else None)


@pytest.mark.parametrize(
    ("prediction", "actual", "expected"),
    [
        ([1, 2, 3, 4], [0, 0, 0, 1], 1.0),
        ([4, 3, 2, 1], [0, 0, 0, 1], -1.0),
        ([1, 1, 1, 1], [0, 0, 0, 1], 0.0),
        ([1, 2, 2, 0], [0, 0, 0, 1], -1.0),
        ([1, 2, 3, 4], [5, 5, 5, 5], None),
        ([1, 2, 3, 4], [0, 0, 0, 0], None),
    ],
)
def test_a_ranking_is_between_perfect_and_upside_down(
    prediction: list[float], actual: list[float], expected: float | None
) -> None:
    found = gini_share(prediction, actual)

    assert (found and found.share) == (expected and pytest.approx(expected))
    assert (found is None) == (expected is None)


@given(rows=st.lists(st.tuples(scores, amounts), min_size=2, max_size=30), data=st.data())
def test_the_order_of_customers_says_nothing(
    rows: list[tuple[float, float]], data: st.DataObject
) -> None:
    """Equal predictions are worth their mean, whoever comes first."""
    shuffled = data.draw(st.permutations(rows))
    first, second = (tuple(np.array(given).T) for given in (rows, shuffled))

    for figure in (top_share, decile_error):
        assert figure(*first) == (figure(*second) and pytest.approx(figure(*second)))
    one, other = (gini_shares({"one": p}, a)["one"] for p, a in (first, second))
    assert (one and one.share) == (other and pytest.approx(other.share))


def test_an_interval_holds_what_was_drawn_and_is_the_same_again() -> None:
    drawn = np.random.default_rng(1)
    actual = drawn.exponential(size=400)
    good, blind = actual + drawn.normal(size=400), drawn.normal(size=400)

    first = gini_shares({"good": good, "blind": blind}, actual)

    assert first == gini_shares({"good": good, "blind": blind}, actual)
    told, chance = first["good"], first["blind"]
    assert told
    assert chance
    assert 0 < told.low < told.share < told.high < 1
    assert chance.low < 0 < chance.high


def test_the_top_tenth_is_rounded_up() -> None:
    prediction, actual = np.arange(11.0), np.array([1.0] * 9 + [5.0, 6.0])

    assert top_share(prediction, actual) == pytest.approx(11 / 20)
    assert top_share(prediction, np.zeros(11)) is None


def test_deciles_are_compared_once_the_totals_agree() -> None:
    """A prediction ten times too high misses nothing; one that is flat misses what differs."""
    actual = np.repeat(np.array([1.0, 3.0]), 50)

    assert decile_error(actual * 10, actual) == pytest.approx(0)
    assert decile_error(actual - 1, actual) == pytest.approx(0.5)
    assert decile_error(np.zeros(100), actual) is None
