"""`make` on machines that lack something, and what it hands to the command line.

Each test runs the real Makefile in a folder of its own, with a path that holds the few tools of a
bare machine and stand-ins for Python, so nothing is installed.
"""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from txplatform_tests.architecture.source_tree import ROOT

BARE_TOOLS = ("sh", "sed", "awk", "df", "rm", "touch", "expand")

SUITABLE = 'echo "$0 $*" >> calls'
TOO_OLD = "exit 1"
WITHOUT_ENSUREPIP = 'case "$2" in *ensurepip*) exit 1;; esac'


class Machine:
    """A checkout on a bare machine; programs are added one by one."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "a checkout"
        self.bin = folder / "bin"
        self.checkout.mkdir()
        self.bin.mkdir()
        for name in ("Makefile", "requirements.lock", "pyproject.toml"):
            shutil.copy(ROOT / name, self.checkout)
        for tool in BARE_TOOLS:
            (self.bin / tool).symlink_to(str(shutil.which(tool)))

    def add(self, name: str, script: str, folder: Path | None = None) -> None:
        """Put a program on the path (or into a folder)."""
        program = (folder or self.bin) / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.unlink(missing_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run make with nothing but this machine's programs."""
        return subprocess.run(
            [str(shutil.which("make")), *arguments],
            cwd=self.checkout,
            env={"PATH": str(self.bin)},
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self) -> str:
        """What the stand-ins noted of their calls."""
        file = self.checkout / "calls"
        return file.read_text(encoding="utf-8") if file.exists() else ""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("scripts", [{}, {"python3": TOO_OLD, "python3.11": TOO_OLD}])
def test_without_a_suitable_python_one_sentence_says_so(
    machine: Machine, scripts: dict[str, str]
) -> None:
    for name, script in scripts.items():
        machine.add(name, script)

    sentence, *rest = machine.make("demo").stderr.splitlines()

    assert sentence == (
        "Python 3.11 or newer is not on the path: install it (on Debian 12 or newer: apt install "
        "python3-venv), or name it: make PYTHON=/path/to/python3."
    )
    assert rest[0].startswith("make: ***")


def test_without_the_venv_package_one_sentence_names_it(machine: Machine) -> None:
    machine.add("python3", TOO_OLD)
    machine.add("python3.12", WITHOUT_ENSUREPIP)

    assert machine.make("demo").stderr.splitlines()[0] == (
        "python3.12 cannot make a virtual environment: install its venv package "
        "(on Debian: apt install python3.12-venv)."
    )


def test_without_room_one_sentence_says_how_much_is_needed(machine: Machine) -> None:
    machine.add("python3", SUITABLE)
    machine.add("df", "echo Header; echo disk 9000000 8000000 1024000 90% /")

    assert machine.make("demo").stderr.splitlines()[0] == (
        "The installation takes 5500 MB, half of it in TMPDIR for a minute, and only 1000 MB are "
        "free in .: make room there."
    )
    assert "-m venv" not in machine.calls()


def test_the_first_python_that_can_is_taken(machine: Machine) -> None:
    machine.add("python3", WITHOUT_ENSUREPIP)
    machine.add("python3.12", SUITABLE)

    machine.make("demo")

    assert machine.calls().splitlines()[-1] == f"{machine.bin}/python3.12 -m venv --clear .venv"


def test_a_python_that_is_named_comes_first(machine: Machine) -> None:
    machine.add("python3", SUITABLE)
    machine.add("mine", SUITABLE)

    machine.make("demo", "PYTHON=mine")

    assert machine.calls().splitlines()[-1] == f"{machine.bin}/mine -m venv --clear .venv"


def test_a_failed_installation_leaves_no_stamp(machine: Machine) -> None:
    machine.add("python3", SUITABLE)

    done = machine.make("demo")

    assert done.returncode == 2
    assert "the next make begins it anew" in done.stderr
    assert not (machine.checkout / ".venv" / "installed").exists()


@pytest.fixture
def installed(machine: Machine) -> Machine:
    """A machine on which the installation is done; `txplatform` prints its arguments."""
    machine.add("txplatform", 'printf "<%s>" "$@"', machine.checkout / ".venv" / "bin")
    (machine.checkout / ".venv" / "installed").touch()
    return machine


@pytest.mark.parametrize(
    ("variables", "arguments"),
    [
        ([], "<demo>"),
        (["SERVE=0"], "<demo><--no-serve>"),
        (["SERVE=1"], "<demo>"),
        (["DOMAIN=all", "SERVE=0"], "<demo><--domain><all><--no-serve>"),
        (["CSV=my purchases (2).csv"], "<spend><demo><--csv><my purchases (2).csv>"),
        (
            ["CSV=a.csv", "LAYOUT=my.toml", "SERVE=0"],
            "<spend><demo><--csv><a.csv><--layout><my.toml><--no-serve>",
        ),
    ],
)
def test_the_demo_gets_the_file_as_it_was_written(
    installed: Machine, variables: list[str], arguments: str
) -> None:
    assert installed.make("demo", *variables).stdout == arguments


def test_a_second_make_installs_nothing(installed: Machine) -> None:
    assert "up to date" in installed.make(".venv/installed").stdout


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml"])
def test_a_changed_lock_is_installed(installed: Machine, changed: str) -> None:
    later = time.time() + 10
    os.utime(installed.checkout / changed, (later, later))

    assert "Installing into .venv" in installed.make(".venv/installed").stdout


def test_help_lists_every_target(machine: Machine) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)

    listed = machine.make("help").stdout

    assert sorted(line.split()[1] for line in listed.splitlines()) == sorted(targets[0].split())
    assert {"demo", "test"} <= set(targets[0].split())
