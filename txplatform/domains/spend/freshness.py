"""How far the weekly table follows the purchases, week by week."""

from collections import Counter

from txplatform.domains.spend.queries.status import WeekState, week_status
from txplatform.domains.spend.transforms import CODE_VERSION
from txplatform.freshness import Freshness
from txplatform.platform import Platform


def summary(platform: Platform) -> Freshness:
    """The weeks by state, the last one computed, and when the table was last computed."""
    weeks = week_status(platform.engine, CODE_VERSION)
    counts = Counter(week.state for week in weeks)
    computed = [(week.week_start, week.computed_at) for week in weeks if week.computed_at]
    return Freshness(
        fresh=counts[WeekState.FRESH],
        stale=counts[WeekState.STALE],
        missing=counts[WeekState.MISSING],
        newest=max((week for week, _ in computed), default=None),
        refreshed_at=max((at for _, at in computed), default=None),
    )
