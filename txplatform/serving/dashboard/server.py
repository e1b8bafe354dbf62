"""The dashboard's server: a process of its own, watched until it answers and stopped at the end."""

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from txplatform.connectors.private_files import private_folder
from txplatform.errors import ServerError
from txplatform.settings import Settings, child_environment

HOST, PORT = "127.0.0.1", 8501
MODULE = "txplatform.serving.dashboard.program"
START_SECONDS, STOP_SECONDS = 60, 10
TRIED_PORTS, HIGHEST_PORT = 50, 65_535


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
    port = free_port(host, port)
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
        _wait_until_listening(server, host, port, f"The dashboard did not come up: see {log_path}.")
        yield server, f"http://{host}:{port}"
    finally:
        _stop(server)


def free_port(host: str, wanted: int) -> int:
    """The wanted port of an address, or the next one that is free.

    Raises:
        ServerError: none of the next 50 is, or the address is not this machine's.
    """
    last = min(wanted + TRIED_PORTS, HIGHEST_PORT)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(wanted, last + 1):
        with contextlib.closing(socket.socket(family)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((host, port))
                return port
    raise ServerError(f"No port from {wanted} to {last} of {host} is free: say --port.")


def _log_path(settings: Settings) -> Path:
    return private_folder(settings.state / "dashboard") / "dashboard.log"


def _wait_until_listening(
    server: subprocess.Popen[bytes], host: str, port: int, sentence: str
) -> None:
    deadline = time.monotonic() + START_SECONDS
    address = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not bound here
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((address, port), 1):
            return
        time.sleep(0.1)
    raise ServerError(sentence)


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGTERM)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
    if server.stdin:
        server.stdin.close()
