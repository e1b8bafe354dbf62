"""An object store: a folder and a real S3 server, with the same calls and the same refusals."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from txplatform.connectors.object_store import (
    MOST_IN_MEMORY,
    ROW_GROUP,
    ObjectStore,
    S3Access,
    TakenError,
    _reason,
)
from txplatform.errors import ServerError, SettingsError, SourceError
from txplatform_tests.embedded.commands import running_s3

ROWS = pa.table({"name": ["a", "b"], "cents": pa.array([1, 2], pa.decimal128(18, 2))})


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Access]:
    """A real S3 server with the bucket `lake`."""
    with running_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server.access()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """An empty store of each kind."""
    if request.param == "folder":
        return ObjectStore(str(tmp_path / "lake"))
    access: S3Access = request.getfixturevalue("s3")
    return ObjectStore(f"s3://lake/{tmp_path.name}", access)


def test_what_was_put_is_there(store: ObjectStore, tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(b"from a file")

    store.put("a/one", b"1")
    store.put("a/two", path)

    assert store.get("a/one") == b"1"
    assert store.get("a/two") == b"from a file"
    assert store.names("a") == ["a/one", "a/two"]


def test_a_name_is_replaced(store: ObjectStore) -> None:
    store.put("one", b"1")
    store.put("one", b"2")

    assert store.get("one") == b"2"


def test_a_name_is_created_once(store: ObjectStore) -> None:
    store.create("one", b"1")

    with pytest.raises(TakenError, match="one exists already"):
        store.create("one", b"2")

    assert store.get("one") == b"1"


def test_a_deleted_object_may_be_deleted_again(store: ObjectStore) -> None:
    store.put("one", b"1")

    store.delete(["one"])
    store.delete(["one", "never"])

    assert store.names("") == []


def test_a_table_comes_back_with_its_types(store: ObjectStore) -> None:
    stored = store.put_table("t.parquet", ROWS)

    assert stored.rows == 2
    assert stored.size > 0
    assert stored.sha256 == sha256(store.get("t.parquet")).hexdigest()
    assert store.get_table("t.parquet").equals(ROWS)
    assert store.get_table("t.parquet", ["cents"]).column_names == ["cents"]


def test_a_large_table_can_be_read_by_several_cores(tmp_path: Path) -> None:
    store = ObjectStore(str(tmp_path))

    store.put_table("t.parquet", pa.table({"n": range(ROW_GROUP + 1)}))

    assert parquet.ParquetFile(tmp_path / "t.parquet").num_row_groups == 2


def test_a_table_is_written_batch_by_batch(store: ObjectStore) -> None:
    """Of 120 MB never more than some batches are held, nor is the file, which outgrows memory."""
    draw, held, schema = np.random.default_rng(1), [], pa.schema([("n", pa.int64())])

    def batches() -> Iterator[pa.RecordBatch]:
        before = pa.total_allocated_bytes()
        for _ in range(150):
            held.append(pa.total_allocated_bytes() - before)
            yield pa.record_batch([pa.array(draw.integers(0, 1 << 62, 100_000))], schema=schema)

    stored = store.put_table("t", pa.RecordBatchReader.from_batches(schema, batches()))

    assert stored.rows == 15_000_000
    assert stored.size > MOST_IN_MEMORY
    assert max(held) < MOST_IN_MEMORY / 4


def test_a_table_that_cannot_be_made_is_not_put(store: ObjectStore) -> None:
    def batches() -> Iterator[pa.RecordBatch]:
        yield from ROWS.to_batches()
        raise SourceError("cut off")

    with pytest.raises(SourceError, match="cut off"):
        store.put_table("t", pa.RecordBatchReader.from_batches(ROWS.schema, batches()))

    assert store.names("") == []


def test_engines_read_a_file_of_this_machine(store: ObjectStore, tmp_path: Path) -> None:
    store.put("x/t.bin", b"content")

    path = store.local_path("x/t.bin", tmp_path / "cache")

    assert path.read_bytes() == b"content"
    assert store.local_path("x/t.bin", tmp_path / "cache") == path


def test_what_is_not_there_is_not_found(store: ObjectStore) -> None:
    with pytest.raises(FileNotFoundError):
        store.get("nothing")


def test_an_address_without_a_bucket_is_a_sentence() -> None:
    with pytest.raises(SettingsError, match="names no bucket"):
        ObjectStore("s3:///prefix")


@pytest.mark.parametrize("endpoint", ["minio", "minio:9000", "ftp://minio", "http://", "http://[x"])
def test_an_endpoint_that_is_no_address_is_a_sentence(endpoint: str) -> None:
    """Catches: a panic of the library, which is no Exception."""
    with pytest.raises(SettingsError, match="TXPLATFORM_LAKE_ENDPOINT cannot be used"):
        ObjectStore("s3://lake", S3Access(endpoint, "key", "secret"))


def test_a_wrong_secret_is_a_sentence_without_it(s3: S3Access) -> None:
    access = s3._replace(secret="wrong-secret")

    with pytest.raises(ServerError, match="refuses the key: check TXPLATFORM_LAKE_KEY") as refused:
        ObjectStore("s3://lake/x", access).put("one", b"1")

    assert "wrong-secret" not in str(refused.value)


def test_a_server_that_is_away_is_a_sentence() -> None:
    away = S3Access("http://127.0.0.1:9", "key", "secret")

    with pytest.raises(ServerError, match="does not answer: check TXPLATFORM_LAKE_ENDPOINT"):
        ObjectStore("s3://lake", away).get("one")


class Refusing(BaseHTTPRequestHandler):
    """Somebody else's S3 that refuses everything as it is told to."""

    status, code = 507, "XMinioStorageFull"

    def _refuse(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = f"<Error><Code>{self.code}</Code><Message>no</Message></Error>".encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_PUT = do_GET = _refuse  # noqa: N815 - the server's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def refusing(status: int, code: str) -> Iterator[ObjectStore]:
    """A store on a server that refuses with a status and a code of S3's."""
    kind = type("Told", (Refusing,), {"status": status, "code": code})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        yield ObjectStore("s3://lake", S3Access(address, "key", "a-secret"))
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (400, "XMinioStorageFull", "is full: make room"),
        (403, "QuotaExceeded", "is full: make room"),
        (403, "InvalidAccessKeyId", "refuses the key"),
        (403, "SignatureDoesNotMatch", "refuses the key"),
        (404, "NoSuchBucket", "has no such bucket: make it"),
        (400, "SomethingElse", "cannot be used"),
    ],
)
def test_what_a_store_refuses_is_a_sentence_that_says_what_to_do(
    status: int, code: str, told: str
) -> None:
    with refusing(status, code) as store, pytest.raises(ServerError, match=told) as refused:
        store.put("one", b"1")

    assert str(refused.value).startswith("The lake at s3://lake ")
    assert "a-secret" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_full_disk_is_a_sentence() -> None:
    assert _reason("No space left on device (os error 28)").startswith("is full")


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(ServerError, match="choose another folder"):
        ObjectStore(str(tmp_path / "file" / "lake"))
