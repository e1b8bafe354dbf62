"""Masking: no part of a secret is left in a text, in whatever form it was written."""

import logging
from pathlib import Path

import pytest
from pydantic import SecretStr

from txplatform.connectors import mongo, postgres
from txplatform.domains.spend.settings import SpendSettings
from txplatform.errors import SettingsError
from txplatform.orchestration.alarms import Alarms
from txplatform.orchestration.resources import shared_resources
from txplatform.settings import explain, load_settings
from txplatform.settings.addresses import without_credentials
from txplatform.settings.masking import Masks, masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "at mongodb://ada:s3cret@db.example/?tls=true now",
            "at mongodb://***@db.example/?tls=true now",
        ),
        ("postgresql://ada:s3@cret@pg/x", "postgresql://***@pg/x"),
        (
            "postgresql://pg/x?user=a&password=s3cret&b=1",
            "postgresql://pg/x?user=a&password=***&b=1",
        ),
        ("sc://host:15002/;token=s3cret;use_ssl=true", "sc://host:15002/;token=***;use_ssl=true"),
        (
            "mongodb://h/?tlsCertificateKeyFilePassword=x",
            "mongodb://h/?tlsCertificateKeyFilePassword=***",
        ),
        ("https://host/path and user@host", "https://host/path and user@host"),
    ],
)
def test_addresses_tell_no_way_in(text: str, shown: str) -> None:
    assert without_credentials(text) == shown


def test_secrets_are_masked_whole_in_parts_and_as_they_are_meant() -> None:
    settings = load_settings(
        mongo_uri="mongodb://ada:p%40ss-word@host/",
        alarm_urls="json://a b",
    ).having(SpendSettings, card_key=SecretStr("the card key"))
    masks = Masks(settings)

    assert masks.masked("p@ss-word or p%40ss-word is wrong") == "*** or *** is wrong"
    assert masks.masked("the card key of json://a, a card") == "*** of ***, a card"
    assert masks.masked("sent to json://a b") == "sent to ***"


def test_a_sentence_of_this_process_is_masked_even_if_its_settings_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TXPLATFORM_SPEND_CARD_KEY", "MARKER-1")
    assert masked("MARKER-1 in x://u:MARKER-2@h") == "*** in x://***@h"

    monkeypatch.setenv("TXPLATFORM_KEEP_RUNS_DAYS", "none")
    assert masked("x://u:MARKER-2@h") == "x://***@h"


def test_settings_of_a_domain_that_cannot_be_read_hide_no_less_of_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TXPLATFORM_ALARM_URLS", "json://MARKER-1")
    monkeypatch.setenv("TXPLATFORM_SPEND_WEEKS_PER_RUN", "none")

    assert masked("sent to json://MARKER-1") == "sent to ***"


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's
def test_records_of_a_log_are_masked(caplog: pytest.LogCaptureFixture) -> None:
    """Catches: Apprise, whose log names an address that it does not understand, whole."""
    address = "nothing://user:MARKER-1@host/MARKER-2"
    alarms = Alarms(load_settings(alarm_urls=address))

    with caplog.at_level(logging.DEBUG):
        is_sent = alarms.send(logging.getLogger("test"), "title", "sentence", "http://link")

    assert not is_sent
    assert "Not every channel" in caplog.text
    assert len(caplog.records) > 1
    assert "MARKER" not in caplog.text


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ada:MAR@KER@host/db",
        "postgresql://ada:MARKER@host:port/db",
        "MARKER",
    ],
)
def test_a_postgresql_address_that_is_none_is_not_quoted(address: str) -> None:
    with pytest.raises(SettingsError) as refused:
        postgres.address_of(address)

    assert "MAR" not in str(refused.value)
    assert "KER" not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    ["mongodb://ada:MAR@KER@host/db", "mongodb://ada:MAR/KER@host", "mongodb://a:MARKER@h:x"],
)
def test_a_mongodb_address_that_is_none_is_not_quoted(address: str) -> None:
    with pytest.raises(SettingsError, match="is not a MongoDB address, or its password") as refused:
        mongo.connect(address)

    assert "MAR" not in str(refused.value)
    assert "KER" not in str(refused.value)


def test_sparks_token_is_neither_in_dagsters_configuration_nor_printed(tmp_path: Path) -> None:
    settings = load_settings(state_dir=tmp_path, spark_remote="sc://host:15002/;token=MARKER")

    spark = shared_resources(settings)["spark"]
    shown = next(one for one in explain(settings) if one.variable == "SPARK_REMOTE")

    assert spark.spark_config["spark.remote"] == "sc://host:15002/;token=***"
    assert shown.value == "sc://host:15002/;token=***"
