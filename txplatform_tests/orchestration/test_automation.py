"""Who starts the weekly job: Dagster's schedule and conditions, and when they leave it alone."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from txplatform.definitions import build
from txplatform.domains.spend.settings import SpendSettings
from txplatform.orchestration.automation import AIRFLOW_TAG, weekly_schedule
from txplatform.orchestration.materializations import report_versions, version_tags
from txplatform.orchestration.partitions import PARTITION, period_of
from txplatform.periods import mondays
from txplatform.settings import Settings, load_settings

JOB = "weekly_spend_from_sources"
TABLE = dg.AssetKey("weekly_transactions")
FIRST_WEEK, OPEN_WEEK = date(2026, 11, 2), date(2027, 1, 11)
NOW = datetime(2027, 1, 13, 12, tzinfo=UTC)
WEEKS = [str(week) for week in mondays(FIRST_WEEK, OPEN_WEEK)]


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """An instance in memory."""
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


@pytest.fixture(scope="module")
def persisted() -> Iterator[dg.DagsterInstance]:
    """An instance on disk, for schedules reach no other; each test takes weeks of its own."""
    with dg.instance_for_test(set_dagster_home=False) as on_disk:
        yield on_disk


def _tick(
    instance: dg.DagsterInstance, local: str, zone: str = "UTC"
) -> dg.RunRequest | dg.SkipReason:
    """What the schedule does at a local time; Dagster hands it the instant in UTC."""
    at = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    schedule = weekly_schedule(load_settings(automation="schedule", time_zone=zone), JOB, [TABLE])
    context = dg.build_schedule_context(instance, scheduled_execution_time=at)
    answer = schedule(context)
    assert isinstance(answer, dg.RunRequest | dg.SkipReason)
    return answer


@pytest.mark.parametrize(
    ("zone", "monday_at_six", "week"),
    [
        ("UTC", "2026-11-23T06:00", "2026-11-16"),
        ("UTC", "2027-01-04T06:00", "2026-12-28"),  # 2026-W53 ends in the new year
        ("UTC", "2021-01-04T06:00", "2020-12-28"),
        ("Pacific/Auckland", "2026-11-23T06:00", "2026-11-16"),  # still Sunday in UTC
        ("Pacific/Auckland", "2027-01-04T06:00", "2026-12-28"),
        ("America/Los_Angeles", "2026-11-23T06:00", "2026-11-16"),
        ("Europe/Paris", "2026-03-30T06:00", "2026-03-23"),  # the night lost an hour
        ("Europe/Paris", "2026-10-26T06:00", "2026-10-19"),  # and won it back
    ],
)
def test_the_schedule_asks_for_the_week_that_has_just_closed(
    persisted: dg.DagsterInstance, zone: str, monday_at_six: str, week: str
) -> None:
    asked = _tick(persisted, monday_at_six, zone)

    assert isinstance(asked, dg.RunRequest)
    assert (asked.partition_key, asked.run_key) == (week, week)


def test_the_schedule_keeps_six_o_clock_when_the_clocks_change() -> None:
    schedule = weekly_schedule(load_settings(time_zone="Europe/Paris"), JOB, [TABLE])
    ticks = schedule_execution_time_iterator(
        datetime(2026, 3, 20, tzinfo=UTC).timestamp(),
        str(schedule.cron_schedule),
        schedule.execution_timezone,
        ascending=True,
    )

    assert [next(ticks).astimezone(UTC).isoformat() for _ in range(2)] == [
        "2026-03-23T05:00:00+00:00",
        "2026-03-30T04:00:00+00:00",
    ]


def _record_run(instance: dg.DagsterInstance, asset: dg.AssetKey, tags: dict[str, str]) -> None:
    instance.add_run(dg.DagsterRun("__ASSET_JOB", tags=tags, asset_selection=frozenset({asset})))


def test_the_schedule_leaves_a_week_to_airflow_and_says_so(persisted: dg.DagsterInstance) -> None:
    _record_run(persisted, TABLE, {PARTITION: "2026-09-07", AIRFLOW_TAG: "weekly_spend"})

    skipped = _tick(persisted, "2026-09-14T06:00")

    assert isinstance(skipped, dg.SkipReason)
    assert skipped.skip_message == (
        "Airflow's DAG weekly_spend has asked for 2026-09-07 already, and Dagster's schedule is on "
        "too: turn one of them off (TXPLATFORM_AUTOMATION=off)."
    )


@pytest.mark.parametrize(
    ("asset", "tags"),
    [
        ("weekly_transactions", {PARTITION: "2026-09-28", AIRFLOW_TAG: "weekly_spend"}),
        ("weekly_transactions", {PARTITION: "2026-09-21"}),
        ("air_quality/daily", {PARTITION: "2026-09-21", AIRFLOW_TAG: "hourly_air"}),
    ],
    ids=["another week", "by hand", "another domain's day"],
)
def test_other_runs_do_not_stop_the_schedule(
    persisted: dg.DagsterInstance, asset: str, tags: dict[str, str]
) -> None:
    _record_run(persisted, dg.AssetKey(asset.split("/")), tags)

    assert isinstance(_tick(persisted, "2026-09-28T06:00"), dg.RunRequest)


@pytest.mark.parametrize(
    ("automation", "status"),
    [("off", "STOPPED"), ("conditions", "STOPPED"), ("schedule", "RUNNING")],
)
@pytest.mark.parametrize(
    "name", ["weekly_spend_from_sources_on_mondays", "weekly_spend_late", "weekly_alerts_late"]
)
def test_schedules_run_only_where_the_setting_says_so(
    automation: str, status: str, name: str
) -> None:
    schedule = build(load_settings(automation=automation)).resolve_schedule_def(name)

    assert schedule.default_status is dg.DefaultScheduleStatus[status]


def test_the_schedule_starts_a_job_of_the_code_location(settings: Settings) -> None:
    definitions = build(settings)
    schedule = definitions.resolve_schedule_def("weekly_spend_from_sources_on_mondays")

    assert {key.to_user_string() for key in _assets_of(definitions, schedule.job_name)} == {
        "alerts",
        "benford",
        "source_files",
        "transactions",
        "weekly_aggregates",
        "weekly_transactions",
    }


def _assets_of(definitions: dg.Definitions, job: str) -> Iterable[dg.AssetKey]:
    return definitions.resolve_job_def(job).asset_layer.executable_asset_keys


class _Daemon:
    """What Dagster's daemon does with the conditions, tick by tick, on a computed table."""

    def __init__(self, instance: dg.DagsterInstance, settings: Settings, automation: str) -> None:
        adapted = settings.model_copy(update={"automation": automation, "time_zone": "UTC"}).having(
            SpendSettings, first_week=FIRST_WEEK
        )
        self._instance, self._defs = instance, build(adapted)
        instance.report_runless_asset_event(dg.AssetMaterialization("source_files"))
        self.change(*WEEKS)
        for asset in ("weekly_aggregates", "weekly_transactions", "alerts", "benford"):
            for week in WEEKS:
                instance.report_runless_asset_event(
                    dg.AssetMaterialization(asset, partition=week, tags=version_tags("1", ()))
                )
        self._cursor = dg.evaluate_automation_conditions(
            self._defs, instance, dg.AssetSelection.all(), NOW
        ).cursor

    def change(self, *weeks: str) -> None:
        """Ingest something into the weeks."""
        versions = {period_of(week): f"{datetime.now(UTC).timestamp()}" for week in weeks}
        no_figures: dict[date, dict[str, object]] = {week: {} for week in versions}
        report_versions(self._instance, "transactions", versions, no_figures, ["source_files"])

    def tick(self, now: datetime = NOW) -> dict[str, list[str]]:
        """The weeks that are requested, by asset."""
        result = dg.evaluate_automation_conditions(
            self._defs, self._instance, dg.AssetSelection.all(), now, self._cursor
        )
        self._cursor = result.cursor
        return {
            asset: sorted(map(str, result.get_requested_partitions(dg.AssetKey(asset))))
            for asset in ("transactions", "weekly_aggregates", "weekly_transactions", "alerts")
        }


