"""What Dagster sees of the spend domain: weeks, owners, descriptions, what reads what."""

from datetime import date

import dagster as dg
import pytest

from txplatform.definitions import build
from txplatform.orchestration.partitions import WITH_PREVIOUS_WEEK, weekly_partitions
from txplatform.settings import load_settings

WEEKLY = ("transactions", "weekly_aggregates", "weekly_transactions")


@pytest.fixture(scope="module")
def built() -> dg.Definitions:
    """The code location with a first week, a zone and runs of its own."""
    return build(
        load_settings(first_week=date(2024, 1, 1), time_zone="Europe/Paris", weeks_per_run=52)
    )


def _spec(built: dg.Definitions, asset: str) -> dg.AssetSpec:
    specs = {spec.key.to_user_string(): spec for spec in built.resolve_all_asset_specs()}
    return specs[asset]


@pytest.mark.parametrize("asset", WEEKLY)
def test_weeks_are_those_of_the_settings(built: dg.Definitions, asset: str) -> None:
    """Catches: the partitions as declared at import, which know no setting."""
    partitions = _spec(built, asset).partitions_def

    assert partitions == weekly_partitions(date(2024, 1, 1), "Europe/Paris")
    assert partitions != weekly_partitions()


@pytest.mark.parametrize("asset", WEEKLY)
def test_a_range_runs_in_chunks_of_the_settings(built: dg.Definitions, asset: str) -> None:
    """Catches: one run per week (11 s each), or one that marks ten years as failed."""
    policy = built.resolve_assets_def(asset).backfill_policy

    assert policy == dg.BackfillPolicy.multi_run(max_partitions_per_run=52)


@pytest.mark.parametrize(
    ("asset", "kinds"),
    [
        ("source_files", {"file"}),
        ("transactions", {"mongodb"}),
        ("weekly_aggregates", {"spark", "parquet"}),
        ("weekly_transactions", {"postgresql", "table"}),
        ("controllers_reports", {"dashboard"}),
    ],
)
def test_an_asset_says_who_owns_it_and_what_it_is(
    built: dg.Definitions, asset: str, kinds: set[str]
) -> None:
    spec = _spec(built, asset)

    assert (spec.group_name, list(spec.owners)) == ("spend", ["team:internal-control"])
    assert spec.kinds == kinds
    assert spec.tags.items() >= {"domain": "spend", "grain": "week"}.items()
    assert len((spec.description or "").split()) > 8, "a controller reads it"


def test_a_week_is_computed_from_itself_and_the_week_before(built: dg.Definitions) -> None:
    [dep] = _spec(built, "weekly_aggregates").deps

    assert dep.asset_key == dg.AssetKey("transactions")
    assert dep.partition_mapping == WITH_PREVIOUS_WEEK


def test_the_table_is_written_week_by_week(built: dg.Definitions) -> None:
    [dep] = _spec(built, "weekly_transactions").deps

    assert dep.asset_key == dg.AssetKey("weekly_aggregates")
    assert dep.partition_mapping is None


def test_the_weekly_job_takes_nothing_in(built: dg.Definitions) -> None:
    """`run` computes what is there; taking in is a job of its own, or the schedule's."""
    weekly = {dg.AssetKey(asset) for asset in WEEKLY}

    assert {
        name: set(built.resolve_job_def(name).asset_layer.executable_asset_keys)
        for name in ("weekly_spend", "ingest_sources", "weekly_spend_from_sources")
    } == {
        "weekly_spend": weekly,
        "ingest_sources": {dg.AssetKey("source_files")},
        "weekly_spend_from_sources": weekly | {dg.AssetKey("source_files")},
    }
