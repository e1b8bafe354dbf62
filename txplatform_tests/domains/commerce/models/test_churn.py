"""Churn: features by hand, labels, leaks that are refused, and when there is no model."""

from datetime import date, timedelta
from decimal import Decimal
from math import log

import numpy as np
import pytest

from txplatform.domains.commerce.models.churn import (
    FEATURES,
    Churn,
    LeakError,
    NoModel,
    churn,
    features,
    labels_of,
    probabilities,
    refuse_leaks,
)
from txplatform.domains.commerce.models.churn_report import (
    brier,
    churn_report,
    churn_table,
    verdict,
)
from txplatform.domains.commerce.models.fits import fit
from txplatform.domains.commerce.models.occasions import histories
from txplatform_tests.domains.commerce.models.histories import FIRST_DAY, Row
from txplatform_tests.domains.commerce.models.published_shops import occasions

CUT = date(2026, 6, 1)


def fading_shop(customers: int = 150, days: int = 400) -> list[Row]:
    """The lower the number the more often a customer comes; a third has stopped half way."""
    drawn = np.random.default_rng(7)
    return [
        (f"C{who:03}", FIRST_DAY + timedelta(days=day), 1_000 + who)
        for who in range(customers)
        for day in range(days // 2 if who % 3 == 0 else days)
        if drawn.random() < 0.3 / (1 + who / 10)
    ]


def test_features_of_two_customers() -> None:
    rows = [
        *(("Ann", CUT - timedelta(days=days), 5_000) for days in (101, 91, 90, 30, 1)),
        ("Bob", CUT - timedelta(days=31), 250),
    ]

    values = features(occasions(rows), CUT).values

    assert values.tolist() == [
        pytest.approx([1, log(5), 101, log(251), 2, 3, 25]),
        pytest.approx([31, 0, 31, log(3.5), 0, 1, 0]),
    ]


def test_gone_is_who_has_no_occasion_in_the_ninety_days() -> None:
    past = occasions([(who, date(2026, 1, 1), 1) for who in ("Ann", "Bob", "Cid")])
    later = [("Ann", 0), ("Ann", 5), ("Bob", 89), ("Cid", 90), ("Cid", -1)]
    shop = occasions([(who, CUT + timedelta(days=days), 1) for who, days in later])

    given = features(past, CUT)

    horizon = shop.within(CUT, CUT + timedelta(days=90))
    assert labels_of(given, horizon).tolist() == [False, False, True]


def test_a_feature_that_has_seen_the_future_stops_the_run() -> None:
    """Catches: the published recency, which was counted from the end of all data."""
    shop = occasions(fading_shop())
    cut = FIRST_DAY + timedelta(days=310)
    given = features(shop.before(cut), cut)
    is_gone = labels_of(given, shop.within(cut, cut + timedelta(days=90)))

    refuse_leaks(given, is_gone)
    leaked = given.values.copy()
    leaked[:, 0] = is_gone * 100 + np.arange(is_gone.size) / is_gone.size

    with pytest.raises(LeakError, match=r"recency_days.*1\.0000"):
        refuse_leaks(given._replace(values=leaked), is_gone)
    with pytest.raises(LeakError, match=r"recency_days.*0\.0000"):
        refuse_leaks(given._replace(values=-leaked), is_gone)


@pytest.mark.parametrize(
    ("customers", "days", "sentence"),
    [
        (150, 269, "No model: 269 days of history, and 270 are needed."),
        (60, 400, "No model: 60 customers to learn from, and 100 are needed."),
        (0, 0, "No model: 0 days of history, and 270 are needed."),
    ],
)
def test_too_little_to_learn_from(customers: int, days: int, sentence: str) -> None:
    shop = occasions(fading_shop(customers, days))
    as_of = FIRST_DAY + timedelta(days=days)

    found = churn(shop, as_of, fit(histories(shop, as_of)))

    assert found == NoModel(sentence)
    (row,) = churn_report(found).to_pylist()
    assert (row["measure"], row["verdict"]) == ("no_model", sentence)
    assert churn_table(found, shop).num_rows == 0


def test_all_who_come_leave_nothing_to_learn() -> None:
    shop = occasions(
        [
            (f"C{who}", FIRST_DAY + timedelta(days=day + who % 20), 100)
            for who in range(120)
            for day in range(0, 380, 40)
        ]
    )
    as_of = FIRST_DAY + timedelta(days=400)

    found = churn(shop, as_of, fit(histories(shop, as_of)))

    assert isinstance(found, NoModel)
    assert "every customer came or none did" in found.reason


def test_a_shop_that_fades_is_seen_to() -> None:
    shop = occasions(fading_shop())
    as_of = FIRST_DAY + timedelta(days=400)

    found = churn(shop, as_of, fit(histories(shop, as_of)))

    assert isinstance(found, Churn)
    lines = {(row["measure"], row["item"]): row for row in churn_report(found).to_pylist()}
    assert lines["auc", "model"]["value"] > Decimal("0.8")
    assert lines["auc", "model"]["verdict"] != "no better than guessing"
    assert {item for measure, item in lines if measure == "auc"} == {
        *FEATURES,
        "model",
        "none_within",
    }
    bins = [lines["bin_predicted", f"{number:02}"] for number in range(1, 11)]
    assert [row["value"] for row in bins] == sorted(row["value"] for row in bins)
    assert sum(row["customer_count"] for row in bins) == found.test.is_gone.size
    rows = churn_table(found, shop).to_pylist()
    assert len(rows) == found.now.known.customer.size
    assert all(0 <= row["churn_probability"] <= 1 for row in rows)


def test_later_rows_change_neither_training_nor_test() -> None:
    """What comes after `as_of` is not there; what comes after the test's cut is label alone."""
    rows = fading_shop()
    as_of = FIRST_DAY + timedelta(days=400)
    dearer = [
        (who, day, c * (9 if day >= as_of - timedelta(days=90) else 1)) for who, day, c in rows
    ]

    found = [churn(o, as_of, fit(histories(o, as_of))) for o in map(occasions, (rows, dearer))]

    first, second = found
    assert isinstance(first, Churn)
    assert isinstance(second, Churn)
    assert (first.test.probability == second.test.probability).all()
    assert (first.test.none_within == second.test.none_within).all()


def test_regression_finds_the_odds_that_made_the_labels() -> None:
    drawn = np.random.default_rng(3)
    values = np.column_stack([drawn.normal(size=20_000), np.full(20_000, 5.0)])
    truth = 1 / (1 + np.exp(-(0.5 + 1.5 * values[:, 0])))

    (found,) = probabilities(values, drawn.random(20_000) < truth, values)

    assert np.abs(found - truth).max() < 0.03


@pytest.mark.parametrize(
    ("of_model", "of_repeat_buying", "expected"),
    [
        (0.59, 0.5, "no better than guessing"),
        (0.70, 0.73, "worse than the model of repeat buying"),
        (0.70, 0.71, None),
    ],
)
def test_verdicts(of_model: float, of_repeat_buying: float, expected: str | None) -> None:
    assert verdict(of_model, of_repeat_buying) == expected


def test_brier_is_the_mean_square() -> None:
    assert brier(np.array([0.9, 0.2]), np.array([True, False])) == pytest.approx(0.025)
