"""What counts as SQL of one's own in a chart's query: everything but names of the dataset."""

from typing import Any

import pytest

from txplatform.bi import assets
from txplatform.bi.superset_access import own_sql

DOCUMENTS = assets.read()
COLUMNS = {"department", "week_start"}
HIDDEN = "ARRAY(SELECT department FROM weekly_transactions)"
BASE_AXIS = {"columnType": "BASE_AXIS", "expressionType": "SQL", "label": "week_start"}


def written(expression: str) -> dict[str, str]:
    """A column or metric that somebody wrote in SQL."""
    return {"expressionType": "SQL", "label": "mine", "sqlExpression": expression}


@pytest.mark.parametrize("chart", [one for one in DOCUMENTS.values() if one["kind"] == "charts"],
                         ids=lambda one: one["slice_name"])  # fmt: skip
def test_the_codes_charts_have_none(chart: dict[str, Any]) -> None:
    """So that whoever writes no SQL sees every one of them."""
    columns = {one["column_name"] for one in DOCUMENTS[chart["dataset_uuid"]]["columns"]}

    for query in chart["query_context"]["queries"]:
        assert list(own_sql(query, columns)) == []


@pytest.mark.parametrize(
    "query",
    [
        {"columns": ["department", "__timestamp"], "metrics": ["total_amount"]},
        {"columns": [{**BASE_AXIS, "sqlExpression": "week_start", "isColumnReference": True}]},
        {"metrics": [{"expressionType": "SIMPLE", "aggregate": "SUM", "sqlExpression": None,
                      "column": {"column_name": "department", "expression": None}}]},
        {"metrics": [written("COUNT(*)")]},
        {"filter": [{"col": "department", "op": "==", "val": "SELECT"}],
         "extras": {"where": "", "having": ""}, "orderby": [["total_amount", False]]},
    ],
)  # fmt: skip
def test_names_values_and_simple_aggregates_are_none(query: dict[str, Any]) -> None:
    assert list(own_sql(query, COLUMNS)) == []


@pytest.mark.parametrize(
    "query",
    [
        {"columns": [HIDDEN]},
        {"columns": [written(HIDDEN)]},
        {"columns": [{**BASE_AXIS, "sqlExpression": HIDDEN, "isColumnReference": True}]},
        {"groupby": [HIDDEN]},
        {"series_columns": [written(HIDDEN)]},
        {"metrics": [written(HIDDEN)]},
        {"metrics": [{**written(HIDDEN), "expressionType": "SIMPLE"}]},
        {"series_limit_metric": written(HIDDEN)},
        {"orderby": [[written(HIDDEN), True]]},
        {"orderby": [(written(HIDDEN), True)]},
        {"filter": [{"col": written(HIDDEN), "op": "IS NOT NULL"}]},
        {"extras": {"where": f"({HIDDEN}) IS NOT NULL"}},
        {"extras": {"having": "pg_sleep(9) IS NULL"}},
        {"adhoc_filters": [{"clause": "WHERE", **written("version() = ''")}]},
    ],
)
def test_everything_else_is(query: dict[str, Any]) -> None:
    assert list(own_sql(query, COLUMNS))
