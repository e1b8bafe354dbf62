"""Every number of every chart against its table, added up in Python, to the last digit."""

import math
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from txplatform.bi import assets
from txplatform_tests.bi import tables
from txplatform_tests.bi.superset import Running, chart_data
from txplatform_tests.bi.tables import Metric, Row, count, largest, mean, of_one, only, ratio, total

pytestmark = [pytest.mark.bi, pytest.mark.timeout(900)]

DOCUMENTS = assets.read()
CHARTS = [one for one in DOCUMENTS.values() if one["kind"] == "charts"]
DATASETS = [one for one in DOCUMENTS.values() if one["kind"] == "datasets"]
Rows = Callable[[dict[str, Any]], list[Row]]
"""What reads a dataset's table."""

DEPARTMENT = ("week_start", "department")
HOUR, DAY = ("station_id", "parameter", "hour_start"), ("station_id", "parameter", "local_date")
WINDOW = ("window_minutes", "window_start", "type", "country")


def sums(*names: str) -> dict[str, Metric]:
    """Metrics that add up a column of their name."""
    return {name: total(name) for name in names}


SALES = {
    **sums("net_amount", "gross_amount", "refund_amount", "quantity", "order_count", "line_count"),
    "average_order": ratio("gross_amount", "order_count"),
}
KPIS = ("net_amount", "order_count", "buyer_count", "product_count", "country_count",
        "average_order", "amount_per_customer")  # fmt: skip

METRICS: dict[str, dict[str, Metric]] = {
    "weekly_transactions": {
        **sums("total_amount", "refund_amount", "transaction_count"),
        "department_amount": only("department_amount", *DEPARTMENT),
        "department_share": only("department_share", *DEPARTMENT),
        "department_change_pct": only("department_change_pct", *DEPARTMENT),
        "latest_week_start": largest("week_start"),
    },
    "alert_counts": {
        "alert_count": total("alert_count", "not is_superseded"),
        "amount_at_risk": total("amount_at_risk", "not is_superseded"),
    },
    "sales_day": {**SALES, "customer_count": only("customer_count", "day")},
    "sales_week": {**SALES, "customer_count": only("customer_count", "week_start")},
    "sales_month": {**SALES, "customer_count": only("customer_count", "month")},
    "sales_country": {**SALES, "customer_count": only("customer_count", "country")},
    "sales_product": {
        **sums("net_amount", "gross_amount", "refund_amount", "quantity", "line_count"),
        "customer_count": only("customer_count", "product"),
        "order_count": only("order_count", "product"),
    },
    "kpis": {name: only(name, "as_of") for name in KPIS},
    "growth": {
        "net_amount": total("net_amount"),
        "change_pct": only("change_pct", "month"),
        "yoy_pct": only("yoy_pct", "month"),
        "latest_month": largest("month"),
    },
    "rfm_segments": {
        **sums("customer_count", "monetary"),
        "mean_monetary": only("mean_monetary", "segment"),
        "mean_recency_days": only("mean_recency_days", "segment"),
    },
    "value_by_country": {
        **sums("clv", "customer_count", "expected_occasions"),
        "mean_clv": ratio("clv", "customer_count"),
    },
    "customer_value": {
        **sums("clv", "expected_occasions"),
        "customer_count": count(),
        "alive_probability": only("alive_probability", "customer_id"),
    },
    "air_hourly": {
        "value": only("value", *HOUR, where="is_valid"),
        "mean_of_hours": of_one("parameter", mean("value", "is_valid")),
        "valid_hours": count("parameter", "is_valid"),
        "gap_hours": lambda rows: sum(row["value"] is None for row in rows),
    },
    "air_daily": {
        "mean_of_days": of_one("parameter", mean("mean", "not is_suspect")),
        "maximum_of_days": of_one("parameter", largest("mean", "not is_suspect")),
        "valid_days": count("mean", "not is_suspect"),
        "capture_pct": ratio("n_hours", "n_expected", 100),
        "aqi": only("aqi", *DAY),
    },
    "air_exceedances": {"days_above": of_one("level", count("local_date", "not is_suspect"))},
    "activity_windows": {
        **{
            name: of_one("window_minutes", total(name)) for name in ("n_events", "amount", "n_late")
        },
        "n_sessions": only("n_sessions", *WINDOW),
    },
    "carts_hourly": {
        **sums("n_decided", "n_abandoned"),
        "abandoned_pct": ratio("n_abandoned", "n_decided", 100),
    },
    "funnel_hourly": {
        **sums("n_view", "n_add", "n_checkout", "n_purchase"),
        "purchase_pct": ratio("n_purchase", "n_view", 100),
    },
}
"""By table, what each metric means; days above a level have one row each."""


