"""The two models of a shop fitted together, and the table that tells how: `model_fits`."""

from typing import Any, NamedTuple

import pyarrow as pa

from txplatform.domains.commerce.models.bg_nbd import BgNbd
from txplatform.domains.commerce.models.columns import table_of_rows
from txplatform.domains.commerce.models.occasion_values import (
    GammaGamma,
    ValueFit,
    fit_occasion_values,
)
from txplatform.domains.commerce.models.occasions import Histories, Real, distinct
from txplatform.domains.commerce.models.repeat_buying import (
    Forecast,
    RepeatFit,
    fit_repeat_buying,
)
from txplatform.domains.commerce.tables import expectations as tables


class Fits(NamedTuple):
    """How often customers come back, and what an occasion is worth."""

    repeat: RepeatFit
    value: ValueFit

    def forecast(self, known: Histories) -> Forecast:
        """Occasions to come, of customers as they are known at a cut."""
        return Forecast(distinct(known), self.repeat.model)

    def occasion_values(self, known: Histories) -> Real:
        """E[M] of each customer."""
        return self.value.model.expected(known)


def fit(known: Histories) -> Fits:
    """Both models, from what was known at one cut."""
    return Fits(fit_repeat_buying(known), fit_occasion_values(known))


def model_fits(fits: Fits, known: Histories) -> pa.Table:
    """The table `model_fits`: a row for how often, a row for how much."""
    repeat, value = fits
    often = "BG/NBD" if isinstance(repeat.model, BgNbd) else "NBD"
    worth = "Gamma-Gamma" if isinstance(value.model, GammaGamma) else "pooled mean"
    rows = (
        _row(repeat, part="repeat_buying", model=often, customer_count=known.customer.size),
        _row(value, part="occasion_value", model=worth, warning=value.warning or None),
    )
    return table_of_rows(tables.model_fits, rows)


def _row(fitted: RepeatFit | ValueFit, **about: Any) -> dict[str, Any]:
    """What was fitted and against what, and what is said of it."""
    reason = fitted.fallback_reason or None
    compared = fitted._asdict() | {"gain": fitted.gain, "fallback_reason": reason}
    return compared | fitted.model._asdict() | about
