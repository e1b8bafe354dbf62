"""What Dagster sees of the spend domain: weeks, owners, descriptions, what reads what."""

from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from txplatform.definitions import build
from txplatform.domains.spend.settings import SpendSettings
from txplatform.orchestration.partitions import WITH_PREVIOUS_WEEK, weekly_partitions
from txplatform.settings import load_settings

WEEKLY = ("transactions", "weekly_aggregates", "weekly_transactions")
ALERTS = ("alerts", "benford")


@pytest.fixture(scope="module")
def built() -> dg.Definitions:
    """The code location with a first week, a zone and runs of its own."""
    settings = load_settings(time_zone="Europe/Paris")
    return build(settings.having(SpendSettings, first_week=date(2024, 1, 1), weeks_per_run=52))


def _spec(built: dg.Definitions, asset: str) -> dg.AssetSpec:
    specs = {spec.key.to_user_string(): spec for spec in built.resolve_all_asset_specs()}
    return specs[asset]


@pytest.mark.parametrize("asset", WEEKLY + ALERTS)
def test_weeks_are_those_of_the_settings(built: dg.Definitions, asset: str) -> None:
    """Catches: the partitions as declared at import, which know no setting."""
    partitions = _spec(built, asset).partitions_def

    assert partitions == weekly_partitions(date(2024, 1, 1), "Europe/Paris")
    assert partitions != weekly_partitions()


@pytest.mark.parametrize("asset", WEEKLY + ALERTS)
def test_a_range_runs_in_chunks_of_the_settings(built: dg.Definitions, asset: str) -> None:
    """Catches: one run per week (11 s each), or one that marks ten years as failed."""
    policy = built.resolve_assets_def(asset).backfill_policy

    assert policy == dg.BackfillPolicy.multi_run(max_partitions_per_run=52)


@pytest.mark.parametrize("asset", WEEKLY + ALERTS)
def test_a_backfill_shows_its_progress_every_two_years(asset: str) -> None:
    """Catches: ten years that turn green all at once, at the end."""
    policy = build(load_settings()).resolve_assets_def(asset).backfill_policy

    assert policy == dg.BackfillPolicy.multi_run(max_partitions_per_run=104)


@pytest.mark.parametrize(
    ("asset", "kinds"),
    [
        ("source_files", {"file"}),
        ("transactions", {"mongodb"}),
        ("weekly_aggregates", {"spark", "parquet"}),
        ("weekly_transactions", {"postgresql", "table"}),
        ("alerts", {"spark", "postgresql"}),
        ("benford", {"spark", "postgresql"}),
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


@pytest.mark.parametrize("asset", ALERTS)
def test_alerts_hang_on_the_purchases_of_their_own_week(built: dg.Definitions, asset: str) -> None:
    """Catches: a mapping by which late purchases make a year of alerts stale."""
    [dep] = _spec(built, asset).deps

    assert dep.asset_key == dg.AssetKey("transactions")
    assert dep.partition_mapping is None


def test_other_limits_are_other_code_of_the_alerts(tmp_path: Path) -> None:
    """By which the UI shows alerts as stale; a rules file that is broken stops no table."""
    (tmp_path / "rules.toml").write_text("[SPLIT]\nno = such key", encoding="utf-8")
    settings = (
        load_settings().having(SpendSettings, limit="500"),
        load_settings().having(SpendSettings, limit="1000"),
        load_settings().having(SpendSettings, rules=tmp_path / "rules.toml"),
    )
    versions = [_spec(build(one), "alerts").code_version for one in settings]

    assert len(set(versions)) == 3
    assert versions[2] is None
    assert len({_spec(build(one), "weekly_transactions").code_version for one in settings}) == 1


def test_the_weekly_job_takes_nothing_in(built: dg.Definitions) -> None:
    """`run` computes what is there; taking in is a job of its own, or the schedule's.

    Alerts have a job of their own too: they take longer than the table, and a rule may fail.
    """
    weekly, alerts = ({dg.AssetKey(asset) for asset in group} for group in (WEEKLY, ALERTS))

    assert {
        name: set(built.resolve_job_def(name).asset_layer.executable_asset_keys)
        for name in (
            "weekly_spend",
            "weekly_alerts",
            "ingest_sources",
            "weekly_spend_from_sources",
        )
    } == {
        "weekly_spend": weekly,
        "weekly_alerts": alerts,
        "ingest_sources": {dg.AssetKey("source_files")},
        "weekly_spend_from_sources": weekly | alerts | {dg.AssetKey("source_files")},
    }
