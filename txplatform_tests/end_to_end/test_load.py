"""Many readers at once while a week is published again and again: no error, no half answer."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from txplatform.domains.spend import publishing
from txplatform.domains.spend.measuring import NO_DOCUMENTS
from txplatform.domains.spend.transforms import CODE_VERSION
from txplatform.platform import Platform
from txplatform.serving.api.app import build
from txplatform_tests.domains.spend.test_sign_offs import FIRST, ROWS
from txplatform_tests.domains.spend.weekly_tables import computed_weeks
from txplatform_tests.end_to_end.load import PATHS, Load, Memory, read, report
from txplatform_tests.serving.running import running

READERS, SECONDS = 60, 4.0


@pytest.fixture
def publishing_again(platform: Platform) -> Iterator[list[int]]:
    """A week that is published again and again with other amounts; how often so far."""
    is_over, written = threading.Event(), list[int]()
    inputs = {"fingerprint": "a", "previous_fingerprint": NO_DOCUMENTS}
    versions = [
        computed_weeks(f"{ROWS}\n{rows}", code_version=CODE_VERSION, **inputs)
        for rows in (FIRST, FIRST.replace("100.10", "200.20"))
    ]

    def publish() -> None:
        while not is_over.is_set():
            done = publishing.publish(platform.engine, versions[len(written) % 2], "a run")
            written.append(sum(one.inserted for one in done.values()))

    thread = threading.Thread(target=publish)
    thread.start()
    yield written
    is_over.set()
    thread.join()


def test_readers_meet_no_error_while_weeks_are_published(
    platform: Platform, publishing_again: list[int]
) -> None:
    with running(build(platform)) as address:
        load = asyncio.run(read(address, {}, READERS, SECONDS, 0.5))

    assert load.errors == []
    assert len(load.milliseconds) >= READERS
    assert len(publishing_again) > 1


def test_an_error_and_a_leak_are_seen(capsys: pytest.CaptureFixture[str]) -> None:
    """The measure itself: what is wrong makes it fail."""
    memory = Memory.__new__(Memory)
    memory.samples = [100.0] * 20
    assert report(Load([10.0] * 100), memory, [0, 0], 20) == 0
    assert report(Load([10.0] * 100, ["/spend/weeks: 503"]), memory, [0], 20) == 1
    assert report(Load([10.0] * 90 + [900.0] * 10), memory, [0], 20) == 1
    assert report(Load([10.0] * 100), memory, [1], 20) == 1
    memory.samples = [100.0 + number for number in range(20)]
    assert report(Load([10.0] * 100), memory, [0], 20) == 1
    assert "p95 10" in capsys.readouterr().out
    assert len(PATHS) == len(set(PATHS))