def _asked_for(*weeks: str, alerts: tuple[str, ...] = ()) -> dict[str, list[str]]:
    return {
        "transactions": [],
        "weekly_aggregates": list(weeks),
        "weekly_transactions": list(weeks),
        "alerts": list(alerts),
    }


def test_conditions_ask_for_a_changed_week_and_the_one_after_once(
    instance: dg.DagsterInstance, settings: Settings
) -> None:
    daemon = _Daemon(instance, settings, "conditions")
    assert daemon.tick() == _asked_for(), "nothing has changed yet"

    daemon.change("2026-11-16")

    assert daemon.tick() == _asked_for("2026-11-16", "2026-11-23", alerts=("2026-11-16",))
    assert daemon.tick() == _asked_for()


def test_conditions_leave_the_open_week_alone_until_it_is_over(
    instance: dg.DagsterInstance, settings: Settings
) -> None:
    daemon = _Daemon(instance, settings, "conditions")

    daemon.change("2027-01-04", str(OPEN_WEEK))

    assert daemon.tick() == _asked_for("2027-01-04", alerts=("2027-01-04",))
    assert daemon.tick(NOW + timedelta(weeks=1))["weekly_aggregates"] == [str(OPEN_WEEK)]


def test_without_the_setting_nothing_is_asked_for(
    instance: dg.DagsterInstance, settings: Settings
) -> None:
    daemon = _Daemon(instance, settings, "off")

    daemon.change("2026-11-16")

    assert daemon.tick() == _asked_for()
