"""What Dagster's UI shows of alerts and Benford tests: schemas and the figures of each week."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import dagster as dg
import pyarrow as pa
from pyarrow import compute

from txplatform.connectors.lake import metadata_of
from txplatform.domains.spend import planning, tables
from txplatform.domains.spend.assets.metadata import COLUMN_SCHEMA, NOT_OVER, ROW_COUNT, TABLE_NAME
from txplatform.domains.spend.publishing import PublishedWeek
from txplatform.domains.spend.publishing.benford import BenfordWeek
from txplatform.domains.spend.rules.ranking import kinds_of
from txplatform.orchestration.metadata import cell, markdown, money_figures, schema_of
from txplatform.orchestration.partitions import key_of
from txplatform.platform import Platform

RISKIEST = 10
SHOWN = ("risk", "amount_at_risk", "rule", "department", "sentence")

ALERTS = {
    COLUMN_SCHEMA: schema_of(tables.alerts),
    TABLE_NAME: f"public.{tables.alerts.name}",
}
BENFORD = {
    COLUMN_SCHEMA: schema_of(tables.benford_tests),
    TABLE_NAME: f"public.{tables.benford_tests.name}",
}


def describe(
    context: dg.AssetExecutionContext,
    weeks: Mapping[date, PublishedWeek],
    platform: Platform,
) -> None:
    """Attach each week's alerts by rule, the amount at risk and the riskiest ones."""
    open_week = planning.open_week(platform)
    for week, (found, changed) in weeks.items():
        page = f"{platform.settings.dashboard_url.rstrip('/')}/spend-alerts?from={week}&to={week}"
        figures = {
            ROW_COUNT: found.num_rows,
            **money_figures("amount_at_risk", _at_risk(found)),
            "by_rule": dg.MetadataValue.md(_by_rule(found)),
            "riskiest": dg.MetadataValue.md(_riskiest(found)),
            "computed_from": metadata_of(found),
            "rows_inserted": changed.raised + changed.returned,
            "rows_removed": changed.superseded,
            "rows_unchanged": changed.unchanged + changed.refreshed,
            "dashboard": dg.MetadataValue.url(page),
            **(NOT_OVER if week == open_week else {}),
        }
        context.add_asset_metadata(figures, partition_key=key_of(week))


def describe_benford(context: dg.AssetExecutionContext, weeks: Mapping[date, BenfordWeek]) -> None:
    """Attach the tests of each week and how many of them do not conform."""
    for week, found in weeks.items():
        conformity = Counter(found.tests["conformity"].to_pylist())
        figures = {
            ROW_COUNT: found.tests.num_rows,
            "tests_that_do_not_conform": conformity["none"],
            "tests_with_too_few_purchases": conformity[None],
        }
        context.add_asset_metadata(figures, partition_key=key_of(week))


def _at_risk(found: pa.Table) -> Decimal:
    """The sum over alerts: a purchase that breaks three rules counts three times."""
    return compute.sum(found["amount_at_risk"]).as_py() or Decimal("0.00")


def _by_rule(found: pa.Table) -> str:
    kinds, which = kinds_of(found)
    counts = Counter(which.tolist()).most_common()
    rows = ([*kinds[place], str(count)] for place, count in counts)
    return markdown(["rule", "severity", "alerts"], rows)


def _riskiest(found: pa.Table) -> str:
    order = [("risk", "descending"), ("amount_at_risk", "descending"), ("alert_id", "ascending")]
    first = found.sort_by(order).slice(0, RISKIEST).select(SHOWN)
    rows = (map(cell, {**row, "risk": f"{row['risk']:.3f}"}.values()) for row in first.to_pylist())
    return markdown(SHOWN, rows)
