"""`txplatform commerce ...`: from files to tables, and what is told on the way."""

import csv
import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from txplatform.errors import PlatformError, UsageError
from txplatform.platform import Platform
from txplatform_tests.cli.commands import Command
from txplatform_tests.domains.commerce.shops import ACHATS, CLIENTS, written


@pytest.fixture
def taken(installation: Platform, command: Command, tmp_path: Path) -> Platform:
    """An installation that holds a customer, two purchases and a refused one."""
    clients = written(tmp_path / "clients.csv", CLIENTS, "1,Ann,a@x.org,2024-01-01,France")
    achats = written(tmp_path / "achats.csv", ACHATS, "1,1,2024-01-02,10.00,Mouse",
                     "2,1,2024-02-03,0.75,Phone", "3,9,2024-02-03,0.25,Phone")  # fmt: skip
    done = command("commerce", "ingest", achats, clients, "--layout", "clients_achats")
    assert done.error is None
    assert done.lines == [
        "clients.csv: 1 rows: 1 new, 0 unchanged, 0 corrected, 0 quarantined.",
        "achats.csv: 3 rows: 2 new, 0 unchanged, 0 corrected, 1 quarantined (ORPHAN 1).",
    ]
    return installation


@pytest.mark.usefixtures("taken")
def test_a_run_says_which_version_is_current(command: Command, tmp_path: Path) -> None:
    done = command("commerce", "run", "--as-of", "2024-02-04")

    assert done.error is None
    assert done.lines[-1].startswith("Version 1 of ")
    assert done.lines[-1].endswith("as of 2024-02-04: net amount 10.75.")

    found = command("commerce", "status", "--json").json
    assert (found["version"], found["lines"], found["quarantined"]) == (1, 2, 1)
    assert found["is_up_to_date"]

    target = tmp_path / "months.csv"
    assert command("commerce", "export", "sales_month", "-o", target).error is None
    with target.open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    assert [(row["month"], row["net_amount"]) for row in rows] == [
        ("2024-01-01", "10.00"),
        ("2024-02-01", "0.75"),
    ]
    parquet = tmp_path / "clients.parquet"
    assert command("commerce", "export", "clients", "-o", parquet).error is None
    without = command("commerce", "export", "sales_hour", "-o", target).error
    assert str(without) == "The files of this shop have no times: it has no sales_hour."
    assert pq.read_table(parquet)["customer_id"].to_pylist() == ["1"]


def test_a_day_that_is_none_is_a_sentence(command: Command) -> None:
    done = command("commerce", "run", "--as-of", "2024-02-30")

    assert isinstance(done.error, UsageError)
    assert str(done.error) == "--as-of '2024-02-30' is no day, such as 2026-11-28."


@pytest.mark.usefixtures("taken")
def test_refused_rows_are_shown_and_replayed(command: Command, tmp_path: Path) -> None:
    (row,) = command("commerce", "rejected", "--json").json
    assert (row["rule"], row["source_line"], row["amount"]) == ("ORPHAN", 4, "0.25")
    assert command("commerce", "rejected", "--replay").lines == [
        "Nothing loads that did not before."
    ]

    more = written(tmp_path / "more.csv", CLIENTS, "9,Bob,b@x.org,2024-01-01,Spain")
    told = command("commerce", "ingest", more).lines

    assert told[-1].startswith("Replayed: achats.csv")
    assert command("commerce", "rejected", "--json").json == []


@pytest.mark.usefixtures("taken")
def test_a_file_is_taken_back_and_comes_again(command: Command, tmp_path: Path) -> None:
    files = {one["source_file"]: one for one in command("commerce", "withdraw", "--json").json}
    content = files["achats.csv"]["content"]

    without = command("commerce", "withdraw", content[:12])
    done = command("commerce", "withdraw", content[:12], "--why", "another shop's")

    assert isinstance(without.error, UsageError)
    assert "--why" in str(without.error)
    assert done.error is None
    assert "achats.csv was taken back: 2 lines became 0" in " ".join(done.lines)
    assert [one["source_file"] for one in command("commerce", "withdraw", "--json").json] == [
        "clients.csv"
    ]
    assert command("commerce", "withdraw").lines[1].split()[1:3] == ["clients.csv", "customers"]
    again = command("commerce", "ingest", tmp_path / "achats.csv").lines
    assert again == [
        "achats.csv: 3 rows: 2 new, 0 unchanged, 0 corrected, 1 quarantined (ORPHAN 1)."
    ]


