"""Ingesting a file: verified, parsed, identified, written in batches, reconciled, recorded."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from pymongo.database import Database

from txplatform.connectors.files import Content, FileFormat, Table, open_table, sha256_of, verify
from txplatform.domains.spend.sources import ingestions
from txplatform.domains.spend.sources.cards import keeping
from txplatform.domains.spend.sources.identity import ContentIds, SourceIds
from txplatform.domains.spend.sources.layouts import Layout
from txplatform.domains.spend.sources.load import LOADING, Load, Progress, Source, batches, unheard
from txplatform.domains.spend.sources.parsing import read_text
from txplatform.domains.spend.sources.records import DEFAULT_POLICY, Policy, RecordParser
from txplatform.domains.spend.sources.refusals import RefusedRows
from txplatform.domains.spend.sources.report import IngestionReport

CHECKING = "checking"


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
    began = time.monotonic()
    database = ingestions.own(database)
    name = read_text(path.name)  # a name of bytes that are no text is not kept by MongoDB
    finished = ingestions.finished_report(database, sha256_of(path), name)
    if finished:
        return finished
    content = verify(path, layout.encoding, lambda done: on_progress(CHECKING, done))
    with open_table(content, file_format(layout)) as table:
        source, ingestion = _begin(database, content, table, layout, policy)
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
    report = load.tally.report(name, layout.name, ingestions.now(), seconds)
    ingestions.finish(database, ingestion, report)
    return report


def file_format(layout: Layout) -> FileFormat:
    """How files of a layout are written."""
    return FileFormat(
        layout.encoding,
        layout.delimiter,
        layout.skip_lines,
        layout.sheet,
        layout.time_zone,
        tuple(layout.spellings_of_columns()),
    )


def _begin(
    database: Database[Any], content: Content, table: Table, layout: Layout, policy: Policy
) -> tuple[Source, ingestions.Ingestion]:
    """Match the layout to the header before anything is recorded."""
    name = read_text(content.path.name)
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
    ingestion = ingestions.begin(database, content.sha256, name, layout, details)
    keep = keeping(layout, table.header, name, policy.hash_key)
    refused = RefusedRows(database, ingestion, layout.name, keep)
    return Source(parser, ids, refused), ingestion
