"""Memory that a long job has freed: by default much of it stays with the process."""

import pyarrow as pa


def give_back() -> None:
    """Return what was freed to the system, and let Arrow allocate so that it can be.

    Arrow's own allocator, and that of C for each thread there was, keep what tables of the part
    before took: 300 MB after some. For who works part by part, between two of them.
    """
    pool = pa.system_memory_pool()
    pa.set_memory_pool(pool)
    pool.release_unused()  # of all that C allocated, too
