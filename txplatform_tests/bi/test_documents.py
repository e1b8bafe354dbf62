"""The one form of documents: noise and defaults leave it, an import has them again, edits show."""

import json
from typing import Any

import pytest

from txplatform.bi import assets
from txplatform.bi.documents import DEFAULTS, differences, full, plain

DOCUMENTS = assets.read()
DASHBOARD: dict[str, Any] = {
    "kind": "dashboards",
    "uuid": "d",
    "dashboard_title": "Sums",
    "position": {
        "DASHBOARD_VERSION_KEY": "v2",
        "CHART-a": {"type": "CHART", "meta": {"uuid": "a", "chartId": 71, "width": 4}},
        "CHART-b": {"type": "CHART", "meta": {"uuid": "b", "chartId": 72, "sliceName": "B"}},
    },
    "metadata": {
        "native_filter_configuration": [{"id": "f", "scope": {"excluded": [72]}}],
        "chart_configuration": {"71": {}},
        "shared_label_colors": ["Police"],
    },
}


@pytest.mark.parametrize("uuid", DOCUMENTS)
def test_what_is_written_is_already_plain(uuid: str) -> None:
    """So that the YAML says nothing twice, and a pulled file changes where somebody edited only."""
    written = DOCUMENTS[uuid]

    assert plain(written) == written


@pytest.mark.parametrize("uuid", DOCUMENTS)
def test_the_way_to_superset_and_back_changes_nothing(uuid: str) -> None:
    sent = json.loads(json.dumps(full(DOCUMENTS[uuid])))

    assert differences(DOCUMENTS[uuid], plain(sent)) == []
    assert DEFAULTS[sent["kind"]].keys() <= sent.keys()


def test_ids_and_notes_of_browsers_are_left_out() -> None:
    bare = plain(DASHBOARD)

    assert bare["position"]["CHART-a"] == {"type": "CHART", "meta": {"uuid": "a", "width": 4}}
    assert bare["metadata"] == {
        "native_filter_configuration": [{"id": "f", "scope": {"excluded": ["b"]}}]
    }


def test_charts_that_a_filter_leaves_out_are_found_again_by_other_ids() -> None:
    sent = full(plain(DASHBOARD))

    assert sent["position"]["CHART-b"]["meta"]["chartId"] == 2
    assert sent["metadata"]["native_filter_configuration"][0]["scope"]["excluded"] == [2]


def test_a_filter_that_leaves_no_chart_out_says_so() -> None:
    """Catches: filters that people set and that reach nothing."""
    filters = [{"id": "f", "scope": {"rootPath": ["ROOT_ID"]}}]
    dashboard = {**DASHBOARD, "metadata": {"native_filter_configuration": filters}}

    [sent] = full(plain(dashboard))["metadata"]["native_filter_configuration"]

    assert sent["scope"] == {"rootPath": ["ROOT_ID"], "excluded": []}
    assert sent["cascadeParentIds"] == []
    assert plain(full(plain(dashboard))) == plain(dashboard)


def test_a_dataset_has_its_columns_by_name_and_without_defaults() -> None:
    columns = [
        {"column_name": "b", "groupby": True, "is_dttm": False},
        {"column_name": "a", "groupby": False, "verbose_name": None},
    ]
    dataset = {"kind": "datasets", "uuid": "t", "columns": columns, "offset": 0, "sql": None}

    assert plain(dataset) == {
        "kind": "datasets",
        "uuid": "t",
        "columns": [{"column_name": "a", "groupby": False}, {"column_name": "b"}],
    }


def test_a_query_is_text_for_superset_and_readable_for_us() -> None:
    query = {"queries": [{"metrics": ["total"], "options": {"columns": {"total": None}}}]}
    chart = {"kind": "charts", "uuid": "c", "query_context": query}

    sent = full(chart)

    assert json.loads(sent["query_context"])["datasource"]["type"] == "table"
    assert plain(sent)["query_context"] == query


@pytest.mark.parametrize(
    ("found", "places"),
    [
        ({"params": {"metric": "a", "limit": 1}, "title": "T"}, []),
        ({"params": {"metric": "b", "limit": 1}, "title": "T"}, ["params.metric"]),
        ({"params": {"metric": "a"}, "title": "U"}, ["params.limit", "title"]),
        ({"params": {"metric": "a", "limit": 1, "x": []}, "title": "T"}, []),
    ],
)
def test_an_edit_is_named_by_its_place(found: dict[str, Any], places: list[str]) -> None:
    wanted = {"params": {"metric": "a", "limit": 1}, "title": "T"}

    assert differences(wanted, found) == places
