"""Ingesting a file: verified, parsed, identified, written in batches, reconciled, recorded."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from pymongo.database import Database

from txplatform.connectors.files import (
    Content,
    FileFormat,
    Kind,
    Table,
    open_table,
    sha256_of,
    verify,
    visible_sheets,
)
from txplatform.domains.spend.sources import ingestions
from txplatform.domains.spend.sources.cards import keeping
from txplatform.domains.spend.sources.columns import HeaderColumns
from txplatform.domains.spend.sources.identity import ContentIds, SourceIds
from txplatform.domains.spend.sources.layouts import Layout
from txplatform.domains.spend.sources.load import LOADING, Load, Progress, Source, batches, unheard
from txplatform.domains.spend.sources.parsing import read_text
from txplatform.domains.spend.sources.records import DEFAULT_POLICY, Policy, RecordParser
from txplatform.domains.spend.sources.refusals import RefusedRows
from txplatform.domains.spend.sources.report import IngestionReport, together
from txplatform.errors import NoTableError, SourceError

CHECKING = "checking"
ALL = "all"


def ingest_file(
    database: Database[Any],
    path: Path,
    layout: Layout,
    policy: Policy = DEFAULT_POLICY,
    on_progress: Progress = unheard,
) -> IngestionReport:
    """Take a file into `transactions`; what was there already stays as it is.

    An ingestion that was interrupted, even by kill -9, is completed by calling this again.

    Args:
        database: the platform's own.
        path: the file, in any format that `connectors.files` reads.
        layout: what its columns mean.
        policy: what the platform accepts.
        on_progress: told the stage (`checking`, `loading`) and the fraction of it that is done.

    Raises:
        SourceError: the file cannot be read as a whole.
        UsageError: layout, policy and what is there already do not fit together.
        ReconciliationError: what was read and what is kept differ; the ingestion is unfinished.
    """
    database = ingestions.own(database)
    name = read_text(path.name)  # a name of bytes that are no text is not kept by MongoDB
    finished = ingestions.finished_report(database, sha256_of(path), name)
    if finished:
        return finished
    content = verify(path, layout.encoding, lambda done: on_progress(CHECKING, done))

    def take(part: _Part) -> IngestionReport:
        return _take(database, part, layout, policy, on_progress)

    if content.kind is not Kind.EXCEL:
        return take(_Part(content, content.sha256, name, None))
    visible = visible_sheets(path)
    wanted = _wanted(layout, visible)
    names = {sheet: f"{name} ({read_text(sheet)})" if visible[1:] else name for sheet in wanted}
    reports, unread = [], [sheet for sheet in visible if sheet not in wanted]
    for sheet in wanted:
        try:
            reports.append(take(_Part(content, f"{content.sha256}:{sheet}", names[sheet], sheet)))
        except NoTableError:  # a cover among all sheets, that nobody asked for
            if layout.sheet != ALL:
                raise
            unread.append(sheet)
    if not reports:
        raise SourceError(f"No sheet of {name} has a column of the layout {layout.name}.")
    return replace(together(reports, name), unread_sheets=tuple(unread))


class _Part(NamedTuple):
    """What is ingested as one: a file, or a sheet of a workbook."""

    content: Content
    id: str
    name: str
    sheet: str | None


def _wanted(layout: Layout, visible: Sequence[str]) -> list[str]:
    """The sheets that a layout asks for: the first one that people see, unless it says more."""
    if layout.sheet is None:
        return [visible[0]]
    if layout.sheet == ALL and ALL not in visible:
        return list(visible)
    return [layout.sheet] if isinstance(layout.sheet, str) else list(dict.fromkeys(layout.sheet))


def _take(
    database: Database[Any],
    part: _Part,
    layout: Layout,
    policy: Policy,
    on_progress: Progress,
) -> IngestionReport:
    began, content = time.monotonic(), part.content
    finished = ingestions.finished_report(database, part.id, part.name)
    if finished:
        return finished
    with open_table(content, file_format(layout, part.sheet)) as table:
        columns = HeaderColumns(layout, table.header, part.name)
        if part.sheet and all(columns.find(one) is None for one in layout.all_columns()):
            raise NoTableError(f"{part.name} has no column of the layout {layout.name}.")
        source, ingestion = _begin(database, part, table, layout, policy)
        with (
            ingestions.recording_failure(database, ingestion),
            Load(database, ingestion, source) as load,
        ):
            for batch in batches(table.rows):
                content.require_unchanged()
                load.take(batch)
                on_progress(LOADING, table.fraction_read())
            content.require_unchanged()
            load.reconcile()
    seconds = time.monotonic() - began
    report = load.tally.report(part.name, layout.name, ingestions.now(), seconds)
    ingestions.finish(database, ingestion, report)
    return report


def file_format(layout: Layout, sheet: str | None = None) -> FileFormat:
    """How files of a layout are written."""
    return FileFormat(
        layout.encoding,
        layout.delimiter,
        layout.skip_lines,
        sheet,
        layout.time_zone,
        tuple(layout.spellings_of_columns()),
    )


def _begin(
    database: Database[Any],
    part: _Part,
    table: Table,
    layout: Layout,
    policy: Policy,
) -> tuple[Source, ingestions.Ingestion]:
    """Match the layout to the header before anything is recorded."""
    content, name = part.content, part.name
    currency = ingestions.platform_currency(database, policy.currency, layout.currency)
    parser = RecordParser(layout, table.header, replace(policy, currency=currency), name)
    ids = SourceIds(layout.name) if layout.id_column else ContentIds()
    details = {
        "kind": str(content.kind),
        "header": table.header,
        "delimiter": layout.delimiter,
        "bytes": content.stamp.size,
    }
    ingestions.adopt_currency(database, currency)
    ingestion = ingestions.begin(database, part.id, name, layout, details)
    keep = keeping(layout, table.header, name, policy.hash_key)
    refused = RefusedRows(database, ingestion, layout.name, keep)
    return Source(parser, ids, refused), ingestion
