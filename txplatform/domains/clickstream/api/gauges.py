"""The domain's figures for Prometheus, taken when it asks."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric

from txplatform.domains.clickstream.queries.status import status
from txplatform.domains.clickstream.settings import ClickstreamSettings
from txplatform.platform import Platform
from txplatform.serving.api.operations import gauge_by

OUTCOMES = ("accepted", "duplicate", "conflict", "refused", "late")


def gauges(platform: Platform) -> Iterator[Metric]:
    """Lines by where they went, lag, corrected windows, lost events, and whether the job runs."""
    now = status(platform.engine, platform.settings.of(ClickstreamSettings).topic)
    lines = {name: getattr(now, name) for name in OUTCOMES}
    yield gauge_by("outcome", "txplatform_clickstream_lines", "Lines by where they went.", lines)
    figures = {
        "lag_events": (now.lag_events, "Lines in the log that are not processed."),
        "lag_seconds": (now.lag_seconds, "Age of the newest processed line while some wait."),
        "corrected_windows": (now.corrected, "Final windows that late events corrected."),
        "lost_events": (now.lost, "Accepted events that are in no window."),
        "job_running": (int(now.state == "running"), "Whether the job runs."),
        "watermark_seconds": (_seconds(now.watermark), "Event time up to which all is final."),
    }
    for name, (value, what) in figures.items():
        yield GaugeMetricFamily(f"txplatform_clickstream_{name}", what, value)


def _seconds(moment: datetime | None) -> float:
    return 0.0 if moment is None else moment.timestamp()
