"""What Dagster is told: keys, group, lineage, jobs, schedule, and columns with their meaning."""

from pathlib import Path

import dagster as dg
import pytest

from txplatform.domains.commerce import definitions, tables
from txplatform.domains.commerce.assets import key
from txplatform.domains.commerce.settings import CommerceSettings
from txplatform.settings import Settings, load_settings


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings without servers of one's own."""
    return load_settings(state_dir=tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def built(settings: Settings) -> dg.Definitions:
    """The domain's definitions, with something in the place of servers."""
    resources = dg.Definitions(resources={"platform": 1, "spark": 1})
    return dg.Definitions.merge(definitions.build(settings), resources)


@pytest.fixture(scope="module")
def specs(built: dg.Definitions) -> dict[dg.AssetKey, dg.AssetSpec]:
    """Specs by key."""
    return {spec.key: spec for spec in built.resolve_all_asset_specs()}


def test_every_key_carries_the_domain(specs: dict[dg.AssetKey, dg.AssetSpec]) -> None:
    assert {asset.path[0] for asset in specs} == {"commerce"}
    assert {spec.group_name for spec in specs.values()} == {"commerce"}
    assert {owner for spec in specs.values() for owner in spec.owners} == {"team:commerce"}


def test_there_is_an_asset_per_table(specs: dict[dg.AssetKey, dg.AssetSpec]) -> None:
    names = {asset.path[-1] for asset in specs}

    assert names == {*tables.GOLD, "bronze", "silver", "collections", "postgres_tables", "pages"}


@pytest.mark.parametrize(
    ("name", "parents"),
    [
        ("silver", {"bronze"}),
        ("sales_day", {"silver"}),
        ("rfm", {"silver"}),
        ("collections", set(tables.GOLD)),
        ("postgres_tables", set(tables.GOLD)),
        ("pages", {"collections", "postgres_tables"}),
    ],
)
def test_lineage_leads_from_files_to_pages(
    name: str, parents: set[str], specs: dict[dg.AssetKey, dg.AssetSpec]
) -> None:
    assert {dep.asset_key.path[-1] for dep in specs[key(name)].deps} == parents


@pytest.mark.parametrize("name", sorted(tables.GOLD))
def test_columns_are_told_with_their_meaning(
    name: str, specs: dict[dg.AssetKey, dg.AssetSpec]
) -> None:
    schema = specs[key(name)].metadata["dagster/column_schema"]
    assert isinstance(schema, dg.TableSchema)
    told = {column.name: column.description for column in schema.columns}

    assert told == {column.name: column.comment for column in tables.GOLD[name].columns}
    assert specs[key(name)].description == tables.GOLD[name].comment


def test_one_job_refreshes_everything_and_each_layer_has_its_own(built: dg.Definitions) -> None:
    names = {job.name for job in built.jobs or ()}

    assert names == {
        "commerce_refresh",
        "commerce_bronze",
        "commerce_silver",
        "commerce_gold",
        "commerce_copies",
    }


@pytest.mark.parametrize(
    ("job", "count"),
    [
        ("commerce_refresh", len(tables.GOLD) + 4),
        ("commerce_bronze", 1),
        ("commerce_silver", 1),
        ("commerce_gold", len(tables.GOLD)),
        ("commerce_copies", 2),
    ],
)
def test_what_a_job_materialises(job: str, count: int, built: dg.Definitions) -> None:
    layer = built.resolve_job_def(job).asset_layer

    assert len({*layer.executable_asset_keys}) == count


@pytest.mark.parametrize("is_on", [True, False])
def test_the_schedule_is_off_until_a_setting_turns_it_on(is_on: bool, settings: Settings) -> None:
    chosen = settings.having(CommerceSettings, is_schedule_on=is_on)
    (schedule,) = definitions.build(chosen).schedules or ()
    assert isinstance(schedule, dg.ScheduleDefinition)

    is_running = schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert (schedule.name, schedule.cron_schedule) == ("commerce_every_day", "0 6 * * *")
    assert is_running is is_on


def test_building_touches_nothing(tmp_path: Path) -> None:
    definitions.build(load_settings(state_dir=tmp_path / "state"))

    assert not (tmp_path / "state").exists()
