"""Every number of every chart against its table, added up in Python, to the last digit."""

import math
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from txplatform.bi import assets
from txplatform_tests.bi import tables
from txplatform_tests.bi.superset import Running
from txplatform_tests.bi.tables import Metric, Row, count, largest, mean, only, ratio, total

pytestmark = [pytest.mark.bi, pytest.mark.timeout(900)]

DOCUMENTS = assets.read()
CHARTS = [one for one in DOCUMENTS.values() if one["kind"] == "charts"]
DEPARTMENT = ("week_start", "department")
HOUR, DAY = ("station_id", "parameter", "hour_start"), ("station_id", "parameter", "local_date")
SALES = {
    **{name: total(name) for name in ("net_amount", "gross_amount", "refund_amount", "quantity")},
    "average_order": ratio("gross_amount", "order_count"),
    "order_count": total("order_count"),
}
KPIS = ("net_amount", "order_count", "buyer_count", "product_count", "country_count",
        "average_order", "amount_per_customer")  # fmt: skip

METRICS: dict[str, dict[str, Metric]] = {
    "weekly_transactions": {
        **{name: total(name) for name in ("total_amount", "refund_amount", "transaction_count")},
        "department_amount": only("department_amount", *DEPARTMENT),
        "department_share": only("department_share", *DEPARTMENT),
        "department_change_pct": only("department_change_pct", *DEPARTMENT),
    },
    "alert_counts": {
        "alert_count": total("alert_count", "not is_superseded"),
        "amount_at_risk": total("amount_at_risk", "not is_superseded"),
    },
    "sales_week": SALES,
    "sales_month": {**SALES, "customer_count": only("customer_count", "month")},
    "sales_country": {**SALES, "customer_count": only("customer_count", "country")},
    "sales_product": SALES,
    "kpis": {name: only(name, "as_of") for name in KPIS},
    "growth": {
        "net_amount": total("net_amount"),
        "change_pct": only("change_pct", "month"),
        "yoy_pct": only("yoy_pct", "month"),
    },
    "rfm_segments": {
        "customer_count": total("customer_count"),
        "monetary": total("monetary"),
        "mean_monetary": only("mean_monetary", "segment"),
        "mean_recency_days": only("mean_recency_days", "segment"),
    },
    "value_by_country": {
        "clv": total("clv"),
        "customer_count": total("customer_count"),
        "mean_clv": ratio("clv", "customer_count"),
    },
    "customer_value": {
        "clv": total("clv"),
        "expected_occasions": total("expected_occasions"),
        "alive_probability": only("alive_probability", "customer_id"),
    },
    "air_hourly": {"value": only("value", *HOUR, where="is_valid")},
    "air_daily": {
        "mean_of_days": mean("mean", "not is_suspect"),
        "maximum_of_days": largest("mean", "not is_suspect"),
        "valid_days": count("mean", "not is_suspect"),
        "capture_pct": ratio("n_hours", "n_expected", 100),
        "aqi": only("aqi", *DAY),
    },
    "air_exceedances": {"days_above": count("local_date", "not is_suspect")},
}
"""By table, what each metric means; days above a level have one row each."""


def rows_of(superset: Running, dataset: dict[str, Any]) -> list[Row]:
    """The rows of a dataset's table, with what the dataset computes."""
    name = f'"{dataset["schema"]}"."{dataset["table_name"]}"'
    with superset.engine.connect() as connection:
        found = connection.execute(text(f"SELECT * FROM {name}")).mappings()  # noqa: S608
        return [{**row, **computed(dict(row))} for row in found]


def computed(row: Row) -> dict[str, Any]:
    """The columns that datasets add to their tables."""
    if "local_date" in row and "station_id" in row:
        day: date = row["local_date"]
        return {"station_month": f"{row['station_id']} {day:%Y-%m}", "day_of_month": f"{day:%d}"}
    if "description" in row:
        return {"product_name": row["description"] or row["product"]}
    return {}


def keys_of(params: dict[str, Any]) -> list[str]:
    """What a chart groups by, the axis first."""
    groups = params.get("groupby", [])
    parts = [params.get("x_axis"), *([groups] if isinstance(groups, str) else groups)]
    parts += [*params.get("groupbyRows", []), *params.get("groupbyColumns", [])]
    return [one for one in parts if one]


def expected(superset: Running, chart: dict[str, Any]) -> dict[tuple[Any, ...], Any]:
    """By key and metric, what the tables say; nothing where they say nothing."""
    dataset, params = DOCUMENTS[chart["dataset_uuid"]], chart["params"]
    conditions = params.get("adhoc_filters", [])
    rows = [
        row
        for row in rows_of(superset, dataset)
        if all(tables.is_wanted(row, one) for one in conditions)
    ]
    groups = tables.grouped(rows, keys_of(params), params.get("time_grain_sqla"))
    metrics = params.get("metrics") or [params["metric"]]
    means = METRICS[dataset["table_name"]]
    values = {
        (*map(tables.readable, key), metric): means[metric](group)
        for key, group in groups.items()
        for metric in metrics
    }
    return {key: value for key, value in values.items() if value is not None}


def shown(superset: Running, chart: dict[str, Any], number: int) -> dict[tuple[Any, ...], Any]:
    """The same as the chart's data have it, whose series may stand side by side."""
    params = chart["params"]
    metrics = params.get("metrics") or [params["metric"]]
    keys = keys_of(params)
    rows = superset.client.chart_data(number)
    cells = (cell for row in rows for cell in cells_of(row, keys, metrics))
    return {key: value for key, value in cells if value is not None}


def cells_of(
    row: Row, keys: list[str], metrics: list[str]
) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The numbers of a row with their keys."""
    if all(key in row for key in keys):
        for metric in metrics:
            yield (*(row[key] for key in keys), metric), row.get(metric)
        return
    [metric] = metrics
    for name, value in row.items():
        if name != keys[0]:
            yield (row[keys[0]], name, metric), value


def is_same(value: float, truth: Any) -> bool:
    """Equal as numbers of JSON; a quotient, which never ends, to 15 digits."""
    if isinstance(truth, Decimal) and len(truth.as_tuple().digits) > 15:
        return math.isclose(value, truth, rel_tol=1e-14)
    return value == float(truth)


@pytest.mark.parametrize("chart", CHARTS, ids=lambda one: one["slice_name"])
def test_a_chart_shows_what_its_table_says(superset: Running, chart: dict[str, Any]) -> None:
    [number] = [one["id"] for one in superset.client.all("chart")
                if one["slice_name"] == chart["slice_name"]]  # fmt: skip
    truth, found = expected(superset, chart), shown(superset, chart, number)
    limit = chart["params"].get("row_limit", 10_000) * len(chart["params"].get("metrics", [1]))

    assert found, "every chart shows something"
    assert found.keys() <= truth.keys()
    assert [key for key in found if not is_same(found[key], truth[key])] == []
    if len(truth) <= limit:
        assert found.keys() == truth.keys()
