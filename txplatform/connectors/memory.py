"""Memory of long jobs: what they freed goes back, and the collector of garbage seldom runs."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

import pyarrow as pa

OBJECTS = 500_000
"""More than the batches in memory add; what a real leak of cycles adds is still collected."""

_lock = Lock()
_before: list[tuple[int, int, int]] = []


def give_back() -> None:
    """Return what was freed to the system, and let Arrow allocate so that it can be.

    Arrow's own allocator, and that of C for each thread there was, keep what tables of the part
    before took: 300 MB after some. For who works part by part, between two of them.
    """
    pool = pa.system_memory_pool()
    pa.set_memory_pool(pool)
    pool.release_unused()  # of all that C allocated, too


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Let the collector run only when far more objects have come than gone.

    By default it looks after every 700, at rows that form no cycles and are gone with their batch:
    a quarter of an ingestion's computing. Not for who uses Spark in the block: what its Python
    objects stand for stays in Java until they are collected; `set_apart` is. Of several jobs in
    one process the last restores what was set before the first.
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


@contextmanager
def set_apart() -> Iterator[None]:
    """Let the collector look only at what is made in the block, not at all that was imported.

    Of Dagster that is a million objects, at which it looks whenever a batch of documents comes.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
