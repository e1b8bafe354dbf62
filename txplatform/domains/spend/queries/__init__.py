"""The read side of the spend tables: what the command line, the API and the dashboard ask.

Loads neither Spark nor Dagster.
"""

from txplatform.domains.spend.queries.alerting import AlertStatus, alert_counts, alert_status
from txplatform.domains.spend.queries.unusual import (
    UNUSUAL_SCORE,
    WeekTotal,
    unusual_weeks,
    vanished_divisions,
)
from txplatform.domains.spend.queries.weeks import (
    TableTotals,
    WeekFilter,
    WeekState,
    WeekStatus,
    table_totals,
    week_page,
    week_status,
    weekly_rows,
)

__all__ = [
    "UNUSUAL_SCORE",
    "AlertStatus",
    "TableTotals",
    "WeekFilter",
    "WeekState",
    "WeekStatus",
    "WeekTotal",
    "alert_counts",
    "alert_status",
    "table_totals",
    "unusual_weeks",
    "vanished_divisions",
    "week_page",
    "week_status",
    "weekly_rows",
]
