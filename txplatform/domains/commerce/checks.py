"""Business checks: what an analyst should know although the numbers are right."""

from collections import Counter

import dagster as dg

from txplatform.domains.commerce.assets import collections, silver
from txplatform.orchestration.checks import SHOWN, warning
from txplatform.platform import Platform


@dg.asset_check(asset=collections)
def copies_agree(platform: dg.ResourceParam[Platform]) -> dg.AssetCheckResult:
    """Whether lake, MongoDB and PostgreSQL have the same counts and sums in every table.

    And whether the lake's files are, byte by byte, those that were written.
    """
    from txplatform.domains.commerce.computation import refresh
    from txplatform.domains.commerce.publishing import copies
    from txplatform.domains.commerce.publishing.lake import open_lake

    lake = open_lake(platform.settings)
    current = lake.gold.current()
    published = refresh.Published(lake, current)
    found = list(copies.differences(platform.database, platform.engine, published))
    found += [f"{name} is not what was written" for name in lake.gold.damaged(current)]
    told = "; ".join(found[:SHOWN]) or "The three agree."
    return dg.AssetCheckResult(passed=not found, description=told)


@dg.asset_check(asset=silver)
def quarantine_is_small(platform: dg.ResourceParam[Platform]) -> dg.AssetCheckResult:
    """Whether rows wait in the quarantine; orphans load by themselves once their customer comes."""
    from txplatform.domains.commerce.publishing.lake import open_lake

    rows = open_lake(platform.settings).silver_table("quarantine", ["rule"])
    counts = Counter(rows["rule"].to_pylist())
    found = [f"{rule} {count:,}" for rule, count in sorted(counts.items())]
    return warning(found, "Rows wait in the quarantine: see `txplatform commerce rejected`.")


CHECKS = (copies_agree, quarantine_is_small)
