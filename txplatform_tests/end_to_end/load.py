"""Readers of the API while weeks are computed again and again: latency, errors, memory.

`make load SECONDS=600` runs it on an installation of its own, on loopback: a sample is ingested and
computed, the API is a process of its own, its readers ask one page after another with a pause
between, and `txplatform spend run --all` starts anew whenever it ends.
"""

import asyncio
import itertools
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import httpx
import psutil

from txplatform.domains.spend.sources.sample import write_sample
from txplatform_tests.end_to_end import environments

PATHS = (
    "/spend/weeks",
    "/spend/weekly-transactions?limit=100",
    "/spend/departments?limit=100",
    "/spend/alerts?limit=50",
    "/spend/alert-counts",
    "/spend/rules",
)
READERS, PAUSE_SECONDS, ROWS = 200, 2.0, 20_000
P95_MS, GROWTH = 500, 0.1
START_SECONDS = 120


@dataclass
class Load:
    """What readers met: milliseconds of every answer, and what went wrong."""

    milliseconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def percentile(self, percent: int) -> float:
        """The time within which so many per cent of the answers came."""
        return quantiles(self.milliseconds, n=100, method="inclusive")[percent - 1]


async def read(
    address: str, headers: Mapping[str, str], readers: int, seconds: float, pause: float
) -> Load:
    """Let readers ask for pages, each with a connection of its own, for so long."""
    load, ends = Load(), time.monotonic() + seconds
    limits = httpx.Limits(max_connections=readers)
    async with httpx.AsyncClient(
        base_url=address, headers=dict(headers), limits=limits, timeout=30
    ) as client:

        async def reader(number: int) -> None:
            await asyncio.sleep(pause * number / readers)
            for path in itertools.islice(itertools.cycle(PATHS), number % len(PATHS), None):
                if time.monotonic() > ends:
                    return
                await _ask(client, path, load)
                await asyncio.sleep(pause)

        await asyncio.gather(*map(reader, range(readers)))
    return load


async def _ask(client: httpx.AsyncClient, path: str, load: Load) -> None:
    began = time.monotonic()
    try:
        answer = await client.get(path)
    except httpx.HTTPError as error:
        load.errors.append(f"{path}: {error!r}")
        return
    load.milliseconds.append((time.monotonic() - began) * 1000)
    if answer.status_code != 200:
        load.errors.append(f"{path}: {answer.status_code} {answer.text:.200}")


class Memory(threading.Thread):
    """The resident memory of a process, in MB, looked at every second."""

    def __init__(self, process: psutil.Process) -> None:
        super().__init__(daemon=True)
        self._process = process
        self.is_over = threading.Event()
        self.samples: list[float] = []

    def run(self) -> None:
        """Look until told to stop."""
        while not self.is_over.wait(1):
            self.samples.append(self._process.memory_info().rss / 1e6)

    def ends(self) -> tuple[float, float]:
        """Its median in the second tenth of the time, when all is loaded, and in the last."""
        tenth = max(1, len(self.samples) // 10)
        return median(self.samples[tenth : 2 * tenth]), median(self.samples[-tenth:])


@contextmanager
def backfilling(environment: Mapping[str, str]) -> Iterator[list[int]]:
    """Weeks computed over and over beside the block; the exit codes of the runs so far."""
    is_over, codes = threading.Event(), list[int]()

    def run() -> None:
        while not is_over.is_set():
            codes.append(txplatform(environment, "spend", "run", "--all").returncode)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield codes
    finally:
        is_over.set()
        thread.join()


def txplatform(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the platform."""
    command = [sys.executable, "-m", "txplatform", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@contextmanager
def serving(environment: Mapping[str, str], port: int) -> Iterator[psutil.Process]:
    """The API as a process of its own, once it is ready."""
    command = [sys.executable, "-m", "txplatform", "api", "--port", str(port)]
    process = psutil.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _is_ready(port) and time.monotonic() < deadline:
            time.sleep(0.2)
        yield process
    finally:
        process.terminate()
        process.wait()


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/ready", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def main(seconds: float, port: int = 8765) -> int:
    """Measure, print the figures, and say whether they keep what is promised."""
    with tempfile.TemporaryDirectory() as folder:
        environment = environments.clean(
            TXPLATFORM_STATE_DIR=f"{folder}/state", TXPLATFORM_SPEND_LIMIT="500"
        )
        write_sample(Path(folder) / "sample.csv", rows=ROWS)
        for command in (
            ["up"],
            ["spend", "ingest", f"{folder}/sample.csv"],
            ["spend", "run", "--all"],
        ):
            txplatform(environment, *command).check_returncode()
        made = txplatform(environment, "token", "create", "Ada", "--json")
        headers = {"Authorization": f"Bearer {json.loads(made.stdout)['token']}"}
        try:
            with serving(environment, port) as process, backfilling(environment) as codes:
                memory = Memory(process)
                memory.start()
                address = f"http://127.0.0.1:{port}"
                load = asyncio.run(read(address, headers, READERS, seconds, PAUSE_SECONDS))
                memory.is_over.set()
                memory.join()
        finally:
            txplatform(environment, "down")
    return report(load, memory, codes, seconds)


def report(load: Load, memory: Memory, codes: list[int], seconds: float) -> int:
    """Print the figures; the exit code says whether they keep what is promised."""
    first, last = memory.ends()
    figures = (
        f"readers {READERS}, {seconds:.0f} s, {len(load.milliseconds):,} answers",
        f"errors {len(load.errors)} {load.errors[:3]}",
        ", ".join(f"p{one} {load.percentile(one):.0f} ms" for one in (50, 95, 99)),
        f"memory of the API {first:.0f} MB, at the end {last:.0f} MB",
        f"backfills beside it {len(codes)}, failed {sum(map(bool, codes))}",
    )
    sys.stdout.write("\n".join((*figures, "")))
    is_kept = not load.errors and not any(codes) and load.percentile(95) < P95_MS
    return 0 if is_kept and last <= first * (1 + GROWTH) else 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