@pytest.fixture(scope="module")
def rows_of(superset: Running) -> Rows:
    """The rows of a dataset's table, with what the dataset computes; read once."""
    with superset.engine.connect() as connection:
        known = connection.execute(text("SELECT * FROM air_quality.air_stations")).mappings().all()
    stations = {row["station_id"]: row for row in known}

    @cache
    def read(schema: str, table: str) -> list[Row]:
        query = text(f'SELECT * FROM "{schema}"."{table}"')  # noqa: S608 - names of the YAML
        with superset.engine.connect() as connection:
            found = connection.execute(query).mappings()
            return [{**row, **computed(dict(row), stations)} for row in found]

    return lambda dataset: read(dataset["schema"], dataset["table_name"])


@pytest.fixture(scope="module")
def charts(superset: Running) -> dict[str, int]:
    """The charts' numbers in Superset by title."""
    return {one["slice_name"]: one["id"] for one in superset.client.all("chart")}


def computed(row: Mapping[str, Any], stations: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that datasets add to their tables."""
    if "hour_start" in row:
        station = stations[row["station_id"]]
        hour = row["hour_start"].astimezone(ZoneInfo(station["zone"])).hour
        return {"station": station["station"], "local_hour": f"{hour:02}"}
    if "station_id" in row:
        day, name = row["local_date"], stations[row["station_id"]]["station"]
        month = {"station_month": f"{name} {day:%Y-%m}", "day_of_month": f"{day:%d}"}
        return {"station": name, **month}
    if "description" in row:
        return {"product_name": row["description"] or row["product"]}
    return {}


def keys_of(params: dict[str, Any]) -> list[str]:
    """What a chart groups by, the axis first."""
    groups = params.get("groupby", [])
    parts = [params.get("x_axis"), *([groups] if isinstance(groups, str) else groups)]
    parts += [*params.get("groupbyRows", []), *params.get("groupbyColumns", [])]
    return [one for one in parts if one]


def expected(rows_of: Rows, chart: dict[str, Any]) -> dict[tuple[Any, ...], Any]:
    """By key and metric, what the tables say; nothing where they say nothing."""
    dataset, params = DOCUMENTS[chart["dataset_uuid"]], chart["params"]
    conditions = params.get("adhoc_filters", [])
    rows = [
        row for row in rows_of(dataset) if all(tables.is_wanted(row, one) for one in conditions)
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
    rows = chart_data(superset.client, number)
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
def test_a_chart_shows_what_its_table_says(
    superset: Running, rows_of: Rows, charts: dict[str, int], chart: dict[str, Any]
) -> None:
    truth = expected(rows_of, chart)
    found = shown(superset, chart, charts[chart["slice_name"]])
    limit = chart["params"].get("row_limit", 10_000) * len(chart["params"].get("metrics", [1]))

    assert found, "every chart shows something"
    assert found.keys() <= truth.keys()
    assert [key for key in found if not is_same(found[key], truth[key])] == []
    if len(truth) <= limit:
        assert found.keys() == truth.keys()


def test_refunds_are_among_what_is_compared(rows_of: Rows) -> None:
    """Catches: a metric that forgets them, in a shop where nobody brings anything back."""
    datasets = {one["table_name"]: one for one in DATASETS}
    months = rows_of(datasets["sales_month"])

    assert sum(row["refund_amount"] < 0 for row in months) > 12
    assert all(
        any(row["refund_amount"] < 0 for row in rows_of(datasets[name]))
        for name in ("sales_day", "sales_week", "sales_country", "sales_product")
    )
    assert sum(row["net_amount"] for row in months) < sum(row["gross_amount"] for row in months)


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda one: str(one["table_name"]))
def test_each_metric_over_all_rows_is_what_they_add_up_to_or_nothing(
    superset: Running, rows_of: Rows, dataset: dict[str, Any]
) -> None:
    """Also of metrics that no chart shows: an analyst drags them."""
    [number] = [
        one["id"] for one in superset.client.all("dataset") if one["uuid"] == dataset["uuid"]
    ]
    metrics = [one["metric_name"] for one in dataset["metrics"]]
    query = {"metrics": metrics, "columns": [], "row_limit": 1}
    body = {"datasource": {"id": number, "type": "table"}, "queries": [query]}
    [found] = superset.client.post("chart/data", body)["result"][0]["data"]

    means = METRICS[dataset["table_name"]]
    truth = {name: tables.readable(means[name](rows_of(dataset))) for name in metrics}
    assert means.keys() == set(metrics)
    assert [
        name
        for name in metrics
        if not (found[name] is None is truth[name] or is_same(found[name], truth[name]))
    ] == []
