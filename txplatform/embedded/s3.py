"""The embedded S3 server: SeaweedFS, for a lake in a bucket like a company's without having one.

It listens on loopback, knows one key of its own, and has one bucket.
"""

import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from txplatform.connectors.private_files import private_folder, write_private
from txplatform.embedded import processes
from txplatform.embedded.servers import Server

if TYPE_CHECKING:
    from txplatform.connectors.object_store import S3Access

KEY, BUCKET = "txplatform", "lake"
READY = f"{BUCKET}/.ready"
PARTS = ("master", "volume", "filer")
"""Of the server beside S3 itself, each with a port of its own."""

FLAGS = (
    "-s3",
    "-filer",
    f"-ip.bind={processes.LOOPBACK}",
    f"-ip={processes.LOOPBACK}",
    "-master.electionTimeout=1s",
    "-master.telemetry=false",
    "-master.volumeSizeLimitMB=64",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
)
PORT = re.compile(r"-(\w+)\.port(?:\.(grpc))?=(\d+)")
SOCKETS = Path("/tmp")  # noqa: S108 - fixed by SeaweedFS
"""Where it listens a second time on each of its ports, and leaves a file when it is killed."""

FATAL = re.compile(r"F\d{4} ")
VERSION = re.compile(r"^version \S+ (\d[\d.]*)", re.MULTILINE)


class S3(Server):
    """A SeaweedFS of one process."""

    name = "S3"
    key = "s3"
    program_name = "weed"
    oldest = 4
    secret_names = (key,)
    alternatives = "set TXPLATFORM_LAKE to a folder, or to s3://bucket/prefix of your own"
    # By SIGTERM it takes a quarter of a minute to end, and its data survive being killed.
    stop_signal = signal.SIGKILL

    @property
    def program(self) -> Path:
        """The packaged `weed`, else the one on the path; ServerError if there is none."""
        beside = Path(sys.executable).with_name(self.program_name)
        found = beside if beside.exists() else shutil.which(self.program_name)
        if found is None:
            raise self.unusable("its package is not installed: it comes with txplatform[embedded]")
        return Path(found)

    def program_version(self) -> str:
        """Version of SeaweedFS, which has a command for it instead of an option."""
        command = [str(self.program), "version"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = VERSION.search(done.stdout)
        if found is None:
            raise self.unusable(f"{self.program} does not say its version")
        return found[1]

    def prepare(self, version: str) -> None:  # noqa: ARG002 - its data suit every 4.x
        """Write who may come in; a secret among the arguments could be read by everybody."""
        private_folder(self.data)
        identity = {"accessKey": KEY, "secretKey": self.password(self.key)}
        named = {"name": KEY, "credentials": [identity], "actions": ["Admin"]}
        write_private(self._identities, json.dumps({"identities": [named]}))

    def command(self, port: int) -> list[str]:
        """`weed server` on loopback; what is beside S3 gets free ports at every start."""
        names = [f"{part}.port" for part in PARTS]
        names += [f"{part}.port.grpc" for part in ("s3", *PARTS)]
        ports = zip(names, processes.free_ports(len(names)), strict=True)
        options = [f"-{name}={number}" for name, number in (("s3.port", port), *ports)]
        places = ["-dir", str(self.data), f"-s3.config={self._identities}"]
        return [str(self.program), "-logtostderr", "server", *FLAGS, *options, *places]

    def is_ready(self, port: int) -> bool:
        """Whether it lets us in and keeps an object; the bucket is there then."""
        if not processes.is_listening(port):
            return False
        # Arrow's client: obstore makes no buckets, as companies have theirs. Most commands need
        # neither, so they are imported here.
        from pyarrow import fs

        client = fs.S3FileSystem(
            access_key=KEY,
            secret_key=self.password(self.key),
            endpoint_override=f"http://{processes.LOOPBACK}:{port}",
            region="us-east-1",
            allow_bucket_creation=True,
        )
        try:
            client.create_dir(BUCKET)
            # Its volumes come later than S3 itself: until then what it holds cannot be read.
            with client.open_output_stream(READY) as written:
                written.write(b"ready")
            with client.open_input_stream(READY) as read:
                is_kept = bool(read.read() == b"ready")
            client.delete_file(READY)
        except OSError:
            return False
        return is_kept

    def stop(self) -> None:
        """Stop the server, and delete the sockets that it leaves when it is killed."""
        running = self.running()
        left = _sockets(running.cmdline()) if running else []
        super().stop()
        for socket in left:
            socket.unlink(missing_ok=True)

    def last_words(self, log: list[str]) -> str:
        """The last line that tells of a fatal error: other parts go on talking after it."""
        fatal = [line for line in log if FATAL.match(line)]
        return next(reversed(fatal or log), "")

    def access(self) -> "S3Access":
        """How to reach the bucket; ServerError if it does not run."""
        from txplatform.connectors.object_store import S3Access

        endpoint = f"http://{processes.LOOPBACK}:{self.port()}"
        return S3Access(endpoint, KEY, self.password(self.key))

    @property
    def _identities(self) -> Path:
        return self.secret_file("s3-identities.json")


def _sockets(command: list[str]) -> list[Path]:
    ports = PORT.finditer(" ".join(command))
    return [SOCKETS / f"seaweedfs-{'-'.join(filter(None, one.groups()))}.sock" for one in ports]
