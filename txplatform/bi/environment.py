"""Superset's own environment: its SQLAlchemy, pandas and numpy are not those of the platform.

Installed from `superset.lock` with hashes; a stamp of the lock is written last, so that a folder
without it, or with another, is installed anew. `python -m txplatform.bi.environment` does so.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from txplatform.embedded.processes import locked
from txplatform.errors import PlatformError, ServerError
from txplatform.settings import Settings, child_environment, load_settings

LOCK = Path(__file__).with_name("superset.lock")
STAMP = "installed"
NEEDED_MB = 1_500
SOURCE = "wtforms-json=="
"""Published as source only: it is built with the setuptools of the same lock."""

BUILT_HERE = ["--use-pep517", "--no-build-isolation"]
TOO_NEW, SUITABLE = (3, 13), ("python3.12", "python3.11")
Report = Callable[[str], object]


def folder(settings: Settings) -> Path:
    """Where the environment is: of the settings, else beside that of txplatform."""
    return settings.superset_environment or Path(sys.prefix).with_name(".venv-superset")


def version() -> str:
    """The version of Superset that the lock names."""
    found = re.search(r"^apache-superset==(\S+)", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else ""


def python(settings: Settings) -> Path:
    """The environment's Python.

    Raises:
        ServerError: there is no environment, or one of another lock.
    """
    place = folder(settings)
    if not _is_installed(place):
        raise ServerError(
            f"There is no environment of Superset {version()} in {place}: `txplatform bi up` makes "
            "it, or TXPLATFORM_SUPERSET_ENVIRONMENT names another folder."
        )
    return _python(place)


def ensure(settings: Settings, report: Report) -> Path:
    """The environment's Python, installed first where it is missing (a minute or two).

    Raises:
        ServerError: it cannot be installed.
    """
    place = folder(settings)
    if _is_installed(place):  # also where nobody may write a lock, as in an image
        return _python(place)
    with locked(place.with_name(f"{place.name}.lock")):
        if not _is_installed(place):
            report(f"Installing Superset {version()} into {place}: 830 MB, a minute or two.")
            _install(place)
    return _python(place)


def _is_installed(place: Path) -> bool:
    stamp = place / STAMP
    return stamp.exists() and stamp.read_text(encoding="utf-8") == _digest()


def _python(place: Path) -> Path:
    return place / "bin" / "python"


def _digest() -> str:
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def _install(place: Path) -> None:
    free = shutil.disk_usage(place.parent).free >> 20
    if free < NEEDED_MB:
        raise ServerError(
            f"Superset's environment takes {NEEDED_MB} MB, and only {free} MB are free in "
            f"{place.parent}: make room, or set TXPLATFORM_SUPERSET_ENVIRONMENT to another disk."
        )
    _run(place, [_interpreter(), "-m", "venv", "--clear", str(place)])
    (place / ".gitignore").write_text("*\n", encoding="utf-8")
    pip = [str(_python(place)), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    pip += ["--no-input", "--no-deps", "--require-hashes"]
    entries = re.split(r"^(?=[a-z0-9])", LOCK.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for name, options in (("wheels", ["--only-binary", ":all:"]), ("source", BUILT_HERE)):
        file = place / f"{name}.lock"
        wanted = [one for one in entries if one.startswith(SOURCE) == (name == "source")]
        file.write_text("".join(wanted), encoding="utf-8")
        _run(place, [*pip, *options, "-r", str(file)])
    (place / STAMP).write_text(_digest(), encoding="utf-8")


def _interpreter() -> str:
    """This Python, or one on the path where Superset does not know this one yet."""
    if sys.version_info < TOO_NEW:
        return sys.executable
    found = next(filter(None, map(shutil.which, SUITABLE)), None)
    if found is None:
        raise ServerError(
            f"Superset {version()} needs Python 3.11 or 3.12 and none is on the path: install one "
            "beside this."
        )
    return found


def _run(place: Path, command: list[str]) -> None:
    done = subprocess.run(
        command, env=child_environment(PIP_USER="0"), capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
        raise ServerError(
            f"Superset's environment cannot be installed into {place} ({said[-1][:200]}): check "
            "that the package registry is reachable, then the same command begins it anew."
        )


if __name__ == "__main__":
    try:
        ensure(load_settings(), print)
    except PlatformError as error:
        sys.exit(str(error))
