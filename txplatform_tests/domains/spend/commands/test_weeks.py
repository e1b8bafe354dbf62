"""`run` and `status`: which weeks, what became of them, and how both are told."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from txplatform.domains.spend import planning, publishing, tables
from txplatform.domains.spend.queries.weekly_table import weekly_rows
from txplatform.domains.spend.sources import arrival
from txplatform.errors import PlatformError, UsageError
from txplatform.platform import Platform
from txplatform_tests.cli.commands import Command
from txplatform_tests.domains.spend.purchases import csv_lines, documents_of

FIRST_FILE = """
    date       | department | division | amount
    2026-10-20 | Roads      | Bridges  | 10.00
    2026-10-27 | Roads      | Bridges  | 1620.00
    2026-11-10 | Roads      | Bridges  | 40.10
    """
LATE_FILE = """
    date       | department | division | amount
    2026-10-21 | Roads      | Signs    | -5.00
    """


def _ingest(platform: Platform, purchases: str, folder: Path) -> None:
    """A file that arrived; whichever command comes next notices."""
    path = folder / "purchases.csv"
    path.write_text("\n".join(csv_lines(purchases)), encoding="utf-8")
    arrival.take(platform, str(path), "generic")


@pytest.fixture
def purchases(installation: Platform, tmp_path: Path) -> Platform:
    """An installation into which `FIRST_FILE` was taken."""
    _ingest(installation, FIRST_FILE, tmp_path)
    return installation


def _rows(platform: Platform) -> list[tuple[date, Decimal]]:
    rows = weekly_rows(platform.engine, None, None).to_pylist()
    return [(row["week_start"], row["total_amount"]) for row in rows]


@pytest.mark.usefixtures("spark")
def test_run_computes_weeks_and_says_what_it_wrote(command: Command, purchases: Platform) -> None:
    one, all_weeks = (
        command("spend", "run", *weeks, "--no-alerts")
        for weeks in (["--week", "2026-10-26"], ["--all"])
    )

    assert one.lines[0].startswith("2026-10-26: 1 rows written, 0 removed (run ")
    assert all_weeks.lines[0].startswith("2026-10-19 to 2026-11-09: 2 rows written, 0 removed")
    assert _rows(purchases) == [
        (date(2026, 10, 19), Decimal("10.00")),
        (date(2026, 10, 26), Decimal("1620.00")),
        (date(2026, 11, 9), Decimal("40.10")),
    ]
    again = command("spend", "run", "--from", "2026-10-19", "--to", "2026-10-26", "--no-alerts")
    assert again.lines[0].startswith("2026-10-19 to 2026-10-26: nothing changed (run ")
    assert command("spend", "run", "--stale", "--no-alerts").lines == ["Nothing to compute."]


@pytest.mark.usefixtures("spark")
def test_run_finds_the_alerts_of_the_weeks_in_runs_of_their_own(
    command: Command, purchases: Platform
) -> None:
    """Once for a week, then for those whose alerts are missing: the table is computed already."""
    command("spend", "run", "--all", "--no-alerts")
    assert command("spend", "status").lines[-2] == "alerts: 0 fresh, 0 stale, 3 missing"

    table, alerts = command("spend", "run", "--week", "2026-11-09", "--json").json
    assert (table["job"], alerts["job"]) == ("weekly_spend", "weekly_alerts")
    assert (alerts["first"], alerts["last"], alerts["failure"]) == ("2026-11-09",) * 2 + (None,)

    [missing] = command("spend", "run", "--stale").lines
    assert missing.startswith("alerts 2026-10-19 to 2026-10-26: ")
    assert command("spend", "status").lines[-2] == "alerts: 3 fresh, 0 stale, 0 missing"
    assert planning.stale_alert_weeks(purchases) == []


@pytest.mark.usefixtures("spark")
def test_a_week_with_late_rows_brings_the_next_one_along(
    command: Command, purchases: Platform, tmp_path: Path
) -> None:
    command("spend", "run", "--all", "--no-alerts")
    _ingest(purchases, LATE_FILE, tmp_path)

    [run] = command("spend", "run", "--week", "2026-10-19", "--no-alerts", "--json").json

    assert (run.pop("first"), run.pop("last")) == ("2026-10-19", "2026-10-26")
    assert (run.pop("rows_written"), run.pop("rows_removed")) == (3, 2)
    assert run.pop("failure") is None
    assert sorted(run) == ["job", "run_id", "seconds"]
    assert planning.stale_weeks(purchases) == []


@pytest.mark.usefixtures("spark")
def test_a_run_that_fails_is_1_and_says_why(
    command: Command, purchases: Platform, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setenv("TXPLATFORM_LAKE_DIR", str(tmp_path / "a file"))

    done = command("spend", "run", "--week", "2026-10-26", "--no-alerts")

    assert isinstance(done.error, PlatformError)
    assert not isinstance(done.error, UsageError)
    assert str(done.error).startswith("1 of 1 runs failed: The lake at")
    assert "choose another folder with TXPLATFORM_LAKE_DIR" in done.lines[0]
    assert _rows(purchases) == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Say which weeks: one of --week, --from with --to, --all or --stale."),
        (["--all", "--stale"], "Say which weeks"),
        (["--week", "2026-11-16", "--from", "2026-11-09"], "Say which weeks"),
        (["--from", "2026-11-09"], "Say which weeks"),
        (["--to", "2026-11-09"], "Say which weeks"),
        (
            ["--week", "2026-11-17"],
            "2026-11-17 is a Tuesday; its week starts on Monday 2026-11-16.",
        ),
        (["--week", "2009-12-28"], "lies outside 2010-01-04 to"),
        (["--week", "W47"], "'W47' is not a week: write its Monday"),
        (["--from", "2026-11-09", "--to", "2026-11-15"], "2026-11-15 is a Sunday"),
        (["--from", "2026-11-16", "--to", "2026-11-09"], "week 2026-11-16 is later than"),
    ],
)
def test_weeks_that_are_none_are_wrong_usage(
    command: Command, purchases: Platform, arguments: list[str], sentence: str
) -> None:
    done = command("spend", "run", *arguments)

    assert isinstance(done.error, UsageError)
    assert sentence in str(done.error)
    assert _rows(purchases) == []


@pytest.mark.usefixtures("spark")
def test_status_shows_each_week_and_counts_their_states(
    command: Command, purchases: Platform, tmp_path: Path
) -> None:
    command("spend", "run", "--from", "2026-10-19", "--to", "2026-10-26", "--no-alerts")
    _ingest(purchases, LATE_FILE, tmp_path)
    command("spend", "rejected")  # as every command but status, it makes known what arrived

    header, *weeks, counts, alerts, refresh = command("spend", "status").lines

    assert header.split()[:6] == ["week", "state", "documents", "amount", "rows", "alerts"]
    assert [week.split()[:5] for week in weeks] == [
        ["2026-10-19", "stale", "2", "5.00", "1"],
        ["2026-10-26", "stale", "1", "1620.00", "1"],
        ["2026-11-09", "missing", "1", "40.10", weeks[2].split()[4]],
    ]
    assert "never" in weeks[2]
    assert counts == "0 fresh, 2 stale, 1 missing"
    assert alerts == "alerts: 0 fresh, 0 stale, 3 missing"
    assert re.fullmatch(r"refresh: p50 \d+\.\d s, p95 .* \(3 weeks changed, 2 not .*\)", refresh)


@pytest.mark.usefixtures("spark")
def test_status_as_json_has_every_digit(command: Command, purchases: Platform) -> None:
    command("spend", "run", "--week", "2026-10-19", "--no-alerts")

    fresh, missing, _ = command("spend", "status", "--json").json

    assert fresh["computed_at"].startswith("20")
    assert fresh.pop("refresh_seconds") > 0
    assert missing["refresh_seconds"] is None
    assert {**fresh, "computed_at": "", "run_id": "", "fingerprint": ""} == {
        "week_start": "2026-10-19",
        "state": "fresh",
        "is_open": False,
        "document_count": 1,
        "total_amount": "10.00",
        "row_count": 1,
        "computed_at": "",
        "run_id": "",
        "fingerprint": "",
        "alerts": "missing",
    }
    assert (missing["state"], missing["total_amount"]) == ("missing", "1620.00")
    assert (missing["row_count"], missing["computed_at"], missing["run_id"]) == (None, None, None)
    assert planning.stale_weeks(purchases) == [date(2026, 10, 26), date(2026, 11, 9)]


@pytest.mark.usefixtures("installation")
def test_without_purchases_there_is_nothing_to_tell(command: Command) -> None:
    nothing = "0 fresh, 0 stale, 0 missing"
    assert command("spend", "status").lines[-2:] == [nothing, f"alerts: {nothing}"]
    assert command("spend", "status", "--json").json == []
    assert command("spend", "run", "--all").lines == ["Nothing to compute."]


def test_status_says_of_the_open_week_that_it_is_not_over(
    command: Command, installation: Platform
) -> None:
    week = planning.open_week(installation)
    header = "date | department | division | amount"
    bought = documents_of(
        f"{header}\n2026-11-10 | Roads | Signs | 1.00\n{week} | Roads | Signs | 2"
    )
    installation.database[tables.TRANSACTIONS].insert_many(bought)
    publishing.show_changes(installation, [date(2026, 11, 9), week])

    told = [one["is_open"] for one in command("spend", "status", "--json").json]
    lines = command("spend", "status").lines

    assert told == [False, True]
    assert [", not over" in line for line in lines[1:3]] == [False, True]
