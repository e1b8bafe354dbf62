"""`demo`: the whole weekly job on embedded servers, from a file to the table and the UI."""

import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from txplatform.cli.console import Json, err, out, print_json
from txplatform.cli.ingestion import reasons, take
from txplatform.errors import PlatformError

if TYPE_CHECKING:
    from txplatform.cli.session import Session
    from txplatform.domains.spend.sources.report import IngestionReport
    from txplatform.orchestration.runs import PeriodRun
    from txplatform.platform import Platform

SAMPLE_ROWS = 60_000
SAMPLE_LAYOUT = "delaware"
LIMIT = "500"


@dataclass
class Stages:
    """Seconds of each stage, in order."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage; a terminal is told that it began."""
        with err().status(f"{name} ...") if err().is_terminal else nullcontext():
            started = time.monotonic()
            yield
            self.seconds[name] = time.monotonic() - started


def demo(
    csv: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A file of your own instead of the sample."),
    ] = None,
    layout: Annotated[str, typer.Option(help="Layout of that file.")] = SAMPLE_LAYOUT,
    is_served: Annotated[
        bool | None, typer.Option("--serve/--no-serve", help="Serve dashboard and UI at the end.")
    ] = None,
    port: Annotated[
        int, typer.Option(min=1, max=65_535, help="Port of the UI, or the next free one.")
    ] = 3000,
    as_json: Json = False,
) -> None:
    """Take purchases through MongoDB, Spark and PostgreSQL into weekly_transactions and alerts.

    Without a file it makes a seeded sample of 60,000 purchases. A file of your own is kept in a
    state folder of its own, apart from the sample.

    Example: txplatform demo --csv purchases.csv --layout delaware
    """
    folder = use_demo_state(csv, layout)
    from txplatform.embedded.connect import begin_spark
    from txplatform.settings import load_settings

    begin_spark(load_settings())  # before the next imports, which take as long as Java
    from txplatform.cli.session import session

    stages = Stages()
    with ExitStack() as stack:
        with stages.stage("servers"):
            opened = stack.enter_context(session())
        report = run(opened, csv or sample(folder), layout, stages)
        print_json(report) if as_json else show(report, folder)
        if not report["is_reconciled"]:
            raise PlatformError("Documents and table do not agree: see `txplatform status`.")
        if sys.stdout.isatty() if is_served is None else is_served:
            serve(opened.platform, port)


def serve(platform: "Platform", port: int) -> None:
    """Serve the dashboard and Dagster's UI until Ctrl-C."""
    from txplatform.orchestration import ui
    from txplatform.serving.dashboard import server as dashboard

    settings = platform.settings
    with dashboard.started(settings, dashboard.HOST, dashboard.PORT) as (_, address):
        out().print(f"Dashboard: {address}")
        ui.serve(settings, platform.endpoints, port, out().print)


def use_demo_state(csv: Path | None, layout: str) -> Path:
    """Choose the demo's own state folder and its embedded servers for this process.

    A sample and a real file never share a database, and neither touches servers that the
    environment names.
    """
    from txplatform.domains.spend.settings import SpendSettings
    from txplatform.settings import export, load_settings, no_servers

    name = "sample"
    if csv:
        content = f"{csv.resolve()}|{layout}".encode()
        name = f"{csv.name.split('.')[0]}-{blake2b(content, digest_size=4).hexdigest()}"
    folder = load_settings().state / "demo" / name
    folder.mkdir(parents=True, exist_ok=True)
    export(
        TXPLATFORM_STATE_DIR=str(folder),
        TXPLATFORM_LAKE_DIR="",
        TXPLATFORM_SPEND_LIMIT=LIMIT,
        **no_servers(SpendSettings),
    )
    return folder


def sample(folder: Path) -> Path:
    """The sample file of a state folder; made once, so that a second demo finds it unchanged."""
    from txplatform.domains.spend.sources.sample import write_sample

    path, unfinished = folder / "sample.csv", folder / "sample.csv.tmp"
    if not path.exists():
        write_sample(unfinished, SAMPLE_ROWS)
        unfinished.replace(path)
    return path


