"""The README tells the truth: it names every domain, and the commands that it shows run.

The commands run in the README's order and in one folder, as a reader would type them: with the
file `purchases.csv` there, a state folder of its own, and neither terminal nor network.
"""

import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from typer.core import TyperGroup
from typer.main import get_group

from txplatform import domains
from txplatform.cli.app import app
from txplatform.domains.spend.sources.sample import write_sample
from txplatform_tests.architecture.source_tree import ROOT
from txplatform_tests.end_to_end import environments
from txplatform_tests.end_to_end.readme import Command, commands

README = (ROOT / "README.md").read_text(encoding="utf-8")

NOT_RUN = {
    "git": "the reader's checkout is this one",
    "cd": "the reader's checkout is this one",
    "docker": "test_compose.py runs what the services run",
}
"""First words of commands that are not run, each with the reason."""


def names(group: TyperGroup, prefix: str = "txplatform") -> Iterator[str]:
    """Every command below a group as it is typed."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from names(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}"


@pytest.mark.parametrize("command", list(names(get_group(app))))
def test_readme_and_docs_name_every_command(command: str) -> None:
    pages = [path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")]
    text = "\n".join([README, *pages]).replace("make demo", "txplatform demo")

    assert command in text, "make demo runs `txplatform demo`"


@pytest.mark.parametrize("domain", domains.names())
def test_the_readme_has_a_row_for_each_domain(domain: str) -> None:
    assert f"\n| [{domain.replace('_', ' ')}](txplatform/domains/{domain}/) |" in README


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A reader's folder; the servers that the commands start in it are stopped at the end."""
    write_sample(tmp_path / "purchases.csv", rows=2_000)
    yield tmp_path
    run("txplatform down", tmp_path)


def test_the_readmes_commands_run(folder: Path) -> None:
    shown = list(commands(README))
    assert shown, "the README shows no commands"

    failures = [failure for command in shown if (failure := failure_of(command, folder))]

    assert failures == []


def failure_of(command: Command, folder: Path) -> str | None:
    """What went wrong with a command, or None."""
    program = shlex.split(command.text)[0]
    if program in NOT_RUN:
        return None
    if program == "make":
        done = run(command.text.replace("make", "make --dry-run", 1), ROOT)
    else:
        done = run(command.text, folder)
    if done.returncode == 0:
        return None
    return f"README.md:{command.line} `{command.text}` ended with {done.returncode}: {done.stderr}"


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line in a shell, with the installed programs on the path and no other settings."""
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environments.clean(TXPLATFORM_STATE_DIR=str(folder / "state")),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_commands_are_read_from_console_blocks_only() -> None:
    page = dedent(
        """\
        Type `$ nothing`.
        ```console
        $ make demo
        60,000 rows read
        $ txplatform run \\
            --all
        ```
        ```python
        $ not a command
        ```
        """
    )

    assert list(commands(page)) == [
        Command(3, "make demo"),
        Command(5, "txplatform run \\\n    --all"),
    ]


def test_a_command_that_fails_is_named_with_its_line(tmp_path: Path) -> None:
    assert failure_of(Command(7, "txplatform nonsense"), tmp_path) is not None
    assert "README.md:7 `false` ended with 1" in str(failure_of(Command(7, "false"), tmp_path))
    assert failure_of(Command(7, "make nonsense"), tmp_path) is not None
    assert failure_of(Command(7, "make demo CSV=purchases.csv LAYOUT=generic"), tmp_path) is None
