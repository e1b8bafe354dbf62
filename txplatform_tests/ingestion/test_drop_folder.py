"""Which files of a folder are complete, where taken ones go, whether an expected one has come."""

import os
import time
from pathlib import Path

import pytest

from txplatform.errors import UsageError
from txplatform.ingestion.drop_folder import TAKEN, DropFolder

QUIET = 10


@pytest.fixture
def folder(tmp_path: Path) -> DropFolder:
    """An empty drop folder."""
    (tmp_path / "drop").mkdir()
    return DropFolder(tmp_path / "drop", "THE_SETTING", QUIET)


def drop(path: Path, text: str = "a", seconds_ago: float = QUIET + 1) -> Path:
    """A file that somebody last wrote to so long ago."""
    path.write_text(text)
    written_at = time.time() - seconds_ago
    os.utime(path, (written_at, written_at))
    return path


def test_a_file_is_complete_once_nobody_has_written_to_it_for_a_while(folder: DropFolder) -> None:
    drop(folder.path / "b.csv")
    drop(folder.path / "a.csv")
    drop(folder.path / "growing.csv", seconds_ago=QUIET - 5)

    complete, unfinished = folder.waiting()

    assert [path.name for path in complete] == ["a.csv", "b.csv"]
    assert [path.name for path in unfinished] == ["growing.csv"]


@pytest.mark.parametrize(
    "name", ["a.csv.tmp", "a.csv.part", "a.csv.partial", "a.crdownload", "a.csv.FILEPART"]
)
def test_a_name_that_is_not_final_waits_however_old(folder: DropFolder, name: str) -> None:
    path = drop(folder.path / name, seconds_ago=86_400)

    assert folder.waiting() == ([], [path])


def test_hidden_files_and_folders_are_no_arrivals(folder: DropFolder) -> None:
    drop(folder.path / ".a.csv.swp")
    (folder.path / TAKEN).mkdir()
    drop(folder.path / TAKEN / "a.csv")

    assert folder.waiting() == ([], [])


def test_a_folder_that_is_missing_is_named_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"folder .*/nowhere \(THE_SETTING\) does not exist"):
        DropFolder(tmp_path / "nowhere", "THE_SETTING").waiting()


def test_a_name_that_comes_every_week_loses_no_earlier_file(folder: DropFolder) -> None:
    for text in ("first", "second", "third"):
        folder.put_away(drop(folder.path / "purchases.csv", text))

    kept = {path.name: path.read_text() for path in (folder.path / TAKEN).iterdir()}
    assert kept == {
        "purchases.csv": "first",
        "purchases-2.csv": "second",
        "purchases-3.csv": "third",
    }
    assert folder.waiting() == ([], [])


@pytest.mark.parametrize(
    ("place", "name", "is_there"),
    [
        (".", "purchases-2026-11-16.csv", True),
        (TAKEN, "purchases-2026-11-16.csv", True),
        (".", "purchases-2026-11-16_v2.csv", True),
        (TAKEN, "purchases-2026-11-16-2.csv", True),
        (".", "purchases-2026-11-09.csv", False),
        (".", "purchases-2026-11-16.csv.part", False),
        ("elsewhere", "purchases-2026-11-16.csv", False),
    ],
)
def test_an_expected_file_has_come(
    folder: DropFolder, place: str, name: str, is_there: bool
) -> None:
    (folder.path / place).mkdir(exist_ok=True)
    (folder.path / place / name).touch()

    assert folder.has_come("purchases-2026-11-16*.csv") is is_there
