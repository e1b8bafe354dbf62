"""What Dagster sees of the spend domain."""

from collections.abc import Callable, Collection
from datetime import date

import dagster as dg

from txplatform.domains.spend import planning
from txplatform.domains.spend.assets import (
    ALERT_ASSETS,
    REPORTS,
    WEEKLY_ASSETS,
    source_files,
    stale_weeks,
    tell_changes,
    transactions,
    weekly_transactions,
)
from txplatform.domains.spend.checks import CHECKS
from txplatform.domains.spend.rules.catalogue import load_rules
from txplatform.domains.spend.settings import SpendSettings
from txplatform.errors import UsageError
from txplatform.freshness import PeriodState
from txplatform.orchestration import alarms
from txplatform.orchestration.automation import late_schedule, on_changes, weekly_schedule
from txplatform.orchestration.partitions import weekly_partitions
from txplatform.platform import Platform
from txplatform.settings import Settings

GROUP = "spend"
OWNERS = ["team:internal-control"]
TAGS = {"domain": "spend", "grain": "week"}
BACKFILL_WEEKS = 104
"""Of one run in Dagster's UI: weeks turn green two years at a time, and runs go side by side."""

SCHEDULED = "weekly_spend_from_sources"
JOBS = [
    dg.define_asset_job(name, dg.AssetSelection.assets(*assets), description=description)
    for name, assets, description in (
        (
            "weekly_spend",
            WEEKLY_ASSETS,
            "Compute weeks of weekly_transactions from the purchases in MongoDB.",
        ),
        (
            "weekly_alerts",
            ALERT_ASSETS,
            "Find the alerts of weeks, and test their leading digits.",
        ),
        (
            "ingest_sources",
            (source_files,),
            "Take in what is new in the drop folder or the company's collection.",
        ),
        (
            SCHEDULED,
            (source_files, *WEEKLY_ASSETS, *ALERT_ASSETS),
            "Take in what is new, then compute weekly_transactions and alerts of weeks.",
        ),
    )
]


def build(settings: Settings) -> dg.Definitions:
    """The domain's assets with the settings' weeks, its checks and its job."""
    own, ruled = settings.of(SpendSettings), {asset.key for asset in ALERT_ASSETS}
    partitions = weekly_partitions(own.first_week, settings.time_zone)
    at_most = min(own.weeks_per_run, BACKFILL_WEEKS)
    policy = dg.BackfillPolicy.multi_run(at_most)
    rules_version = _rules_version(own)

    def adapt(spec: dg.AssetSpec) -> dg.AssetSpec:
        return spec.replace_attributes(group_name=GROUP, owners=OWNERS, tags=TAGS)

    def adapt_weekly(spec: dg.AssetSpec) -> dg.AssetSpec:
        condition = None if spec.key == transactions.key else on_changes(settings)
        return adapt(spec).replace_attributes(
            partitions_def=partitions,
            automation_condition=condition,
            code_version=rules_version if spec.key in ruled else spec.code_version,
        )

    assets = [
        source_files.map_asset_specs(adapt),
        stale_weeks.map_asset_specs(adapt),
        *(
            asset.map_asset_specs(adapt_weekly).with_attributes(backfill_policy=policy)
            for asset in (*WEEKLY_ASSETS, *ALERT_ASSETS)
        ),
    ]
    return dg.Definitions(
        assets=[*assets, adapt(REPORTS)],
        asset_checks=CHECKS,
        jobs=JOBS,
        schedules=[
            weekly_schedule(settings, SCHEDULED, [weekly_transactions.key]),
            late_schedule(settings, "weekly_spend", _late(planning.stale_weeks), at_most),
            late_schedule(settings, "weekly_alerts", _late(planning.stale_alert_weeks), at_most),
        ],
        sensors=[alarms.of_late_weeks(settings, "weekly_transactions", planning.is_computed)],
    )


def _late(
    stale: Callable[[Platform, Collection[PeriodState]], list[date]],
) -> Callable[[Platform, dg.DagsterInstance], list[date]]:
    """Asks for stale weeks, after what ingestions changed was made known; no missing ones."""

    def asked(platform: Platform, instance: dg.DagsterInstance) -> list[date]:
        tell_changes(platform, instance)
        return stale(platform, (PeriodState.STALE,))

    return asked


def _rules_version(settings: SpendSettings) -> str | None:
    """By which Dagster shows alerts as stale when rules or limits change.

    A rules file that cannot be read fails the alerts, with its sentence, and not everything.
    """
    try:
        return load_rules(settings.rules, settings.limit, settings.limits).version
    except UsageError:
        return None
