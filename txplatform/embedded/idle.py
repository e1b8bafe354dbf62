"""Stops a warm Spark that nobody uses, so that a forgotten UI does not keep its memory.

A process of its own beside the server: `python -m txplatform.embedded.idle STATE PID STARTED PORT
MINUTES`. It ends with the server.
"""

import signal
import sys
import time
from pathlib import Path

import psutil

from txplatform.embedded import processes

_LOOK_SECONDS = 5.0
_STOP_SECONDS = 30.0


def stop_when_idle(
    state: Path, server: psutil.Process, port: int, minutes: float, key: str = "spark"
) -> None:
    """Return once the server ended by itself, or was stopped after `minutes` without use.

    Use is an open connection to `port`, or a touch of the server's mark by a run that is about
    to connect; runs touch it under the same lock, so none is left with a server that goes.
    """
    seconds, mark = minutes * 60, state / "servers" / f"{key}.wanted"
    last_use = time.time()
    while processes.is_alive(server):
        time.sleep(min(_LOOK_SECONDS, seconds / 4))
        with processes.locked(state / "servers" / "lock"):
            marked = mark.stat().st_mtime if mark.exists() else 0.0
            last_use = max(last_use, marked, time.time() if _is_connected(server, port) else 0.0)
            if time.time() - last_use > seconds:
                processes.stop(server, signal.SIGTERM, _STOP_SECONDS)


def _is_connected(server: psutil.Process, port: int) -> bool:
    try:
        return any(
            connection.laddr.port == port
            for connection in server.net_connections("tcp")
            if connection.laddr and connection.status == psutil.CONN_ESTABLISHED
        )
    except psutil.NoSuchProcess:
        return False


def main(state: str, pid: str, started: str, port: str, minutes: str) -> None:
    """Watch the server `pid`, if it still is the one that started at `started`."""
    server = processes.find(int(pid), float(started), state)
    if server:
        stop_when_idle(Path(state), server, int(port), float(minutes))


if __name__ == "__main__":
    main(*sys.argv[1:])
