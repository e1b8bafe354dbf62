"""The domain's figures for Prometheus, taken when it asks."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric

from txplatform.domains.spend.queries.alert_counts import alert_counts, case_counts
from txplatform.domains.spend.queries.alert_filter import AlertFilter
from txplatform.domains.spend.queries.refresh import refresh_time
from txplatform.domains.spend.queries.signed import signed_weeks
from txplatform.platform import Platform
from txplatform.serving.api.operations import gauge_by


def gauges(platform: Platform) -> Iterator[Metric]:
    """Alerts and cases by state, refresh times in seconds, signed weeks that changed."""
    alerts = alert_counts(platform.engine, AlertFilter())
    yield gauge_by(
        "state", "txplatform_spend_alerts", "Alerts that hold, by state.", alerts.by_state
    )
    found = case_counts(platform.engine, AlertFilter())
    yield gauge_by("state", "txplatform_spend_cases", "Cases that hold, by state.", found.by_state)
    times = refresh_time(platform.engine, platform.database)
    shares = {"0.5": times.p50_seconds, "0.95": times.p95_seconds}
    known = {share: seconds for share, seconds in shares.items() if seconds is not None}
    yield gauge_by("quantile", "txplatform_spend_refresh_seconds", "From commit to table.", known)
    changed = sum(one.is_changed for one in signed_weeks(platform.engine))
    yield GaugeMetricFamily(
        "txplatform_spend_signed_weeks_changed", "Signed weeks that changed since.", changed
    )
