"""Files made to hurt: each is one sentence, in bounded memory, before anything is loaded."""

import gzip
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from txplatform.connectors.files import in_batches, is_missing, open_table, presence, sha256_of
from txplatform.connectors.files import verify as verify_file
from txplatform.connectors.files.delimited import read_delimited
from txplatform.connectors.files.rows import Row
from txplatform.domains.spend.sources.guess import guess_layout
from txplatform.domains.spend.sources.ingest import ingest_file
from txplatform.errors import SourceError
from txplatform_tests.connectors.files import reading_child
from txplatform_tests.connectors.files.dead_mount import unserved
from txplatform_tests.connectors.files.workbooks import sparse
from txplatform_tests.domains.spend.sources.layouts import small

MIB = 1 << 20
HEAD = b"department,division,merchant,day,amount\n"
ROW = b"Roads,Bridges,Shell,2024-01-02,5.28\n"
PEAK_MB = 450
"""An idle process with the readers in it takes about 150."""


def one_line(path: Path) -> None:
    """1 GB without an end of line."""
    with path.open("wb") as file:
        for _ in range(1024):
            file.write(b"x" * MIB)


def one_packed_line(path: Path) -> None:
    """1 GB without an end of line in a gz of 1 MB: gzip files may be put one after the other."""
    path.write_bytes(gzip.compress(b"x" * MIB) * 1024)


