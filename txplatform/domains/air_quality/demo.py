"""The demo of air quality: two made-up stations behind a server, fetched like real ones."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from txplatform.cli.demo import Report, Stages

if TYPE_CHECKING:
    from txplatform.cli.session import Session
    from txplatform.domains.air_quality.sources.fetching import Report as FetchReport
    from txplatform.platform import Platform

STATIONS = Path(__file__).parent / "sources" / "sample_stations.toml"
VARIABLES = {"TXPLATFORM_AIR_QUALITY_STATIONS": str(STATIONS)}
COMMANDS = (
    "air-quality status",
    "air-quality export daily -o days.csv",
)


def demo(opened: "Session", _: Path, stages: Stages) -> Report:
    """Fetch a year of two stations and compute every figure of it."""
    from txplatform.domains.air_quality.commands.days import run_stale

    platform = opened.platform
    with stages.stage("fetching"):
        reports = _fetch(platform)
    with stages.stage("computation"):
        runs = run_stale(opened)
    failure = next((run.failure for run in runs if run.failure), None)
    figures = {"records": sum(report.records for report in reports), **_counts(platform)}
    return Report(
        figures, {name: f"{value:,}" for name, value in figures.items()}, COMMANDS, failure
    )


def _fetch(platform: "Platform") -> "list[FetchReport]":
    from txplatform.domains.air_quality.settings import AirQualitySettings
    from txplatform.domains.air_quality.sources import intake, sample_network
    from txplatform.platform import Platform
    from txplatform.settings.logins import Component

    with sample_network.running() as address:
        kind = AirQualitySettings
        settings = platform.settings.having(kind, airqino_url=address, minutes_between_fetches=0)
        with closing(Platform(settings)) as of_sample:
            return intake.fetch_all(of_sample.acting(Component.INGEST))


def _counts(platform: "Platform") -> dict[str, int]:
    """Rows of the tables."""
    from sqlalchemy import func, select

    from txplatform.domains.air_quality import tables

    counted = {
        "hours": tables.air_hourly,
        "days": tables.air_daily,
        "days above a level": tables.air_exceedances,
    }
    with platform.engine.connect() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in counted.items()
        }
