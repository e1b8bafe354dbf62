"""A server that was lost while it was in use, in one sentence, however deep its error lies.

Drivers raise types of their own and Dagster wraps those, or hands on no more than their names. So
errors are known by the names of their classes here.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from txplatform.errors import PlatformError, ServerError

POSTGRES = frozenset(
    {
        "AdminShutdown",
        "CannotConnectNow",
        "CrashShutdown",
        "DagsterPostgresException",
        "DiskFull",
        "InterfaceError",
        "OperationalError",
        "QueryCanceled",
    }
)
MONGO = frozenset(
    {"AutoReconnect", "ConnectionFailure", "NetworkTimeout", "ServerSelectionTimeoutError"}
)
MONGO_REFUSALS = frozenset(
    {"BulkWriteError", "OperationFailure", "WriteConcernError", "WriteError"}
)
"""What these say tells whether MongoDB was interrupted, or refused what should not be asked."""

INTERRUPTION = re.compile(r"interrupted|shutdown|shutting down|no space left", re.IGNORECASE)
LONGEST_REASON = 200


@contextmanager
def told_in_a_sentence() -> Iterator[None]:
    """Turn the loss of a server into a ServerError; every other error stays what it is."""
    try:
        yield
    except PlatformError:
        raise
    except Exception as error:
        for one in chain(error):
            if said := sentence([each.__name__ for each in type(one).__mro__], str(one)):
                raise ServerError(said) from error
        raise


def sentence(names: list[str], message: str) -> str | None:
    """What a person reads about an error of a server.

    Args:
        names: of the error's class and of those that it descends from.
        message: of the error.

    Returns:
        None if the error does not mean that a server was lost.
    """
    server = _server(frozenset(names), message)
    if server is None:
        return None
    first_line = message.strip().split("\n", 1)[0]
    reason = re.sub(r"^\([\w.]+\) |, (full error|Timeout): .*$", "", first_line)[:LONGEST_REASON]
    return (
        f"{server} was lost, or stopped what was under way ({reason.strip().rstrip('.')}): "
        "`txplatform doctor` says whether it answers; then the same command finishes the work."
    )


def _server(names: frozenset[str], message: str) -> str | None:
    if names & POSTGRES:
        return "PostgreSQL"
    is_interrupted = names & MONGO_REFUSALS and INTERRUPTION.search(message)
    return "MongoDB" if names & MONGO or is_interrupted else None


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those below it, down to the first cause."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
