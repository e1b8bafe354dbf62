"""Superset's databases, datasets, charts and dashboards in the one form in which they are compared.

Superset exports much that nobody wrote: defaults, ids of the installation, what a browser notes
while it shows a dashboard. `plain` leaves it out, `full` puts it back for the import.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import yaml

Document = dict[str, Any]

DEFAULTS: dict[str, Document] = {
    "databases": {
        "allow_csv_upload": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_run_async": False,
        "configuration_method": "sqlalchemy_form",
        "expose_in_sqllab": True,
        "impersonate_user": False,
        "version": "1.0.0",
    },
    "datasets": {
        "always_filter_main_dttm": False,
        "catalog": None,
        "columns": [],
        "description": None,
        "fetch_values_predicate": None,
        "filter_select_enabled": True,
        "main_dttm_col": None,
        "metrics": [],
        "normalize_columns": False,
        "offset": 0,
        "sql": None,
        "version": "1.0.0",
    },
    "charts": {
        "cache_timeout": None,
        "certification_details": None,
        "certified_by": None,
        "description": None,
        "version": "1.0.0",
    },
    "dashboards": {
        "certification_details": None,
        "certified_by": None,
        "css": "",
        "description": None,
        "published": True,
        "version": "1.0.0",
    },
    "columns": {
        "description": None,
        "expression": None,
        "filterable": True,
        "groupby": True,
        "is_active": True,
        "is_dttm": False,
        "verbose_name": None,
    },
    "metrics": {"d3format": None, "description": None, "verbose_name": None, "warning_text": None},
}
"""By kind, what a document has that does not say else."""

FILTER: Document = {"cascadeParentIds": [], "defaultDataMask": {}, "description": ""}
SCOPE: Document = {"excluded": []}
"""What a filter and its scope have though it is empty: without it they reach nothing."""

NOISE = {
    *("chartId", "sliceName", "chartsInScope", "tabsInScope"),
    *("chart_configuration", "global_chart_configuration"),
    *("color_scheme_domain", "map_label_colors", "shared_label_colors"),
    *("form_data", "datasource", "dashboards", "slice_id", "catalog", "theme_uuid"),
}
"""What Superset and browsers add by themselves: ids, and colours that were drawn once."""

FIRST = (
    *("dashboard_title", "slice_name", "table_name", "database_name", "metric_name", "column_name"),
    *("slug", "uuid", "schema", "viz_type", "dataset_uuid", "database_uuid", "description"),
)
"""What is written before the rest, which goes by the alphabet."""

NOTHING: tuple[object, ...] = (None, "", {}, [])


def plain(document: Mapping[str, Any]) -> Document:
    """A document without defaults, ids and noise; its kind and uuid stay."""
    kind = document["kind"]
    readable = dict(document)
    if isinstance(readable.get("query_context"), str):
        readable["query_context"] = json.loads(readable["query_context"])
    uuids = {number: uuid for uuid, number in _numbers(readable).items()}
    scoped = _with_excluded(readable, lambda one: uuids.get(one, one))
    bare: Document = _without_defaults(scoped, {"kind": None, **DEFAULTS[kind]})
    for part in ("columns", "metrics"):
        if part in bare:
            name = f"{part[:-1]}_name"
            rows = {row[name]: _without_defaults(row, DEFAULTS[part]) for row in scoped[part]}
            bare[part] = [rows[key] for key in sorted(rows)]
    return {**bare, "kind": kind}


def full(document: Mapping[str, Any]) -> Document:
    """A plain document as Superset imports it, every default said."""
    whole: Document = {**DEFAULTS[document["kind"]], **document}
    for part in ("columns", "metrics"):
        if part in whole:
            whole[part] = [{**DEFAULTS[part], **row} for row in whole[part]]
    if "position" in whole:
        whole = _numbered(whole)
    if "query_context" in whole:
        whole["query_context"] = json.dumps(
            {"datasource": {"id": 0, "type": "table"}, **whole["query_context"]}
        )
    return whole


def parsed(text: str | bytes) -> Any:
    """A YAML text; by the parser in C, since there are thousands of lines."""
    return yaml.load(text, Loader=yaml.CSafeLoader)


def written(document: Mapping[str, Any]) -> str:
    """A document as YAML that people read, in an order that no export changes."""
    ordered = _ordered(document)
    return str(yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True, width=100))


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: (FIRST.index(key) if key in FIRST else 99, str(key)))
        return {key: _ordered(value[key]) for key in keys}
    return [_ordered(one) for one in value] if isinstance(value, list) else value


def differences(wanted: Any, found: Any, where: str = "") -> list[str]:
    """Where two plain documents differ, such as `params.metrics`; parts of one place once."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        keys = sorted(wanted.keys() | found.keys(), key=str)
        return [
            line
            for key in keys
            for line in differences(wanted.get(key), found.get(key), f"{where}.{key}".lstrip("."))
        ]
    return [] if wanted == found or (wanted in NOTHING and found in NOTHING) else [where]


def _without_defaults(document: Mapping[str, Any], defaults: Mapping[str, Any]) -> Document:
    said = {
        key: value
        for key, value in document.items()
        if not (key in defaults and value == defaults[key])
    }
    bare: Document = _without_noise(said)
    return bare


def _without_noise(value: Any) -> Any:
    """Without ids, and without keys that say nothing."""
    if isinstance(value, dict):
        # A query is what the page asks, to the letter: there a null means something.
        kept = {
            key: one if key == "queries" else _without_noise(one)
            for key, one in value.items()
            if key not in NOISE
        }
        return {key: one for key, one in kept.items() if one not in NOTHING}
    if isinstance(value, list):
        return [_without_noise(one) for one in value]
    return value


def _charts(document: Mapping[str, Any]) -> list[Document]:
    """What a dashboard's position says of its charts, in its order."""
    places = document.get("position", {}).values()
    return [one["meta"] for one in places if isinstance(one, dict) and one.get("type") == "CHART"]


def _numbers(document: Mapping[str, Any]) -> dict[str, int]:
    """The charts' numbers on a dashboard by their uuid; their place where it has none."""
    charts = enumerate(_charts(document), start=1)
    return {chart["uuid"]: chart.get("chartId", place) for place, chart in charts}


def _numbered(dashboard: Document) -> Document:
    numbers = _numbers(dashboard)
    numbered: Document = _with_excluded(dashboard, lambda one: numbers.get(one, one))
    for chart in _charts(numbered):
        chart["chartId"] = numbers[chart["uuid"]]
    for one in numbered.get("metadata", {}).get("native_filter_configuration", []):
        one |= {**FILTER, **one, "scope": {**SCOPE, **one["scope"]}}
    return numbered


def _with_excluded(value: Any, named: Callable[[Any], Any]) -> Any:
    """A copy in which the charts that filters leave out have other names."""
    if isinstance(value, dict):
        return {
            key: [named(item) for item in one]
            if key == "excluded" and isinstance(one, list)
            else _with_excluded(one, named)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_with_excluded(one, named) for one in value]
    return value
