"""The demo of spend: a file through all servers into the table, a second time without a change."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from txplatform import embedded
from txplatform.cli.demo import use_demo_state
from txplatform.domains.spend import demo
from txplatform.domains.spend.settings import SpendSettings
from txplatform.settings import load_settings
from txplatform_tests.cli.commands import Command, Done
from txplatform_tests.domains.spend.sources.conftest import write

ELSEWHERE = "mongodb://127.0.0.1:1/"
PURCHASES = """
date,       department, division, merchant, amount
2026-10-19, Roads,      Bridges,  Shell,    100.00
2026-10-25, Roads,      Bridges,  Shell,    -20.00
2026-10-26, Roads,      Bridges,  Shell,    60.00
2026-10-26, Roads,      Bridges,  Shell,    60.00
2026-11-09, Parks,      Trees,    B & Q,    30.01
2026-11-31, Parks,      Trees,    B & Q,    1.00
"""


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A state folder, in an environment that names a MongoDB which the demo must not touch."""
    before = dict(os.environ)  # noqa: TID251 - to restore it: the demo sets every domain's variables
    monkeypatch.setenv("TXPLATFORM_MONGO_URI", ELSEWHERE)
    monkeypatch.setenv("TXPLATFORM_STATE_DIR", str(tmp_path / "state"))
    yield tmp_path / "state"
    os.environ.clear()  # noqa: TID251
    os.environ.update(before)  # noqa: TID251


@pytest.fixture
def demo_of(
    command: Command, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """`demo_of(...)`: the demo of a small file of one's own, its servers kept up meanwhile."""
    path = write(tmp_path / "purchases.csv", PURCHASES)

    def run(*options: str) -> Done:
        monkeypatch.setenv("TXPLATFORM_STATE_DIR", str(state))
        return command("spend", "demo", "--csv", path, "--layout", "generic", *options)

    yield run
    for folder in (state / "demo").iterdir():
        embedded.down(load_settings(state_dir=folder, mongo_uri=None, postgres_url=None))


@pytest.mark.usefixtures("spark")
def test_a_second_demo_changes_nothing_and_says_so(demo_of: Any, state: Path) -> None:
    """One installation for both: starting servers and Spark is most of the time."""
    first = demo_of("--json", "--no-serve")
    second = demo_of()

    assert (first.error, second.error) == (None, None)
    report = first.json["spend"]
    _assert_report(report)
    assert report["source"].endswith("purchases.csv")
    [folder] = (state / "demo").iterdir()
    assert folder.name.startswith("purchases-")
    said = dict(_cells(line) for line in second.lines if len(_cells(line)) == 2)
    assert said["source"].endswith("purchases.csv (ingested before)")
    assert {name: said[name] for name in EXPECTED} == EXPECTED
    assert "servers" in said["seconds"]
    assert "computation" in said["seconds"]
    variables = f"TXPLATFORM_STATE_DIR={folder} TXPLATFORM_SPEND_LIMIT=500"
    for shown in ("spend status", "dashboard"):
        assert f"{variables} txplatform {shown}\n" in second.out


EXPECTED = {
    "rows read": "6",
    "loaded": "0",
    "unchanged": "5",
    "refused": "1 (DATE_IMPOSSIBLE 1)",
    "weeks": "4",
    "weekly_transactions": "3 rows, none changed",
    "total": "230.01",
    "reconciled to the cent": "yes",
    "alerts": "0 high, 1 medium, 1 low",
}


def _assert_report(report: dict[str, Any]) -> None:
    seconds = report.pop("seconds")
    assert list(seconds) == ["servers", "ingestion", "computation", "reconciliation", "alerts"]
    assert {key: value for key, value in report.items() if key != "source"} == {
        "rows_read": 6,
        "loaded": 5,
        "unchanged": 0,
        "refused": 1,
        "refused_for": "DATE_IMPOSSIBLE 1",
        "is_known_file": False,
        "weeks": 4,
        "rows": 3,
        "total_amount": "230.01",
        "rows_written": 3,
        "rows_removed": 0,
        "is_reconciled": True,
        "alerts": {"high": 0, "medium": 1, "low": 1},
    }


def _cells(line: str) -> list[str]:
    """Name and value of a line of the report."""
    return [cell.strip() for cell in (line[:24], line[24:]) if cell.strip()]


def test_a_file_of_ones_own_never_shares_a_folder_with_the_sample(tmp_path: Path) -> None:
    mine, other = tmp_path / "purchases.csv.gz", tmp_path / "sub" / "purchases.csv.gz"
    named = [
        demo.state_of(None, "delaware"),
        demo.state_of(mine, "delaware"),
        demo.state_of(other, "delaware"),
        demo.state_of(mine, "generic"),
    ]

    assert len(set(named)) == 4
    assert named[0] == "sample"
    assert demo.state_of(mine, "delaware") == named[1]


def test_the_demo_uses_servers_of_its_own(state: Path) -> None:
    folder = use_demo_state("sample")

    settings = load_settings()

    assert folder == state / "demo" / "sample"
    assert settings.is_mongo_embedded
    assert settings.is_postgres_embedded
    assert (settings.state, settings.lake) == (folder, folder / "lake")
    assert settings.of(SpendSettings).limit == 500


def test_the_sample_is_made_once(tmp_path: Path) -> None:
    (tmp_path / "sample.csv.tmp").write_text("an earlier try that was interrupted")

    path = demo.sample(tmp_path)
    lines = path.read_text(encoding="utf-8").count("\n")
    path.write_text("made before")

    assert lines >= demo.SAMPLE_ROWS
    assert demo.sample(tmp_path).read_text() == "made before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.usefixtures("state")
def test_a_file_that_is_missing_is_wrong_usage(command: Command) -> None:
    done = command("spend", "demo", "--csv", "nowhere.csv", "--no-serve")

    assert isinstance(done.error, SystemExit)
    assert done.error.code == 2
