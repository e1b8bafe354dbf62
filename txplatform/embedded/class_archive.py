"""Spark's classes, read and checked once for all: an archive that halves the start of a JVM.

Java's class data sharing, made when txplatform is installed (`python -m
txplatform.orchestration.training`) and kept beside its packages, for all state folders. It belongs
to one Java and one Spark: another of either has another name, and then there is none. Java passes
over an archive that does not suit it, so nothing depends on it but seconds.
"""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from txplatform.errors import ServerError

FOLDER = Path("share", "txplatform")
DUMP_SECONDS = 300


def path(java: Path) -> Path:
    """Where the archive for a `java` program is, or would be."""
    program = java.resolve()
    stat = program.stat()
    about = f"{program}|{stat.st_size}|{int(stat.st_mtime)}|{version('pyspark')}|{sys.prefix}"
    key = hashlib.blake2b(about.encode(), digest_size=6).hexdigest()
    return Path(sys.prefix) / FOLDER / f"spark-{key}.jsa"


def make(java: Path, train: Callable[[str], None]) -> Path:
    """Make the archive for a `java` program, unless it is there.

    Args:
        java: the program that Spark runs on.
        train: starts Spark with these Java options in a process, lets it do what it usually
            does, and waits for its end: then Java writes what it has loaded.

    Raises:
        ServerError: the folder cannot be written, or Java wrote no archive.
    """
    archive = path(java)
    if archive.exists():
        return archive
    unfinished = archive.with_suffix(".unfinished")
    try:
        archive.parent.mkdir(parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        train(" ".join([*_base(java, archive), f"-XX:ArchiveClassesAtExit={unfinished}"]))
        unfinished.replace(archive)
    except (OSError, subprocess.SubprocessError) as error:
        raise ServerError(f"Java wrote no archive of Spark's classes: {error}.") from error
    return archive


def _base(java: Path, archive: Path) -> list[str]:
    """Java's own classes: a packaged runtime comes without the archive that others bring."""
    if list(java.resolve().parents[1].glob("lib/server/classes*.jsa")):
        return []
    base = archive.with_suffix(".base.jsa")
    command = [str(java), "-Xshare:dump", f"-XX:SharedArchiveFile={base}"]
    subprocess.run(command, check=True, capture_output=True, timeout=DUMP_SECONDS)
    return [f"-XX:SharedArchiveFile={base}"]