def gz_bomb(path: Path) -> None:
    """600 MB of short rows in a gz of 600 KB."""
    path.write_bytes(gzip.compress(b"1,2\n" * (MIB // 4)) * 600)


def zip_bomb(path: Path) -> None:
    """300 MB of short rows in a zip of 300 KB."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"1,2\n" * (75 * MIB))


def endless_quotes(path: Path) -> None:
    """40,000 lines, each of which opens a quote and leaves it open."""
    path.write_bytes(HEAD + b'x","y\n' * 40_000)


def long_lines(path: Path) -> None:
    """60 MB in lines of 1,000,000 characters."""
    with path.open("wb") as file:
        file.write(HEAD)
        for _ in range(60):
            file.write(b"x" * 1_000_000 + b"\n")


def wide(columns: int) -> Callable[[Path], object]:
    """A file of so many columns."""

    def write(path: Path) -> None:
        names = ",".join(f"c{number}" for number in range(columns)).encode()
        path.write_bytes(b"\n".join([names, *[b"1," * (columns - 1) + b"1"] * 100]) + b"\n")

    return write


def _bytes(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


HOSTILE: dict[str, tuple[Callable[[Path], object], str]] = {
    "one-line.csv": (one_line, "one-line.csv: line 1 has over 1,048,576 characters."),
    "one-line.csv.gz": (one_packed_line, "one-line.csv.gz: line 1 has over 1,048,576 characters."),
    "bomb.csv.gz": (gz_bomb, "bomb.csv.gz unpacks to over 100 times its size, as no table does"),
    "bomb.zip": (zip_bomb, "bomb.zip unpacks to over 100 times its size, as no table does"),
    "sparse.xlsx": (sparse, "sparse.xlsx is damaged, or holds more than 2 GB of cells: save the"),
    "rubbish.gz": (
        _bytes(gzip.compress(HEAD + ROW) + b"rubbish"),
        "rubbish.gz is truncated or damaged (Not a gzipped file",
    ),
    "nul.csv": (
        _bytes(HEAD + ROW.replace(b"Shell", b"Sh\0ell")),
        "nul.csv is not a text file (a NUL byte near line 1)",
    ),
    "mixed.csv": (
        _bytes(HEAD + ROW.replace(b"Shell", "Café".encode()) + ROW.replace(b"Shell", b"Caf\xe9")),
        "mixed.csv is not utf-8 (line 3): set `encoding` in the layout",
    ),
    "utf-16.csv": (
        _bytes((HEAD + ROW).decode().encode("utf-16")),
        "utf-16.csv is not utf-8 (line 1): set `encoding` in the layout, for example to cp1252 or",
    ),
    "20000-columns.csv": (wide(20_000), "The source has over 16,384 columns: ingest those that"),
    "folder.csv": (Path.mkdir, "a folder and not a file: name the files themselves."),
    "pipe.csv": (os.mkfifo, "a pipe and not a file: name the files themselves."),
    "loop.csv": (
        lambda path: path.symlink_to(path.name),
        "loop.csv cannot be read: Too many levels of symbolic links.",
    ),
    "zero.csv": (
        lambda path: path.symlink_to("/dev/zero"),
        "zero.csv is a device and not a file: name the files themselves.",
    ),
    "bad-disk.csv": (
        lambda path: path.symlink_to("/proc/self/mem"),
        "bad-disk.csv cannot be read: Input/output error.",
    ),
}
"""A file, and (part of) the sentence about it."""
LARGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "quotes.csv": (endless_quotes, "40000 rows under 5 columns"),
    "long-lines.csv": (long_lines, "60 rows under 5 columns"),
    "10000-columns.csv": (wide(10_000), "100 rows under 10000 columns"),
}
"""Files that can be read, however odd."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """All of them, and none of their gigabytes afterwards."""
    place = tmp_path_factory.mktemp("hostile")
    for name, (write, _) in (HOSTILE | LARGE).items():
        write(place / name)
    yield place
    for path in place.iterdir():
        if path.is_symlink() or path.is_file():
            path.unlink()


@pytest.fixture(scope="module")
def outcomes(folder: Path) -> dict[str, tuple[str, int]]:
    """What a process of its own made of each of them, and its peak memory by then."""
    paths = [str(folder / name) for name in HOSTILE | LARGE]
    done = subprocess.run(
        [sys.executable, "-m", reading_child.__name__, *paths],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = map(json.loads, done.stdout.splitlines())
    return {name: (said, peak) for name, said, peak in lines}


@pytest.mark.parametrize("name", [*HOSTILE, *LARGE])
def test_one_sentence_in_bounded_memory(name: str, outcomes: dict[str, tuple[str, int]]) -> None:
    said, peak = outcomes[name]

    assert (HOSTILE | LARGE)[name][1] in said
    assert "\n" not in said
    assert peak < PEAK_MB


@pytest.mark.parametrize("name", [name for name in HOSTILE if "one-line" not in name])
def test_nothing_of_it_is_loaded(
    name: str, folder: Path, mongo_database: Database[dict[str, Any]]
) -> None:
    with pytest.raises(SourceError) as error:
        ingest_file(mongo_database, folder / name, small())

    assert str(error.value).endswith(".")
    assert mongo_database.list_collection_names() == []


@pytest.mark.parametrize("name", ["pipe.csv", "zero.csv", "loop.csv", "folder.csv", "bad-disk.csv"])
def test_a_guess_does_not_wait_for_what_never_ends(name: str, folder: Path) -> None:
    with pytest.raises(SourceError):
        guess_layout(folder / name)


def test_a_mount_whose_server_has_gone(tmp_path: Path) -> None:
    with unserved(tmp_path / "mount", is_silent=False) as path:
        with pytest.raises(
            SourceError, match="cannot be read: Transport endpoint is not connected"
        ):
            sha256_of(path)
        assert not is_missing(path)


def test_a_mount_whose_server_is_silent(tmp_path: Path) -> None:
    with (
        unserved(tmp_path / "mount", is_silent=True) as path,
        pytest.raises(SourceError, match="does not answer within 1 seconds: see whether the disk"),
    ):
        presence.require_file(path, seconds=1)


def test_a_file_that_becomes_unreadable_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "purchases.csv"
    path.write_bytes(HEAD + ROW * 60_000)
    content = verify_file(path)

    with open_table(content) as table:
        next(table.rows)
        path.write_bytes(HEAD + b"\xe9" * 10 * MIB)
        with pytest.raises(SourceError, match="cannot be read to its end"):
            list(table.rows)


def test_an_open_quote_costs_its_line_only() -> None:
    lines = ['a,"b\n', *["plain,row\n"] * 3_000, '"two\n', 'lines",1\n']

    rows = list(read_delimited(iter(lines), ","))

    assert [row.line for row in rows if row.problem] == [1]
    assert rows[-1] == Row(3_002, ["two\nlines", "1"], '"two\nlines",1')


def test_batches_end_where_rows_are_long() -> None:
    rows = [Row(number, ["x" * MIB]) for number in range(100)]

    batches = list(in_batches(rows, 5_000))

    assert [row.line for batch in batches for row in batch] == list(range(100))
    assert max(map(len, batches)) <= 33
    assert [len(batch) for batch in in_batches([Row(1, ["x"])] * 7, 3)] == [3, 3, 1]
