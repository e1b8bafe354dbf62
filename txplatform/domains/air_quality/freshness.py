"""How far the figures of days follow the hours that came."""

from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.domains.air_quality.queries.status import day_states
from txplatform.freshness import Freshness
from txplatform.platform import Platform


def summary(platform: Platform) -> Freshness:
    """The stations' local days by state, the newest that was computed, and when."""
    days = day_states(platform.engine, basis_of(platform))
    return Freshness.of((day.state, day.local_date, day.computed_at) for day in days)
