"""The YAML against the tables: what it names is there, may be read, and may be added up."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest
from sqlalchemy import Table

from txplatform import domains
from txplatform.bi import assets
from txplatform_tests.architecture.source_tree import ROOT

DOCUMENTS = assets.read()


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    """The documents of a kind, by uuid."""
    return {uuid: one for uuid, one in DOCUMENTS.items() if one["kind"] == kind}


DATASETS, CHARTS, DASHBOARDS = map(of_kind, ("datasets", "charts", "dashboards"))
TABLES: dict[str, Table] = {
    table.fullname: table
    for module in domains.modules("tables")
    for table in module.metadata.sorted_tables
}
READABLE = {name for module in domains.modules("tables") for name in module.TABLES.get("bi", {})}
NO_SUM = re.compile(r"share|pct|mean|average|median|probability|index|rate|score")
FRACTIONS = "shares, changes, means and the like"
SAME = {"Division", "Minutes", "Net", "Segment", "Sessions", "Station"}
"""Words that are the same in English and in French."""

each_dataset = pytest.mark.parametrize(
    "dataset", DATASETS.values(), ids=lambda one: str(one["table_name"])
)
each_chart = pytest.mark.parametrize("chart", CHARTS.values(), ids=lambda one: one["slice_name"])
each_dashboard = pytest.mark.parametrize(
    "dashboard", DASHBOARDS.values(), ids=lambda one: one["slug"]
)


def table_of(dataset: dict[str, Any]) -> Table:
    """The declared table of a dataset."""
    schema = "" if dataset["schema"] == "public" else f"{dataset['schema']}."
    return TABLES[f"{schema}{dataset['table_name']}"]


def is_bilingual(title: str) -> bool:
    """Whether a title is English and French, and says nothing twice."""
    english, _, french = title.partition(" | ")
    return title in SAME or bool(english and french and english != french)


def summed(metric: dict[str, Any]) -> set[str]:
    """The columns that a metric adds up."""
    return set(re.findall(r"SUM\((\w+)\)", metric["expression"]))


def words(value: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(value, dict):
        for one in value.values():
            yield from words(one)
    elif isinstance(value, list):
        for one in value:
            yield from words(one)
    elif isinstance(value, str):
        yield value


@each_dataset
def test_a_dataset_has_the_columns_of_its_table(dataset: dict[str, Any]) -> None:
    table = table_of(dataset)
    own = {one["column_name"] for one in dataset["columns"] if "expression" not in one}

    assert own == {column.name for column in table.columns}
    assert table.fullname in READABLE


@pytest.mark.parametrize("name", sorted(READABLE))
def test_whoever_reads_a_published_table_finds_what_each_column_means(name: str) -> None:
    assert TABLES[name].comment
    assert [column.name for column in TABLES[name].columns if not column.comment] == []


@pytest.mark.parametrize("name", sorted(READABLE))
def test_whoever_connects_another_tool_reads_what_not_to_add_up(name: str) -> None:
    rows = (ROOT / "docs" / "bi.md").read_text(encoding="utf-8").splitlines()
    tables = [one for row in rows if row.startswith("| `") for one in row.split("|")[1].split("`")]

    assert any(fnmatchcase(name, one) for one in tables)


def test_published_tables_name_no_person() -> None:
    names = {column.name for name in READABLE for column in TABLES[name].columns}

    assert names & {"name", "email", "decided_by", "assignee", "signed_by", "merchant"} == set()


@each_dataset
def test_metrics_are_certified_and_say_what_they_mean(dataset: dict[str, Any]) -> None:
    for metric in dataset["metrics"]:
        assert metric["extra"]["certification"]["details"], metric["metric_name"]
        assert metric["description"]
        assert metric["d3format"]
        assert is_bilingual(metric["verbose_name"])


@each_dataset
def test_columns_that_charts_group_by_have_titles(dataset: dict[str, Any]) -> None:
    titles = [one["verbose_name"] for one in dataset["columns"] if "verbose_name" in one]

    assert titles
    assert [title for title in titles if not is_bilingual(title)] == []


@each_dataset
def test_no_metric_adds_up_what_does_not_add_up(dataset: dict[str, Any]) -> None:
    """Shares and distinct counts have no default aggregate: see docs/bi.md."""
    columns = table_of(dataset).columns
    added = {name for metric in dataset["metrics"] for name in summed(metric)}

    assert {name for name in added if "does not add up" in (columns[name].comment or "")} == set()
    assert {name for name in added if NO_SUM.search(name)} == set(), FRACTIONS


def test_a_metric_that_adds_up_shares_would_be_seen() -> None:
    offender = {"expression": "SUM(department_share) / SUM(customer_count)"}

    assert summed(offender) == {"department_share", "customer_count"}
    assert NO_SUM.search("department_share")


@each_dataset
def test_time_columns_are_the_declared_ones(dataset: dict[str, Any]) -> None:
    kinds = {column.name: str(column.type) for column in table_of(dataset).columns}
    times = {one["column_name"] for one in dataset["columns"] if one.get("is_dttm")}

    assert times == {name for name, kind in kinds.items() if kind in ("DATE", "DATETIME")}
    assert dataset.get("main_dttm_col") in {None, *times}


@each_chart
def test_a_chart_uses_columns_and_metrics_that_its_dataset_has(chart: dict[str, Any]) -> None:
    dataset = DATASETS[chart["dataset_uuid"]]
    metrics = {one["metric_name"] for one in dataset["metrics"]}
    columns = {one["column_name"] for one in dataset["columns"]}
    params = chart["params"]
    used = [*params.get("metrics", []), params.get("metric"), params.get("timeseries_limit_metric")]
    grouped = [params.get("groupby", []), params.get("groupbyRows", []), params.get("x_axis", [])]

    assert {one for one in used if one} <= metrics, "certified ones only"
    assert set(words(grouped)) <= columns
    assert {one["subject"] for one in params.get("adhoc_filters", [])} <= columns
    assert is_bilingual(chart["slice_name"])
    assert "description" not in chart or is_bilingual(chart["description"])


@each_chart
def test_a_chart_asks_for_what_it_shows(chart: dict[str, Any]) -> None:
    """Superset answers the saved query to whoever asks for a chart's data without a browser."""
    params = chart["params"]
    [query, *_] = chart["query_context"]["queries"]

    assert query["metrics"] == params.get("metrics", [params.get("metric")])


