"""The verifying pass: what a file is, and one sentence for each way in which it cannot be read."""

import gzip
import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from txplatform.connectors.files import Kind, Packing, sha256_of, verify
from txplatform.errors import SourceError
from txplatform_tests.connectors.files import same_purchases

GZIPPED = gzip.compress(same_purchases.CSV.encode() * 2_000)


@pytest.mark.parametrize(
    ("write", "kind", "packing"),
    [
        (same_purchases.plain, Kind.DELIMITED, Packing.NONE),
        (same_purchases.gzipped, Kind.DELIMITED, Packing.GZIP),
        (same_purchases.zipped, Kind.DELIMITED, Packing.ZIP),
        (same_purchases.json_lines, Kind.JSON_LINES, Packing.NONE),
        (same_purchases.json_list, Kind.JSON_LIST, Packing.NONE),
        (same_purchases.excel, Kind.EXCEL, Packing.NONE),
        (same_purchases.parquet, Kind.PARQUET, Packing.NONE),
    ],
)
def test_a_file_is_known_by_its_content_whatever_its_name(
    write: Callable[[Path], Path], kind: Kind, packing: Packing, tmp_path: Path
) -> None:
    content = verify(write(tmp_path / "whatever"))

    assert (content.kind, content.packing) == (kind, packing)


def test_a_header_may_begin_with_a_bracket(tmp_path: Path) -> None:
    path = tmp_path / "source"
    path.write_text("[day],[amount]\n2024-01-02,5.28\n")

    assert verify(path).kind is Kind.DELIMITED


def test_the_hash_is_of_the_bytes_and_not_of_the_name(tmp_path: Path) -> None:
    one, other = (
        same_purchases.plain(tmp_path / "one.csv"),
        same_purchases.plain(tmp_path / "other.csv"),
    )

    assert verify(one).sha256 == verify(other).sha256
    assert verify(one).sha256 == hashlib.sha256(one.read_bytes()).hexdigest() == sha256_of(one)


def _zip(*names: str) -> Callable[[Path], object]:
    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, same_purchases.CSV)

    return write


def _bytes(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        (_bytes(b""), "source is empty: there is nothing to ingest."),
        (_bytes(b" \r\n\n"), "source is empty: there is nothing to ingest."),
        (_bytes(gzip.compress(b"")), "source is empty: there is nothing to ingest."),
        (_bytes(GZIPPED[: len(GZIPPED) // 2]), "source is truncated or damaged"),
        (_bytes(GZIPPED[:-4]), "source is truncated or damaged"),
        (_bytes(GZIPPED[:50] + b"x" + GZIPPED[51:]), "source is truncated or damaged"),
        (_bytes(b"\x1f\x8b"), "source is truncated or damaged"),
        (_bytes(b"PK\x03\x04 and no more"), "source is truncated or damaged"),
        (_bytes(b"a,b\n1,\x00\n"), "source is not a text file (a NUL byte near line 1)"),
        (_bytes(bytes(range(1, 256))), "source is not utf-8"),
        (_bytes("a,b\n1,é\n".encode("cp1252")), "source is not utf-8 (line 2): set `encoding`"),
        (_bytes("a,b\n1,é\n".encode("utf-16")), "source is not utf-8 (line 1)"),
        (_bytes(b"a,b\n1,\xc3"), "source is not utf-8 (line 2)"),
        (_bytes(b'[{"a": 1},'), "source is cut off or no JSON list: the list ends with"),
        (_bytes(b"a," + b"x" * 9_000_000), "source: line 1 has over 1,048,576 characters."),
        (_bytes(gzip.compress(b"PAR1....")), "source is a packed Parquet file: unpack it first."),
        (_zip("a.csv", "b.csv"), "source holds 2 files: unpack it and ingest them one by one."),
        (_zip(), "source"),
    ],
)
def test_a_file_that_cannot_be_read_as_a_whole_is_one_sentence(
    write: Callable[[Path], object], sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "source"
    write(path)

    with pytest.raises(SourceError) as error:
        verify(path)

    assert str(error.value).startswith(sentence)
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read: No such file or directory"):
        verify(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8"])
def test_the_declared_encoding_is_used(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "purchases.csv"
    path.write_bytes(same_purchases.CSV.encode(encoding))

    assert verify(path, encoding).kind is Kind.DELIMITED


def test_utf8_that_is_declared_as_something_else_would_turn_to_rubbish(tmp_path: Path) -> None:
    path = same_purchases.plain(tmp_path / "purchases.csv")

    with pytest.raises(SourceError, match="is UTF-8, but the layout declares cp1252"):
        verify(path, "cp1252")


def test_utf16_without_its_mark_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "purchases.csv"
    path.write_bytes(b"odd")

    with pytest.raises(SourceError, match="is not utf-16"):
        verify(path, "utf-16")


def test_plain_ascii_fits_any_encoding(tmp_path: Path) -> None:
    path = tmp_path / "purchases.csv"
    path.write_bytes(b"a,b\n1,2\n")

    assert verify(path, "cp1252")


def test_a_file_that_grows_while_it_is_verified_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "purchases.csv"
    path.write_text("a,b\n" + "1,2\n" * 10)

    def grow(_fraction: float) -> None:
        with path.open("a") as file:
            file.write("3,4\n")

    with pytest.raises(SourceError, match="changed while it was read: wait until it is complete"):
        verify(path, on_progress=grow)


def test_a_file_that_changed_later_is_refused(tmp_path: Path) -> None:
    path = same_purchases.plain(tmp_path / "purchases.csv")
    content = verify(path)
    content.require_unchanged()
    path.write_text(same_purchases.CSV + "2024-01-05,X,1.00\n", encoding="utf-8")

    with pytest.raises(SourceError, match="changed while it was read"):
        content.require_unchanged()


def test_progress_is_the_fraction_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "purchases.csv"
    path.write_text("a,b\n" + "1,2\n" * 1_000_000)
    told: list[float] = []

    verify(path, on_progress=told.append)

    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 2
