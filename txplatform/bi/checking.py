"""What the YAML's documents must have, told in one sentence where they have it not.

Superset answers a document that it cannot use with a page of HTML, or takes it and shows an empty
chart: so what people write by hand is held against these models before anything is sent.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Json, ValidationError

from txplatform.bi.documents import Document, parsed
from txplatform.errors import SourceError

VIZ_TYPES = (
    "ag-grid-table big_number big_number_total box_plot bubble bubble_v2 bullet cal_heatmap "
    "cartodiagram chord compare country_map echarts_area echarts_timeseries echarts_timeseries_bar "
    "echarts_timeseries_line echarts_timeseries_scatter echarts_timeseries_smooth "
    "echarts_timeseries_step funnel gantt_chart gauge_chart graph_chart handlebars heatmap_v2 "
    "histogram_v2 horizon mapbox mixed_timeseries paired_ttest para partition pie pivot_table_v2 "
    "pop_kpi radar rose sankey_v2 sunburst_v2 table time_pivot time_table tree_chart treemap_v2 "
    "waterfall word_cloud world_map"
)
"""The charts of Superset 6.1 (its `VizType`), beside the maps, whose names begin with `deck_`."""


def _uuid(text: str) -> str:
    if str(UUID(text)) != text:
        raise ValueError(f"should be written {UUID(text)}")
    return text


def _viz_type(name: str) -> str:
    if name not in VIZ_TYPES.split() and not name.startswith("deck_"):
        raise ValueError("is no chart of Superset")
    return name


Uuid = Annotated[str, AfterValidator(_uuid)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="allow")


class _Column(_Part):
    column_name: str


class _Metric(_Part):
    metric_name: str
    expression: str


class _Database(_Part):
    uuid: Uuid
    database_name: str


class _Dataset(_Part):
    uuid: Uuid
    table_name: str
    database_uuid: Uuid
    columns: list[_Column]
    metrics: list[_Metric] = []


class _Asked(_Part):
    queries: list[dict[str, Any]] = Field(min_length=1)


class _Chart(_Part):
    uuid: Uuid
    slice_name: str
    viz_type: Annotated[str, AfterValidator(_viz_type)]
    dataset_uuid: Uuid
    params: dict[str, Any] = {}
    query_context: _Asked | Json[_Asked] | None = None


class _Meta(_Part):
    uuid: Uuid


class _ChartPlace(_Part):
    type: Literal["CHART"]
    meta: _Meta


class _Place(_Part):
    type: Literal["ROOT", "GRID", "HEADER", "ROW", "COLUMN", "TABS", "TAB", "MARKDOWN", "DIVIDER"]


class _Filter(_Part):
    id: str
    scope: dict[str, Any]
    targets: list[dict[str, Any]] = []


class _Metadata(_Part):
    native_filter_configuration: list[_Filter] = []


class _Dashboard(_Part):
    uuid: Uuid
    dashboard_title: str
    position: dict[str, Annotated[_ChartPlace | _Place, Field(discriminator="type")] | str]
    metadata: _Metadata = _Metadata()


MODELS: dict[str, type[_Part]] = {
    "databases": _Database,
    "datasets": _Dataset,
    "charts": _Chart,
    "dashboards": _Dashboard,
}
"""By the folder that a document lies in."""


def read(file: Path, folder: Path) -> Document:
    """A document with its kind.

    Raises:
        SourceError: it is no YAML, or Superset could not use it.
    """
    kind = file.relative_to(folder).parts[0]
    if kind not in MODELS:
        raise SourceError(f"{file} lies in none of the folders {', '.join(MODELS)}: move it.")
    try:
        document = parsed(file.read_bytes())
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise SourceError(f"{file} is no YAML ({_reason(error)}): correct it.") from None
    try:
        MODELS[kind].model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the document"
        raise SourceError(
            f"{file} cannot be used ({where}: {first['msg'].removeprefix('Value error, ')}): "
            "correct it."
        ) from None
    return {"kind": kind, **document}


def _reason(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return " ".join(str(error).split())[:200]


def require_whole(documents: Mapping[str, Document], files: Mapping[str, Path]) -> None:
    """SourceError if a document refers to one that is not there.

    Args:
        documents: by uuid.
        files: where each of them is written.
    """
    for uuid, document in documents.items():
        for kind, other in _references(document):
            if documents.get(other, {}).get("kind") != kind:
                raise SourceError(
                    f"{files[uuid]} names the {kind.removesuffix('s')} {other}, which no file has: "
                    "correct it."
                )


def _references(document: Document) -> list[tuple[str, str]]:
    """What a document is made of: kinds and uuids."""
    named = {"databases": "database_uuid", "datasets": "dataset_uuid"}
    found = [(kind, document[key]) for kind, key in named.items() if key in document]
    places = document.get("position", {}).values()
    charts = [one for one in places if isinstance(one, dict) and one["type"] == "CHART"]
    return found + [("charts", one["meta"]["uuid"]) for one in charts]
