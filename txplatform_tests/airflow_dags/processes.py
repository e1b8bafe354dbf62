"""Processes of a test: started with a log of their own, stopped with everything below them."""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import psutil

T = TypeVar("T")


@contextmanager
def process(
    command: Sequence[str | Path], environment: Mapping[str, str], log: Path
) -> Iterator[psutil.Popen]:
    """A running program; at the end it and its children are gone, whatever they do."""
    with log.open("wb") as output:
        started = psutil.Popen(
            [str(part) for part in command],
            env=dict(environment),
            cwd=log.parent,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield started
    finally:
        stop(started)


def stop(started: psutil.Popen) -> None:
    """End a process and its descendants: politely, then for good."""
    if not started.is_running():
        return
    family = [*started.children(recursive=True), started]
    started.terminate()
    _, stubborn = psutil.wait_procs(family, timeout=15)
    for member in stubborn:
        member.kill()
    psutil.wait_procs(stubborn, timeout=10)


def free_port() -> int:
    """A port of loopback on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(look: Callable[[], T | None], seconds: float, what: str, pause: float = 0.5) -> T:
    """The first answer of `look` that is not empty.

    Raises:
        AssertionError: there was none in time; the message says what was waited for.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(pause)
    raise AssertionError(f"not within {seconds} s: {what}")
