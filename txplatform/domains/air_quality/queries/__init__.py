"""The read side: what pages, API, exports and checks ask of the tables."""

from txplatform.domains.air_quality.queries.findings import (
    incomplete_days,
    silent_stations,
    suspect_sensors,
)

__all__ = ["incomplete_days", "silent_stations", "suspect_sensors"]
