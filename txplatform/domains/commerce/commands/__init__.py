"""The verbs of commerce: `txplatform commerce ...`; each imports what it needs when it runs."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from txplatform.cli.console import Json, out, print_json, table
from txplatform.cli.options import Format, FormatOption, Output, day_of, format_of
from txplatform.errors import UsageError

if TYPE_CHECKING:
    from txplatform.cli.session import Session
    from txplatform.orchestration.runs import PeriodRun

app = typer.Typer(help="Customers, what they bought and what they are worth.", no_args_is_help=True)

SHORT = 24
"""Characters of a hash, enough to name it."""

LINES = 7_073
"""Of a published shop, which projects were compared by."""


class Engine(StrEnum):
    """What computes."""

    DUCKDB = "duckdb"
    SPARK = "spark"
    PANDAS = "pandas"


@app.command()
def ingest(
    sources: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The shop's files.")],
    layout: Annotated[
        str | None, typer.Option(help="Name of a layout; unset, TXPLATFORM_COMMERCE_LAYOUT.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Take in files of customers and purchases; what was there already stays as it is.

    Example: txplatform commerce ingest clients.csv achats.csv --layout clients_achats
    """
    from txplatform.domains.commerce.computation import refresh
    from txplatform.platform import opened
    from txplatform.settings.logins import Component

    with opened(Component.INGEST) as platform:
        told = refresh.ingest(platform, sources, layout)
    _say(told, as_json)


@app.command()
def run(
    as_of: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="Everything before this day counts; unset, all."),
    ] = None,
    engine: Annotated[
        Engine | None, typer.Option(help="What computes; unset, the setting.")
    ] = None,
) -> None:
    """Compute every table from the lines there are, and copy it to MongoDB and PostgreSQL.

    Example: txplatform commerce run --as-of 2026-01-01
    """
    day = day_of(as_of, "--as-of")
    from txplatform.cli.session import session
    from txplatform.domains.commerce.commands.jobs import run_everything

    with session() as opened:
        told = run_everything(opened, day, engine)
    out().print(told)


def run_stale(opened: "Session") -> "list[PeriodRun]":
    """Compute every table where lines came since."""
    from txplatform.domains.commerce.commands import jobs

    return jobs.run_stale(opened)


@app.command()
def status(as_json: Json = False) -> None:
    """Show which version of gold is current, of which day, and how old it is.

    Example: txplatform commerce status
    """
    from txplatform.domains.commerce.computation import refresh
    from txplatform.platform import opened
    from txplatform.settings.logins import Component

    with opened(Component.READ) as platform:
        found = refresh.versions(platform)
    if as_json:
        print_json(found)
        return
    table(("what", "value"), list(found.items()))


@app.command()
def rejected(
    replay: Annotated[bool, typer.Option("--replay", help="Read the rows once more.")] = False,
    as_json: Json = False,
) -> None:
    """Show the rows that were refused, or read them once more.

    Example: txplatform commerce rejected --replay
    """
    from txplatform.domains.commerce.computation import refresh
    from txplatform.domains.commerce.queries import silver
    from txplatform.platform import opened
    from txplatform.settings.logins import Component

    with opened(Component.INGEST) as platform:
        if replay:
            told = refresh.replay_all(platform)
            _say(told if told or as_json else ["Nothing loads that did not before."], as_json)
            return
        rows = silver.rows(platform.settings, "quarantine").to_pylist()
    _show(rows, ("source_file", "source_line", "rule", "amount", "raw"), as_json)


