"""Memory that was freed, whether the process still holds it; and the collector of garbage."""

import gc

import psutil
import pyarrow as pa

from txplatform.connectors import memory

BLOCKS, SIZE = 20_000, 10_000


def test_what_was_freed_goes_back_to_the_system() -> None:
    """Catches: a part's memory that stays because something small was allocated after it."""
    process = psutil.Process()
    blocks = [b"x" * SIZE for _ in range(BLOCKS)]
    later = b"y" * SIZE
    held = process.memory_info().rss
    del blocks
    assert process.memory_info().rss > held - BLOCKS * SIZE // 2, "as C does by itself"

    memory.give_back()

    assert process.memory_info().rss < held - BLOCKS * SIZE // 2
    assert later
    assert pa.default_memory_pool().backend_name == "system"


def test_what_was_set_before_comes_back() -> None:
    before = gc.get_threshold()

    with memory.seldom_collected():
        assert gc.get_threshold()[0] == memory.OBJECTS
    assert gc.get_threshold() == before


def test_the_last_of_several_brings_it_back_in_whatever_order_they_end() -> None:
    before = gc.get_threshold()
    first, second = memory.seldom_collected(), memory.seldom_collected()

    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold()[0] == memory.OBJECTS
    second.__exit__(None, None, None)
    assert gc.get_threshold() == before


def test_what_was_there_before_is_not_looked_at() -> None:
    with memory.set_apart():
        assert gc.get_freeze_count()
        assert len(gc.get_objects()) < gc.get_freeze_count()
    assert not gc.get_freeze_count()
