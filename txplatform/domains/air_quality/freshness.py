"""How far the figures of days follow the hours that came."""

from collections import Counter

from txplatform.domains.air_quality.queries import status
from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.freshness import Freshness
from txplatform.platform import Platform


def summary(platform: Platform) -> Freshness:
    """The stations' local days by state, the newest that was computed, and when."""
    days = status.day_states(platform.engine, basis_of(platform))
    counts = Counter(day.state for day in days)
    computed = [(day.local_date, day.computed_at) for day in days if day.computed_at]
    return Freshness(
        fresh=counts[status.FRESH],
        stale=counts[status.STALE],
        missing=counts[status.MISSING],
        newest=max((day for day, _ in computed), default=None),
        refreshed_at=max((at for _, at in computed), default=None),
    )
