"""What only its owner enters and reads, replaced as a whole or not at all."""

import stat
from pathlib import Path

import pytest

from txplatform.connectors import private_files


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "record"

    private_files.write_private(file, "first")
    private_files.write_private(file, "é")

    assert file.read_text(encoding="utf-8") == "é"
    assert list(tmp_path.iterdir()) == [file]


def test_a_draft_that_cannot_take_its_place_is_removed(tmp_path: Path) -> None:
    (tmp_path / "record").mkdir()

    with pytest.raises(IsADirectoryError):
        private_files.write_private(tmp_path / "record", "text")

    assert [path.name for path in tmp_path.iterdir()] == ["record"]


def test_nobody_else_enters_a_folder_that_was_made(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir(mode=0o755)

    made = private_files.private_folder(tmp_path / "theirs" / "state" / "secrets")

    folders = (made, made.parent, made.parent.parent)
    assert [stat.S_IMODE(one.stat().st_mode) for one in folders] == [0o700, 0o700, 0o755]
