"""The verifying pass over a source file, before anything of it is loaded.

It hashes the bytes, unpacks to the end and decodes every character, so that a truncated, binary,
wrongly encoded or empty file is one sentence and not half a month of purchases.
"""

import codecs
import gzip
import hashlib
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import IO, NamedTuple

from txplatform.connectors.files.json_list import listed
from txplatform.connectors.files.presence import require_file
from txplatform.connectors.files.rows import LONGEST_RECORD
from txplatform.errors import SourceError

CHUNK = 1 << 20
MOST_UNPACKED, HIGHEST_RATIO = 1 << 28, 100
"""Bytes up to which a packed file may grow whatever its size, and how many times beyond them."""
UTF8_NAMES = {"utf-8", "utf-8-sig"}
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""What a text begins with where its encoding is marked."""
UNPACKING_ERRORS = (
    EOFError,
    NotImplementedError,
    gzip.BadGzipFile,
    lzma.LZMAError,
    zipfile.BadZipFile,
    zlib.error,
)


Progress = Callable[[float], None]


def _unheard(_fraction: float) -> None: ...


class Kind(StrEnum):
    """How a file is read; found from its content, whatever its name says."""

    DELIMITED = "delimited text"
    JSON_LINES = "JSON lines"
    JSON_LIST = "JSON list"
    EXCEL = "Excel"
    PARQUET = "Parquet"


class Packing(StrEnum):
    """How a text file is compressed."""

    NONE = ""
    GZIP = "gzip"
    ZIP = "zip"


MAGIC = {b"\xd0\xcf\x11\xe0": Kind.EXCEL, b"PAR1": Kind.PARQUET}


class FileStamp(NamedTuple):
    """What changes when a file is written to or replaced."""

    inode: int
    size: int
    modified_ns: int


class Content(NamedTuple):
    """A verified file: what it is, and what it must still be when it has been read."""

    path: Path
    kind: Kind
    packing: Packing
    sha256: str
    stamp: FileStamp

    def require_unchanged(self) -> None:
        """Raise SourceError if the file changed since it was verified."""
        if _stamp(self.path) != self.stamp:
            raise _changed(self.path)


def sha256_of(path: Path) -> str:
    """Hash of the bytes of a file, by which its content is known again.

    Raises:
        SourceError: it cannot be read.
    """
    with _readable(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verify(path: Path, encoding: str = "utf-8", on_progress: Progress = _unheard) -> Content:
    """Read the whole file once and say what it is.

    Raises:
        SourceError: it is missing, empty, truncated, binary, in another encoding or changing.
    """
    with _readable(path):
        stamp = _stamp(path)
        packing, kind = _recognise(path)
        if kind in (Kind.DELIMITED, Kind.JSON_LINES, Kind.JSON_LIST):
            _check_text(path, packing, encoding, on_progress, kind)
        if kind is Kind.JSON_LIST:
            _check_list(path, packing, encoding)
    content = Content(path, kind, packing, sha256_of(path), stamp)
    content.require_unchanged()
    return content


def text_of(path: Path) -> str:
    """The whole text of a file: unpacked, in the encoding that its mark says, else UTF-8.

    Raises:
        SourceError: it cannot be read or unpacked, is empty, or is no such text.
    """
    with _readable(path):
        packing, _ = _recognise(path)
        written = b"".join(_chunks(path, packing, _unheard))
    encoding = next((name for mark, name in MARKS.items() if written.startswith(mark)), "utf-8")
    try:
        text = written.decode(encoding)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise SourceError(f"{path.name} is no text in UTF-8: save it in that encoding.")
    return text


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        require_file(path)
        yield
    except UNPACKING_ERRORS as error:
        raise SourceError(
            f"{path.name} is truncated or damaged ({error!s:.200}): fetch it again."
        ) from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from None


@contextmanager
def unpacked(path: Path, packing: Packing) -> Iterator[tuple[IO[bytes] | gzip.GzipFile, IO[bytes]]]:
    """The unpacked bytes, and the file below whose position tells how far reading has come."""
    with ExitStack() as opened:
        below = opened.enter_context(path.open("rb"))
        if packing is Packing.GZIP:
            yield opened.enter_context(gzip.GzipFile(fileobj=below)), below
        elif packing is Packing.ZIP:
            archive = opened.enter_context(zipfile.ZipFile(below))
            yield opened.enter_context(_only_member(path, archive)), below
        else:
            yield below, below


def _only_member(path: Path, archive: zipfile.ZipFile) -> IO[bytes]:
    members = [member for member in archive.infolist() if not member.is_dir()]
    if len(members) != 1:
        raise SourceError(
            f"{path.name} holds {len(members)} files: unpack it and ingest them one by one."
        )
    if members[0].flag_bits & 1:
        raise SourceError(f"{path.name} is protected by a password: unpack it first.")
    return archive.open(members[0])


def _stamp(path: Path) -> FileStamp:
    status = path.stat()
    return FileStamp(status.st_ino, status.st_size, status.st_mtime_ns)


def _changed(path: Path) -> SourceError:
    return SourceError(
        f"{path.name} changed while it was read: wait until it is complete, then ingest it again."
    )


def _recognise(path: Path) -> tuple[Packing, Kind]:
    with path.open("rb") as file:
        head = file.read(4)
    packing = Packing.NONE
    if head.startswith(b"\x1f\x8b"):
        packing = Packing.GZIP
    elif head == b"PK\x03\x04":
        with zipfile.ZipFile(path) as archive:
            if {"[Content_Types].xml", "mimetype"} & set(archive.namelist()):
                return Packing.NONE, Kind.EXCEL
        packing = Packing.ZIP
    return packing, _kind(path, packing)


def _kind(path: Path, packing: Packing) -> Kind:
    with unpacked(path, packing) as (stream, _):
        head = stream.read(CHUNK)
    if not head:
        raise SourceError(f"{path.name} is empty: there is nothing to ingest.")
    kind = MAGIC.get(head[:4])
    if kind and packing:
        raise SourceError(f"{path.name} is a packed {kind} file: unpack it first.")
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if re.match(rb"\[\s*\{", text):
        return Kind.JSON_LIST
    return kind or (Kind.JSON_LINES if text.startswith(b"{") else Kind.DELIMITED)


def _chunks(path: Path, packing: Packing, on_progress: Progress) -> Iterator[bytes]:
    size, total = path.stat().st_size, 0
    with unpacked(path, packing) as (stream, below):
        while chunk := stream.read(CHUNK):
            total += len(chunk)
            if packing and total > max(MOST_UNPACKED, HIGHEST_RATIO * size):
                raise SourceError(
                    f"{path.name} unpacks to over {HIGHEST_RATIO} times its size, as no table "
                    "does: unpack it yourself if you trust it."
                )
            if below.tell() > size:
                raise _changed(path)
            on_progress(below.tell() / size)
            yield chunk


def _check_text(
    path: Path, packing: Packing, encoding: str, on_progress: Progress, kind: Kind
) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    also_utf8 = _Utf8Watch(encoding)
    line, tail, is_blank = 1, 0, True
    for chunk in _chunks(path, packing, on_progress):
        text = _decode(path, decoder, chunk, line, encoding)
        also_utf8.feed(chunk)
        if "\0" in text:
            raise SourceError(
                f"{path.name} is not a text file (a NUL byte near line {line}): ingest CSV, JSON "
                "lines, Excel or Parquet."
            )
        line += text.count("\n")
        cut = max(text.rfind("\n"), text.rfind("\r"))
        tail = tail + len(text) if cut < 0 else len(text) - cut
        if tail > LONGEST_RECORD and kind is not Kind.JSON_LIST:
            raise SourceError(f"{path.name}: line {line} has over {LONGEST_RECORD:,} characters.")
        is_blank = is_blank and not text.strip("\ufeff \r\n\t")
    _decode(path, decoder, b"", line, encoding)
    if is_blank:
        raise SourceError(f"{path.name} is empty: there is nothing to ingest.")
    also_utf8.require_not_utf8(path, encoding)


def _check_list(path: Path, packing: Packing, encoding: str) -> None:
    with unpacked(path, packing) as (stream, _), io.TextIOWrapper(stream, encoding) as text:
        try:
            for _ in listed(text):
                pass
        except ValueError as error:
            raise SourceError(f"{path.name} is cut off or no JSON list: {error}.") from None


def _decode(
    path: Path, decoder: codecs.IncrementalDecoder, chunk: bytes, line: int, encoding: str
) -> str:
    try:
        return decoder.decode(chunk, final=not chunk)
    except UnicodeError as error:  # UTF-16 without its mark is no UnicodeDecodeError
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        at = line + chunk[:start].count(b"\n")
        raise SourceError(
            f"{path.name} is not {encoding} (line {at}): set `encoding` in the layout, for "
            "example to cp1252 or utf-16."
        ) from None


class _Utf8Watch:
    """Notices UTF-8 that a layout declares as a one-byte encoding: it would decode to rubbish."""

    def __init__(self, encoding: str) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        is_declared = codecs.lookup(encoding).name in UTF8_NAMES
        self._is_possible = not is_declared
        self._has_accents = False

    def feed(self, chunk: bytes) -> None:
        if not self._is_possible:
            return
        try:
            self._has_accents |= not self._decoder.decode(chunk).isascii()
        except UnicodeDecodeError:
            self._is_possible = False

    def require_not_utf8(self, path: Path, encoding: str) -> None:
        if self._is_possible and self._has_accents:
            raise SourceError(
                f"{path.name} is UTF-8, but the layout declares {encoding}: set `encoding` in the "
                "layout to utf-8."
            )