def run(opened: "Session", source: Path, layout: str, stages: Stages) -> dict[str, Any]:
    """Ingest, compute every closed week, hold table against documents, find alerts; the report."""
    from txplatform.domains.spend import planning
    from txplatform.domains.spend.queries.status import alerts_by_severity

    platform = opened.platform
    with stages.stage("ingestion"):
        ingestion = take(opened, str(source), layout)
        opened.note_changes()
    with stages.stage("computation"):
        runs = opened.compute(planning.all_weeks(platform))
    require_success(runs)
    with stages.stage("reconciliation"):
        figures = reconciliation(opened, runs)
    with stages.stage("alerts"):
        require_success(opened.find_alerts(planning.all_weeks(platform)))
    figures["alerts"] = alerts_by_severity(platform.engine)
    return {"source": str(source), **described(ingestion), **figures, "seconds": stages.seconds}


def require_success(runs: "list[PeriodRun]") -> None:
    """Say why a run failed, if one did."""
    failure = next((one.failure for one in runs if one.failure), None)
    if failure:
        raise PlatformError(failure)


def described(ingestion: "IngestionReport") -> dict[str, Any]:
    """The ingestion's part of the report."""
    return {
        "rows_read": ingestion.rows_read,
        "loaded": 0 if ingestion.is_skipped else ingestion.loaded,
        "unchanged": ingestion.loaded + ingestion.unchanged
        if ingestion.is_skipped
        else ingestion.unchanged,
        "refused": ingestion.refused,
        "refused_for": reasons(ingestion),
        "is_known_file": ingestion.is_skipped,
    }


def reconciliation(opened: "Session", runs: "list[PeriodRun]") -> dict[str, Any]:
    """The table's part of the report, held against a new count of the documents."""
    from txplatform.domains.spend import planning, weeks
    from txplatform.domains.spend.queries.status import table_totals

    platform = opened.platform
    computed = planning.all_weeks(platform)
    documents = weeks.measure(
        platform.database, computed[0], computed[-1], platform.settings.mongo_parallel_reads
    ).values()
    table = table_totals(platform.engine)
    return {
        "weeks": table.weeks,
        "rows": table.rows,
        "total_amount": table.total_amount,
        "rows_written": sum(one.rows_written for one in runs),
        "rows_removed": sum(one.rows_removed for one in runs),
        "is_reconciled": (table.total_amount, table.transaction_count)
        == (sum(one.total_amount for one in documents), sum(d.document_count for d in documents)),
    }


def show(report: dict[str, Any], folder: Path) -> None:
    """Print the report on one screen."""
    refused = f"{report['refused']:,}" + (
        f" ({report['refused_for']})" if report["refused"] else ""
    )
    is_changed = report["rows_written"] or report["rows_removed"]
    table = f"{report['rows']:,} rows" if is_changed else f"{report['rows']:,} rows, none changed"
    lines = {
        "source": report["source"] + (" (ingested before)" if report["is_known_file"] else ""),
        "rows read": f"{report['rows_read']:,}",
        "loaded": f"{report['loaded']:,}",
        "unchanged": f"{report['unchanged']:,}",
        "refused": refused,
        "weeks": f"{report['weeks']:,}",
        "weekly_transactions": table,
        "total": f"{report['total_amount']:,}",
        "reconciled to the cent": "yes" if report["is_reconciled"] else "NO",
        "alerts": ", ".join(f"{count:,} {name}" for name, count in report["alerts"].items()),
        "seconds": ", ".join(f"{name} {took:.1f}" for name, took in report["seconds"].items()),
    }
    out().print()
    for name, value in lines.items():
        out().print(f"{name:<24}{value}")
    out().print("\nWhere to look next:")
    # With the demo's limit: without it the rules are others, and its alerts out of date.
    where = f"TXPLATFORM_STATE_DIR={shlex.quote(str(folder))} TXPLATFORM_SPEND_LIMIT={LIMIT}"
    export = "export weekly-transactions -o weekly.csv"
    for command in ("status", "rejected", export, "dashboard", "up --ui"):
        out().print(f"  {where} txplatform {command}")
