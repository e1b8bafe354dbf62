"""Settings: where they come from, what a bad one says, and that no secret is shown."""

from contextlib import nullcontext
from datetime import date
from decimal import Decimal
from itertools import chain
from pathlib import Path

import pytest

from txplatform import domains
from txplatform.domains.spend.settings import SpendSettings
from txplatform.errors import SettingsError
from txplatform.settings import Setting, Settings, explain, load_settings, variable_of
from txplatform.settings.domain import declared
from txplatform.settings.reading import ReadSettings, read
from txplatform_tests.connectors.ordinary_user import ordinary_user


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting in the environment, and a working directory without a .env file."""
    for kind in (Settings, SpendSettings):
        for field in kind.model_fields:
            monkeypatch.delenv(variable_of(kind, field), raising=False)
    monkeypatch.chdir(tmp_path)


def explained(variable: str) -> Setting:
    settings = load_settings()
    lines = chain(explain(settings), explain(settings.of(SpendSettings)))
    return next(one for one in lines if one.variable == variable)


def value_of(variable: str) -> object:
    """The value of a setting of the machine or of spend, by its variable."""
    settings = load_settings()
    for one in (settings, settings.of(SpendSettings)):
        for field in type(one).model_fields:
            if variable_of(type(one), field) == variable:
                return getattr(one, field)
    raise KeyError(variable)


def test_without_any_setting_everything_is_embedded(tmp_path: Path) -> None:
    settings = load_settings()

    assert settings.is_mongo_embedded
    assert settings.is_postgres_embedded
    assert settings.state == tmp_path / ".txplatform"
    assert settings.lake == tmp_path / ".txplatform" / "lake"
    assert (settings.time_zone, settings.of(SpendSettings).first_week) == (
        "UTC",
        date(2010, 1, 4),
    )


def test_the_environment_names_the_companys_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TXPLATFORM_MONGO_URI", "mongodb://reader:pa55@mongo.example/?tls=true")
    monkeypatch.setenv("TXPLATFORM_POSTGRES_URL", "postgresql://writer:w0rd@pg.example/spend")

    settings = load_settings()

    assert not settings.is_mongo_embedded
    assert not settings.is_postgres_embedded
    assert settings.mongo_uri is not None
    assert settings.mongo_uri.get_secret_value().endswith("?tls=true")


@pytest.mark.parametrize(
    ("variable", "value", "meant"),
    [
        ("SPARK_MASTER", "spark://spark.example:7077", None),
        ("SPARK_REMOTE", "sc://spark.example:15002", None),
        ("TXPLATFORM_SPEND_LIMIT", "500.00", Decimal("500.00")),
        ("TXPLATFORM_SPEND_LIMITS", '{"Roads": "1000"}', {"Roads": Decimal(1000)}),
        ("TXPLATFORM_SPEND_FIRST_WEEK", "2014-01-06", date(2014, 1, 6)),
        ("TXPLATFORM_SPEND_WEEKS_PER_RUN", "52", 52),
        ("TXPLATFORM_TIME_ZONE", "Europe/Paris", None),
    ],
)
def test_each_variable_sets_its_field(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, meant: object
) -> None:
    monkeypatch.setenv(variable, value)

    assert value_of(variable) == (meant or value)


@pytest.mark.parametrize(
    "variable", ["TXPLATFORM_MONGO_URI", "TXPLATFORM_SPEND_LIMIT", "SPARK_REMOTE"]
)
def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    unset = value_of(variable)
    monkeypatch.setenv(variable, "")

    assert value_of(variable) == unset


@pytest.mark.parametrize(
    ("variable", "value", "reason"),
    [
        ("TXPLATFORM_SPEND_FIRST_WEEK", "2010-01-05", "2010-01-05 is a Tuesday"),
        ("TXPLATFORM_SPEND_FIRST_WEEK", "soon", "valid date"),
        ("TXPLATFORM_TIME_ZONE", "Europe/Atlantis", "not an IANA time zone"),
        ("TXPLATFORM_TIME_ZONE", "../etc/passwd", "not an IANA time zone"),
        ("TXPLATFORM_SPEND_CURRENCY", "euro", "pattern"),
        ("TXPLATFORM_SPEND_LIMIT", "-1", "greater than 0"),
        ("TXPLATFORM_SPEND_LIMIT", "plenty", "decimal"),
        ("TXPLATFORM_SPEND_WEEKS_PER_RUN", "0", "greater than or equal to 1"),
        ("TXPLATFORM_SPEND_CARD_IDENTITY", "secret", "'hashed' or 'plain'"),
        ("TXPLATFORM_AUTOMATION", "both", "'off', 'schedule' or 'conditions'"),
    ],
)
def test_a_bad_value_is_one_sentence_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(SettingsError) as refused:
        load_settings().of(SpendSettings)

    sentence = str(refused.value)
    assert variable in sentence
    assert reason in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("value", ["Roads=1000", "[[", "[" * 5_000])
def test_limits_that_are_not_json_are_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("TXPLATFORM_SPEND_LIMITS", value)

    with pytest.raises(
        SettingsError,
        match=r"^The setting TXPLATFORM_SPEND_LIMITS cannot be used: it is not JSON\.$",
    ):
        load_settings().of(SpendSettings)


def test_a_file_named_env_sets_what_the_environment_does_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(
        "TXPLATFORM_SPEND_CURRENCY=EUR\nTXPLATFORM_TIME_ZONE=Asia/Tokyo\n"
    )
    monkeypatch.setenv("TXPLATFORM_TIME_ZONE", "Europe/Paris")

    settings = load_settings()

    assert (settings.of(SpendSettings).currency, settings.time_zone) == ("EUR", "Europe/Paris")
    assert explained("TXPLATFORM_SPEND_CURRENCY").origin == ".env"
    assert explained("TXPLATFORM_TIME_ZONE").origin == "environment"
    assert explained("TXPLATFORM_SPEND_LIMIT").origin == "default"


@pytest.mark.parametrize(
    "variable",
    [
        "TXPLATFORM_MONGO_URI",
        "TXPLATFORM_POSTGRES_URL",
        "TXPLATFORM_DAGSTER_POSTGRES_URL",
        "TXPLATFORM_SPEND_CARD_KEY",
        "TXPLATFORM_ALARM_URLS",
        "TXPLATFORM_SPEND_SOURCE_COLLECTION",
    ],
)
def test_secrets_are_masked_wherever_settings_are_shown(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "scheme://user:MARKER@host/database")

    assert "MARKER" not in explained(variable).value
    for one in (load_settings(), load_settings().of(SpendSettings)):
        assert "MARKER" not in repr(one) + one.model_dump_json()


@pytest.mark.parametrize("kind", [Settings, *declared(domains.modules("settings")).values()])
def test_every_setting_says_what_it_does(kind: type[ReadSettings]) -> None:
    lines = list(explain(read(kind)))

    assert [line.variable for line in lines if not line.description.endswith((".", "}."))] == []
    assert len({line.variable for line in lines}) == len(kind.model_fields)


@pytest.mark.parametrize(("content", "mode"), [(b"A=1\n", 0), ("A=é\n".encode("cp1252"), 0o600)])
def test_a_file_named_env_that_cannot_be_read(tmp_path: Path, content: bytes, mode: int) -> None:
    (tmp_path / ".env").write_bytes(content)
    (tmp_path / ".env").chmod(mode)
    why = "Permission denied" if mode == 0 else "it is no text in UTF-8"

    with (
        ordinary_user() if mode == 0 else nullcontext(),
        pytest.raises(SettingsError, match=rf"^The settings in \.env cannot be read: {why}\.$"),
    ):
        load_settings()


def test_overrides_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TXPLATFORM_MONGO_URI", "mongodb://elsewhere.example")
    monkeypatch.setenv("SPARK_MASTER", "yarn")

    settings = load_settings(mongo_uri=None, spark_master="local[1]")

    assert settings.is_mongo_embedded
    assert settings.spark_master == "local[1]"


def test_a_relative_state_folder_is_that_of_the_working_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TXPLATFORM_STATE_DIR", "état civil")
    monkeypatch.setenv("TXPLATFORM_LAKE_DIR", "lake")

    settings = load_settings()

    assert (settings.state, settings.lake) == (tmp_path / "état civil", tmp_path / "lake")


def test_settings_of_a_domain_are_read_once_or_given(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    given = settings.having(SpendSettings, limit=Decimal(500))
    first = settings.of(SpendSettings)
    monkeypatch.setenv("TXPLATFORM_SPEND_LIMIT", "1000")

    assert settings.of(SpendSettings) is first
    assert given.of(SpendSettings).limit == 500
    assert given.model_copy(update={"time_zone": "Europe/Paris"}).of(SpendSettings).limit == 500
    assert load_settings().of(SpendSettings).limit == 1000


def test_an_override_that_is_no_setting_is_refused() -> None:
    """Catches: a test that sets what nobody reads."""
    with pytest.raises(TypeError, match=r"^Settings has no limit\.$"):
        load_settings(limit="500")
