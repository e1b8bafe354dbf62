"""What Dagster's UI shows of the spend assets: schemas, column lineage, figures of each week."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import dagster as dg
import pyarrow as pa
from pyarrow import compute

from txplatform.connectors.lake import metadata_of
from txplatform.connectors.period_tables import Replacement
from txplatform.domains.spend import planning, tables
from txplatform.domains.spend.measuring import WeekMeasure
from txplatform.domains.spend.sources.arrival import Arrivals
from txplatform.domains.spend.sources.report import IngestionReport
from txplatform.freshness import PeriodState
from txplatform.orchestration.materializations import UNVERSIONED
from txplatform.orchestration.metadata import cell, lineage, markdown, money_figures, schema_of
from txplatform.orchestration.partitions import key_of, period_of
from txplatform.platform import Platform

PREVIEW_ROWS = 5
COLUMN_SCHEMA, COLUMN_LINEAGE = "dagster/column_schema", "dagster/column_lineage"
TABLE_NAME, ROW_COUNT = "dagster/table_name", "dagster/partition_row_count"

UNLIKE = "_unlike_dagster"
"""Of an asset's weeks: computed and not materialised in Dagster, or the other way round."""

NOT_OVER = {"open_week": "not over: its figures will still change"}

_AMOUNT = ("transactions", "amount")
_DATE = ("transactions", "transaction_date")
_DEPARTMENT = ("transactions", "department")
_DIVISION = ("transactions", "division")

SOURCES = {
    "week_start": [_DATE],
    "department": [_DEPARTMENT],
    "division": [_DIVISION],
    "total_amount": [_AMOUNT],
    "refund_amount": [_AMOUNT],
    "transaction_count": [_DATE],
    "department_amount": [_AMOUNT, _DEPARTMENT],
    "week_amount": [_AMOUNT, _DATE],
    "department_share": [_AMOUNT, _DEPARTMENT],
    "division_share_of_department": [_AMOUNT, _DEPARTMENT, _DIVISION],
    "division_share_of_week": [_AMOUNT, _DATE],
    "department_previous_amount": [_AMOUNT, _DEPARTMENT, _DATE],
    "department_change_pct": [_AMOUNT, _DEPARTMENT, _DATE],
}
"""The fields of the collection from which each computed column comes."""

_WEEKLY = tables.weekly_transactions
_TRANSACTION_SCHEMA = dg.TableSchema(
    columns=[
        dg.TableColumn(name=name, type=kind, description=description)
        for name, (kind, description) in tables.DOCUMENT_FIELDS.items()
    ]
)

TRANSACTIONS = {COLUMN_SCHEMA: _TRANSACTION_SCHEMA, TABLE_NAME: tables.TRANSACTIONS}
WEEKLY_AGGREGATES = {
    COLUMN_SCHEMA: schema_of(_WEEKLY, SOURCES),
    COLUMN_LINEAGE: lineage(SOURCES),
}
WEEKLY_TRANSACTIONS = {
    COLUMN_SCHEMA: schema_of(_WEEKLY),
    COLUMN_LINEAGE: lineage({name: [("weekly_aggregates", name)] for name in SOURCES}),
    TABLE_NAME: f"public.{_WEEKLY.name}",
}


def of_measures(
    measures: Mapping[date, WeekMeasure], open_week: date
) -> tuple[dict[date, str], dict[date, dict[str, Any]]]:
    """Data version and figures of each week of `transactions`; the open one is told as such."""
    versions = {week: measure.fingerprint for week, measure in measures.items()}
    figures = {
        week: {
            ROW_COUNT: measure.document_count,
            **money_figures("total_amount", measure.total_amount),
            "fingerprint": measure.fingerprint,
            **(NOT_OVER if week >= open_week else {}),
        }
        for week, measure in measures.items()
    }
    return versions, figures


