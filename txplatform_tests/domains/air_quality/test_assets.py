"""What Dagster sees: lineage, partitions, stale exactly as the figures, checks that warn."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from txplatform.domains.air_quality.assets import (
    AIR_HOURS,
    DAYS,
    EXCEEDANCES,
    FETCHES,
    HOURLY,
    stale_days,
    tell_changes,
)
from txplatform.domains.air_quality.definitions import build
from txplatform.orchestration.partitions import PARTITION, RANGE_END, RANGE_START
from txplatform.orchestration.resources import shared_resources
from txplatform.platform import Platform
from txplatform.settings import Settings
from txplatform_tests.domains.air_quality.network import Network, Reply, hours, record

DAY = date(2026, 3, 1)
STALE_DAYS = stale_days.key


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A history of its own, in memory."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def job(platform: Platform, name: str) -> dg.JobDefinition:
    """A job of the domain over a platform."""
    resources = dg.Definitions(
        resources={**shared_resources(platform.settings), "platform": platform},
        executor=dg.in_process_executor,
    )
    return dg.Definitions.merge(build(platform.settings), resources).resolve_job_def(name)


def graph_of(settings: Settings) -> Any:
    """The assets as Dagster resolves them, without any server."""
    shared = dg.Definitions(resources=shared_resources(settings))
    return dg.Definitions.merge(build(settings), shared).resolve_asset_graph()


def run(
    platform: Platform, instance: dg.DagsterInstance, name: str, **tags: str
) -> dg.ExecuteInProcessResult:
    return job(platform, name).execute_in_process(
        instance=instance, tags=tags, raise_on_error=False
    )


def answer(n_hours: int, **changed: float) -> str:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    records = [
        record(
            f"{start + timedelta(hours=n):%Y-%m-%d %H:%M:%S}",
            pm25=changed.get(f"h{n}", 5 + n / 100),
            pm10=50 + n / 10,
        )
        for n in range(n_hours)
    ]
    return hours(*records)


def told(
    instance: dg.DagsterInstance, done: dg.ExecuteInProcessResult
) -> list[dg.AssetMaterialization]:
    """What a run recorded."""
    kind = dg.DagsterEventType.ASSET_MATERIALIZATION
    entries = instance.all_logs(done.run_id, of_type=kind)
    return [each.asset_materialization for each in entries if each.asset_materialization]


def days(first: str, last: str) -> dict[str, str]:
    return {RANGE_START: first, RANGE_END: last}


def versions(instance: dg.DagsterInstance, key: dg.AssetKey) -> dict[str, str]:
    """Data version of each partition."""
    events = instance.fetch_materializations(
        dg.AssetRecordsFilter(key), limit=1000, ascending=True
    ).records
    return {
        str(event.partition_key): dict(event.asset_materialization.tags or {})[
            "dagster/data_version"
        ]
        for event in events
        if event.asset_materialization and event.partition_key
    }


def test_the_lineage_leads_from_the_networks_to_the_people(settings: Settings) -> None:
    graph = graph_of(settings)
    deps = {
        key.to_user_string().removeprefix("air_quality/"): sorted(
            parent.path[-1] for parent in graph.get(key).parent_keys
        )
        for key in graph.get_all_asset_keys()
    }

    assert deps == {
        "networks": [],
        "fetches": ["networks"],
        "air_hours": ["fetches"],
        "air_hourly": ["air_hours"],
        "air_daily": ["air_hours"],
        "air_exceedances": ["air_hours"],
        "reports": ["air_daily", "air_exceedances", "air_hourly"],
        "stale_days": ["air_daily", "air_exceedances", "air_hourly"],
    }


def test_assets_are_described_grouped_and_daily(settings: Settings) -> None:
    graph = graph_of(settings)

    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.group_name == "air_quality"
        assert node.description
    assert isinstance(graph.get(HOURLY.key).partitions_def, dg.DailyPartitionsDefinition)


def test_from_an_answer_to_the_tables(
    asking: Platform, network: Network, instance: dg.DagsterInstance
) -> None:
    network.will_say(answer(72))

    fetched = run(asking, instance, "air_quality_fetch")
    computed = run(asking, instance, "air_quality_daily", **days("2026-03-01", "2026-03-03"))

    assert fetched.success
    assert computed.success
    assert set(versions(instance, AIR_HOURS)) == {"2026-03-01", "2026-03-02", "2026-03-03"}
    (row,) = _rows(
        asking, "SELECT count(*) AS n, count(DISTINCT local_date) AS d FROM air_quality.air_daily"
    )
    assert (row.n, row.d) == (48, 6 // 2)
    said = [each.metadata for each in told(instance, computed) if each.asset_key == DAYS.key]
    assert sum(int(str(each["rows_inserted"].value)) for each in said) == 48
    assert [each["is_over"].value for each in said] == [True, True, True]


def _rows(platform: Platform, statement: str) -> list[Any]:
    with platform.engine.connect() as connection:
        return list(connection.exec_driver_sql(statement))


def test_a_corrected_hour_changes_the_version_of_its_days_only(
    asking: Platform, network: Network, instance: dg.DagsterInstance
) -> None:
    network.will_say(answer(96))
    run(asking, instance, "air_quality_fetch")
    run(asking, instance, "air_quality_daily", **days("2026-03-01", "2026-03-04"))
    before = versions(instance, AIR_HOURS)

    network.will_say(answer(96, h44=9.0))
    run(asking, instance, "air_quality_fetch")

    after = versions(instance, AIR_HOURS)
    assert sorted(day for day in after if before[day] != after[day]) == ["2026-03-02", "2026-03-03"]


def test_one_day_may_be_computed_alone(
    asking: Platform, network: Network, instance: dg.DagsterInstance
) -> None:
    network.will_say(answer(48))
    run(asking, instance, "air_quality_fetch")

    done = run(asking, instance, "air_quality_daily", **{PARTITION: "2026-03-02"})

    assert done.success
    (row,) = _rows(asking, "SELECT min(local_date) AS d FROM air_quality.air_daily")
    assert row.d == date(2026, 3, 2)


def test_no_answer_fails_the_run_with_its_sentence(
    asking: Platform, network: Network, instance: dg.DagsterInstance
) -> None:
    network.will_say(Reply("{}", 401))

    done = run(asking, instance, "air_quality_fetch")

    assert not done.success
    (failure,) = [event for event in done.all_events if event.is_step_failure]
    error = failure.step_failure_data.error
    assert error is not None
    assert "wants a login (401)" in error.to_string()


def test_checks_warn_of_thin_days_and_silent_stations(
    asking: Platform, network: Network, instance: dg.DagsterInstance
) -> None:
    network.will_say(answer(10))
    run(asking, instance, "air_quality_fetch")

    done = run(asking, instance, "air_quality_daily", **{PARTITION: "2026-03-01"})

    checks = {each.check_name: each for each in done.get_asset_check_evaluations()}
    assert {name: each.passed for name, each in checks.items()} == {
        "enough_hours": False,
        "believable_sensors": True,
        "heard_stations": False,
    }
    assert all(each.severity is dg.AssetCheckSeverity.WARN for each in checks.values())
    assert "10 of 24 hours" in str(checks["enough_hours"].metadata["first_findings"].value)


def listed(platform: Platform, instance: dg.DagsterInstance) -> Any:
    """The ranges of days that `stale_days` lists."""
    job_def = job(platform, "__ASSET_JOB")
    done = job_def.execute_in_process(instance=instance, asset_selection=[STALE_DAYS])
    (event,) = done.get_asset_materialization_events()
    return event.step_materialization_data.materialization.metadata["days"].value


def test_stale_days_are_one_range_whose_fresh_days_stay(
    asking: Platform, network: Network, instance: dg.DagsterInstance
) -> None:
    """Catches: a run for each of many scattered days, and days computed that did not change."""
    network.will_say(answer(24 * 6))
    run(asking, instance, "air_quality_fetch")
    assert listed(asking, instance) == ["2026-03-01...2026-03-06"]

    run(asking, instance, "air_quality_daily", **days("2026-03-01", "2026-03-06"))
    assert listed(asking, instance) == []

    network.will_say(answer(24 * 6, h30=9.0, h100=9.0))
    run(asking, instance, "air_quality_fetch")
    assert listed(asking, instance) == ["2026-03-02...2026-03-05"]

    done = run(asking, instance, "air_quality_stale", **days("2026-03-02", "2026-03-05"))
    changed = {"2026-03-02", "2026-03-05"}
    events = {(each.asset_key, each.partition) for each in told(instance, done)}
    assert events == {(AIR_HOURS, day) for day in changed} | {
        (spec.key, day) for spec in (HOURLY, DAYS, EXCEEDANCES) for day in changed
    }
    of_run = f"FROM air_quality.computed_days WHERE run_id = '{done.run_id}'"
    found = _rows(asking, f"SELECT DISTINCT local_date::text AS day {of_run}")
    assert {row.day for row in found} == changed
    assert listed(asking, instance) == []
    again = run(asking, instance, "air_quality_stale", **days("2026-03-02", "2026-03-05"))
    assert (again.success, told(instance, again)) == (True, [])


def test_a_local_day_that_has_begun_farther_east_has_a_partition(settings: Settings) -> None:
    """Catches: hours of Tokyo's tomorrow that no run may compute until midnight in UTC."""
    partitions = graph_of(settings).get(HOURLY.key).partitions_def

    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    assert partitions.has_partition_key(tomorrow.isoformat())
    assert not partitions.has_partition_key((tomorrow + timedelta(days=1)).isoformat())


def test_telling_changes_twice_tells_nothing_new(
    asking: Platform, network: Network, instance: dg.DagsterInstance
) -> None:
    network.will_say(answer(24))
    run(asking, instance, "air_quality_fetch")
    before = versions(instance, AIR_HOURS)

    tell_changes(asking, instance)

    assert versions(instance, AIR_HOURS) == before
    assert FETCHES.path == ["air_quality", "fetches"]
