"""The dashboard's server: a process of its own, watched until it answers and stopped at the end."""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from txplatform.connectors import ports
from txplatform.connectors.private_files import private_folder
from txplatform.errors import ServerError
from txplatform.settings import Settings, child_environment

HOST, PORT = "127.0.0.1", 8501
MODULE = "txplatform.serving.dashboard.program"
START_SECONDS, STOP_SECONDS = 60, 10


def serve(settings: Settings, host: str, port: int, report: Callable[[str], None]) -> None:
    """Serve the dashboard until Ctrl-C.

    Raises:
        ServerError: it does not come up, or ends by itself; the message names its log.
    """
    with started(settings, host, port) as (server, address):
        report(f"Dashboard: {address}  (Ctrl-C stops it)")
        try:
            code = server.wait()
        except KeyboardInterrupt:
            report("Stopping.")
        else:
            raise ServerError(
                f"The dashboard ended by itself with {code}: see {_log_path(settings)}; the same "
                "command starts it again."
            )


@contextlib.contextmanager
def started(
    settings: Settings, host: str, port: int
) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A dashboard that answers, and its address; its process ends with the block.

    It ends with this process too, however that ends: the system closes a killed one's pipe.

    Raises:
        ServerError: it does not come up; the message names its log.
    """
    port = ports.next_free_port(host, port)
    log_path = _log_path(settings)
    with log_path.open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-P", "-m", MODULE, host, str(port)],
            env=child_environment(TXPLATFORM_STATE_DIR=str(settings.state)),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        sentence = f"The dashboard did not come up: see {log_path}."
        ports.wait_until_listening(server, host, port, START_SECONDS, sentence)
        yield server, f"http://{host}:{port}"
    finally:
        _stop(server)


def _log_path(settings: Settings) -> Path:
    return private_folder(settings.state / "dashboard") / "dashboard.log"


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGTERM)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    if server.stdin:
        server.stdin.close()
