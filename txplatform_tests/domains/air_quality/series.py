"""Short stretches of hours for tests, written as lists of values."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import numpy as np
from hypothesis import strategies as st

from txplatform.domains.air_quality.transforms.exact import ABSENT, Integers, scaled
from txplatform.domains.air_quality.transforms.hours import Received, StationHours, on_the_axis
from txplatform.domains.air_quality.transforms.parameters import NAMES

Values = Sequence[Decimal | str | float | None]
START = datetime(2026, 3, 1)

numbers = st.decimals(-60, 999, places=13, allow_nan=False).filter(lambda value: value < 999)
"""Values as sensors give them, with as many decimals as fit."""

tenths = st.integers(-30, 400).map(lambda tenth: Decimal(tenth).scaleb(-1))
"""Values that repeat and tie."""

series = st.lists(st.none() | numbers | tenths, min_size=1, max_size=60)


def integers(values: Values) -> Integers:
    """Values as scaled integers."""
    return np.array(
        [ABSENT if value is None else scaled(Decimal(str(value))) for value in values],
        dtype=np.int64,
    )


def hours_of(
    start: datetime = START,
    zone: str = "UTC",
    values: Mapping[str, Values] | None = None,
    **more: Values,
) -> StationHours:
    """A station's hours from lists of values, every hour with a record."""
    given = {**(values or {}), **more}
    length = len(next(iter(given.values())))
    absent = [None] * length
    columns = {name: integers(given.get(name, absent)) for name in NAMES}
    axis = np.datetime64(start, "h") + np.arange(length)
    none = np.zeros(length, dtype=bool)
    return on_the_axis("1", zone, Received(axis, columns, none, none))
