"""`ingest`, `layouts` and `rejected`: what a person reads, and the JSON that a program reads."""

from pathlib import Path

import pytest

from txplatform.domains.spend import tables
from txplatform.domains.spend.sources.layouts import parse_layout
from txplatform.errors import PlatformError, SourceError, UsageError
from txplatform.platform import Platform
from txplatform_tests.cli.commands import Command
from txplatform_tests.domains.spend.sources.conftest import write
from txplatform_tests.domains.spend.sources.drop_folder import PARKS, ROADS
from txplatform_tests.domains.spend.sources.layouts import COLUMNS, SMALL

REFUSED = """
date,       department, division, merchant,    amount
2026-11-16, Roads,      Bridges,  Shell,       5.28
2026-11-31, Roads,      Bridges,  Shell [/x],  1.00
2026-11-16, Roads,      Bridges,  Shell,       5.281
2026-11-17, Roads,      Bridges,  Shell,       twelve
"""
EUROPEAN = """
day,        department, division, merchant, amount
16/11/2026, Roads,      Bridges,  Shell,    5.28
17/11/2026, Parks,      Trees,    B & Q,    20.00
"""
WEEK_CHANGED = (
    "1 weeks changed, from 2026-11-16 to 2026-11-16: "
    "compute them with `txplatform spend run --stale`."
)


@pytest.mark.usefixtures("installation")
def test_ingest_says_what_became_of_the_rows_and_what_to_do_next(
    command: Command, tmp_path: Path
) -> None:
    first, second = write(tmp_path / "1.csv", ROADS), write(tmp_path / "2.csv", PARKS)

    done = command("spend", "ingest", first, second, "--layout", "generic")

    assert (done.error, done.err) == (None, "")
    assert done.lines == [
        "1.csv: 2 rows read, 2 loaded, 0 unchanged.",
        "2.csv: 1 rows read, 1 loaded, 0 unchanged.",
        WEEK_CHANGED,
    ]


@pytest.mark.usefixtures("installation")
def test_a_known_file_is_recognised_and_changes_nothing(command: Command, tmp_path: Path) -> None:
    path = write(tmp_path / "1.csv", ROADS)
    command("spend", "ingest", path, "--layout", "generic")

    done = command("spend", "ingest", path, "--layout", "generic")

    assert done.lines == [
        "1.csv was ingested before (2 rows): nothing to do, it is recognised by its content."
    ]


@pytest.mark.usefixtures("installation")
def test_a_source_that_is_bad_keeps_no_other_from_being_taken(
    command: Command, tmp_path: Path
) -> None:
    bad = write(tmp_path / "bad.csv", "Spend 2026\n")
    good = [
        write(tmp_path / f"{name}.csv", ROADS.replace("Roads", name)) for name in ("Zoo", "Farm")
    ]

    done = command("spend", "ingest", good[0], bad, good[1], "--layout", "generic")

    assert [line.partition(",")[0] for line in done.lines[:2]] == [
        "Zoo.csv: 2 rows read",
        "Farm.csv: 2 rows read",
    ]
    assert str(done.error).startswith("1 of 3 sources were not taken: bad.csv has no column")


def test_ingest_as_json(command: Command, installation: Platform, tmp_path: Path) -> None:
    path = write(tmp_path / "1.csv", REFUSED)

    [report] = command("spend", "ingest", path, "--layout", "generic", "--json").json

    assert {key: report[key] for key in ("file", "layout", "rows_read", "loaded", "refused")} == {
        "file": "1.csv",
        "layout": "generic",
        "rows_read": 4,
        "loaded": 1,
        "refused": 3,
    }
    assert (report["read_amount"], report["loaded_amount"]) == ("6.28", "5.28")
    assert (report["weeks"], report["is_skipped"]) == (["2026-11-16"], False)
    assert sum(report["refused_by_rule"].values()) == 3
    assert installation.database[tables.TRANSACTIONS].count_documents({}) == 1


@pytest.mark.usefixtures("installation")
def test_refused_rows_are_counted_by_their_commonest_rules(
    command: Command, tmp_path: Path
) -> None:
    done = command("spend", "ingest", write(tmp_path / "1.csv", REFUSED), "--layout", "generic")

    assert done.lines[0].startswith("1.csv: 4 rows read, 1 loaded, 0 unchanged, 3 refused (")


@pytest.mark.parametrize(
    ("source", "layout", "sentence"),
    [
        ("nowhere.csv", "generic", "nowhere.csv is not a file"),
        ("purchases.csv", "nonsense", "There is no layout 'nonsense'"),
    ],
)
@pytest.mark.usefixtures("installation")
def test_wrong_usage_is_a_sentence(
    command: Command, source: str, layout: str, sentence: str
) -> None:
    done = command("spend", "ingest", source, "--layout", layout)

    assert isinstance(done.error, UsageError)
    assert sentence in str(done.error)
    assert done.out == ""


def test_a_file_that_cannot_be_read_leaves_those_before_it(
    command: Command, installation: Platform, tmp_path: Path
) -> None:
    good, empty = write(tmp_path / "1.csv", ROADS), tmp_path / "2.csv"
    empty.touch()

    done = command("spend", "ingest", good, empty, "--layout", "generic")

    assert isinstance(done.error, PlatformError)
    assert str(done.error) == (
        "1 of 2 sources were not taken: 2.csv is empty: there is nothing to ingest."
    )
    assert installation.database[tables.TRANSACTIONS].count_documents({}) == 2


@pytest.fixture
def refused(installation: Platform, command: Command, tmp_path: Path) -> Platform:
    """An installation that has refused three rows."""
    command("spend", "ingest", write(tmp_path / "1.csv", REFUSED), "--layout", "generic")
    return installation


