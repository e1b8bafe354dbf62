"""Who will not come in the next 90 days: logistic regression on the past, held against chance.

Trained two horizons before `as_of`, tested one before, and applied at `as_of`. At each of the
three the features come from the occasions before it.
"""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from txplatform.domains.commerce.models.fits import Fits, fit
from txplatform.domains.commerce.models.maximum import one_thread
from txplatform.domains.commerce.models.occasions import (
    CENTS,
    DAYS_PER_WEEK,
    Flags,
    Histories,
    Occasions,
    Real,
    Whole,
    histories,
)
from txplatform.domains.commerce.models.ranking import auc
from txplatform.domains.commerce.transforms.calendar import number as day_number

HORIZON = timedelta(days=90)
FEWEST_CUSTOMERS = 100
HIGHEST_AUC = 0.99
FEATURES = ("recency_days", "log_frequency", "age_days", "log_monetary", "occasions_30_days",
            "occasions_90_days", "mean_gap_days")  # fmt: skip


class LeakError(ValueError):
    """A feature that tells the label all but perfectly has seen the future."""


class NoModel(NamedTuple):
    """Why there is no model, in a sentence."""

    reason: str


class Features(NamedTuple):
    """Customers known at a cut, and a row of `FEATURES` for each."""

    known: Histories
    values: Real


class Tested(NamedTuple):
    """The model at a cut whose future is known."""

    features: Features
    is_gone: Flags
    probability: Real
    none_within: Real
    """P(no purchase) of the model of repeat buying, fitted at the same cut."""


class Churn(NamedTuple):
    """The model, its test, and what it says now."""

    test: Tested
    now: Features
    probability: Real
    none_within: Real


def churn(occasions: Occasions, as_of: date, fits: Fits) -> Churn | NoModel:
    """The model of a shop; a sentence where there can be none.

    Args:
        occasions: all before `as_of`.
        as_of: whose midnight ends the test and begins what is predicted.
        fits: the models fitted at `as_of`.

    Raises:
        LeakError: a feature has an AUC above 0.99 or below 0.01.
    """
    train_cut, test_cut = as_of - 2 * HORIZON, as_of - HORIZON
    reason = _shortage(occasions, as_of)
    if reason:
        return NoModel(reason)
    train = features(occasions.before(train_cut), train_cut)
    test = features(occasions.before(test_cut), test_cut)
    labels = labels_of(train, occasions.within(train_cut, test_cut))
    is_gone = labels_of(test, occasions.within(test_cut, as_of))
    if len({*labels.tolist()}) < 2 or len({*is_gone.tolist()}) < 2:
        return NoModel("No model: in 90 days either every customer came or none did.")
    refuse_leaks(train, labels)
    refuse_leaks(test, is_gone)
    now = features(occasions, as_of)
    at_test, at_end = probabilities(train.values, labels, test.values, now.values)
    tested = Tested(test, is_gone, at_test, none_within(fit(test.known), test))
    return Churn(tested, now, at_end, none_within(fits, now))


def features(past: Occasions, cut: date) -> Features:
    """The features at the midnight of `cut`; `past` holds no later occasion.

    Raises:
        ValueError: it does.
    """
    known = histories(past, cut)
    count = known.repeats + 1
    columns = (
        known.days + 1 - known.last_days,
        np.log(count),
        known.days + 1,
        np.log1p(past.cents_of(known.customer) / CENTS),
        _recent(past, known, cut, 30),
        _recent(past, known, cut, 90),
        known.last_days / np.maximum(known.repeats, 1),
    )
    return Features(known, np.stack(columns, axis=1).astype(np.float64))


def _recent(past: Occasions, known: Histories, cut: date, days: int) -> Whole:
    """Occasions in the last days before the cut."""
    flags = (past.day >= day_number(cut) - days).astype(np.int64)
    return past.total_of(flags, known.customer)


def labels_of(given: Features, future: Occasions) -> Flags:
    """Whether each customer has no occasion in the horizon after its cut."""
    return np.asarray(future.count_of(given.known.customer) == 0)


def none_within(fits: Fits, given: Features) -> Real:
    """P(no purchase) in the horizon, of the model of repeat buying."""
    return fits.forecast(given.known).none_within(HORIZON.days / DAYS_PER_WEEK)


def refuse_leaks(given: Features, is_gone: Flags) -> None:
    """Refuse a feature that alone tells who will come.

    Raises:
        LeakError: its AUC is above 0.99 or below 0.01.
    """
    for name, column in zip(FEATURES, given.values.T, strict=True):
        figure = auc(column, is_gone)
        if figure is not None and not 1 - HIGHEST_AUC <= figure <= HIGHEST_AUC:
            raise LeakError(
                f"The churn feature {name} tells who will come with an AUC of {figure:.4f}: it has"
                " seen the future. Look at where it comes from; nothing was published"
            )


def probabilities(learnt: Real, labels: Flags, *others: Real) -> list[Real]:
    """Chance of no occasion in the horizon, by a regression on standardised features.

    On one thread: the same digits every time.
    """
    with one_thread():
        model = make_pipeline(StandardScaler(), LogisticRegression(tol=1e-8, max_iter=1_000))
        model.fit(learnt, labels)
        return [model.predict_proba(values)[:, 1] for values in others]


def _shortage(occasions: Occasions, as_of: date) -> str:
    """Why there is too little to learn from; empty if there is enough."""
    days = day_number(as_of) - int(occasions.day.min()) if occasions.day.size else 0
    if days < 3 * HORIZON.days:
        return f"No model: {days} days of history, and 270 are needed."
    count = np.unique(occasions.before(as_of - 2 * HORIZON).customer).size
    if count < FEWEST_CUSTOMERS:
        return f"No model: {count} customers to learn from, and 100 are needed."
    return ""