def test_a_made_up_shop_is_written(command: Command, tmp_path: Path) -> None:
    done = command("commerce", "generate", tmp_path / "shop", "--customers", "100", "--json")
    told = command("commerce", "generate", tmp_path / "shop", "--customers", "100", "--seed", "2")
    wrong = command("commerce", "generate", tmp_path / "shop", "--format", "xlsx")

    assert done.error is None
    assert (done.json["customers"], done.json["seed"]) == (100, 1)
    assert {path.name for path in (tmp_path / "shop").iterdir()} == {
        "customers.csv",
        "lines.csv",
        "truth.json",
    }
    assert "100 customers" in told.lines[0]
    assert "csv or parquet" in str(wrong.error)


@pytest.mark.usefixtures("taken")
def test_an_error_of_quality_stops_the_run_and_the_last_version_stays(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("commerce", "run").error is None
    monkeypatch.setenv("TXPLATFORM_COMMERCE_SEVERITIES", '{"ORPHAN": "error"}')

    stopped = command("commerce", "run")
    monkeypatch.setenv("TXPLATFORM_COMMERCE_SEVERITIES", '{"ORPHANS": "error"}')
    unknown = command("commerce", "run")
    monkeypatch.delenv("TXPLATFORM_COMMERCE_SEVERITIES")

    assert isinstance(stopped.error, PlatformError)
    assert "ORPHAN of lines (raw): 1 of 3" in str(stopped.error)
    assert "the last version stays" in str(stopped.error)
    assert "there is no rule ORPHANS" in str(unknown.error)
    assert command("commerce", "status", "--json").json["version"] == 1


@pytest.mark.usefixtures("taken")
def test_the_status_of_all_domains_knows_commerce(command: Command) -> None:
    found = {one["domain"]: one for one in command("status", "--json").json}

    assert found["commerce"]["missing"] == 1


@pytest.mark.usefixtures("taken")
def test_run_stale_computes_the_tables_where_lines_came(command: Command, tmp_path: Path) -> None:
    """Catches: what `status` calls stale, and `run --stale` leaves as it is."""
    stale = ("run", "--stale", "--domain", "commerce")
    first, again = command(*stale), command(*stale)
    more = written(tmp_path / "more.csv", ACHATS, "4,1,2024-02-05,5.00,Mouse")
    command("commerce", "ingest", more)
    since = command(*stale, "--json")

    assert first.error is None, first
    assert re.match(r"commerce_refresh \d{4}-\d\d-\d\d: \d+ rows written, 0 removed", first.out)
    assert again.lines == ["Nothing to compute."]
    assert [run["failure"] for run in since.json] == [None]
    found = command("commerce", "status", "--json").json
    assert (found["version"], found["lines"], found["is_up_to_date"]) == (2, 3, True)


@pytest.mark.usefixtures("installation")
def test_what_cannot_be_done_is_a_sentence(command: Command, tmp_path: Path) -> None:
    nothing = command("commerce", "export", "clients", "-o", tmp_path / "x.csv")
    unknown = command("commerce", "export", "nothing", "-o", tmp_path / "x.csv")
    ending = command("commerce", "export", "clients", "-o", tmp_path / "x.txt")
    empty = command("commerce", "run")

    assert isinstance(nothing.error, PlatformError)
    assert isinstance(unknown.error, UsageError)
    assert "is none of .csv, .xlsx, .parquet: say --format" in str(ending.error)
    assert "There are no sales yet" in str(empty.error)
