"""Alarms: a run or a check failed, results are late; one message per event, through Apprise.

Where they go is one setting (TXPLATFORM_ALARM_URLS); without it the sensors are there, stopped.
A channel that cannot be reached is logged and fails nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from logging import Logger, getLogger
from zoneinfo import ZoneInfo

import dagster as dg

from txplatform.errors import UnansweredError
from txplatform.freshness import Late
from txplatform.orchestration.partitions import PARTITION, RANGE_START, closed_week, keys_of_run
from txplatform.orchestration.runs import innermost, innermost_sentence
from txplatform.periods import WEEK
from txplatform.platform import Platform
from txplatform.settings import Settings
from txplatform.settings.logins import revealed
from txplatform.settings.masking import Masks

DUE = time(8)
"""Local time on Monday by which the week that has closed must be there."""

LATE_CHECK_SECONDS = 300

TOLD_APART = "told_by"
"""Metadata of a check whose findings its domain tells, once: hourly runs would tell every hour."""


class Alarms:
    """Sends sentences to the configured channels, without any secret of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._urls = (revealed(settings.alarm_urls) or "").split()
        self._masks = Masks(settings)
        self.default_status = (
            dg.DefaultSensorStatus.RUNNING if self._urls else dg.DefaultSensorStatus.STOPPED
        )

    def send(self, log: Logger, title: str, sentence: str, link: str) -> bool:
        """Send one message to all channels; whether every one took it."""
        # Apprise registers its hundred services when it is imported: half a second.
        import apprise

        with self._quiet_about_secrets():
            channels = apprise.Apprise()
            known = [url for url in self._urls if channels.add(url)]
            body = f"{self.masked(sentence)}\n{link}"
            is_sent = bool(channels.notify(body=body, title=title)) and known == self._urls
        if not is_sent:
            log.warning(f"Not every channel of TXPLATFORM_ALARM_URLS took the alarm '{title}'.")
        return is_sent

    def masked(self, text: str) -> str:
        """The text without the settings' secrets and without credentials in addresses."""
        return self._masks.masked(text)

    @contextmanager
    def _quiet_about_secrets(self) -> Iterator[None]:
        """Apprise's log names addresses that it cannot use, whole."""
        logger = getLogger("apprise")
        logger.addFilter(self._masks)
        try:
            yield
        finally:
            logger.removeFilter(self._masks)


def of_runs(settings: Settings) -> list[dg.SensorDefinition]:
    """The alarms on runs and checks of every domain."""
    alarms = Alarms(settings)
    return [_run_failed(alarms, settings), _check_failed(alarms, settings)]


def _run_failed(alarms: Alarms, settings: Settings) -> dg.SensorDefinition:
    @dg.run_failure_sensor(name="alarm_run_failed", default_status=alarms.default_status)
    def alarm_run_failed(context: dg.RunFailureSensorContext) -> None:
        """A run failed: its sentence, its periods and its link."""
        errors = [event.step_failure_data.error for event in context.get_step_failure_events()]
        cause = innermost(errors)
        if cause is not None and cause.cls_name == UnansweredError.__name__:
            return  # an hourly run would tell of an outage every hour
        sentence = innermost_sentence(errors) or context.failure_event.message or "It failed."
        run = context.dagster_run
        title = f"{run.job_name} failed for {described_periods(run)}"
        alarms.send(context.log, title, sentence, _link(settings, run))

    return alarm_run_failed


def _check_failed(alarms: Alarms, settings: Settings) -> dg.SensorDefinition:
    @dg.run_status_sensor(
        run_status=dg.DagsterRunStatus.SUCCESS,
        name="alarm_check_failed",
        default_status=alarms.default_status,
    )
    def alarm_check_failed(context: dg.RunStatusSensorContext) -> None:
        """A run succeeded but a check of it did not: what the check found."""
        run = context.dagster_run
        failed = list(failed_checks(context.instance, run.run_id))
        if failed:
            title = f"{len(failed)} checks failed for {described_periods(run)}"
            alarms.send(context.log, title, "\n".join(failed), _link(settings, run))

    return alarm_check_failed


def failed_checks(instance: dg.DagsterInstance, run_id: str) -> Iterator[str]:
    """The failed checks of a run, in words."""
    kind = dg.DagsterEventType.ASSET_CHECK_EVALUATION
    for record in instance.get_records_for_run(run_id, of_type=kind).records:
        event = record.event_log_entry.dagster_event
        evaluation = event.asset_check_evaluation_data if event else None
        if evaluation and not evaluation.passed and TOLD_APART not in evaluation.metadata:
            asset = evaluation.asset_key.to_user_string()
            yield f"{evaluation.check_name} of {asset}: {evaluation.description}"


def of_late_results(
    settings: Settings, name: str, about: str, late: Callable[[Platform, datetime], Late | None]
) -> dg.SensorDefinition:
    """The alarm on results that people wait for.

    Args:
        settings: where alarms go.
        name: of what is late.
        about: what Dagster's UI says of the alarm.
        late: asks the domain, given the moment; None while nothing is late.
    """
    alarms = Alarms(settings)

    @dg.sensor(
        name=f"alarm_{name}_late",
        minimum_interval_seconds=LATE_CHECK_SECONDS,
        default_status=alarms.default_status,
        description=about,
    )
    def alarm_late(
        context: dg.SensorEvaluationContext, platform: dg.ResourceParam[Platform]
    ) -> dg.SensorResult | dg.SkipReason:
        """Something is late that was not told yet."""
        found = late(platform, datetime.now(UTC))
        if found is None or context.cursor == found.version:
            return dg.SkipReason("Nothing is late, or it was told.")
        alarms.send(context.log, found.title, found.sentence, found.link)
        return dg.SensorResult(cursor=found.version)

    return alarm_late


def of_late_weeks(
    settings: Settings, asset: str, is_there: Callable[[Platform, date], bool]
) -> dg.SensorDefinition:
    """The alarm on a weekly asset that people wait for on Monday.

    Args:
        settings: where alarms go, and in which time zone Monday is.
        asset: what is told of.
        is_there: asks the domain, for what is reported or wiped in Dagster says nothing.
    """

    def late(platform: Platform, moment: datetime) -> Late | None:
        now = moment.astimezone(ZoneInfo(settings.time_zone))
        week = closed_week(now)
        due = datetime.combine(week + WEEK, DUE, now.tzinfo)
        if now < due or is_there(platform, week):
            return None
        sentence = (
            f"{asset} of the week {week} was due on {due:%A %d %B at %H:%M} and is not there."
        )
        link = f"{settings.ui_url}/assets/{asset}?view=partitions&partition={week}"
        return Late(str(week), f"{asset} is late: {week}", sentence, link)

    about = "The week that has closed is not there by Monday 08:00 local time."
    return of_late_results(settings, asset, about, late)


def described_periods(run: dg.DagsterRun) -> str:
    """The partitions of a run in words."""
    if not run.tags.keys() & {PARTITION, RANGE_START}:
        return "no particular period"
    first, last = keys_of_run(run)
    return first if first == last else f"{first} to {last}"


def _link(settings: Settings, run: dg.DagsterRun) -> str:
    return f"{settings.ui_url}/runs/{run.run_id}"
