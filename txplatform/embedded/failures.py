"""Why a server cannot be used, in one sentence: from an error of the system, or from its log."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from txplatform.errors import ServerError

MEGABYTE = 1 << 20
_NEEDED_MB = 256  # first files and journals; mongod would start with less and die while it loads
_FULL = (errno.ENOSPC, errno.EDQUOT)
_LONGEST_WORDS = 300  # characters of a log that a sentence quotes


def require_space(folder: Path) -> None:
    """ServerError if a server would run out of disk at once."""
    if _free_mb(folder) < _NEEDED_MB:
        raise full_disk(folder)


def full_disk(folder: Path) -> ServerError:
    """The sentence about a full disk."""
    return ServerError(
        f"The disk of {folder} has {_free_mb(folder)} MB free and the servers need "
        f"{_NEEDED_MB} MB: make room, or set TXPLATFORM_STATE_DIR to another disk."
    )


def did_not_start(server: str, data: Path, log: Path, last_words: str) -> ServerError:
    """The sentence about a server that ended instead of answering."""
    if "No space left on device" in last_words:
        return full_disk(data)
    said = " ".join(last_words.split())[:_LONGEST_WORDS] or "it said nothing"
    return ServerError(f"The embedded {server} did not start: {said} (its whole log: {log}).")


@contextmanager
def told_in_a_sentence(state: Path) -> Iterator[None]:
    """Turn what the system refuses in the state folder into a ServerError."""
    try:
        yield
    except psutil.AccessDenied as error:
        raise ServerError(
            f"Process {error.pid} is a server of {state} and belongs to another user: stop it as "
            "that user, or set TXPLATFORM_STATE_DIR to a folder of your own."
        ) from error
    except OSError as error:
        if error.errno in _FULL:
            raise full_disk(state) from error
        raise ServerError(
            f"The state folder {state} cannot be used ({error.strerror}: {error.filename}): make "
            "it yours, or set TXPLATFORM_STATE_DIR to a folder of your own."
        ) from error


def _free_mb(folder: Path) -> int:
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(existing).free // MEGABYTE
