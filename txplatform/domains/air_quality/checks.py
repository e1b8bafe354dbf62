"""Business checks: what an officer should know although the numbers are right. They only warn."""

from collections.abc import Sequence

import dagster as dg

from txplatform.domains.air_quality.assets import AIR_HOURS, DAYS
from txplatform.domains.air_quality.queries import findings
from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.domains.air_quality.queries.now import SILENT_AFTER
from txplatform.orchestration.alarms import TOLD_APART
from txplatform.orchestration.checks import warning
from txplatform.orchestration.partitions import periods_of_run
from txplatform.platform import Platform


def _result(findings: Sequence[str], sentence: str) -> dg.AssetCheckResult:
    return warning(findings, sentence, **{TOLD_APART: "alarm_air_quality"})


@dg.asset_check(asset=DAYS.key)
def enough_hours(
    context: dg.AssetCheckExecutionContext, platform: dg.ResourceParam[Platform]
) -> dg.AssetCheckResult:
    """Whether a station's closed day has 75 % of its PM2.5 hours, which a mean needs."""
    found = findings.incomplete_days(platform.engine, "pm25", *periods_of_run(context.run))
    return _result(found, "Days without enough hours for a mean.")


@dg.asset_check(asset=DAYS.key)
def believable_sensors(
    context: dg.AssetCheckExecutionContext, platform: dg.ResourceParam[Platform]
) -> dg.AssetCheckResult:
    """Whether a gas sensor's drift alarm holds on one of the days."""
    found = findings.suspect_sensors(platform.engine, *periods_of_run(context.run))
    return _result(found, "Sensors that cannot be believed.")


@dg.asset_check(asset=AIR_HOURS)
def heard_stations(platform: dg.ResourceParam[Platform]) -> dg.AssetCheckResult:
    """Whether every station has sent an hour within the last six."""
    stations = basis_of(platform).stations.values()
    found = findings.silent_stations(platform.database, stations, SILENT_AFTER)
    return _result(found, "Stations that have not been heard of.")


CHECKS = [enough_hours, believable_sensors, heard_stations]
