"""What Dagster's UI shows and infers: column schemas and lineage, data versions, staleness."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest

from txplatform.definitions import build
from txplatform.domains.spend import tables
from txplatform.domains.spend.assets.metadata import COLUMN_LINEAGE, COLUMN_SCHEMA
from txplatform.orchestration.materializations import (
    DATA_VERSION,
    UNVERSIONED,
    materialized_each,
    report_versions,
    version_tags,
)
from txplatform.orchestration.metadata import lineage, schema_of
from txplatform.orchestration.partitions import key_of, range_tags, weekly_partitions
from txplatform.settings import Settings

WEEKS = (date(2026, 11, 9), date(2026, 11, 16))
CONTRACT = (*tables.WEEKLY_KEY, *tables.WEEKLY_VALUES)
ASSETS = ("weekly_aggregates", "weekly_transactions")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


@pytest.fixture(scope="module")
def definitions(settings: Settings) -> dg.Definitions:
    """The code location of the test session."""
    return build(settings)


def _status(
    instance: dg.DagsterInstance, definitions: dg.Definitions, asset: str, week: date
) -> StaleStatus:
    """Fresh, stale or missing, as the UI shows it."""
    graph = definitions.resolve_asset_graph()
    resolver = CachingStaleStatusResolver(instance, graph, LoadingContextForTest(instance))
    return resolver.get_status(dg.AssetKey(asset), key_of(week))


def _take_in(instance: dg.DagsterInstance) -> None:
    """Materialise source_files as its asset does."""
    tags = {DATA_VERSION: UNVERSIONED.value}
    instance.report_runless_asset_event(dg.AssetMaterialization("source_files", tags=tags))


def _record(
    instance: dg.DagsterInstance, asset: str, week: date, version: str, *inputs: str
) -> None:
    report_versions(instance, asset, {week: version}, {week: {}}, inputs)


@pytest.mark.parametrize(
    ("inputs", "status"), [(("source_files",), StaleStatus.FRESH), ((), StaleStatus.STALE)]
)
def test_new_files_make_no_week_of_transactions_stale(
    instance: dg.DagsterInstance,
    definitions: dg.Definitions,
    inputs: tuple[str, ...],
    status: StaleStatus,
) -> None:
    """Each week would look stale after every ingestion if its events named no inputs."""
    _take_in(instance)
    for week in WEEKS:
        _record(instance, "transactions", week, "1", *inputs)

    _take_in(instance)

    assert {_status(instance, definitions, "transactions", week) for week in WEEKS} == {status}


def test_a_week_that_files_brought_before_the_first_materialisation_is_fresh(
    instance: dg.DagsterInstance, definitions: dg.Definitions
) -> None:
    """`txplatform spend ingest` reports weeks without ever materialising source_files."""
    _record(instance, "transactions", WEEKS[0], "1", "source_files")

    assert _status(instance, definitions, "transactions", WEEKS[0]) is StaleStatus.FRESH


def test_a_week_without_documents_is_missing(
    instance: dg.DagsterInstance, definitions: dg.Definitions
) -> None:
    _record(instance, "transactions", WEEKS[0], "1", "source_files")

    assert _status(instance, definitions, "transactions", WEEKS[1]) is StaleStatus.MISSING


def _partitioned(versions: dict[date, str]) -> dg.AssetsDefinition:
    """An asset whose weeks have the data versions of `versions`."""

    @dg.asset(partitions_def=weekly_partitions())
    def documents(context: dg.AssetExecutionContext) -> dg.Output[None]:
        figures = {week: {"rows": week.day} for week in versions}
        return materialized_each(context, versions, figures, inputs=["source_files"])

    return documents


def _materialize(
    asset: dg.AssetsDefinition, instance: dg.DagsterInstance, first: date, last: date
) -> list[dg.AssetMaterialization]:
    """Materialise the weeks as one run; its events, in the order of the weeks."""
    assert dg.materialize([asset], instance=instance, tags=range_tags(first, last)).success
    records = instance.fetch_materializations(asset.key, limit=10, ascending=True).records
    found = [record.asset_materialization for record in records]
    return [one for one in found if one]


def test_each_week_of_a_run_has_a_data_version_of_its_own(instance: dg.DagsterInstance) -> None:
    asset = _partitioned(dict(zip(WEEKS, ("nine", "sixteen"), strict=True)))

    events = _materialize(asset, instance, *WEEKS)

    assert [(one.partition, (one.tags or {})[DATA_VERSION]) for one in events] == [
        ("2026-11-09", "nine"),
        ("2026-11-16", "sixteen"),
    ]
    assert [one.metadata["rows"].value for one in events] == [9, 16]


def test_a_run_of_one_week_records_one_week(instance: dg.DagsterInstance) -> None:
    asset = _partitioned({WEEKS[0]: "nine"})

    events = _materialize(asset, instance, WEEKS[0], WEEKS[0])

    assert [one.partition for one in events] == ["2026-11-09"]


def test_tags_name_version_and_inputs() -> None:
    tags = version_tags("abc", ["source_files"])

    assert tags[DATA_VERSION] == "abc"
    assert tags["dagster/input_data_version/source_files"] == UNVERSIONED.value
    assert not any("input" in tag for tag in version_tags("abc", []))


def _metadata(definitions: dg.Definitions, asset: str) -> dict[str, Any]:
    graph = definitions.resolve_asset_graph()
    return dict(graph.get(dg.AssetKey(asset)).metadata)


def _columns(definitions: dg.Definitions, asset: str) -> list[str]:
    schema = _metadata(definitions, asset)[COLUMN_SCHEMA]
    return [column.name for column in schema.columns]


def test_the_assets_show_the_columns_of_the_contract(definitions: dg.Definitions) -> None:
    assert _columns(definitions, "transactions") == list(tables.DOCUMENT_FIELDS)
    assert _columns(definitions, "weekly_aggregates") == list(CONTRACT)
    assert _columns(definitions, "weekly_transactions") == [*CONTRACT, "computed_at", "run_id"]


@pytest.mark.parametrize("asset", ASSETS)
def test_every_column_of_the_contract_comes_from_columns_that_exist(
    definitions: dg.Definitions, asset: str
) -> None:
    sources = _metadata(definitions, asset)[COLUMN_LINEAGE].deps_by_column
    graph = definitions.resolve_asset_graph()
    upstream = graph.get(dg.AssetKey(asset)).parent_keys

    assert list(sources) == list(CONTRACT)
    for column, origins in sources.items():
        assert origins, column
        for origin in origins:
            assert origin.asset_key in upstream, column
            assert origin.column_name in _columns(definitions, origin.asset_key.to_user_string())


@pytest.mark.parametrize("asset", ["transactions", *ASSETS])
def test_every_column_says_what_it_means(definitions: dg.Definitions, asset: str) -> None:
    columns = _metadata(definitions, asset)[COLUMN_SCHEMA].columns

    assert [column.name for column in columns if not column.description] == []


def test_a_schema_has_types_units_and_nullability() -> None:
    names = ["week_start", "total_amount", "department_change_pct"]

    schema = schema_of(tables.weekly_transactions, names)

    assert [(c.name, c.type, c.constraints.nullable) for c in schema.columns] == [
        ("week_start", "date", False),
        ("total_amount", "numeric(18, 2)", False),
        ("department_change_pct", "numeric(28, 4)", True),
    ]


def test_lineage_reads_as_it_is_written() -> None:
    found = lineage({"share": [("transactions", "amount"), ("transactions", "department")]})

    assert found.deps_by_column == {
        "share": [
            dg.TableColumnDep(dg.AssetKey("transactions"), "amount"),
            dg.TableColumnDep(dg.AssetKey("transactions"), "department"),
        ]
    }
