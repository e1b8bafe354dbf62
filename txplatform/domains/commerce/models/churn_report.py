"""The tables `churn` and `churn_report`: who may leave, and how far that can be believed."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from txplatform.domains.commerce.models.churn import FEATURES, Churn, NoModel, Tested
from txplatform.domains.commerce.models.columns import table_of, table_of_rows
from txplatform.domains.commerce.models.occasions import Flags, Occasions, Real
from txplatform.domains.commerce.models.ranking import auc
from txplatform.domains.commerce.tables import expectations as tables
from txplatform.domains.commerce.tables.arrow import schema_of

BIN_COUNT = 10
GUESSING = 0.6
TOLERANCE = 0.02
MODEL, NONE_WITHIN = "model", "none_within"
NO_BETTER = "no better than guessing"
WORSE = "worse than the model of repeat buying"


class Line(NamedTuple):
    """A row of `churn_report`."""

    measure: str
    item: str
    value: float | None
    customer_count: int | None = None
    verdict: str | None = None


def churn_table(found: Churn | NoModel, occasions: Occasions) -> pa.Table:
    """The table `churn`: one row per customer at `as_of`; none without a model."""
    if isinstance(found, NoModel):
        return schema_of(tables.churn).empty_table()
    recency = found.now.values[:, FEATURES.index("recency_days")].astype(np.int64)
    customers = occasions.customer_ids.take(pa.array(found.now.known.customer))
    columns = (customers, found.probability, found.none_within, recency)
    return table_of(tables.churn, dict(zip(tables.churn.columns.keys(), columns, strict=True)))


def churn_report(found: Churn | NoModel) -> pa.Table:
    """The table `churn_report`; without a model its one row says why."""
    if isinstance(found, NoModel):
        lines = [Line("no_model", MODEL, None, verdict=found.reason)]
    else:
        lines = [*_lines(found.test)]
    return table_of_rows(tables.churn_report, [line._asdict() for line in lines])


def brier(probability: Real, is_true: Flags) -> float:
    """Mean square of what was said minus what came: 0 is perfect."""
    return float(np.mean((probability - is_true) ** 2))


def verdict(of_model: float, of_repeat_buying: float) -> str | None:
    """What an AUC amounts to; None where there is nothing to object."""
    if of_model < GUESSING:
        return NO_BETTER
    return WORSE if of_model < of_repeat_buying - TOLERANCE else None


def _lines(test: Tested) -> Iterator[Line]:
    count = test.is_gone.size
    base = float(test.is_gone.mean())
    yield Line("base_rate", MODEL, base, count)
    of_model, of_repeat = (auc(p, test.is_gone) for p in (test.probability, test.none_within))
    said = verdict(of_model or 0.0, of_repeat or 0.0)
    yield Line("auc", MODEL, of_model, count, said)
    yield Line("auc", NONE_WITHIN, of_repeat, count)
    for name, column in zip(FEATURES, test.features.values.T, strict=True):
        yield Line("auc", name, auc(column, test.is_gone), count)
    yield Line("brier", MODEL, brier(test.probability, test.is_gone), count)
    yield Line("brier", NONE_WITHIN, brier(test.none_within, test.is_gone), count)
    yield Line("brier", "base_rate", base * (1 - base), count)
    yield from _calibration(test)


def _calibration(test: Tested) -> Iterator[Line]:
    """Ten bins of equally many customers from the safest: what was said, and what came."""
    order = np.argsort(test.probability, kind="stable")
    for number, members in enumerate(np.array_split(order, BIN_COUNT), start=1):
        item = f"{number:02}"
        yield Line("bin_predicted", item, float(test.probability[members].mean()), members.size)
        yield Line("bin_observed", item, float(test.is_gone[members].mean()), members.size)
