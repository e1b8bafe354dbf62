"""A server that was lost in use, or refuses its login something, said in one sentence.

Drivers raise types of their own and Dagster wraps those, or hands on no more than their names. So
errors are known by the names of their classes here, however deep they lie.
"""

import re
from collections.abc import Callable, Iterator, Sequence
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

POSTGRES_RIGHTS = frozenset({"InsufficientPrivilege", "ReadOnlySqlTransaction"})
NO_ENTRY = "permission denied for database"
"""What PostgreSQL says to a login that may not even connect; its error is then a bare one."""
MONGO_RIGHTS = re.compile(r"not authorized on \S+|requires authentication")
"""How MongoDB begins; what it was asked follows, with all that was to be written."""

INTERRUPTION = re.compile(r"interrupted|shutdown|shutting down|no space left", re.IGNORECASE)
LONGEST_REASON = 200


@contextmanager
def told_in_a_sentence() -> Iterator[None]:
    """Turn a server's loss or refusal into a ServerError; every other error stays what it is."""
    try:
        yield
    except PlatformError:
        raise
    except Exception as error:
        if first := _first(sentence, error):
            raise ServerError(first) from error
        raise


def refusal(error: BaseException) -> str | None:
    """What a person reads where a server refuses its login something; None for all other errors."""
    return _first(_refusal, error)


def _first(said: Callable[[Sequence[str], str], str | None], error: BaseException) -> str | None:
    """What is said of the error that lies deepest, of those of which anything is."""
    causes = [([kind.__name__ for kind in type(one).__mro__], one) for one in chain(error)]
    return next(filter(None, (said(names, str(one)) for names, one in reversed(causes))), None)


def sentence(names: Sequence[str], message: str) -> str | None:
    """What a person reads about an error of a server.

    Args:
        names: of the error's class and of those that it descends from.
        message: of the error.

    Returns:
        None if the error means neither that a server was lost nor that a right is missing.
    """
    if refused := _refusal(names, message):
        return refused
    server = _server(frozenset(names), message)
    if server is None:
        return None
    return (
        f"{server} was lost, or stopped what was under way ({_reason(message)}): "
        "`txplatform doctor` says whether it answers; then the same command finishes the work."
    )


def _refusal(names: Sequence[str], message: str) -> str | None:
    is_mongo = None if MONGO_REFUSALS.isdisjoint(names) else MONGO_RIGHTS.search(message)
    is_kept_out = not POSTGRES.isdisjoint(names) and NO_ENTRY in message
    if not is_mongo and not is_kept_out and POSTGRES_RIGHTS.isdisjoint(names):
        return None
    server, variable = ("MongoDB", "MONGO_URI") if is_mongo else ("PostgreSQL", "POSTGRES_URL")
    reason = is_mongo.group() if is_mongo else _reason(message)
    return (
        f"{server} does not let this login do what is needed ({reason}): name one that may in "
        f"TXPLATFORM_{variable}; `txplatform setup roles` makes one for each part of the platform."
    )


def _reason(message: str) -> str:
    """The first line, without the driver's additions."""
    first_line = message.strip().split("\n", 1)[0]
    reason = re.sub(r"^\([\w.]+\) |, (full error|Timeout): .*$", "", first_line)
    return reason[:LONGEST_REASON].strip().rstrip(".")


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
