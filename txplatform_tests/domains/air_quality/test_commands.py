"""The verbs of air quality, as a person types them, over real servers and Dagster runs."""

import csv
import json
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from txplatform import freshness
from txplatform.domains.air_quality.freshness import summary
from txplatform.domains.air_quality.settings import AirQualitySettings
from txplatform.errors import PlatformError, UsageError
from txplatform.platform import Platform
from txplatform_tests.cli.commands import Command
from txplatform_tests.domains.air_quality.network import hours, record

DAYS = [record(f"2026-03-{1 + n // 24:02} {n % 24:02}:00:00", pm25=5 + n / 100) for n in range(48)]


@pytest.fixture
def answer(tmp_path: Path) -> Path:
    """A saved answer of two days."""
    file = tmp_path / "answer.json"
    file.write_text(hours(*DAYS))
    return file


def test_a_saved_answer_to_a_file_of_days(
    installation: Platform, command: Command, answer: Path, tmp_path: Path
) -> None:
    taken = command("air-quality", "import", answer, "--station", "SMART188")
    ran = command("air-quality", "run", "--stale", "--json")
    assert ran.error is None, ran
    again = command("air-quality", "run", "--stale")
    status = command("air-quality", "status", "--json")
    target = tmp_path / "days.csv"
    written = command("air-quality", "export", "daily", "--station", "SMART188", "-o", target)
    parquet = tmp_path / "hours.parquet"
    command("air-quality", "export", "hourly", "--to", "2026-03-01", "-o", parquet)

    assert taken.out.startswith("SMART188: 48 hours, 48 new, 0 changed, 0 unchanged.\n")
    (run,) = json.loads(ran.out)
    assert (run["first"], run["last"], run["failure"]) == ("2026-03-01", "2026-03-02", None)
    assert (run["rows_written"], run["rows_removed"]) == (16, 0)
    assert again.out == "Nothing to compute.\n"
    first = json.loads(status.out)[0]
    assert (first["name"], first["fresh"], first["stale"]) == ("SMART188", 2, 0)
    assert first["last_hour"].startswith("2026-03-02 23:00")
    assert written.out == f"16 rows written to {target}.\n"
    with target.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    (fine,) = [row for row in rows if (row["parameter"], row["local_date"][-1]) == ("pm25", "1")]
    assert (fine["mean"], fine["n_hours"], fine["is_suspect"]) == ("5.1150", "24", "false")
    assert pq.read_table(parquet).num_rows == 8 * 24
    assert summary(installation) == freshness.Freshness(
        2, 0, 0, date(2026, 3, 2), summary(installation).refreshed_at
    )


def test_what_cannot_be_done_is_a_sentence(command: Command, answer: Path, tmp_path: Path) -> None:
    unknown = command("air-quality", "import", answer, "--station", "SMART190")
    nothing = command("air-quality", "run")
    ending = command("air-quality", "export", "daily", "-o", tmp_path / "days.txt")

    for done, kind, words in (
        (unknown, UsageError, "no station 'SMART190'"),
        (nothing, UsageError, "one of --day, --all or --stale"),
        (ending, UsageError, "say --format"),
    ):
        assert isinstance(done.error, kind)
        assert words in str(done.error)


@pytest.mark.usefixtures("installation")
def test_a_fetch_that_fails_is_told_and_fails(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = AirQualitySettings.model_config["env_prefix"]
    monkeypatch.setenv(f"{prefix}AIRQINO_URL", "http://127.0.0.1:9")

    done = command("air-quality", "fetch", "--station", "SMART188")

    assert isinstance(done.error, PlatformError)
    assert str(done.error) == "1 of 1 fetches failed."
    assert "cannot be reached" in done.out
