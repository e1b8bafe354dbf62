"""The commands of a Markdown page: the lines after `$ ` in its `console` blocks, and their output.

```console
$ txplatform status --json \
    --week 2026-11-16
```
is one command. What follows it up to the next `$ ` is what it prints, for the reader only.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ ((?:[^\n]*\\\n)*[^\n]*)$", re.MULTILINE)


class Command(NamedTuple):
    """One command and the line of the page where it stands."""

    line: int
    text: str


def commands(markdown: str) -> Iterator[Command]:
    """The page's commands, in its order."""
    for block in BLOCK.finditer(markdown):
        for command in COMMAND.finditer(block[1]):
            before = markdown[: block.start(1) + command.start()]
            yield Command(before.count("\n") + 1, command[1])
