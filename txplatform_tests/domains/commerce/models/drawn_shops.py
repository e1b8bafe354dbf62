"""Shops drawn from the models' own assumptions, whose parameters are known."""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from txplatform.domains.commerce.models.bg_nbd import BgNbd
from txplatform.domains.commerce.models.occasion_values import GammaGamma
from txplatform.domains.commerce.models.occasions import Occasions
from txplatform_tests.domains.commerce.models.histories import FIRST_DAY, Row
from txplatform_tests.domains.commerce.models.published_shops import occasions

DAYS = 540
AS_OF = FIRST_DAY + timedelta(days=DAYS)


class DrawnShop(NamedTuple):
    """What a shop sold, and who had left by the end."""

    occasions: Occasions
    has_left: dict[str, bool]


def drawn_shop(
    customers: int, buying: BgNbd, spending: GammaGamma, seed: int, arrive_within: int = 90
) -> DrawnShop:
    """Customers who arrive in the first days, buy at their own rates, and leave by chance."""
    drawn = np.random.default_rng(seed)
    rows: list[Row] = []
    has_left = {}
    for number in range(customers):
        name = f"C{number:05}"
        pace = drawn.gamma(buying.r, 1 / buying.alpha) / 7
        leaving = drawn.beta(buying.a, buying.b)
        scale = drawn.gamma(spending.q, 1 / spending.gamma)
        day, gone = float(drawn.integers(0, arrive_within)), False
        days = {int(day)}
        while True:
            gone = gone or (len(days) > 1 and drawn.random() < leaving)
            day += drawn.exponential(1 / pace)
            if gone or day >= DAYS:
                break
            days.add(int(day))
        has_left[name] = bool(gone)
        rows += [(name, _day(one), _cents(drawn, spending.p, scale)) for one in sorted(days)]
    return DrawnShop(occasions(rows), has_left)


def _day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


def _cents(drawn: np.random.Generator, shape: float, rate: float) -> int:
    return max(1, round(100 * drawn.gamma(shape, 1 / rate)))
