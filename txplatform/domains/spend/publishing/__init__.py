"""The one write path of computations into PostgreSQL, every week whole in one transaction."""

from txplatform.domains.spend.publishing.alert_spool import PublishedWeek, publish_parts
from txplatform.domains.spend.publishing.alerts import AlertChanges, publish_alerts
from txplatform.domains.spend.publishing.benford import publish_benford
from txplatform.domains.spend.publishing.changes import note_changes, show_changes
from txplatform.domains.spend.publishing.merchants import (
    merchants_of_all_weeks,
    publish_merchant_weeks,
    publish_merchants,
)
from txplatform.domains.spend.publishing.ranking import rank_alerts
from txplatform.domains.spend.publishing.weekly import LOCK, publish, record_measures

__all__ = [
    "LOCK",
    "AlertChanges",
    "PublishedWeek",
    "merchants_of_all_weeks",
    "note_changes",
    "publish",
    "publish_alerts",
    "publish_benford",
    "publish_merchant_weeks",
    "publish_merchants",
    "publish_parts",
    "rank_alerts",
    "record_measures",
    "show_changes",
]
