"""A fetch in a process of its own, to be killed; its settings come from the environment.

Named a second stage (`marked`), it waits between marking what becomes stale and writing the hours.
"""

import sys
import time
from contextlib import closing
from datetime import timedelta

from txplatform.domains.air_quality.planning import StaleMarker
from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.domains.air_quality.settings import AirQualitySettings
from txplatform.domains.air_quality.sources.documents import Plan
from txplatform.domains.air_quality.sources.fetching import Intake
from txplatform.domains.air_quality.sources.provider import provider_of
from txplatform.domains.air_quality.sources.stations import Station
from txplatform.platform import Platform
from txplatform.settings import load_settings

ENOUGH_SECONDS = 120


def fetch(platform: Platform, *, waits: bool) -> None:
    """Ask for the first station's hours."""
    basis = basis_of(platform)
    first = next(iter(basis.stations.values()))
    marker = StaleMarker(platform, basis.rules)

    def mark(station: Station, plan: Plan) -> int:
        days = marker(station, plan)
        time.sleep(ENOUGH_SECONDS if waits else 0)
        return days

    with closing(provider_of(first, platform.settings.of(AirQualitySettings))) as provider:
        Intake(platform, first, mark).fetch(provider, timedelta())


with closing(Platform(load_settings())) as platform:
    fetch(platform, waits=sys.argv[1:] == ["marked"])
