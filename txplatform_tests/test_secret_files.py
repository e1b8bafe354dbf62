"""Secrets from files: read, shown with their file and masked; what cannot be read is a sentence."""

from pathlib import Path

import pytest

from txplatform import domains
from txplatform.domains.spend.settings import SpendSettings
from txplatform.errors import SettingsError
from txplatform.settings import (
    Settings,
    explain,
    exported,
    load_settings,
    no_servers,
    variable_of,
)
from txplatform.settings.domain import declared
from txplatform.settings.reading import ReadSettings, read
from txplatform.settings.secret_files import LARGEST_SECRET, SUFFIX, secret_fields

OF_DOMAINS = declared(domains.modules("settings")).values()
KINDS: tuple[type[ReadSettings], ...] = (Settings, *OF_DOMAINS)
SECRETS = {
    variable_of(kind, field): (kind, field) for kind in KINDS for field in secret_fields(kind)
}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting in the environment, and a working directory without a .env file."""
    for name in SECRETS:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}{SUFFIX}", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that holds a secret, as an editor or a container writes it."""
    path = tmp_path / "secret"
    path.write_text("mongodb://user:MARKER@host/a.b\n", encoding="utf-8")
    return path


def test_every_setting_that_may_hold_a_password_is_a_secret() -> None:
    known = {"MONGO_URI", "POSTGRES_URL", "ALARM_URLS"}
    of_spend = {"SPEND_CARD_KEY", "SPEND_SOURCE_COLLECTION"}

    assert {f"TXPLATFORM_{name}" for name in known | of_spend} <= set(SECRETS)
    assert all(name.startswith("TXPLATFORM_") for name in SECRETS)


@pytest.mark.parametrize("variable", SECRETS)
def test_every_secret_may_come_from_a_file(
    monkeypatch: pytest.MonkeyPatch, secret: Path, variable: str
) -> None:
    monkeypatch.setenv(f"{variable}{SUFFIX}", str(secret))

    kind, field = SECRETS[variable]
    settings = read(kind)
    [line] = [one for one in explain(settings) if one.variable == variable]

    assert getattr(settings, field).get_secret_value() == "mongodb://user:MARKER@host/a.b"
    assert "MARKER" not in repr(settings) + repr(line)
    assert line.origin == str(secret)


def test_the_env_file_may_name_one_and_an_empty_variable_leaves_it(
    monkeypatch: pytest.MonkeyPatch, secret: Path, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(f"TXPLATFORM_SPEND_CARD_KEY_FILE={secret}\n", encoding="utf-8")
    monkeypatch.setenv("TXPLATFORM_SPEND_CARD_KEY", "")

    key = load_settings().of(SpendSettings).card_key

    assert key is not None
    assert "MARKER" in key.get_secret_value()


def test_both_at_once_is_a_mistake(monkeypatch: pytest.MonkeyPatch, secret: Path) -> None:
    monkeypatch.setenv("TXPLATFORM_SPEND_CARD_KEY", "MARKER")
    monkeypatch.setenv("TXPLATFORM_SPEND_CARD_KEY_FILE", str(secret))

    with pytest.raises(SettingsError) as refused:
        load_settings().of(SpendSettings)

    assert str(refused.value) == (
        "Both TXPLATFORM_SPEND_CARD_KEY and TXPLATFORM_SPEND_CARD_KEY_FILE are set: unset one."
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file"),
        (b" \n", "is empty"),
        (b"\xff\xfe\x00", "is not a text file"),
        (b"x" * (LARGEST_SECRET + 1), "is too large for a secret"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("TXPLATFORM_ALARM_URLS_FILE", str(path))

    with pytest.raises(SettingsError, match=f"TXPLATFORM_ALARM_URLS_FILE names .*{reason}"):
        load_settings()


def test_a_folder_is_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TXPLATFORM_SPEND_CARD_KEY_FILE", str(tmp_path))

    with pytest.raises(SettingsError, match="Is a directory"):
        load_settings().of(SpendSettings)


def test_the_demo_is_led_to_no_server_by_any_of_them(
    monkeypatch: pytest.MonkeyPatch, secret: Path, tmp_path: Path
) -> None:
    """Catches: a demo that fills the company's servers, which the .env file names."""
    named = [name for name in SECRETS if "ALARM" not in name]
    lines = [f"{name}{SUFFIX}={secret}\n" for name in named]
    (tmp_path / ".env").write_text("".join(lines), encoding="utf-8")
    monkeypatch.setenv("TXPLATFORM_MONGO_URI_FILE", str(secret))
    assert not load_settings().is_mongo_embedded

    with exported(**no_servers(*OF_DOMAINS)):
        settings = load_settings()
        of_spend = settings.of(SpendSettings)
        left = [one for kind in OF_DOMAINS for one in secret_fields(kind) if dict(read(kind))[one]]

    assert settings.is_mongo_embedded
    assert settings.is_postgres_embedded
    assert settings.dagster_postgres_url is None
    assert of_spend.source_collection is None
    assert left == []
