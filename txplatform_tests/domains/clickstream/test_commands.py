"""`txplatform clickstream` as its users give it; what starts Spark is in `test_kafka.py`."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from txplatform import embedded
from txplatform.domains.clickstream.commands.generating import begin_of
from txplatform.domains.clickstream.commands.running import Teller
from txplatform.domains.clickstream.sources.event_log import NewLine
from txplatform.domains.clickstream.sources.folder import FolderLog
from txplatform.domains.clickstream.sources.sample import Plan, generated
from txplatform.domains.clickstream.stream.batch import Outcome
from txplatform.domains.clickstream.stream.job import Progress
from txplatform.domains.clickstream.stream.ledger import Ledger
from txplatform.errors import ReconciliationError, ServerError, UsageError
from txplatform.settings import Settings
from txplatform_tests.cli.commands import Command
from txplatform_tests.domains.clickstream.shop import TERMS, address, process, rows


@pytest.fixture
def log(
    engine: Engine,
    settings: Settings,
    endpoints: embedded.Endpoints,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> FolderLog:
    """An installation that commands find by their environment, and its log, empty as yet."""
    variables = {
        "STATE_DIR": str(settings.state),
        "MONGO_URI": endpoints.mongo_uri,
        "POSTGRES_URL": address(engine),
        "KAFKA_BOOTSTRAP": "",
        "CLICKSTREAM_LOG_DIR": str(tmp_path),
    }
    for name, value in variables.items():
        monkeypatch.setenv(f"TXPLATFORM_{name}", value)
    return FolderLog(tmp_path / "log", TERMS.topic)


def test_what_was_generated_and_processed_equals_plain_python_and_its_truth(
    command: Command, log: FolderLog, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TXPLATFORM_CLICKSTREAM_ALLOWED_LATENESS_SECONDS", "30")
    terms = replace(TERMS, lateness=timedelta(seconds=30))
    made = command("clickstream", "generate", "--events", "300", "--seed", "4", "--json").json
    process(engine, log, 100, terms)

    checked = command("clickstream", "check")
    assert checked.error is None
    assert checked.lines[-1] == "Every row equals that of plain Python and truth.json."
    assert command("clickstream", "check", "--json").json["is_equal"] is True
    status = command("clickstream", "status", "--json").json
    assert (status["read"], status["lost"]) == (made["rows"], 0)
    assert "accepted" in command("clickstream", "status").out

    log.append(one.line for one in generated(Plan(100, seed=5)))
    process(engine, log, 1_000, terms)
    gone_on = command("clickstream", "check")
    assert gone_on.lines[-1] == "Every row equals that of plain Python."
    assert f"Of truth.json, {made['rows']} lines, nothing is compared: 407" in gone_on.err


def test_what_differs_is_shown_and_an_error(
    command: Command, log: FolderLog, engine: Engine
) -> None:
    command("clickstream", "generate", "--events", "100")
    process(engine, log, 1_000)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE clickstream.carts SET value = value + 0.01")

    checked = command("clickstream", "check")

    assert isinstance(checked.error, ReconciliationError)
    assert "rows or counts differ" in str(checked.error)
    assert any(line.startswith("carts (s-") for line in checked.lines)


def test_a_log_with_lines_is_not_generated_into(command: Command, log: FolderLog) -> None:
    assert command("clickstream", "generate", "--events", "100").error is None
    ends = log.ends()

    refused = command("clickstream", "generate", "--events", "100")

    assert isinstance(refused.error, UsageError)
    assert "has lines already" in str(refused.error)
    assert log.ends() == ends


def test_a_live_shop_begins_in_the_past_and_goes_on_after_the_newest_line(tmp_path: Path) -> None:
    log, now_ms = FolderLog(tmp_path, TERMS.topic), 10_000_000
    assert begin_of(log, 0, now_ms) == now_ms
    assert begin_of(log, 2, now_ms) == now_ms - 120_000

    log.append([NewLine("k", now_ms - 90_000, b"older"), NewLine("k", now_ms - 60_000, b"newest")])
    assert begin_of(log, 2, now_ms) == now_ms - 60_000


def test_a_job_that_must_run_and_does_not_is_an_error(
    command: Command, log: FolderLog, engine: Engine
) -> None:
    assert log.ends()[0] == 0
    assert "never" in command("clickstream", "status").out
    never = command("clickstream", "status", "--require-running")
    assert isinstance(never.error, ServerError)

    ledger = Ledger(address(engine), TERMS)
    ledger.open()
    assert command("clickstream", "status", "--require-running").error is None
    replayed = command("clickstream", "replay")
    ledger.close()
    assert str(replayed.error) == "A job processes shop-events: stop it first."


def test_the_stream_does_not_run_over_spark_connect(
    command: Command, log: FolderLog, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert log.ends()[0] == 0
    monkeypatch.setenv("SPARK_REMOTE", "sc://127.0.0.1:1")

    refused = command("clickstream", "run", "--until-empty")

    assert "unset SPARK_REMOTE" in str(refused.error)
    assert rows(engine, "SELECT stopped_at FROM clickstream.stream_jobs") == [(None,)]


def test_an_address_needs_kafka(command: Command) -> None:
    refused = command("clickstream", "demo", "broker:9092")

    assert str(refused.error) == "Say --kafka broker:9092 to keep the log there."


def test_a_job_that_waits_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(lag=7, waits_because="PostgreSQL is away.")
    progress.note(Outcome(read=5, late=1, refused=2))
    teller = Teller()
    teller.tell(progress)
    teller.tell(progress)

    said = capsys.readouterr().err.splitlines()
    assert said == [
        "5 lines in 1 batches, 1 late, 2 refused; 0 a second, 7 to come.",
        "PostgreSQL is away. The job waits; nothing is lost.",
    ]
