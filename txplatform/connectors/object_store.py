"""An object store: a folder of this machine or a bucket of S3, with one set of calls for both.

Objects are put whole or not at all. `create` puts a name only if nobody has it yet, which is what
lets two writers find out which of them was second. Do not fork a process once a store was used.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from hashlib import file_digest
from io import BytesIO
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any, NamedTuple
from urllib.parse import urlsplit

import obstore
import pyarrow as pa
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, S3Store
from pyarrow import parquet

from txplatform.errors import ServerError, SettingsError

COMPRESSION = "zstd"
ROW_GROUP = 122_880
"""Rows that an engine reads on one core: a table in one group would be read by one alone."""

MOST_IN_MEMORY = 1 << 26
"""Bytes of a table that is being written; what is more waits in a file of the system's own."""

ATTEMPTS = 3
"""Of a request to S3, then a sentence."""

REASONS = {
    ("StorageFull", "QuotaExceeded", "507 Insufficient", "No space left", "os error 28"): (
        "is full: make room, or choose another one with TXPLATFORM_LAKE."
    ),
    ("SignatureDoesNotMatch", "InvalidAccessKeyId", "AccessDenied", "403 Forbidden"): (
        "refuses the key: check TXPLATFORM_LAKE_KEY, TXPLATFORM_LAKE_SECRET and what they may do."
    ),
    ("NoSuchBucket",): "has no such bucket: make it, or check the name in TXPLATFORM_LAKE.",
    ("500 Internal",): (
        "fails by itself: look into its log, and whether it is full, which some servers say there "
        "only."
    ),
    ("error sending request", "Connection refused", "timed out", "dns error"): (
        "does not answer: check TXPLATFORM_LAKE_ENDPOINT, and whether the server is up."
    ),
}
"""By what the store says, the first that it says: what that means, and what people can do."""


class S3Access(NamedTuple):
    """How to reach a bucket that is not Amazon's, or not with the machine's own identity."""

    endpoint: str | None = None
    key: str | None = None
    secret: str | None = None
    region: str = "us-east-1"


class Stored(NamedTuple):
    """What a table takes as Parquet."""

    rows: int
    size: int
    """Bytes."""
    sha256: str


class TakenError(ServerError):
    """Somebody else has put an object of this name."""


class ObjectStore:
    """The objects below one address: `/folder`, `file:///folder` or `s3://bucket/prefix`."""

    def __init__(self, address: str, access: S3Access | None = None) -> None:
        self.address = address
        self._is_remote = address.startswith("s3://")
        self._store = _s3(address, access or S3Access()) if self._is_remote else _local(address)

    def put(self, name: str, content: bytes | Path) -> None:
        """Put an object, replacing one of the same name."""
        with self._told():
            obstore.put(self._store, name, content)

    def create(self, name: str, content: bytes) -> None:
        """Put an object of a name that nobody has.

        Raises:
            TakenError: the name is taken; nothing was written.
        """
        try:
            with self._told():
                obstore.put(self._store, name, content, mode="create")
        except AlreadyExistsError:
            raise TakenError(f"{name} exists already in {self.address}.") from None

    def get(self, name: str) -> bytes:
        """The content of an object."""
        with self._told():
            return bytes(obstore.get(self._store, name).bytes())

    def names(self, prefix: str, before: datetime | None = None) -> list[str]:
        """Names of the objects below a prefix, sorted; or of those last put before an instant."""
        with self._told():
            return sorted(
                str(entry["path"])
                for page in obstore.list(self._store, prefix)
                for entry in page
                if before is None or entry["last_modified"] < before
            )

    def delete(self, names: Iterable[str]) -> None:
        """Delete objects; one that is gone already is no error."""
        with self._told():
            for name in names:
                try:
                    obstore.delete(self._store, name)
                except FileNotFoundError:
                    continue

    def put_table(self, name: str, rows: pa.Table | pa.RecordBatchReader) -> Stored:
        """Put rows as Parquet, batch by batch: what a reader gives need not fit into memory."""
        with SpooledTemporaryFile(MOST_IN_MEMORY) as file:
            count = _write(rows.to_reader() if isinstance(rows, pa.Table) else rows, file)
            size = file.tell()
            file.seek(0)
            sha256 = file_digest(file, "sha256").hexdigest()
            file.seek(0)
            with self._told():
                obstore.put(self._store, name, file)
        return Stored(count, size, sha256)

    def get_table(self, name: str, columns: list[str] | None = None) -> pa.Table:
        """A table that was put as Parquet."""
        return parquet.read_table(BytesIO(self.get(name)), columns=columns)

    def local_path(self, name: str, cache: Path) -> Path:
        """A file of this machine with the object's content, for engines that read files.

        Objects of the lake never change under a name, so that a copy stays right.
        """
        if not self._is_remote:
            return Path(_folder(self.address)) / name
        copy = cache / name
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            unfinished = copy.with_suffix(".tmp")
            with self._told(), unfinished.open("wb") as file:
                for chunk in obstore.get(self._store, name).stream():
                    file.write(chunk)
            unfinished.replace(copy)
        return copy

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except AlreadyExistsError:
            raise
        except (BaseError, OSError) as error:
            if isinstance(error, FileNotFoundError) and "NoSuchBucket" not in str(error):
                raise
            raise ServerError(f"The lake at {self.address} {_reason(str(error))}") from None


def _reason(said: str) -> str:
    """What an error of the store means, and what to do about it: S3 names codes, disks errno."""
    for codes, sentence in REASONS.items():
        if any(code in said for code in codes):
            return sentence
    why = said.strip().split("\n", 1)[0]
    return f"cannot be used ({why:.200}): check its address, its secrets and its free space."


def _write(rows: pa.RecordBatchReader, file: IO[bytes]) -> int:
    """Write batches as Parquet; how many rows that were."""
    count = 0
    # Numbers by themselves: looking for repeated ones costs more than their dictionary saves.
    texts = [field.name for field in rows.schema if pa.types.is_string(field.type)]
    with parquet.ParquetWriter(
        file,
        rows.schema,
        compression=COMPRESSION,
        use_dictionary=texts,
        store_decimal_as_integer=True,
    ) as writer:
        for batch in rows:
            writer.write_table(pa.Table.from_batches([batch]), ROW_GROUP)
            count += batch.num_rows
    return count


def _folder(address: str) -> str:
    return urlsplit(address).path if address.startswith("file://") else address


def _local(address: str) -> LocalStore:
    folder = Path(_folder(address)).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ServerError(
            f"The lake at {folder} cannot be written ({error.strerror or error}): choose another "
            "folder."
        ) from None
    return LocalStore(folder)


def _is_url(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none, a bracket that is not closed
        return False


def _s3(address: str, access: S3Access) -> S3Store:
    parts = urlsplit(address)
    if not parts.netloc:
        raise SettingsError(f"{address} names no bucket: write s3://bucket/prefix.")
    if access.endpoint and not _is_url(access.endpoint):
        raise SettingsError(
            f"TXPLATFORM_LAKE_ENDPOINT cannot be used: {access.endpoint:.200} is no address such "
            "as http://minio:9000."
        )
    # Only given where set: otherwise the machine's own identity holds.
    given: Mapping[str, str | None] = {
        "endpoint": access.endpoint,
        "access_key_id": access.key,
        "secret_access_key": access.secret,
    }
    options: dict[str, Any] = {name: value for name, value in given.items() if value}
    return S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        region=access.region,
        virtual_hosted_style_request=False,
        client_options={"allow_http": True, "timeout": "30s", "connect_timeout": "3s"},
        retry_config={"max_retries": ATTEMPTS},
        **options,
    )
