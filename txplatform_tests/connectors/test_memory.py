"""Memory that was freed: whether the process still holds it."""

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
