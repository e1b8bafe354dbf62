"""What is said where memory or disk do not suffice: of its own, as DuckDB is loaded for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from txplatform.errors import ServerError


@contextmanager
def short_of_room(spill: Path) -> Iterator[None]:
    """Say in a sentence that DuckDB has too little memory, or room for what it puts down.

    Raises:
        ServerError: so it is; nothing of the step counts.
    """
    import duckdb

    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        why = str(error).split("\n", 1)[0]
        raise ServerError(
            f"DuckDB cannot go on ({why:.200}): free memory, or room in {spill}, then run it again."
        ) from None