@pytest.mark.parametrize("title", ["Growth per month", "Change against the week before"])
def test_a_table_of_changes_begins_with_the_newest(title: str) -> None:
    [chart] = [one for one in CHARTS.values() if one["slice_name"].startswith(title)]
    [query] = chart["query_context"]["queries"]

    assert query["orderby"] == [[chart["params"]["timeseries_limit_metric"], False]]
    assert chart["params"]["timeseries_limit_metric"].startswith("latest_")


@each_chart
def test_a_chart_is_on_one_dashboard(chart: dict[str, Any]) -> None:
    placed = [one for one in DASHBOARDS.values() if chart["uuid"] in words(one["position"])]

    assert len(placed) == 1


@each_dashboard
def test_a_dashboard_has_filters_of_columns_that_are_there(dashboard: dict[str, Any]) -> None:
    filters = dashboard["metadata"]["native_filter_configuration"]
    targets = [target for one in filters for target in one["targets"] if target]

    assert {one["filterType"] for one in filters} == {"filter_time", "filter_select"}
    for target in targets:
        columns = DATASETS[target["datasetUuid"]]["columns"]
        assert target["column"]["name"] in {column["column_name"] for column in columns}
    assert dashboard["metadata"]["cross_filters_enabled"] is True
    titles = [dashboard["dashboard_title"], dashboard["description"]]
    assert [
        one for one in (*titles, *(each["name"] for each in filters)) if not is_bilingual(one)
    ] == []
