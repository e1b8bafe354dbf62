"""Imports every module of txplatform and reports what one of them did besides defining things.

Run as a program, in a fresh interpreter: `python -m ...import_watch MODULE...` prints one line per
access. An audit hook sees sockets and processes, and `os.environ` is made to tell its readers. An
access counts when a module of txplatform asked for it, directly or through a library's function;
what libraries do while they are being imported themselves is theirs.
"""

import os
import sys
from collections.abc import MutableMapping
from importlib import import_module
from pathlib import Path
from types import FrameType

NETWORK = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname")
PROCESSES = ("subprocess.Popen", "os.exec", "os.fork", "os.posix_spawn", "os.system")
PACKAGE = str(Path(__file__).resolve().parents[2] / "txplatform") + os.sep

LIBRARIES_SWITCHES = {
    "DAGSTER_RECORD_DEFENSIVE_CHECKS",
    "PYARROW_IGNORE_TIMEZONE",
    "PYDANTIC_DISABLE_PLUGINS",
}
"""What libraries ask for whenever one of their classes or arrays is made."""

accesses: list[str] = []


def watch_environment() -> None:
    """Note every reading of a variable: `get`, `in`, `getenv` and copies all end here."""
    environment = type(os.environ)  # noqa: TID251
    read = environment.__getitem__

    def watched(variables: MutableMapping[str, str], name: str) -> str:
        if name not in LIBRARIES_SWITCHES:
            note(f"the environment ({name})")
        return read(variables, name)  # type: ignore[arg-type]

    environment.__getitem__ = watched  # type: ignore[method-assign]


def note(what: str) -> None:
    """Remember an access for which txplatform is responsible."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and not is_import_system(frame):
        if frame.f_code.co_filename.startswith(PACKAGE):
            where = frame.f_code.co_filename.removeprefix(PACKAGE)
            accesses.append(f"{where}:{frame.f_lineno} touches {what}")
            return
        frame = frame.f_back


def is_import_system(frame: FrameType) -> bool:
    """Whether a frame executes an import statement: what lies outside it only asked for it."""
    return frame.f_code.co_filename.startswith("<frozen importlib")


def audit(event: str, arguments: tuple[object, ...]) -> None:
    """Python calls this on every audited event."""
    if event in NETWORK:
        note(f"the network ({event} {arguments[-1]})")
    elif event in PROCESSES:
        note(f"a process ({event} {arguments[0]})")


def main(modules: list[str]) -> None:
    """Import the modules under watch and print the accesses."""
    watch_environment()
    sys.addaudithook(audit)
    for module in modules:
        import_module(module)
    sys.stdout.write("".join(f"{access}\n" for access in accesses))


if __name__ == "__main__":
    main(sys.argv[1:])
