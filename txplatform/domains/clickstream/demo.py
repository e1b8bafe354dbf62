"""The demo of live events: a shop of 50 events a second, the job, and the Live page."""

import atexit
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from txplatform.cli.demo import Report, Stages
from txplatform.errors import PlatformError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from txplatform.cli.session import Session
    from txplatform.domains.clickstream.queries.status import StreamStatus
    from txplatform.settings import Settings

RATE, PAST_MINUTES = 50, 40
FIRST_NUMBERS_SECONDS, STOP_SECONDS, ASK_SECONDS = 180.0, 20.0, 0.5
COMMANDS = ("clickstream status", "clickstream check")


def demo(
    opened: "Session", folder: Path, stages: Stages, is_kafka: bool = False, address: str = ""
) -> Report:
    """Let a made-up shop write and the job process, both until the demo ends.

    Args:
        opened: the servers.
        folder: where the commands' outputs go.
        stages: are timed.
        is_kafka: whether the log is kept in Kafka and not in a folder.
        address: of the broker; empty: one of our own, which ends with the demo.
    """
    from txplatform.domains.clickstream.settings import ClickstreamSettings

    platform = opened.platform
    topic = platform.settings.of(ClickstreamSettings).topic
    logs = [folder / f"clickstream-{name}.log" for name in ("shop", "job")]
    if is_kafka and not address:
        with stages.stage("broker"):
            address = broker(platform.settings)
    shop_says = ["generate", "--live", "--rate", str(RATE), "--past", str(PAST_MINUTES)]
    shop_says += ["--seed", str(int(time.time()))]
    variables = {"TXPLATFORM_KAFKA_BOOTSTRAP": address, "TXPLATFORM_CLICKSTREAM_TOPIC": topic}
    commands = [
        started(part, log, variables) for part, log in zip((shop_says, ["run"]), logs, strict=True)
    ]
    with stages.stage("first numbers"):
        now = first_numbers(platform.engine, topic, commands, logs)
    figures = {"state": now.state, "read": now.read, "accepted": now.accepted, "lost": now.lost}
    lines = {
        "shop": f"{RATE} events a second, until this demo ends",
        "log": f"Kafka at {address}" if address else "a folder",
        "processed so far": f"{now.read:,} lines",
        "lost": f"{now.lost:,}",
    }
    failure = "Events are lost." if now.lost else None
    return Report(figures, lines, COMMANDS, failure, variables if address else {})


def broker(settings: "Settings") -> str:
    """A broker of our own, until this process ends."""
    from txplatform.embedded import kafka

    stack = ExitStack()
    atexit.register(stack.close)  # before the commands are registered, which end first
    return stack.enter_context(kafka.running(settings))


def started(
    arguments: list[str], log: Path, variables: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """A command of this domain beside the demo; it ends with it."""
    from txplatform.settings import child_environment

    command = [sys.executable, "-P", "-m", "txplatform", "clickstream", *arguments]
    environment = child_environment(**variables)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    atexit.register(stop, process)
    return process


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a command as Ctrl-C does, which it may have seen already."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        process.kill()
    process.wait()


def first_numbers(
    engine: "Engine",
    topic: str,
    commands: Sequence[subprocess.Popen[bytes]],
    logs: Sequence[Path],
) -> "StreamStatus":
    """Wait until the first events are in the tables.

    Raises:
        PlatformError: a command ended, or nothing came.
    """
    from txplatform.domains.clickstream.queries.status import status

    before, deadline = status(engine, topic).read, time.monotonic() + FIRST_NUMBERS_SECONDS
    while (now := status(engine, topic)).read == before or now.state != "running":
        pairs = zip(commands, logs, strict=True)
        ended = [log for process, log in pairs if process.poll() is not None]
        if ended or time.monotonic() > deadline:
            log = (ended or logs)[-1]
            said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            last = said[-1] if said else "nothing was said"
            raise PlatformError(f"No events came ({last}): see {log}.")
        time.sleep(ASK_SECONDS)
    return now
