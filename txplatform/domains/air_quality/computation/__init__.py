"""Days computed and published: of one station in process, of a network on Spark."""

from collections.abc import Callable, Collection
from datetime import date
from typing import TYPE_CHECKING

from txplatform.domains.air_quality import planning
from txplatform.domains.air_quality.computation.one import Computed, added, compute
from txplatform.domains.air_quality.queries.basis import Basis
from txplatform.domains.air_quality.settings import AirQualitySettings
from txplatform.platform import Platform

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["Computed", "added", "compute", "compute_each", "compute_stale"]


def compute_stale(platform: Platform, basis: Basis, run_id: str) -> list[Computed]:
    """Compute what fetches made stale, station by station."""
    stale = planning.stale_days(platform.engine, basis)
    return [
        compute(platform, basis, basis.stations[station_id], days, run_id)
        for station_id, days in stale.items()
    ]


def compute_each(
    platform: Platform,
    basis: Basis,
    days: Collection[date],
    run_id: str,
    open_spark: "Callable[[], SparkSession] | None" = None,
) -> list[Computed]:
    """Compute the same local days of every station; of many, on Spark where there is one."""
    if not days:
        return []
    enough = platform.settings.of(AirQualitySettings).spark_from_station_days
    if open_spark and len(days) * len(basis.stations) >= enough:
        from txplatform.domains.air_quality.computation.network import compute_network

        return compute_network(platform, basis, days, run_id, open_spark())
    return [compute(platform, basis, each, days, run_id) for each in basis.stations.values()]
