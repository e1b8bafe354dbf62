"""A Kafka that asks for TLS, name and password: who has them comes in, others get a sentence."""

from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._scram import (
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from txplatform.connectors import kafka
from txplatform.domains.clickstream.sources.event_log import NewLine, partition_of
from txplatform.domains.clickstream.sources.kafka import KafkaLog
from txplatform.domains.clickstream.sources.logs import log_of
from txplatform.embedded import processes
from txplatform.errors import ServerError, SettingsError
from txplatform.settings import Settings, load_settings
from txplatform_tests.domains.clickstream.brokers import Guarded


@pytest.fixture(scope="module")
def guarded(running_broker: Guarded) -> Guarded:
    """The session's broker, which knows Ada by two secrets."""
    if running_broker.certificate is None:
        pytest.skip("no openssl to make keys")
    client = AdminClient({"bootstrap.servers": running_broker.bootstrap()})
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    ada = UserScramCredentialUpsertion("ada", info, b"scram secret")
    client.alter_user_scram_credentials([ada])["ada"].result(20)
    return running_broker


def settings_of(guarded: Guarded, **changes: object) -> Settings:
    given: dict[str, object] = {
        "kafka_bootstrap": f"{processes.LOOPBACK}:{guarded.door}",
        "kafka_protocol": "SASL_SSL",
        "kafka_mechanism": "SCRAM-SHA-512",
        "kafka_username": "ada",
        "kafka_password": "scram secret",
        "kafka_authority": guarded.certificate,
    }
    return load_settings(**{**given, **changes})


@pytest.mark.kafka
@pytest.mark.parametrize(
    ("mechanism", "password"), [("PLAIN", "plain secret"), ("SCRAM-SHA-512", "scram secret")]
)
def test_who_has_name_and_password_reads_and_writes(
    guarded: Guarded, mechanism: str, password: str
) -> None:
    settings = settings_of(guarded, kafka_mechanism=mechanism, kafka_password=password)
    log = log_of(settings)
    assert isinstance(log, KafkaLog)
    before = log.ends()[partition_of("k")]

    log.append([NewLine("k", 1, mechanism.encode())])

    ((line,),) = log.read(partition_of("k"), before, before + 1)
    assert line.value == mechanism.encode()


@pytest.mark.kafka
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kafka_password": "another"}, "uthentication"),
        ({"kafka_authority": None}, "certificate"),
        ({"kafka_protocol": "SSL", "kafka_username": None, "kafka_password": None}, ""),
    ],
)
def test_others_are_told_why_in_a_sentence(
    guarded: Guarded, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(ServerError, match=rf"cannot be used \(.*{reason}.*\): check") as told:
        log_of(settings_of(guarded, **changes))

    assert "\n" not in str(told.value)
    assert "secret" not in str(told.value)


def test_an_authority_that_is_not_there_is_a_sentence() -> None:
    settings = load_settings(
        kafka_bootstrap="broker:9093", kafka_protocol="SSL", kafka_authority="/no/such/file.pem"
    )

    with pytest.raises(ServerError, match=r"Kafka at broker:9093 cannot be used \(.*ssl.ca"):
        log_of(settings)


def test_a_name_without_a_password_is_refused() -> None:
    settings = load_settings(
        kafka_bootstrap="broker:9093", kafka_protocol="SASL_SSL", kafka_username="ada"
    )

    with pytest.raises(SettingsError, match="TXPLATFORM_KAFKA_PASSWORD"):
        kafka.configuration_of(settings)


def test_name_password_and_authority_reach_the_client() -> None:
    settings = load_settings(
        kafka_bootstrap="broker:9093",
        kafka_protocol="SASL_SSL",
        kafka_username="ada",
        kafka_password="secret",
        kafka_authority=Path("/etc/ca.pem"),
    )

    options = dict(kafka.configuration_of(settings) or ())
    assert options["security.protocol"] == "SASL_SSL"
    assert (options["sasl.username"], options["sasl.password"]) == ("ada", "secret")
    assert options["ssl.ca.location"] == "/etc/ca.pem"
