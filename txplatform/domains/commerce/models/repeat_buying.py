"""How often customers come back: BG/NBD, or NBD where leaving explains nothing."""

from typing import NamedTuple

from txplatform.domains.commerce.models.bg_nbd import BgNbd, fit_bg_nbd
from txplatform.domains.commerce.models.maximum import shortfall
from txplatform.domains.commerce.models.nbd import Nbd, fit_nbd
from txplatform.domains.commerce.models.occasions import Distinct, Histories, Real, distinct

LEAST_GAIN = 2.0
"""Of log-likelihood, for two parameters more."""


class RepeatFit(NamedTuple):
    """The model of repeat occasions that was chosen, and against what."""

    model: BgNbd | Nbd
    rich_log_likelihood: float
    simple_log_likelihood: float
    """That of NBD."""
    fallback_reason: str
    """Why it is NBD; empty for BG/NBD."""

    @property
    def gain(self) -> float:
        """What leaving explains, in log-likelihood; never negative, since NBD is a BG/NBD."""
        return max(self.rich_log_likelihood - self.simple_log_likelihood, 0.0)


class Forecast(NamedTuple):
    """What the model says of each customer."""

    known: Distinct
    model: BgNbd | Nbd

    def alive(self) -> Real:
        """Chance that the customer still buys."""
        return self._of_customers(self.model.alive(self.known))

    def expected(self, weeks: float) -> Real:
        """Occasions in the next `weeks`."""
        return self._of_customers(self.model.expected(self.known, weeks))

    def none_within(self, weeks: float) -> Real:
        """Chance of no occasion in the next `weeks`."""
        return self._of_customers(self.model.none_within(self.known, weeks))

    def _of_customers(self, of_distinct: Real) -> Real:
        return of_distinct[self.known.position]


def fit_repeat_buying(known: Histories) -> RepeatFit:
    """BG/NBD where it gains 2 in log-likelihood over NBD, else NBD and why."""
    shared = distinct(known)
    simple, rich = fit_nbd(shared), fit_bg_nbd(shared)
    reason = shortfall(rich, simple, ("BG/NBD", "NBD"), LEAST_GAIN)
    model = Nbd(*simple.parameters) if reason else BgNbd(*rich.parameters)
    return RepeatFit(model, rich.log_likelihood, simple.log_likelihood, reason)
