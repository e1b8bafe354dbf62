"""How far gold follows what was ingested: one version that is current, or is not."""

from datetime import date, datetime, timedelta

from txplatform.domains.commerce.publishing.lake import open_lake
from txplatform.domains.commerce.settings import CommerceSettings
from txplatform.freshness import Freshness, Late
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


def late(platform: Platform, now: datetime) -> Late | None:
    """What people should hear of the tables' age; None while they are young, or nothing came."""
    lake, hours = open_lake(platform.settings), platform.settings.of(CommerceSettings).stale_hours
    gold, silver = lake.gold.current(), lake.silver.current()
    newest = gold if gold.number else silver
    if not newest.number or not hours:
        return None
    written = datetime.fromisoformat(newest.written_at)
    if now - written <= timedelta(hours=hours):
        return None
    when = f"{written:%Y-%m-%d %H:%M} UTC, more than {hours} hours ago"
    told = f"The tables of commerce were last written on {when}"
    if not gold.number:
        told = f"Lines came on {when}, and no table was computed from them"
    elif gold.facts["silver"] != str(silver.number):
        told += ", and lines that came since are not in them"
    sentence = f"{told}: see the runs of commerce_refresh, or `txplatform commerce run`."
    link = f"{platform.settings.dashboard_url}/commerce-performance"
    return Late(str(gold.number), "Commerce is late", sentence, link)
