"""The live events for programs: one router, mounted by `serving`, and figures for Prometheus."""

from txplatform.domains.clickstream.api.endpoints import router
from txplatform.domains.clickstream.api.gauges import gauges
from txplatform.domains.clickstream.decisions import TooLateError

STATUSES = {TooLateError: 409}
"""HTTP statuses of the domain's own errors."""

__all__ = ["STATUSES", "gauges", "router"]