@app.command()
def withdraw(
    file: Annotated[
        str | None, typer.Argument(help="The beginning of its hash; left out: they are listed.")
    ] = None,
    why: Annotated[str, typer.Option("--why", help="Kept with the date.")] = "",
    as_json: Json = False,
) -> None:
    """Take a file back: the lines become what they would be had it never come.

    Example: txplatform commerce withdraw 3f2a91c07d5e --why "another shop's file"
    """
    from txplatform.domains.commerce.computation import refresh
    from txplatform.domains.commerce.queries import silver
    from txplatform.platform import opened
    from txplatform.settings.logins import Component

    with opened(Component.INGEST) as platform:
        if file is not None:
            _say([refresh.withdraw(platform, file, why)], as_json)
            return
        rows = silver.files(platform.settings).to_pylist()
    columns = ("content", "source_file", "kind", "row_count", "new_count", "corrected_count")
    short = [row | {"content": row["content"][:SHORT]} for row in rows]
    _show(rows if as_json else short, columns, as_json)


@app.command()
def export(
    name: Annotated[str, typer.Argument(metavar="TABLE", help="A table of gold, such as clients.")],
    output: Output,
    format_: FormatOption = None,
) -> None:
    """Write a table of gold to a file, every digit.

    Example: txplatform commerce export sales_month -o months.csv
    """
    kind = format_of(output, format_)
    from txplatform.connectors import exports
    from txplatform.domains.commerce.computation import refresh
    from txplatform.platform import opened
    from txplatform.settings.logins import Component

    with opened(Component.READ) as platform:
        rows = refresh.published_table(platform, name)
        exports.write(rows, output, kind)
    out().print(f"{rows.num_rows} rows written to {output}.")


@app.command()
def generate(
    folder: Annotated[Path, typer.Argument(help="Where the files are written.")],
    customers: Annotated[int, typer.Option(min=100, help="How many customers.")] = 1_500,
    days: Annotated[int, typer.Option(min=30, help="How many days they buy.")] = 1_095,
    seed: Annotated[int, typer.Option(help="Same seed, same bytes.")] = 1,
    format_: Annotated[Format, typer.Option("--format", help="csv or parquet.")] = Format.CSV,
    as_json: Json = False,
) -> None:
    """Write a made-up shop's files, with every kind of bad row, and what must come of them.

    Example: txplatform commerce generate shop --customers 1500 --seed 1
    """
    from txplatform.domains.commerce.sources import sample_files
    from txplatform.domains.commerce.sources.sample import Plan

    kinds = {form.value: form for form in sample_files.Format}
    if format_.value not in kinds:
        raise UsageError(f"A shop's files are {' or '.join(kinds)}, not {format_.value}.")
    made = sample_files.write(folder, Plan(customers, days, seed), kinds[format_.value])
    if as_json:
        print_json(made.truth)
        return
    out().print(
        f"{made.truth['rows']:,} lines of {customers:,} customers in {folder}: ingest "
        f"{made.customers.name} and {made.lines.name} with --layout {sample_files.LAYOUT}; "
        "truth.json says what must come of them."
    )


@app.command()
def engines(
    lines: Annotated[
        list[int] | None, typer.Option(min=1_000, help="Size of the shop; may be repeated.")
    ] = None,
    engine: Annotated[
        list[Engine] | None, typer.Option(help="Which computes; may be repeated; unset, each.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Let each engine read and compute the same made-up shop; the dashboard shows what it took.

    Example: txplatform commerce engines --lines 7073 --lines 500000 --engine duckdb --engine spark
    """
    from txplatform.domains.commerce.computation import comparison
    from txplatform.platform import opened
    from txplatform.settings.logins import Component

    chosen = [one.value for one in engine or Engine]
    with opened(Component.COMPUTE) as platform:
        contests = [comparison.Contest(chosen, count) for count in lines or [LINES]]
        rows = [row for contest in contests for row in comparison.keep(platform, contest)]
    columns = ("engine", "line_count", "stage", "state", "seconds", "peak_mb", "is_equal")
    _show(rows, columns, as_json)


def _show(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], as_json: bool) -> None:
    """Rows as JSON with all that they have, or some columns as a table."""
    if as_json:
        print_json(rows)
    else:
        table(columns, [[row[column] for column in columns] for row in rows])


def _say(sentences: list[str], as_json: bool) -> None:
    if as_json:
        print_json(sentences)
        return
    for sentence in sentences:
        out().print(sentence)
