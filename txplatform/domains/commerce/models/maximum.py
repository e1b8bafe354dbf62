"""The highest point of a likelihood: parameters in logarithms, three starts, analytic gradients."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from threadpoolctl import ThreadpoolController

from txplatform.domains.commerce.models.occasions import Real

Likelihood = Callable[[Real], tuple[float, Real]]

LOG_BOUND = 16.0
FLATNESS = 1e-4
"""A slope per customer below which a point is taken for the top."""


class Maximum(NamedTuple):
    """Where a likelihood is highest."""

    parameters: tuple[float, ...]
    log_likelihood: float
    has_converged: bool


def maximum(likelihood: Likelihood, starts: Sequence[Sequence[float]], weight: float) -> Maximum:
    """The best of the tops that the starts lead to.

    Args:
        likelihood: of positive parameters, the log-likelihood and its gradient.
        starts: positive parameters.
        weight: number of observations, so that the stopping rule does not depend on it.
    """
    with one_thread():
        tops = [_climb(likelihood, start, max(weight, 1.0)) for start in starts]
    return max(tops, key=lambda top: (top.has_converged, top.log_likelihood))


def shortfall(rich: Maximum, simple: Maximum, names: tuple[str, str], least_gain: float) -> str:
    """Why the richer of two named models is not used; empty where it explains enough more."""
    if not rich.has_converged:
        return f"{names[0]} did not converge"
    gain = max(rich.log_likelihood - simple.log_likelihood, 0)
    if gain < least_gain:
        told = f"{names[0]} gains {gain:.2f} in log-likelihood over {names[1]}"
        return f"{told}, less than {least_gain:g}"
    return ""


def one_thread() -> AbstractContextManager[object]:
    """Linear algebra on one thread: the same digits, and no threads that wait for each other.

    On a busy machine they made a step of the search, on matrices of four rows, take 4 ms.
    """
    limit: AbstractContextManager[object] = _threads().limit(limits=1)
    return limit


@cache
def _threads() -> ThreadpoolController:
    """The libraries that have threads; looking for them takes longer than a fit."""
    return ThreadpoolController()


def _climb(likelihood: Likelihood, start: Sequence[float], weight: float) -> Maximum:
    def descent(logs: Real) -> tuple[float, Real]:
        parameters = np.exp(logs)
        value, gradient = likelihood(parameters)
        return -value / weight, -gradient * parameters / weight

    bounds = [(-LOG_BOUND, LOG_BOUND)] * len(start)
    found = minimize(
        descent,
        np.log(start),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": 500, "maxfun": 1_000, "ftol": 1e-14, "gtol": 1e-9, "maxcor": 20},
    )
    is_flat = bool(np.max(np.abs(found.jac)) < FLATNESS)
    return Maximum(
        tuple(np.exp(found.x).tolist()),
        -float(found.fun) * weight,
        has_converged=is_flat and bool(np.isfinite(found.fun)),
    )
