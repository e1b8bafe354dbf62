"""How commands speak: tables and progress on a terminal, plain text in a pipe, JSON on request."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Annotated, Any
from unicodedata import category

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

PLAIN_WIDTH = 10_000
HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode's categories of signs that are not seen themselves."""

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


class _Console(Console):
    """A console that no text commands: files and names come from others."""

    def print(self, *objects: Any, **options: Any) -> None:
        """Print texts with their hidden signs written out; anything else as Rich does."""
        shown = (visible(one) if isinstance(one, str) else one for one in objects)
        super().print(*shown, **options)


@cache
def out() -> Console:
    """Standard output; names may hold [brackets] and :colons:, which are not Rich's markup."""
    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    return _Console(width=width, soft_wrap=True, highlight=False, markup=False, emoji=False)


@cache
def err() -> Console:
    """Standard error: progress, and what a program that reads the output should not see."""
    return _Console(stderr=True, highlight=False, markup=False, emoji=False)


def print_json(value: object) -> None:
    """Print a value as JSON; decimals and dates as text, exactly, hidden signs as escapes."""
    text = json.dumps(value, default=str, indent=2, ensure_ascii=False)
    sys.stdout.write(escaped_json(text) + "\n")


def escaped_json(text: str) -> str:
    """JSON with the signs written out that a terminal may obey, or that nobody sees."""
    return "".join(json.dumps(sign)[1:-1] if _is_hidden(sign) else sign for sign in text)


def table(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows below headers; numbers to the right."""
    lines = [["" if cell is None else visible(str(cell)) for cell in row] for row in rows]
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for position, header in enumerate(headers):
        is_number = all(_is_number(line[position]) for line in lines)
        shown.add_column(header, justify="right" if is_number else "left", no_wrap=True)
    for line in lines:
        shown.add_row(*line)
    out().print(shown)


def visible(text: str) -> str:
    """The text with signs that would command the terminal, or hide, written out as escapes."""
    return "".join(
        sign.encode("unicode_escape").decode() if _is_hidden(sign) else sign for sign in text
    )


def _is_hidden(sign: str) -> bool:
    return category(sign) in HIDDEN and sign != "\n"


def _is_number(cell: str) -> bool:
    return cell.replace(",", "").replace(".", "").removeprefix("-").isdigit()


@contextmanager
def progress(transient: bool = True) -> Iterator[Progress]:
    """A progress display on a terminal; nothing elsewhere."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.completed:,.0f}/{task.total:,.0f}"),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=err(), transient=transient, disable=not err().is_terminal
    ) as bar:
        yield bar
