"""Which log an installation has: Kafka where a broker is named, else the folder."""

from txplatform.connectors import kafka
from txplatform.domains.clickstream.settings import ClickstreamSettings
from txplatform.domains.clickstream.sources.event_log import EventLog
from txplatform.domains.clickstream.sources.folder import FolderLog
from txplatform.domains.clickstream.sources.kafka import KafkaLog
from txplatform.settings import Settings


def log_of(settings: Settings) -> EventLog:
    """The log that the settings name; a topic of Kafka is made if it is not there.

    Raises:
        ServerError: the brokers do not answer.
    """
    own = settings.of(ClickstreamSettings)
    config = kafka.configuration_of(settings)
    if config is None:
        return FolderLog(own.folder(settings) / "log", own.topic)
    log = KafkaLog(config, own.topic)
    log.create()
    return log
