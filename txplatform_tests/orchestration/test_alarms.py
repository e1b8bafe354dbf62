"""Alarms, heard by a channel of the test's own: what is said, once per event, without secrets."""

import logging
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from pydantic import SecretStr

from txplatform.domains.spend import planning, publishing
from txplatform.domains.spend.settings import SpendSettings
from txplatform.errors import SourceError, UnansweredError
from txplatform.orchestration import alarms
from txplatform.orchestration.alarms import TOLD_APART, Alarms, described_periods
from txplatform.orchestration.partitions import PARTITION, closed_week, range_tags
from txplatform.platform import Platform
from txplatform.settings import Settings, load_settings
from txplatform_tests.domains.spend.weekly_tables import computed_weeks
from txplatform_tests.orchestration.listening import Channel, listening

# Apprise's own: it looks for a module that Python is about to lose, and has a replacement.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

WEEK = datetime(2026, 11, 16, tzinfo=UTC).date()
UI = "https://dagster.example.org"
MONGO = "mongodb://reader:Tr0ub4dor@mongo.example.org/spend.purchases"
LOG = logging.getLogger("alarms")


@pytest.fixture
def channel() -> Iterator[Channel]:
    with listening() as heard:
        yield heard


@pytest.fixture
def deaf() -> Iterator[str]:
    """Address of a channel that nobody can reach: its port is taken, but not listened to."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"json://127.0.0.1:{taken.getsockname()[1]}/"


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def _settings(*urls: str, **others: str) -> Settings:
    settings = load_settings(
        alarm_urls=" ".join(urls), **{"ui_url": UI, "mongo_uri": None, **others}
    )
    return settings.having(SpendSettings, source_collection=SecretStr(MONGO))


class Ticks:
    """A sensor evaluated again and again, as Dagster's daemon does."""

    def __init__(
        self,
        sensor: dg.SensorDefinition,
        instance: dg.DagsterInstance,
        platform: Platform | None = None,
    ) -> None:
        self._sensor, self._instance = sensor, instance
        self._resources = {"platform": platform} if platform else {}
        self._cursor: str | None = None
        if isinstance(sensor, dg.RunStatusSensorDefinition):
            self.tick()  # its first tick remembers where the events stand

    def tick(self) -> str | None:
        """Evaluate it once; returns why it was skipped, if it says so."""
        context = dg.build_sensor_context(
            self._instance,
            self._cursor,
            definitions=dg.Definitions(sensors=[self._sensor], resources=self._resources),
            resources=self._resources,
        )
        result = self._sensor.evaluate_tick(context)
        self._cursor = result.cursor or self._cursor
        return result.skip_message


def _sensor(settings: Settings, name: str) -> dg.SensorDefinition:
    return next(one for one in alarms.of_runs(settings) if one.name == name)


def _run(
    instance: dg.DagsterInstance, work: Callable[[], object], **tags: str
) -> dg.ExecuteInProcessResult:
    """Run a job that does `work`, with an asset that has a check."""

    @dg.asset(check_specs=[dg.AssetCheckSpec("usual_totals", asset="weekly_transactions")])
    def weekly_transactions() -> Iterator[dg.MaterializeResult[None]]:
        found = work()
        yield dg.MaterializeResult(
            check_results=[
                dg.AssetCheckResult(
                    passed=not found,
                    severity=dg.AssetCheckSeverity.WARN,
                    description=str(found),
                    metadata=found if isinstance(found, dict) else {},
                )
            ]
        )

    job = dg.define_asset_job("weekly_spend")
    definitions = dg.Definitions([weekly_transactions], jobs=[job])
    return definitions.resolve_job_def("weekly_spend").execute_in_process(
        instance=instance, tags=tags, raise_on_error=False
    )


def _break() -> None:
    raise SourceError(f"purchases.csv is truncated: fetch it again from {MONGO}.")


def _wait_in_vain() -> None:
    raise UnansweredError("SMART188 wants a login (401).")


