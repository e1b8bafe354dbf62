"""Whether there is a file at a path that can be read at all: before anything waits for it.

A folder, a device or a pipe has no end that could be verified; a share whose server is gone may
answer an error, or never.
"""

import os
import stat
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from txplatform.errors import SourceError

ANSWER_SECONDS = 30.0
KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def require_file(path: Path, seconds: float = ANSWER_SECONDS) -> None:
    """Raise SourceError unless this is a file whose first byte can be read.

    Raises:
        OSError: it is not there, or the system says why it cannot be read.
    """
    mode = _answer(path, seconds).st_mode
    for is_kind, words in KINDS:
        if is_kind(mode):
            raise SourceError(f"{path} is {words} and not a file: name the files themselves.")


def is_missing(path: Path) -> bool:
    """Whether nothing has this name; what is there and cannot be read is not missing."""
    try:
        _answer(path, ANSWER_SECONDS)
    except OSError as error:
        return isinstance(error, (FileNotFoundError, NotADirectoryError))
    return False


def _answer(path: Path, seconds: float) -> os.stat_result:
    """What the system says of a path, asked for in a thread that may be left behind."""
    answers: SimpleQueue[os.stat_result | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            status = path.stat()
            if stat.S_ISREG(status.st_mode):
                with path.open("rb") as file:
                    file.read(1)
            answers.put(status)
        except OSError as error:
            answers.put(error)

    Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise SourceError(
            f"{path} does not answer within {seconds:.0f} seconds: see whether the disk or share "
            "that it lies on is still there."
        ) from None
    if isinstance(answer, OSError):
        raise answer
    return answer
