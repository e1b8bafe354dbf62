"""The weekly assets that point controllers to purchases: alerts and Benford tests.

They hang on the purchases alone and not on `weekly_transactions`: a rule that fails stops no
table, and a week of alerts is stale when its own purchases change, not those of the week before.
"""

from functools import partial

import dagster as dg

from txplatform.domains.spend import alerting, publishing
from txplatform.domains.spend.alerting import merchants as kept_merchants
from txplatform.domains.spend.alerting.benford import find_benford
from txplatform.domains.spend.assets import alert_metadata
from txplatform.domains.spend.assets.metadata import tell_open
from txplatform.domains.spend.queries.rulebook import weights
from txplatform.orchestration import left_out
from txplatform.orchestration.partitions import WEEKLY, require_weeks_of_run
from txplatform.orchestration.resources import SPARK_POOL, SparkResource
from txplatform.platform import Platform

PURCHASES = "transactions"
AFTER_THE_TABLE = {"dagster/priority": "-1"}
"""In a job with both, the table that the weeks are controlled with comes first."""


@dg.asset(
    partitions_def=WEEKLY,
    deps=[PURCHASES],
    kinds={"spark", "postgresql"},
    pool=SPARK_POOL,
    op_tags=AFTER_THE_TABLE,
    metadata=alert_metadata.ALERTS,
)
def alerts(
    context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform], spark: SparkResource
) -> None:
    """Purchases that a controller should look at, each with the rule it breaks and the reason.

    Computing a week again raises nothing twice and loses no decision; an alert whose facts are
    gone is marked superseded.
    """
    weeks = require_weeks_of_run(context.run, context.assets_def.partitions_def)
    merchants = kept_merchants.merchants(platform)
    publishing.publish_merchants(platform.engine, merchants, context.run.run_id)
    parts = alerting.find(platform, spark.open(), weeks, merchants)
    weigh = partial(weights, platform)
    published = publishing.publish_parts(platform.engine, parts, weigh, context.run.run_id)
    for weeks_of_part in left_out.until_refused(context, published):
        alert_metadata.describe(context, weeks_of_part, platform)


@dg.asset(
    partitions_def=WEEKLY,
    deps=[PURCHASES],
    kinds={"spark", "postgresql"},
    pool=SPARK_POOL,
    op_tags=AFTER_THE_TABLE,
    metadata=alert_metadata.BENFORD,
)
def benford(
    context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform], spark: SparkResource
) -> None:
    """Whether the leading digits of a department's amounts come as they naturally would.

    A test of the 52 weeks that end with the partition; it says something about a department, and
    nothing about one purchase.
    """
    weeks = require_weeks_of_run(context.run, context.assets_def.partitions_def)
    for found in find_benford(platform, spark.open(), weeks):
        publishing.publish_benford(platform.engine, found, context.run.run_id)
        alert_metadata.describe_benford(context, found)
    tell_open(context, platform)


ALERT_ASSETS = (alerts, benford)
