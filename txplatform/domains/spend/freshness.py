"""How far the weekly table follows the purchases, week by week."""

from txplatform.domains.spend.queries.status import week_status
from txplatform.domains.spend.transforms import CODE_VERSION
from txplatform.freshness import Freshness
from txplatform.platform import Platform


def summary(platform: Platform) -> Freshness:
    """The weeks by state, the last one computed, and when the table was last computed."""
    weeks = week_status(platform.engine, CODE_VERSION)
    return Freshness.of((week.state, week.week_start, week.computed_at) for week in weeks)
