"""Silver: what the rows of a file do to the lines and customers that there are.

A file changes silver as a whole or not at all. Each of its tables is a set of parts, one per file
that brought rows: so a file can be read again, replayed or withdrawn without the others.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import NamedTuple

import narwhals as nw
import pyarrow as pa
from pyarrow import compute as pc
from pyarrow import parquet

from txplatform.connectors.object_store import ROW_GROUP
from txplatform.domains.commerce import tables
from txplatform.domains.commerce.computation.engines import Engine, Frame
from txplatform.domains.commerce.publishing.lake import Lake
from txplatform.domains.commerce.publishing.snapshots import File, Manifest
from txplatform.domains.commerce.sources import books, measures
from txplatform.domains.commerce.sources.bronze import Arrival
from txplatform.domains.commerce.sources.layouts import FIELDS, Kind, Layout
from txplatform.domains.commerce.sources.people import hidden
from txplatform.domains.commerce.sources.readings import Rows, judged
from txplatform.domains.commerce.tables.arrow import finished, of_rows, schema_of
from txplatform.domains.commerce.transforms import customers as people
from txplatform.domains.commerce.transforms.lines import large_amounts, usual_limit, with_status

ID_OF = {Kind.LINES: "line_id", Kind.CUSTOMERS: "customer_id"}
WRITTEN = ("raw_quantity", "raw_unit_price", "raw_amount")
"""Of an accepted line, what an issue of it may have to quote."""
BAR = " | "
Chosen = Callable[[pa.RecordBatch], pa.Array]
"""Which of some rows: true or false for each."""


class Reading(NamedTuple):
    """The rows of one file, settled: frames that are computed once and used several times."""

    arrival: Arrival
    read: Frame
    accepted: Frame
    refused: Frame
    fields: Sequence[str]
    """Those that the file has columns for."""


class Silver:
    """One change of the silver layer, from a manifest to the next."""

    def __init__(self, lake: Lake, engine: Engine, layout: Layout, is_anew: bool = False) -> None:
        self.layer, self.engine, self.layout = lake.silver, engine, layout
        self.people_key = lake.people_key
        self.before: Manifest = lake.silver.current()
        read_anew = [name for name in self.before.tables if name != tables.withdrawals.name]
        emptied: dict[str, list[File]] = {name: [] for name in read_anew} if is_anew else {}
        self.tables: dict[str, list[File]] = self.before.tables | emptied

    def take_in(self, arrival: Arrival, only: pa.ChunkedArray | None = None) -> books.Books:
        """Read a file, or some of its lines once more; its books.

        Raises:
            ReconciliationError: the books do not add up; nothing was changed.
        """
        reading = self._read(arrival, only)
        kept = books.of(self.engine, arrival, reading.accepted, reading.refused, reading.read)
        kept.require_balanced()
        is_again = only is not None
        if not is_again:
            asked = measures.measured(self.engine, reading.read, reading.fields, kept, self.layout)
            rows = of_rows(tables.raw_quality, (one._asdict() for one in asked))
            self._replace("raw_quality", arrival.content, rows.to_batches())
        self._quarantine(reading, is_again)
        self._note_issues(reading, is_again)
        self._settle(reading)
        record = kept.added_to(self._book_of(arrival.content)) if is_again else kept
        self._replace("ingestions", arrival.content, record.table(self.layout.name).to_batches())
        return kept

    def take_in_again(self, rule: str | None = None) -> list[books.Books]:
        """Read rows of the quarantine once more; the books of files of which some load by now.

        Args:
            rule: only rows that this rule refused; None: all.
        """
        loaded = []
        for part in list(self.tables.get("quarantine", [])):
            refused = self.layer.rows_of(part, ["rule", "source_line"])
            wanted = refused.filter(pc.equal(refused["rule"], rule)) if rule else refused
            if not wanted.num_rows:
                continue
            before = dict(self.tables)
            kept = self.take_in(self.arrival(part.content), wanted["source_line"])
            if kept.counts["quarantined"] < wanted.num_rows:
                loaded.append(kept)
            else:
                self.tables = before
        return loaded

    def arrival(self, content: str) -> Arrival:
        """A file that was taken in, as bronze has it."""
        (book,) = self._part("ingestions", content).to_pylist()
        file, kind = book["source_file"], Kind(book["kind"])
        return Arrival(content, file, kind, book["row_count"], book["rows"])

    def note_withdrawal(self, row: Mapping[str, str | int]) -> None:
        """Remember that a file was taken back, by whom and why."""
        rows = of_rows(tables.withdrawals, [row])
        self._append(tables.withdrawals.name, str(row["content"]), rows.to_batches())

    def commit(self, run_id: str) -> Manifest:
        """Make the change current.

        Raises:
            ServerError: another ingestion was faster; nothing of this one counts.
        """
        return self.layer.commit(self.before, self.tables, run_id, {"layout": self.layout.name})

    def _read(self, arrival: Arrival, only: pa.ChunkedArray | None) -> Reading:
        path = self.layer.paths([File(arrival.rows, arrival.row_count, 0)])
        schema = parquet.read_schema(path[0])
        columns = self.layout.columns_of(arrival.kind, schema.names)
        used = {*columns.values(), "source_file", "source_line"}
        rows = self.engine.read(path, pa.schema([one for one in schema if one.name in used]))
        if only is not None:
            wanted = self.engine.table(pa.table({"source_line": only}))
            rows = rows.join(wanted, on="source_line", how="semi")
        kind, layout = arrival.kind, self.layout
        given = Rows(rows, schema.names, kind)
        found = judged(self.engine, given, layout, self._known_customers())
        good = found.filter(nw.col("rule").is_null())
        if kind is Kind.LINES:
            good = good.select(*schema_of(tables.lines).names, *WRITTEN)
        settled = with_status(good, self._existing(kind), layout.has_id or kind is Kind.CUSTOMERS)
        refused = found.filter(~nw.col("rule").is_null())
        return Reading(arrival, found, self.engine.keep(settled), refused, [*columns])

    def _stored(self, kind: Kind) -> Frame:
        paths = self.layer.paths(self.tables.get(kind, []))
        return self.engine.read(paths, schema_of(tables.SILVER[kind]))

    def _known_customers(self) -> Frame:
        return self._stored(Kind.CUSTOMERS).select(
            "customer_id",
            nw.col("country").alias("customer_country"),
            nw.col("registered_on").alias("registered"),
        )

    def _existing(self, kind: Kind) -> Frame:
        return self._stored(kind).select(
            nw.col(ID_OF[kind]).alias("line_id"), nw.col("fingerprint").alias("known")
        )

    def _settle(self, reading: Reading) -> None:
        """Add the rows that stand now; those that stood before go to the history."""
        kind, content = reading.arrival.kind, reading.arrival.content
        accepted = people.as_table(reading.accepted) if kind is Kind.CUSTOMERS else reading.accepted
        passing = accepted.filter(~nw.col("is_last") & (nw.col("status") != "unchanged"))
        corrected = reading.accepted.filter(nw.col("status") == "corrected")
        ids = self.engine.collect(corrected.select("line_id"))["line_id"].unique()
        if len(ids):
            changed = self._remove(kind, ids)
            gone = [self._selected(file, partial(_is_in, ID_OF[kind], ids)) for file in changed]
            self._remember(kind, content, chain(*gone, self._rows(passing, kind)))
        self._append(kind, content, self._rows(accepted.filter("is_last"), kind))

    def _remove(self, kind: Kind, ids: pa.Array) -> list[File]:
        """Write the parts that hold some rows without them; the files that hold them still."""
        is_gone, changed = partial(_is_in, ID_OF[kind], ids), []
        for file in list(self.tables.get(kind, [])):
            if any(pc.any(is_gone(piece)).as_py() for piece in self._pieces(file, [ID_OF[kind]])):
                self.tables[kind] = [other for other in self.tables[kind] if other != file]
                stays = self._selected(file, lambda piece: pc.invert(is_gone(piece)))
                self._append(kind, file.content, stays)
                changed.append(file)
        return changed

    def _selected(self, file: File, chosen: Chosen) -> Iterator[pa.RecordBatch]:
        """Some rows of a part."""
        for piece in self._pieces(file):
            yield piece.filter(chosen(piece))

    def _pieces(self, file: File, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
        (path,) = self.layer.paths([file])
        yield from parquet.ParquetFile(path).iter_batches(ROW_GROUP, columns=columns)

    def _remember(self, kind: Kind, content: str, rows: Iterable[pa.RecordBatch]) -> None:
        history = f"{kind}_history"
        schema = schema_of(tables.SILVER[history])
        instant = pa.scalar(datetime.now(UTC), schema.field("replaced_at").type)
        ended = (
            pa.record_batch(
                [*row.columns, pa.repeat(content, len(row)), pa.repeat(instant, len(row))],
                names=schema.names,
            )
            for row in rows
        )
        self._append(history, content, ended)

    def _quarantine(self, reading: Reading, is_again: bool) -> None:
        """Keep what was refused; what a replay lets through leaves the quarantine."""
        kind, content = reading.arrival.kind, reading.arrival.content
        raw = [nw.col(f"raw_{name}").fill_null("") for name in FIELDS[kind]]
        told = reading.refused.with_columns(
            raw=nw.concat_str(raw, separator=BAR), kind=nw.lit(str(kind))
        )
        rows = self._rows(told, "quarantine")
        if is_again:
            read = self.engine.collect(reading.read.select("source_line"))["source_line"]
            was_read = partial(_is_in, "source_line", read)
            before = [file for file in self.tables["quarantine"] if file.content == content]
            left = (self._selected(one, lambda piece: pc.invert(was_read(piece))) for one in before)
            rows = chain(*left, rows)
        self._replace("quarantine", content, rows)

    def _note_issues(self, reading: Reading, is_again: bool) -> None:
        accepted = reading.accepted
        if reading.arrival.kind is Kind.LINES:
            amounts = self.engine.collect(accepted.select("amount"))["amount"]
            found = large_amounts(usual_limit(amounts.to_numpy()), self.layout)
        else:
            accepted = people.with_owners(accepted, self._stored(Kind.CUSTOMERS))
            found = people.issues()
        noted = [
            self._rows(
                accepted.filter(has_it).with_columns(issue=nw.lit(name), written=written),
                "issues",
            )
            for name, (has_it, written) in found.items()
        ]
        content = reading.arrival.content
        before = [self._part("issues", content).to_batches()] if is_again else []
        self._replace("issues", content, chain(*before, *noted))

    def _rows(self, frame: Frame, table: str) -> Iterator[pa.RecordBatch]:
        """The rows of a frame as a table of silver has them, some at a time."""
        schema = schema_of(tables.SILVER[table])
        for batch in self.engine.batches(frame.select(*schema.names)):
            rows = finished(pa.Table.from_batches([batch]), schema)
            yield from hidden(rows, table, self.people_key).to_batches()

    def _part(self, table: str, content: str) -> pa.Table:
        parts = [file for file in self.tables.get(table, []) if file.content == content]
        empty = schema_of(tables.SILVER[table]).empty_table()
        found = [self.layer.rows_of(file).cast(empty.schema) for file in parts]
        return pa.concat_tables([empty, *found])

    def _book_of(self, content: str) -> Mapping[str, int]:
        return books.figures(self._part("ingestions", content))

    def _append(self, table: str, content: str, rows: Iterable[pa.RecordBatch]) -> None:
        self.tables[table] = [*self.tables.get(table, []), *self._put(table, content, rows)]

    def _put(self, table: str, content: str, rows: Iterable[pa.RecordBatch]) -> list[File]:
        """A part of the rows; none where there are no rows."""
        filled = (batch for batch in rows if batch.num_rows)
        first = next(filled, None)
        if first is None:
            return []
        schema = schema_of(tables.SILVER[table])
        cast = (batch.cast(schema) for batch in chain([first], filled))
        return [self.layer.put(table, pa.RecordBatchReader.from_batches(schema, cast), content)]

    def _replace(self, table: str, content: str, rows: Iterable[pa.RecordBatch]) -> None:
        """Put rows in the place of a file's part: the order of parts is that of ingestion."""
        parts = self.tables.get(table, [])
        contents = [file.content for file in parts]
        place = contents.index(content) if content in contents else len(parts)
        others = [file for file in parts if file.content != content]
        added = self._put(table, content, rows)
        self.tables[table] = [*others[:place], *added, *others[place:]]


def _is_in(column: str, values: pa.Array, rows: pa.RecordBatch) -> pa.Array:
    return pc.is_in(rows[column], value_set=values)
