"""What Dagster watches of the stream: its freshness as observations, its troubles as alarms."""

import json

import dagster as dg

from txplatform.domains.clickstream.assets import DOMAIN, STREAM
from txplatform.domains.clickstream.queries import sealing
from txplatform.domains.clickstream.queries.alarms import reasons, stopped
from txplatform.domains.clickstream.queries.status import status
from txplatform.domains.clickstream.settings import ClickstreamSettings
from txplatform.errors import PlatformError
from txplatform.orchestration.alarms import Alarms
from txplatform.orchestration.partitions import key_of
from txplatform.platform import Platform
from txplatform.settings import Settings

WATCH_SECONDS = 60
SEAL_JOB = f"{DOMAIN}_hourly"


def watch(settings: Settings) -> dg.SensorDefinition:
    """Observes the stream every minute, and raises an alarm for each new reason."""
    alarms = Alarms(settings)

    @dg.sensor(
        name=f"alarm_{DOMAIN}",
        minimum_interval_seconds=WATCH_SECONDS,
        default_status=alarms.default_status,
    )
    def alarm_stream(
        context: dg.SensorEvaluationContext, platform: dg.ResourceParam[Platform]
    ) -> dg.SensorResult:
        """The job ended or is far behind, refuses much, or a part of the shop fell silent."""
        own = platform.settings.of(ClickstreamSettings)
        found = reasons(platform.engine, own) | _stopped(platform, own)
        known = set(json.loads(context.cursor)) if context.cursor else set()
        link = f"{settings.dashboard_url}/{DOMAIN}"
        for name, sentence in found.items():
            if name not in known:
                alarms.send(context.log, f"Live events: {name.partition(' ')[0]}", sentence, link)
        return dg.SensorResult(
            cursor=json.dumps(sorted(found)), asset_events=[_observation(platform, own.topic)]
        )

    return alarm_stream


def seal(settings: Settings) -> dg.SensorDefinition:
    """Asks for each hour that became final, or changed since it was sealed; off by default."""
    status = dg.DefaultSensorStatus
    is_on = settings.automation != "off"

    @dg.sensor(
        name=f"seal_{DOMAIN}_hours",
        job_name=SEAL_JOB,
        minimum_interval_seconds=WATCH_SECONDS,
        default_status=status.RUNNING if is_on else status.STOPPED,
    )
    def seal_hours(platform: dg.ResourceParam[Platform]) -> list[dg.RunRequest]:
        """An hour's windows are final: they are checked against plain Python and sealed."""
        return [
            dg.RunRequest(run_key=f"{key_of(hour)} {n}", partition_key=key_of(hour))
            for hour, n in sealing.due(platform.engine).items()
        ]

    return seal_hours


def _stopped(platform: Platform, own: ClickstreamSettings) -> dict[str, str]:
    """Whether a job was stopped and forgotten; nothing while its brokers do not answer."""
    from txplatform.domains.clickstream.sources.logs import log_of

    try:
        return stopped(platform.engine, own, log_of(platform.settings))
    except PlatformError:
        return {}


def _observation(platform: Platform, topic: str) -> dg.AssetObservation:
    now = status(platform.engine, topic)
    figures = {"state": now.state, "lag_events": now.lag_events, "accepted": now.accepted}
    return dg.AssetObservation(STREAM.key, metadata={**figures, "lost": now.lost})
