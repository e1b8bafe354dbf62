"""What a customer's past says of its leaving: the features of `churn`, from before a cut only."""

from datetime import date
from typing import NamedTuple

import numpy as np

from txplatform.domains.commerce.models.occasions import (
    CENTS,
    Histories,
    Occasions,
    Real,
    Whole,
    day_number,
    histories,
)

FEATURES = (
    "recency_days",
    "log_frequency",
    "age_days",
    "log_monetary",
    "occasions_30_days",
    "occasions_90_days",
    "mean_gap_days",
)


class Features(NamedTuple):
    """Customers known at a cut, and a row of `FEATURES` for each."""

    known: Histories
    values: Real


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