def test_a_failed_run_is_told_once_with_its_sentence_weeks_and_link(
    channel: Channel, instance: dg.DagsterInstance
) -> None:
    sensor = Ticks(_sensor(_settings(channel.address), "alarm_run_failed"), instance)

    failed = _run(instance, _break, **{PARTITION: str(WEEK)})
    sensor.tick()
    sensor.tick()

    assert channel.heard == [
        (
            "weekly_spend failed for 2026-11-16",
            [
                "purchases.csv is truncated: fetch it again from ***.",
                f"{UI}/runs/{failed.run_id}",
            ],
        )
    ]


def test_a_service_that_did_not_answer_is_its_domains_to_tell(
    channel: Channel, instance: dg.DagsterInstance
) -> None:
    """Catches: an outage of two days as forty-eight messages of an hourly job."""
    sensor = Ticks(_sensor(_settings(channel.address), "alarm_run_failed"), instance)

    assert not _run(instance, _wait_in_vain).success
    sensor.tick()

    assert channel.heard == []


def test_each_failed_run_is_told(channel: Channel, instance: dg.DagsterInstance) -> None:
    sensor = Ticks(_sensor(_settings(channel.address), "alarm_run_failed"), instance)

    for weeks in (1, 3):
        _run(instance, _break, **range_tags(WEEK, WEEK + timedelta(weeks=weeks)))
        sensor.tick()

    assert [title for title, _ in channel.heard] == [
        "weekly_spend failed for 2026-11-16 to 2026-11-23",
        "weekly_spend failed for 2026-11-16 to 2026-12-07",
    ]


def test_a_failed_check_is_told_once_with_what_it_found(
    channel: Channel, instance: dg.DagsterInstance
) -> None:
    sensor = Ticks(_sensor(_settings(channel.address), "alarm_check_failed"), instance)

    run = _run(instance, lambda: "Totals with a robust score over 3.5.", **{PARTITION: str(WEEK)})
    sensor.tick()
    sensor.tick()

    assert channel.heard == [
        (
            "1 checks failed for 2026-11-16",
            [
                "usual_totals of weekly_transactions: Totals with a robust score over 3.5.",
                f"{UI}/runs/{run.run_id}",
            ],
        )
    ]


def test_a_check_that_its_domain_tells_of_is_left_to_it(
    channel: Channel, instance: dg.DagsterInstance
) -> None:
    """Catches: a sensor that drifts all summer as a message of every hourly run."""
    sensor = Ticks(_sensor(_settings(channel.address), "alarm_check_failed"), instance)

    run = _run(instance, lambda: {TOLD_APART: "alarm_air_quality"}, **{PARTITION: str(WEEK)})
    sensor.tick()

    assert not run.get_asset_check_evaluations()[0].passed
    assert channel.messages == []


def test_a_run_without_findings_is_no_alarm(channel: Channel, instance: dg.DagsterInstance) -> None:
    settings = _settings(channel.address)
    sensors = [Ticks(sensor, instance) for sensor in alarms.of_runs(settings)]

    _run(instance, lambda: "", **{PARTITION: str(WEEK)})
    for sensor in sensors:
        sensor.tick()

    assert channel.messages == []


@pytest.fixture
def late(channel: Channel, instance: dg.DagsterInstance, platform: Platform) -> Ticks:
    """The alarm on late weeks where the closed week is due."""
    settings = _settings(channel.address, time_zone=_zone_past_due())
    sensor = alarms.of_late_weeks(settings, "weekly_transactions", planning.is_computed)
    return Ticks(sensor, instance, platform)


def test_a_late_week_is_told_once(
    channel: Channel, instance: dg.DagsterInstance, late: Ticks
) -> None:
    """Catches: a week that somebody reported in Dagster's UI, and that was never computed."""
    week = _closed_week()
    instance.report_runless_asset_event(
        dg.AssetMaterialization("weekly_transactions", partition=week)
    )

    late.tick()

    assert late.tick() == "Nothing is late, or it was told."
    [(title, [sentence, link])] = channel.heard
    assert title == f"weekly_transactions is late: {week}"
    assert sentence.startswith(f"weekly_transactions of the week {week} was due on Monday ")
    assert sentence.endswith(" at 08:00 and is not there.")
    assert link == f"{UI}/assets/weekly_transactions?view=partitions&partition={week}"


