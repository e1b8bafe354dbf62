"""Ports of this machine: which of them a server can listen on, and waiting until it does."""

import socket
import subprocess
import time
from contextlib import suppress

from txplatform.errors import ServerError

TRIED, HIGHEST = 50, 65_535
POLL_SECONDS = 0.1
REACHED_AT = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - not bound here


def probe(host: str, port: int) -> None:
    """Listen on a port for a moment; a port whose last connections linger is free for servers.

    Raises:
        OSError: nobody can.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))


def next_free_port(host: str, wanted: int) -> int:
    """The wanted port of an address, or the next one that is free.

    Raises:
        ServerError: none of the next 50 is, or the address is not this machine's.
    """
    last = min(wanted + TRIED, HIGHEST)
    for port in range(wanted, last + 1):
        with suppress(OSError):
            probe(host, port)
            return port
    raise ServerError(f"No port from {wanted} to {last} of {host} is free: say --port.")


def wait_until_listening(
    server: subprocess.Popen[bytes], host: str, port: int, seconds: float, sentence: str
) -> None:
    """Wait until a process that was started answers on its port.

    Raises:
        ServerError: it ends, or does not answer for so long; the sentence.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        address = (REACHED_AT.get(host, host), port)
        with suppress(OSError), socket.create_connection(address, 1) as reached:
            if reached.getsockname()[1] != port:  # else it has reached itself
                return
        time.sleep(POLL_SECONDS)
    raise ServerError(sentence)
