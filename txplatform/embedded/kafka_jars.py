"""Kafka's own programs, fetched once from Maven Central with the Ivy that PySpark ships.

Kept beside the installed packages, for all state folders. Each jar is held against its SHA-256 in
`kafka-4.3.1.sha256` before any of them is used.
"""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path

from txplatform.embedded import jvm
from txplatform.embedded.class_archive import FOLDER
from txplatform.embedded.processes import locked
from txplatform.errors import ServerError

VERSION = "4.3.1"
MODULES = (
    ("org.apache.kafka", "kafka_2.13", VERSION),
    ("org.apache.logging.log4j", "log4j-slf4j-impl", "2.25.4"),
)
TYPES = ("jar", "bundle")
"""Ivy leaves out what calls itself a bundle, and says nothing: Kafka would miss five jars."""

SYSTEM_TRUST = Path("/etc/ssl/certs/java/cacerts")
"""What this machine's administrators trust; without it, what Java brings."""

FETCH_SECONDS = 300
ALTERNATIVE = "name a broker of your own (TXPLATFORM_KAFKA_BOOTSTRAP), or use the log in a folder"


def folder() -> Path:
    """Where the jars are, or would be."""
    return Path(sys.prefix) / FOLDER / f"kafka-{VERSION}"


def ensure(java: Path, report: Callable[[str], object] = lambda line: None) -> Path:
    """The folder of Kafka's jars; they are fetched if they are not there.

    Raises:
        ServerError: they cannot be had, or are not those that are expected.
    """
    jars = folder()
    with locked(jars.with_suffix(".lock")):
        if not jars.is_dir():
            report(f"Fetching Kafka {VERSION} (44 MB, once) ...")
            draft = jars.with_suffix(".draft")
            shutil.rmtree(draft, ignore_errors=True)
            try:
                _fetch(java, draft)
                require_expected(draft, expected())
                draft.replace(jars)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
                shutil.rmtree(jars.with_suffix(".ivy"), ignore_errors=True)
    return jars


def expected() -> dict[str, str]:
    """The SHA-256 of each jar, by its name."""
    text = (resources.files(__package__) / f"kafka-{VERSION}.sha256").read_text(encoding="utf-8")
    pairs = (line.split() for line in text.splitlines())
    return {name: digest for digest, name in pairs}


def require_expected(jars: Path, wanted: Mapping[str, str]) -> None:
    """Refuse jars that are missing, unknown or changed.

    Raises:
        ServerError: the sentence names them.
    """
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in jars.glob("*.jar")
    }
    wrong = sorted(
        name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name)
    )
    if wrong:
        raise ServerError(
            f"What was fetched as Kafka {VERSION} is not what it must be "
            f"({', '.join(wrong)}): nothing of it is used; {ALTERNATIVE}."
        )


def _fetch(java: Path, into: Path) -> None:
    home = jvm.spark_home()
    ivy = next((home / "jars").glob("ivy-*.jar"), None) if home else None
    if ivy is None:
        raise ServerError(f"Kafka is fetched with PySpark's Ivy, which is not here: {ALTERNATIVE}.")
    trust = [f"-Djavax.net.ssl.trustStore={SYSTEM_TRUST}"] if SYSTEM_TRUST.exists() else []
    for module in MODULES:
        where = ["-cache", str(into.with_suffix(".ivy"))]
        what = ["-dependency", *module, "-confs", "default", "-types", *TYPES]
        pattern = str(into / "[artifact]-[revision].[ext]")
        command = [str(java), *trust, "-jar", str(ivy), *where, *what, "-retrieve", pattern]
        _run(command)


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=FETCH_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _not_to_be_had(str(error)) from None
    if done.returncode:
        said = [line.strip() for line in done.stdout.splitlines() if "error" in line.lower()]
        raise _not_to_be_had(said[0] if said else f"exit code {done.returncode}")


def _not_to_be_had(reason: str) -> ServerError:
    return ServerError(
        f"Kafka {VERSION} cannot be fetched from Maven Central ({reason[:200]}): {ALTERNATIVE}."
    )
