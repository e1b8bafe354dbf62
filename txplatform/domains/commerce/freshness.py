"""How far gold follows what was ingested: one version that is current, or is not."""

from datetime import date, datetime

from txplatform.domains.commerce.publishing.lake import open_lake
from txplatform.freshness import Freshness
from txplatform.platform import Platform


def summary(platform: Platform) -> Freshness:
    """Whether gold was computed from the lines there are, of which day, and when."""
    lake = open_lake(platform.settings)
    gold, silver = lake.gold.current(), lake.silver.current()
    if not silver.number:
        return Freshness()
    if not gold.number:
        return Freshness(missing=1)
    is_fresh = gold.facts["silver"] == str(silver.number)
    return Freshness(
        fresh=int(is_fresh),
        stale=int(not is_fresh),
        newest=date.fromisoformat(gold.facts["as_of"]),
        refreshed_at=datetime.fromisoformat(gold.written_at),
    )
