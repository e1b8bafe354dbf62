"""`doctor` looks at real things and says for each failure what to do."""

import socket
from pathlib import Path

import pytest

from txplatform import diagnosis, domains, migrations
from txplatform.diagnosis import Finding, examine, settings_by_domain
from txplatform.embedded import Endpoints
from txplatform.settings import Settings, load_settings


@pytest.fixture
def findings(settings: Settings, endpoints: Endpoints) -> dict[str, Finding]:
    """What is found of the session's servers."""
    assert endpoints
    return {finding.subject: finding for finding in examine(settings)}


def test_a_sound_installation_is_all_well(findings: dict[str, Finding]) -> None:
    assert [one for one in findings.values() if not one.is_ok] == []
    assert list(findings) == [
        "python",
        "packages",
        "java",
        "disk",
        "memory",
        "port of the UI",
        "settings",
        "secrets",
        "mongodb",
        "postgresql",
        "schema",
    ]


def test_it_names_versions(findings: dict[str, Finding]) -> None:
    assert findings["python"].found.startswith("3.")
    assert "pyspark 4." in findings["packages"].found
    assert 'version "' in findings["java"].found
    assert findings["mongodb"].found.startswith("6.")
    assert int(findings["postgresql"].found.split(".")[0]) >= 14


def test_servers_that_do_not_answer_are_named_with_their_setting(settings: Settings) -> None:
    nowhere = load_settings(
        state_dir=settings.state,
        mongo_uri="mongodb://user:MARKER@127.0.0.1:1/?serverSelectionTimeoutMS=100",
        postgres_url="postgresql://user:MARKER@127.0.0.1:1/spend",
    )

    failed = {one.subject: one for one in examine(nowhere) if not one.is_ok}

    assert list(failed) == ["mongodb", "postgresql", "schema"]
    assert "TXPLATFORM_MONGO_URI" in failed["mongodb"].remedy
    assert "TXPLATFORM_POSTGRES_URL" in failed["postgresql"].remedy
    assert "MARKER" not in str(failed)


def test_secrets_that_others_can_read_are_found(tmp_path: Path) -> None:
    settings = load_settings(state_dir=tmp_path, mongo_uri="mongodb://127.0.0.1:1")
    secrets = tmp_path / "secrets"
    secrets.mkdir(mode=0o700)
    (secrets / "card").write_text("MARKER")
    (secrets / "card").chmod(0o644)

    finding = diagnosis._secrets(settings.state)

    assert finding == Finding(
        "secrets", False, "others can read card", f"Run chmod -R go= {secrets}."
    )


def test_secrets_of_ones_own_are_well(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir(mode=0o700)

    assert diagnosis._secrets(tmp_path).is_ok


def test_a_taken_port_is_no_failure() -> None:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", diagnosis.UI_PORT))
        except OSError:
            pytest.skip("somebody else holds the port, which is what this test wants to do")
        server.listen()

        finding = diagnosis._port()

    assert finding.is_ok
    assert "is taken, the UI takes the next one" in finding.found


def test_a_folder_that_is_not_there_yet_is_measured_where_it_will_be(tmp_path: Path) -> None:
    finding = diagnosis._disk(tmp_path / "not" / "yet")

    assert "GB free" in finding.found


def test_a_schema_to_be_made_and_the_newest_are_well(
    postgres_url: str, empty_postgres_url: str
) -> None:
    newest, none_yet = diagnosis._schema(postgres_url), diagnosis._schema(empty_postgres_url)

    assert newest.is_ok
    assert none_yet.is_ok
    assert newest.found == f"version {migrations.newest()}"
    assert none_yet.found == "version none yet"


def test_settings_are_grouped_by_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TXPLATFORM_SPEND_CARD_KEY", "MARKER")
    shown = settings_by_domain(load_settings())

    assert {"", "spend"} <= set(shown) <= {"", *domains.names()}
    for name, lines in shown.items():
        prefix = f"TXPLATFORM_{name.upper()}_" if name else ("TXPLATFORM_", "SPARK_", "JAVA_")
        assert all(line.variable.startswith(prefix) for line in lines)
    assert "MARKER" not in str(shown)


def test_a_variable_that_nobody_reads_is_named(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setenv("TXPLATFORM_LIMIT", "500")
    monkeypatch.setenv("TXPLATFORM_SPEND_LIMIT", "500")
    monkeypatch.setenv("TXPLATFORM_SPEND_CARD_KEY_FILE", "")

    [found] = [one.found for one in examine(settings) if one.subject == "settings"]

    assert "TXPLATFORM_LIMIT" in found.removeprefix("nobody reads ").split(", ")
    assert "SPEND" not in found
