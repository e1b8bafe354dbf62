"""`ingest` takes files and collections in, `layouts` explains them, `rejected` shows refusals."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from txplatform.cli.console import Json, out, print_json, progress, table, visible
from txplatform.errors import PlatformError

if TYPE_CHECKING:
    from datetime import date

    from txplatform.cli.session import Session
    from txplatform.domains.spend.sources.records import Purchase, Refused
    from txplatform.domains.spend.sources.report import IngestionReport
    from txplatform.platform import Platform

layouts = typer.Typer(help="List the layouts of source files, or draft one.")

Layout = Annotated[
    str,
    typer.Option(help="Name of a layout (see `txplatform spend layouts`), or a file of your own."),
]


def ingest(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="SOURCE...", help="Files, or mongodb://host/database.collection."),
    ],
    layout: Layout = "delaware",
    as_json: Json = False,
) -> None:
    """Take purchases into MongoDB; what was there already stays as it is.

    Example: txplatform spend ingest purchases.csv.gz --layout delaware
    """
    from txplatform.domains.spend.commands.session import note_changes, weekly_session

    reports, failures = [], []
    with weekly_session() as opened:
        for source in sources:
            try:
                reports.append(take(opened.platform, source, layout))
            except PlatformError as error:
                if len(sources) == 1:
                    raise
                failures.append(str(error))
        changed = note_changes(opened)
    if as_json:
        print_json([report.to_json() for report in reports])
    else:
        _tell(reports, changed)
    if failures:
        count = f"{len(failures)} of {len(sources)} sources were not taken"
        raise PlatformError(f"{count}: {' '.join(failures)}")


def _tell(reports: "list[IngestionReport]", changed: "list[date]") -> None:
    """Say what became of each source, and what is to be done next."""
    for report in reports:
        out().print(sentence(report))
    if changed:
        out().print(
            f"{len(changed)} weeks changed, from {changed[0]} to {changed[-1]}: "
            "compute them with `txplatform spend run --stale`."
        )


def take(platform: "Platform", source: str, layout_name: str) -> "IngestionReport":
    """Ingest one file or collection with a progress bar."""
    from txplatform.domains.spend.sources import arrival
    from txplatform.settings.addresses import without_credentials

    named = visible(without_credentials(source))
    with progress() as bar:
        task = bar.add_task(named, total=100)

        def on_progress(stage: str, fraction: float) -> None:
            bar.update(task, description=f"{named}: {stage}", completed=100 * fraction)

        return arrival.take(platform, source, layout_name, on_progress)


def sentence(report: "IngestionReport") -> str:
    """What became of a source's rows, in words."""
    unread = f" Not read: {', '.join(report.unread_sheets)}." if report.unread_sheets else ""
    if report.is_skipped:
        return (
            f"{report.file} was ingested before ({report.rows_read:,} rows): nothing to do, "
            f"it is recognised by its content.{unread}"
        )
    parts = [f"{report.loaded:,} loaded", f"{report.unchanged:,} unchanged"]
    parts += [f"{report.corrected:,} corrected"] if report.corrected else []
    parts += [f"{report.refused:,} refused ({reasons(report)})"] if report.refused else []
    parts += [f"{report.vanished:,} vanished from the source"] if report.vanished else []
    return f"{report.file}: {report.rows_read:,} rows read, {', '.join(parts)}.{unread}"


def reasons(report: "IngestionReport", at_most: int = 3) -> str:
    """The commonest rules by which rows were refused."""
    commonest = sorted(report.refused_by_rule.items(), key=lambda item: -item[1])
    return ", ".join(f"{rule} {count:,}" for rule, count in commonest[:at_most])


@layouts.callback(invoke_without_command=True)
def list_layouts(context: typer.Context, as_json: Json = False) -> None:
    """List the layouts of source files that are shipped.

    Example: txplatform spend layouts
    """
    if context.invoked_subcommand is not None:
        return
    from txplatform.domains.spend.sources import layouts as known

    shipped = known.list_layouts()
    if as_json:
        print_json([layout.model_dump(mode="json") for layout in shipped])
        return
    table(
        ("layout", "currency", "dates", "description"),
        [(one.name, one.currency, one.date_format, one.description) for one in shipped],
    )


@layouts.command("guess")
def guess(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A source file.")],
) -> None:
    """Draft a layout for a file and show ten rows read with it.

    Example: txplatform spend layouts guess purchases.csv > my.toml
    """
    from txplatform.cli.console import err
    from txplatform.domains.spend.settings import SpendSettings
    from txplatform.domains.spend.sources.guess import guess_layout
    from txplatform.settings import load_settings

    draft, rows = guess_layout(file, load_settings().of(SpendSettings).currency)
    out().print(draft)
    for row in rows:
        err().print(_described(row), soft_wrap=True)


def _described(row: "Purchase | Refused") -> str:
    """A row that was read with a draft, in one line."""
    from txplatform.domains.spend.sources.parsing import money
    from txplatform.domains.spend.sources.records import Refused

    if isinstance(row, Refused):
        return f"refused ({row.rule}): {row.reason}"
    who = f"{row.department} / {row.division}"
    return f"{row.transaction_date} | {who} | {row.merchant} | {money(row.cents)}"


def rejected(
    is_replay: Annotated[
        bool, typer.Option("--replay", help="Try the refused rows again, after a layout change.")
    ] = False,
    layout: Layout = "delaware",
    rule: Annotated[str | None, typer.Option(help="Only rows refused by this rule.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Rows shown at most.")] = 20,
    as_json: Json = False,
) -> None:
    """Show the rows that were refused, with file, line, text and reason; or try them again.

    Example: txplatform spend rejected --rule DATE_IMPOSSIBLE
    """
    from txplatform.domains.spend.commands.session import weekly_session
    from txplatform.domains.spend.queries.purchases import refused_by_rule
    from txplatform.domains.spend.sources import quarantine

    with weekly_session() as opened:
        if is_replay:
            _replay(opened, layout, as_json)
            return
        counts = refused_by_rule(opened.platform.database)
        rows = quarantine.refused_rows(opened.platform.database, rule, limit)
    if as_json:
        print_json({"by_rule": counts, "rows": rows})
        return
    table(("rule", "rows"), list(counts.items()))
    table(("file", "line", "rule", "reason", "text"), [tuple(row.values()) for row in rows])


def _replay(opened: "Session", layout: str, as_json: bool) -> None:
    from txplatform.domains.spend.commands.session import note_changes
    from txplatform.domains.spend.sources import arrival
    from txplatform.domains.spend.sources.layouts import load_layout
    from txplatform.domains.spend.sources.quarantine import replay_rejected
    from txplatform.settings.logins import Component

    platform = opened.platform
    database = platform.acting(Component.INGEST).database
    report = replay_rejected(database, load_layout(layout), arrival.policy(platform))
    note_changes(opened)
    if as_json:
        print_json(report.to_json())
    else:
        out().print(sentence(report))
