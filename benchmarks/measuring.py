"""Processes timed and watched: how long they take, and how much memory all of them hold at most."""

import json
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import uvicorn

from txplatform.settings import child_environment

RESULTS = Path(__file__).with_name("results")
SERVERS = {"mongod", "postgres"}
SAMPLE_SECONDS = 0.2
PATIENCE_SECONDS = 1_800


def apart(command: Sequence[str | Path], **variables: str) -> dict[str, Any]:
    """Run a command to its end; the JSON of its last line, with `wall` and `peak_mb`.

    Of one whose last line is no JSON, all that it `printed` instead. Memory is that of the process
    and all that it started, the JVM included, the servers not. A command that fails or takes half
    an hour gives `error` instead.
    """
    began = time.monotonic()
    child = psutil.Popen(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Children look for no modules beside themselves.
        env=child_environment(PYTHONPATH=str(Path(__file__).parent), **variables),
    )
    peak = [0]
    watcher = threading.Thread(target=_watch, args=(child, peak), daemon=True)
    watcher.start()
    try:
        printed, complaint = child.communicate(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        for process in [*child.children(recursive=True), child]:
            process.kill()
        printed, complaint = child.communicate()
    figures = {"wall": time.monotonic() - began, "peak_mb": peak[0] >> 20}
    if child.returncode:
        return {**figures, "error": _last_words(complaint, child.returncode)}
    lines = printed.strip().splitlines()
    is_told = bool(lines) and lines[-1].startswith("{")
    said = json.loads(lines[-1]) if is_told else {"printed": printed}
    return {**figures, **said}


def _last_words(complaint: str, code: int) -> str:
    lines = [line for line in complaint.strip().splitlines() if line[:1].strip()]
    return lines[-1][:200] if lines else f"exit code {code}"


def _watch(child: psutil.Popen, peak: list[int]) -> None:
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        total = 0
        with suppress(psutil.Error):
            for process in [child, *child.children(recursive=True)]:
                with suppress(psutil.Error):
                    if process.name() not in SERVERS:
                        total += process.memory_info().rss
        peak[0] = max(peak[0], total)
        time.sleep(SAMPLE_SECONDS)


def summary(seconds: Sequence[float]) -> dict[str, float]:
    """Median and range."""
    return {
        "median": statistics.median(seconds),
        "fastest": min(seconds),
        "slowest": max(seconds),
        "rounds": len(seconds),
    }


def rotated(names: Sequence[str], number: int) -> Iterable[str]:
    """The names in the order of round `number`: each goes first once."""
    turn = number % len(names)
    return (*names[turn:], *names[:turn])


def keep(benchmark: str, records: Iterable[Mapping[str, Any]]) -> None:
    """Append records to the benchmark's JSON lines, with when and under which load they arose."""
    RESULTS.mkdir(exist_ok=True)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    load = round(psutil.getloadavg()[2], 1)
    with (RESULTS / f"{benchmark}.jsonl").open("a", encoding="utf-8") as file:
        for record in records:
            line = json.dumps({"at": at, "load": load, **_rounded(record)})
            file.write(line + "\n")
            sys.stdout.write(line + "\n")


def _rounded(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: round(value, 3) if isinstance(value, float) else value
        for name, value in record.items()
    }


def tell(text: str) -> None:
    """A line for whoever waits."""
    sys.stderr.write(text + "\n")


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Address of a server of the app in this process, until the end."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(SAMPLE_SECONDS)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()
