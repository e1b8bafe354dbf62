"""Python's search for cycles of garbage, made rare while many rows are in memory."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

OBJECTS = 500_000
"""More than the batches in memory add; what a real leak of cycles adds is still collected."""

_lock = Lock()
_before: list[tuple[int, int, int]] = []


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Let the collector run only when far more objects have come than gone.

    By default it looks after every 700, at rows that form no cycles and are gone with their batch:
    a quarter of an ingestion's computing. Of several ingestions in one process the last restores
    what was set before the first.
    """
    with _lock:
        _before.append(gc.get_threshold())
        gc.set_threshold(OBJECTS, *_before[0][1:])
    try:
        yield
    finally:
        with _lock:
            before = _before.pop()
            if not _before:
                gc.set_threshold(*before)
