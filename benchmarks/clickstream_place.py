"""Where the stream is measured: servers of its own, and commands as processes of their own."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from txplatform import embedded
from txplatform.embedded import kafka
from txplatform.platform import Platform, opened
from txplatform.settings import child_environment, load_settings


class Place(NamedTuple):
    """Servers, a log and the variables with which commands find them."""

    platform: Platform
    variables: dict[str, str]

    @property
    def server(self) -> int:
        """PostgreSQL's first process."""
        known = {one.name: one.pid for one in embedded.status(self.platform.settings)}
        return known["PostgreSQL"] or 0

    def command(self, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
        """Start `txplatform clickstream ARGUMENTS`."""
        words = [sys.executable, "-m", "txplatform", "clickstream", *arguments]
        return subprocess.Popen(
            words,
            env=child_environment(**self.variables, **more),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@contextmanager
def place(is_kafka: bool) -> Iterator[Place]:
    """Servers of the benchmark's own, with the log in Kafka or in a folder."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        nothing = {"mongo_uri": None, "postgres_url": None, "kafka_bootstrap": None}
        address = None
        if is_kafka:
            settings = load_settings(state_dir=folder / "kafka", kafka_bootstrap=None)
            address = stack.enter_context(kafka.running(settings))
        named: dict[str, Any] = {
            **nothing,
            "state_dir": folder / "state",
            "kafka_bootstrap": address,
        }
        platform = stack.enter_context(opened(**named))
        platform.engine.dispose()  # it brought the schema to its newest version
        variables = {f"TXPLATFORM_{key.upper()}": str(named[key] or "") for key in named}
        yield Place(platform, variables)