def test_a_week_that_is_there_is_not_late(
    channel: Channel, late: Ticks, platform: Platform
) -> None:
    """Catches: a false alarm once its materialisations are wiped in Dagster's UI."""
    week = _closed_week()
    rows = f"week_start | department | division | total_amount\n{week} | Roads | Bridges | 1.00"
    publishing.publish(platform.engine, computed_weeks(rows), "a run")

    assert late.tick() == "Nothing is late, or it was told."
    assert channel.messages == []


def _zone_past_due() -> str:
    """A time zone in which it is not Monday before eight: there, the closed week is due."""
    now = datetime.now(UTC)
    return "Etc/GMT-14" if now.weekday() == 0 and now.hour < 8 else "UTC"


def _closed_week() -> str:
    return str(closed_week(datetime.now(UTC)))


def test_a_channel_that_cannot_be_reached_is_logged_and_fails_nothing(
    deaf: str, channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    configured = Alarms(_settings(deaf, channel.address))

    assert not configured.send(LOG, "weekly_spend failed", "It failed.", UI)

    assert "Not every channel of TXPLATFORM_ALARM_URLS took the alarm" in caplog.text
    assert channel.heard == [("weekly_spend failed", ["It failed.", UI])], "the others are told"


def test_a_sensor_survives_a_channel_that_cannot_be_reached(
    deaf: str, instance: dg.DagsterInstance
) -> None:
    sensor = Ticks(_sensor(_settings(deaf), "alarm_run_failed"), instance)
    _run(instance, _break)

    assert sensor.tick() is None


def test_an_address_that_apprise_does_not_know_is_logged(
    channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    assert not Alarms(_settings("nonsense", channel.address)).send(LOG, "Late", "It is late.", UI)

    assert "Not every channel" in caplog.text
    assert len(channel.messages) == 1


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (f"{MONGO} cannot be reached", "*** cannot be reached"),
        ("mongodb://reader:Tr0ub4dor@other.example.org/", "mongodb://***@other.example.org/"),
        (
            "postgresql+psycopg2://u:p@h:5432/db failed",
            "postgresql+psycopg2://***@h:5432/db failed",
        ),
        ("the key is 0123456789abcdef", "the key is ***"),
        ("slack://T1/T2/T3 and json://h/x", "*** and ***"),
        ("mail to controller@example.org", "mail to controller@example.org"),
    ],
)
def test_no_secret_is_told(said: str, told: str) -> None:
    settings = _settings("slack://T1/T2/T3", "json://h/x").having(
        SpendSettings, source_collection=SecretStr(MONGO), card_key=SecretStr("0123456789abcdef")
    )

    assert Alarms(settings).masked(said) == told


@pytest.mark.parametrize(("urls", "status"), [([], "STOPPED"), (["json://h/"], "RUNNING")])
def test_alarms_run_only_where_they_have_somewhere_to_go(urls: list[str], status: str) -> None:
    settings = _settings(*urls)
    sensors = [*alarms.of_runs(settings), alarms.of_late_weeks(settings, "x", planning.is_computed)]

    assert {one.default_status for one in sensors} == {dg.DefaultSensorStatus[status]}


@pytest.mark.parametrize(
    ("tags", "weeks"),
    [
        ({PARTITION: "2026-11-16"}, "2026-11-16"),
        (range_tags(WEEK, WEEK), "2026-11-16"),
        (range_tags(WEEK, WEEK + timedelta(weeks=1)), "2026-11-16 to 2026-11-23"),
        ({}, "no particular period"),
    ],
)
def test_the_periods_of_a_run_in_words(tags: dict[str, str], weeks: str) -> None:
    assert described_periods(dg.DagsterRun(job_name="weekly_spend", tags=tags)) == weeks