@pytest.mark.usefixtures("refused")
def test_rejected_shows_rules_and_rows_as_they_arrived(command: Command) -> None:
    done = command("spend", "rejected")

    assert done.error is None
    assert [line.split()[1] for line in done.lines[:4]] == ["rows", "1", "1", "1"]
    rows = [line for line in done.lines if line.startswith("1.csv")]
    assert [line.split()[1] for line in rows] == ["3", "4", "5"]
    assert "Shell [/x]" in rows[0]
    assert rows[2].endswith("2026-11-17,Roads,Bridges,Shell,twelve")


@pytest.mark.usefixtures("refused")
def test_rejected_as_json_by_rule_and_limit(command: Command) -> None:
    everything = command("spend", "rejected", "--json").json
    date_rule = everything["rows"][0]["rule"]

    of_rule = command("spend", "rejected", "--rule", date_rule, "--json").json
    limited = command("spend", "rejected", "--limit", "1", "--json").json

    assert set(everything["rows"][0]) == {"file", "line", "rule", "reason", "text"}
    assert sum(everything["by_rule"].values()) == len(everything["rows"]) == 3
    assert [row["line"] for row in of_rule["rows"]] == [3]
    assert len(limited["rows"]) == 1
    assert limited["by_rule"] == everything["by_rule"]


@pytest.mark.usefixtures("installation")
def test_nothing_refused_is_two_headers(command: Command) -> None:
    done = command("spend", "rejected")

    assert [line.split() for line in done.lines] == [
        ["rule", "rows"],
        ["file", "line", "rule", "reason", "text"],
    ]


def test_a_replay_loads_what_a_mended_layout_can_read(
    command: Command, installation: Platform, tmp_path: Path
) -> None:
    layout = tmp_path / "small.toml"
    layout.write_text(SMALL + COLUMNS)
    command("spend", "ingest", write(tmp_path / "1.csv", EUROPEAN), "--layout", layout)
    assert installation.database[tables.TRANSACTIONS].count_documents({}) == 0

    layout.write_text(SMALL.replace("yyyy-MM-dd", "dd/MM/yyyy") + COLUMNS)
    done = command("spend", "rejected", "--replay", "--layout", layout)

    assert (done.error, done.lines) == (
        None,
        ["refused rows: 2 rows read, 2 loaded, 0 unchanged."],
    )
    assert installation.database[tables.TRANSACTIONS].count_documents({}) == 2
    again = command("spend", "rejected", "--replay", "--layout", layout, "--json").json
    assert (again["rows_read"], again["loaded"]) == (0, 0)


def test_layouts_are_listed(command: Command) -> None:
    done = command("spend", "layouts")

    assert done.lines[0].split() == ["layout", "currency", "dates", "description"]
    assert [line.split()[:3] for line in done.lines[1:]] == [
        ["delaware", "USD", "MM/dd/yyyy"],
        ["generic", "USD", "yyyy-MM-dd"],
        ["toronto", "CAD", "yyyy-MM-dd"],
    ]


def test_layouts_as_json_can_be_read_back(command: Command) -> None:
    delaware, *_ = command("spend", "layouts", "--json").json

    assert (delaware["name"], delaware["currency"]) == ("delaware", "USD")
    assert delaware["columns"]["amount"] == ["MERCHANDISE_AMT"]


def test_a_guess_is_a_layout_that_can_be_used(command: Command, tmp_path: Path) -> None:
    rows = f"{EUROPEAN}31/11/2026, Parks, Trees, B & Q, 20.00\n{EUROPEAN.split('amount')[1] * 20}"
    done = command("spend", "layouts", "guess", write(tmp_path / "Purchases 2026.csv", rows))

    layout = parse_layout(done.out, "draft")
    assert (layout.name, layout.date_format) == ("purchases-2026", "dd/MM/yyyy")
    assert layout.columns.amount == ["amount"]
    first, second, third, *others = done.err.splitlines()  # not among what `> my.toml` keeps
    assert first == "2026-11-16 | Roads / Bridges | Shell | 5.28"
    assert second == "2026-11-17 | Parks / Trees | B & Q | 20.00"
    assert third.startswith("refused (DATE_IMPOSSIBLE): ")
    assert len(others) == 7


def test_a_guess_of_what_holds_no_purchases_is_a_sentence(command: Command, tmp_path: Path) -> None:
    path = write(tmp_path / "names.csv", "name, colour\nAnna, red\n")

    done = command("spend", "layouts", "guess", path)

    assert isinstance(done.error, SourceError)
    assert done.out == ""


def test_an_ingestion_is_listed_withdrawn_and_read_again(
    command: Command, installation: Platform, tmp_path: Path
) -> None:
    path = write(tmp_path / "1.csv", ROADS)
    command("spend", "ingest", path, "--layout", "generic")

    [known] = command("spend", "withdraw", "--json").json
    assert (known["file"], known["layout"], known["loaded"]) == ("1.csv", "generic", 2)

    silent = command("spend", "withdraw", known["_id"][:12])
    assert "--why" in str(silent.error)

    done = command("spend", "withdraw", known["_id"][:12], "--why", "a draft")
    assert done.lines == [
        "1.csv: 2 purchases taken back, 0 stand again as they were; it can be ingested anew.",
        "1 weeks changed: compute them with `txplatform spend run --stale`.",
    ]
    assert installation.database["transactions"].count_documents({}) == 0

    again = command("spend", "ingest", path, "--layout", "generic")
    assert again.lines[0] == "1.csv: 2 rows read, 2 loaded, 0 unchanged."
