"""The README tells the truth: it names every domain, and the commands that it shows run.

The commands run in the README's order and in one folder, as a reader would type them: with the
file `purchases.csv` there, a state folder of its own, and neither terminal nor network. Those of
the platform are forked from one warm interpreter.
"""

import shlex
import subprocess
from collections.abc import Iterator
from itertools import takewhile
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
from txplatform_tests.faults.forked import Ended, Shell

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
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """Starts commands in a reader's folder; the servers that they start are stopped at the end."""
    write_sample(tmp_path / "purchases.csv", rows=2_000)
    monkeypatch.chdir(tmp_path)
    state = str(tmp_path / "state")
    shell = Shell(tmp_path / "logs", environments.clean(TXPLATFORM_STATE_DIR=state))
    yield shell
    shell.start("down").wait()
    shell.close()


def test_the_readmes_commands_run(shell: Shell) -> None:
    shown = list(commands(README))
    assert shown, "the README shows no commands"

    failures = [failure for command in shown if (failure := failure_of(command, shell))]

    assert failures == []


def failure_of(command: Command, shell: Shell) -> str | None:
    """What went wrong with a command, or None."""
    words = shlex.split(command.text)
    variables = dict(word.split("=", 1) for word in takewhile(lambda word: "=" in word, words))
    program, *arguments = words[len(variables) :]
    if program in NOT_RUN:
        return None
    if program == "make":
        done = dry_run(arguments)
    else:
        assert program == "txplatform", program
        done = shell.start(*arguments, **variables).wait()
    if done.code == 0:
        return None
    return f"README.md:{command.line} `{command.text}` ended with {done.code}: {done.err}"


def dry_run(goals: list[str]) -> Ended:
    """What `make` would do."""
    command = ["make", "--dry-run", *goals]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return Ended(done.returncode, done.stdout, done.stderr)


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


def test_a_command_that_fails_is_named_with_its_line(shell: Shell) -> None:
    failure = str(failure_of(Command(7, "txplatform nonsense"), shell))
    assert "README.md:7 `txplatform nonsense` ended with 2" in failure
    assert failure_of(Command(7, "make nonsense"), shell) is not None
    assert failure_of(Command(7, "make demo CSV=purchases.csv LAYOUT=generic"), shell) is None