def of_arrivals(arrivals: Arrivals, changed: Sequence[date]) -> dg.MaterializeResult[None]:
    """What was taken in, per source, and the weeks that changed."""
    reports = arrivals.reports
    headers = ("source", "read", "loaded", "unchanged", "corrected", "refused")
    rows = ([cell(one.file), *map(str, _counts(one))] for one in reports)
    read, refused = sum(one.rows_read for one in reports), sum(one.refused for one in reports)
    figures: dict[str, Any] = {
        "sources": dg.MetadataValue.md(markdown(headers, rows)),
        "rows_read": read,
        "rows_refused": refused,
        "refused_share": refused / read if read else 0.0,
        "files_still_being_written": ", ".join(path.name for path in arrivals.unfinished) or "none",
        "weeks_changed": ", ".join(map(str, changed)) or "none",
    }
    return dg.MaterializeResult(metadata=figures, data_version=UNVERSIONED)


def of_stale(platform: Platform, instance: dg.DagsterInstance) -> dg.MaterializeResult[None]:
    """Which closed weeks are stale, as lists that a program reads: of the table, and of alerts.

    And of which weeks Dagster itself says something else: computed, and wiped there; or reported
    there, and never computed.
    """
    late = (PeriodState.STALE,)
    known = planning.computed_weeks(platform)
    found = {
        "weekly_transactions": planning.stale_weeks(platform, late),
        "alerts": planning.stale_alert_weeks(platform, late),
        **{f"{name}{UNLIKE}": _unlike(instance, name, weeks) for name, weeks in known.items()},
    }
    listed = {name: dg.MetadataValue.json(list(map(str, weeks))) for name, weeks in found.items()}
    return dg.MaterializeResult(metadata=listed, data_version=UNVERSIONED)


def _unlike(instance: dg.DagsterInstance, asset: str, computed: Sequence[date]) -> list[date]:
    shown = map(period_of, instance.get_materialized_partitions(dg.AssetKey(asset)))
    return sorted(set(shown).symmetric_difference(computed))


def _counts(one: IngestionReport) -> tuple[int, ...]:
    if one.is_skipped:  # its record says what happened then; now, nothing did
        return one.rows_read, 0, one.rows_read - one.refused, 0, one.refused
    return one.rows_read, one.loaded, one.unchanged, one.corrected, one.refused


def describe(
    context: dg.AssetExecutionContext,
    weeks: Mapping[date, pa.Table],
    written: Mapping[date, Replacement] | None = None,
    dashboard_url: str | None = None,
) -> None:
    """Attach each week's figures to its materialisation, with a preview and where to look."""
    for week, rows in weeks.items():
        total = compute.sum(rows["total_amount"], min_count=0).as_py()
        changes = written[week]._asdict() if written else {}
        figures: dict[str, Any] = {
            ROW_COUNT: rows.num_rows,
            **money_figures("total_amount", total),
            "computed_from": metadata_of(rows),
            "preview": dg.MetadataValue.md(_preview(rows)),
            **{f"rows_{name}": count for name, count in changes.items()},
        }
        if dashboard_url:
            page = f"{dashboard_url.rstrip('/')}/spend?from={week}&to={week}"
            figures["dashboard"] = dg.MetadataValue.url(page)
        context.add_asset_metadata(figures, partition_key=key_of(week))


def tell_open(context: dg.AssetExecutionContext, platform: Platform) -> None:
    """Say of the open week that it is not over, where a run computes it."""
    if (key := key_of(planning.open_week(platform))) in context.partition_keys:
        context.add_asset_metadata(NOT_OVER, partition_key=key)


def _preview(rows: pa.Table) -> str:
    """The largest divisions of a week as a Markdown table."""
    shown = ["department", "division", "total_amount", "transaction_count", "department_share"]
    largest = rows.select(shown).sort_by([("total_amount", "descending")]).slice(0, PREVIEW_ROWS)
    return markdown(shown, (map(cell, row.values()) for row in largest.to_pylist()))
