"""The demo of spend: the whole weekly job, from a file to the table and its alerts."""

from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from txplatform.cli.demo import Report, Stages
from txplatform.domains.spend.commands.ingestion import reasons, take
from txplatform.errors import PlatformError

if TYPE_CHECKING:
    from txplatform.cli.session import Session
    from txplatform.domains.spend.sources.report import IngestionReport
    from txplatform.orchestration.runs import PeriodRun

IS_DEFAULT = True
VARIABLES = {"TXPLATFORM_SPEND_LIMIT": "500"}
SAMPLE_ROWS, SAMPLE_LAYOUT = 60_000, "delaware"
COMMANDS = ("spend status", "spend rejected", "spend export weekly-transactions -o weekly.csv")


def demo(
    opened: "Session",
    folder: Path,
    stages: Stages,
    csv: Path | None = None,
    layout: str = SAMPLE_LAYOUT,
) -> Report:
    """Take purchases through MongoDB, Spark and PostgreSQL into weekly_transactions and alerts."""
    figures = run(opened, csv or sample(folder), layout, stages)
    failure = (
        None
        if figures["is_reconciled"]
        else "Documents and table do not agree: see `txplatform spend status`."
    )
    return Report(figures, lines(figures), COMMANDS, failure)


def state_of(csv: Path | None, layout: str) -> str:
    """Name of the state folder: a sample and a real file never share a database."""
    if csv is None:
        return "sample"
    content = f"{csv.resolve()}|{layout}".encode()
    return f"{csv.name.split('.')[0]}-{blake2b(content, digest_size=4).hexdigest()}"


def sample(folder: Path) -> Path:
    """The sample file of a state folder; made once, so that a second demo finds it unchanged."""
    from txplatform.domains.spend.sources.sample import write_sample

    path, unfinished = folder / "sample.csv", folder / "sample.csv.tmp"
    if not path.exists():
        write_sample(unfinished, SAMPLE_ROWS)
        unfinished.replace(path)
    return path


def run(opened: "Session", source: Path, layout: str, stages: Stages) -> dict[str, Any]:
    """Ingest, compute every closed week, hold table against documents, find alerts; the figures."""
    from txplatform.domains.spend import planning
    from txplatform.domains.spend.commands.session import compute, find_alerts, note_changes
    from txplatform.domains.spend.queries.status import alerts_by_severity

    platform = opened.platform
    with stages.stage("ingestion"):
        note_changes(opened)
        ingestion = take(platform, str(source), layout)
        note_changes(opened)
    with stages.stage("computation"):
        runs = compute(opened, planning.all_weeks(platform))
    require_success(runs)
    with stages.stage("reconciliation"):
        figures = reconciliation(opened, runs)
    with stages.stage("alerts"):
        require_success(find_alerts(opened, planning.all_weeks(platform)))
    figures["alerts"] = alerts_by_severity(platform.engine)
    return {"source": str(source), **described(ingestion), **figures}


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
    from txplatform.domains.spend import measuring, planning
    from txplatform.domains.spend.queries.status import table_totals

    platform = opened.platform
    computed = planning.all_weeks(platform)
    documents = measuring.measure(
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


def lines(figures: dict[str, Any]) -> dict[str, str]:
    """The figures for people."""
    is_known, is_changed = (
        figures["is_known_file"],
        figures["rows_written"] or figures["rows_removed"],
    )
    why = f" ({figures['refused_for']})" if figures["refused"] else ""
    return {
        "source": figures["source"] + (" (ingested before)" if is_known else ""),
        "rows read": f"{figures['rows_read']:,}",
        "loaded": f"{figures['loaded']:,}",
        "unchanged": f"{figures['unchanged']:,}",
        "refused": f"{figures['refused']:,}{why}",
        "weeks": f"{figures['weeks']:,}",
        "weekly_transactions": f"{figures['rows']:,} rows{'' if is_changed else ', none changed'}",
        "total": f"{figures['total_amount']:,}",
        "reconciled to the cent": "yes" if figures["is_reconciled"] else "NO",
        "alerts": ", ".join(f"{count:,} {name}" for name, count in figures["alerts"].items()),
    }
