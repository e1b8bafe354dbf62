"""The archive of Spark's classes: named to Java where it is there, made once or not at all."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from txplatform.embedded import class_archive, java
from txplatform.errors import ServerError
from txplatform_tests.embedded.commands import settings_of


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A `java` of the test's own that repeats its arguments; its archive is removed at the end."""
    program = tmp_path / "jdk" / "bin" / "java"
    program.parent.mkdir(parents=True)
    answer = '[ "$1" = -version ] && echo \'openjdk version "21" 2026\' >&2'
    program.write_text(f'#!/bin/sh\n{answer}\nprintf "<%s>" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    base = program.parents[1] / "lib" / "server" / "classes.jsa"
    base.parent.mkdir(parents=True)
    base.touch()
    return program


def writes(java_options: str) -> None:
    """A training that writes where it is told to."""
    target = java_options.rpartition("-XX:ArchiveClassesAtExit=")[2]
    Path(target).write_text("classes", encoding="utf-8")


def asked(program: Path, tmp_path: Path, *arguments: str) -> str:
    """What Spark's `java` for this program is called with."""
    home = java.java_home(settings_of(tmp_path / "state", java_home=program.parents[1]))
    command = [str(home / "bin" / "java"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_spark_names_the_archive_to_java_once_it_is_there(program: Path, tmp_path: Path) -> None:
    assert asked(program, tmp_path, "Main") == "<Main>"

    archive = class_archive.make(program, writes)
    try:
        named = f"<-XX:SharedArchiveFile={archive}>"
        assert asked(program, tmp_path, "Main").startswith(named)
        assert named not in asked(program, tmp_path, java.LAUNCHER, "Main")
        assert class_archive.make(program, _must_not_train) == archive
    finally:
        archive.unlink()


def _must_not_train(java_options: str) -> None:
    raise AssertionError(java_options)


def test_another_java_has_another_archive(program: Path, tmp_path: Path) -> None:
    other = Path(shutil.copy(program, tmp_path / "java"))

    assert class_archive.path(program) != class_archive.path(other)


def test_a_renewed_java_has_another_archive(program: Path) -> None:
    before = class_archive.path(program)

    program.write_text("#!/bin/sh\n", encoding="utf-8")

    assert class_archive.path(program) != before


def test_a_training_that_writes_nothing_leaves_no_archive(program: Path) -> None:
    with pytest.raises(ServerError, match="Java wrote no archive of Spark's classes"):
        class_archive.make(program, lambda options: None)

    assert not class_archive.path(program).exists()


def test_a_training_that_fails_says_so(program: Path) -> None:
    def fails(options: str) -> None:
        subprocess.run([sys.executable, "-c", f"exit({len(options)})"], check=True)

    with pytest.raises(ServerError, match="returned non-zero exit status"):
        class_archive.make(program, fails)


def test_a_java_without_an_archive_of_its_own_gets_one(program: Path) -> None:
    (program.parents[1] / "lib" / "server" / "classes.jsa").unlink()
    told: list[str] = []

    def train(options: str) -> None:
        told.append(options)
        writes(options)

    archive = class_archive.make(program, train)
    archive.unlink()

    base = archive.with_suffix(".base.jsa")
    assert told[0].startswith(f"-XX:SharedArchiveFile={base} -XX:ArchiveClassesAtExit=")


def test_the_real_java_takes_the_archive_of_the_installation(tmp_path: Path) -> None:
    """Catches: an archive made for another class path, which Java would pass over in silence."""
    real = java.program(settings_of(tmp_path))
    archive = class_archive.path(real)
    if not archive.exists():
        pytest.skip("this installation has no archive of Spark's classes (`make` makes it)")

    shown = [str(real), f"-XX:SharedArchiveFile={archive}", "-Xlog:cds", "-version"]
    said = subprocess.run(shown, capture_output=True, text=True, check=True).stdout

    assert f"Opened archive {archive}" in said
