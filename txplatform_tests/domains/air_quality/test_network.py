"""A network on Spark: the same rows as in process, to the last digit."""

from datetime import date
from typing import Any

from pyspark.sql import SparkSession

from txplatform.domains.air_quality import tables
from txplatform.domains.air_quality.computation import compute_each
from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.domains.air_quality.settings import AirQualitySettings
from txplatform.platform import Platform
from txplatform_tests.domains.air_quality.test_computation import hours, rows, take

DAYS = [date(2026, 3, day) for day in range(1, 19)]
COUNTED = (tables.air_hourly, tables.air_daily, tables.air_exceedances)
PREDICTED = ("station_id", "parameter", "horizon", "hour_start", "value", "low", "high", "rmse")


def forecasts(platform: Platform) -> list[tuple[Any, ...]]:
    """What comes next, without when it was computed."""
    found = rows(platform.engine, tables.air_forecasts)
    return [tuple(getattr(row, name) for name in PREDICTED) for row in found]


def test_spark_and_one_process_publish_the_same_rows(
    platform: Platform, spark: SparkSession
) -> None:
    """Two stations with different hours, and one that never sent any."""
    basis = basis_of(platform)
    first, second = basis.stations.values()
    third = first._replace(station_id="3", name="NEW")
    basis = basis._replace(stations={each.station_id: each for each in (first, second, third)})
    told = hours(24 * len(DAYS))
    take(platform, first, told)
    take(platform, second, {at: each for at, each in told.items() if at % 50 > 9})
    enough = platform.settings.having(AirQualitySettings, spark_from_station_days=3 * len(DAYS))
    network = Platform(enough)

    by_spark = compute_each(network, basis, DAYS, "spark", lambda: spark)
    ahead = forecasts(platform)
    in_process = compute_each(platform, basis, DAYS, "process", lambda: spark)
    network.close()

    assert {each.station_id for each in by_spark} == set(basis.stations)
    assert sum(each.total.inserted for each in by_spark) == 2 * 8 * len(DAYS)
    assert {each.total.inserted + each.total.removed for each in in_process} == {0}
    assert {row.run_id for table in COUNTED for row in rows(platform.engine, table)} == {"spark"}
    assert forecasts(platform) == ahead
    assert len(ahead) == 2 * 2 * 3


def test_few_days_start_no_spark(platform: Platform) -> None:
    def refuse() -> SparkSession:
        raise AssertionError("Spark was asked for.")

    done = compute_each(platform, basis_of(platform), DAYS, "few", refuse)

    assert len(done) == 2
