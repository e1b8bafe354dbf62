"""Silver: what the rows of a file do to the lines and customers that there are.

A file changes silver as a whole or not at all. Each of its tables is a set of parts, one per file
that brought rows: so a file can be read again, replayed or withdrawn without the others.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import narwhals as nw
import pyarrow as pa
from pyarrow import compute as pc
from pyarrow import parquet

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.computation.engines import Engine, Frame
from txplatform.domains.commerce.publishing.lake import Lake
from txplatform.domains.commerce.publishing.snapshots import File, Manifest
from txplatform.domains.commerce.sources import books, measures
from txplatform.domains.commerce.sources.bronze import Arrival
from txplatform.domains.commerce.sources.layouts import CUSTOMER_FIELDS, LINE_FIELDS, Kind, Layout
from txplatform.domains.commerce.sources.people import hidden
from txplatform.domains.commerce.sources.readings import Rows, judged
from txplatform.domains.commerce.tables.arrow import finished, schema_of
from txplatform.domains.commerce.transforms import customers as people
from txplatform.domains.commerce.transforms.lines import large_amounts, usual_limit, with_status

TABLE_OF = {Kind.LINES: tables.lines, Kind.CUSTOMERS: tables.customers}
HISTORY_OF = {Kind.LINES: tables.lines_history, Kind.CUSTOMERS: tables.customers_history}
FIELDS_OF = {Kind.LINES: LINE_FIELDS, Kind.CUSTOMERS: CUSTOMER_FIELDS}
ID_OF = {Kind.LINES: "line_id", Kind.CUSTOMERS: "customer_id"}
BAR = " | "


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

    def take_in(self, arrival: Arrival, only: Sequence[int] | None = None) -> books.Books:
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
            self._replace("raw_quality", arrival.content, measures.as_table(asked))
        self._quarantine(reading, is_again)
        self._note_issues(reading, is_again)
        self._settle(reading)
        record = kept.added_to(self._book_of(arrival.content)) if is_again else kept
        self._replace("ingestions", arrival.content, record.table(self.layout.name))
        return kept

    def take_in_again(self, rule: str | None = None) -> list[books.Books]:
        """Read rows of the quarantine once more; the books of files of which some load by now.

        Args:
            rule: only rows that this rule refused; None: all.
        """
        loaded = []
        for part in list(self.tables.get("quarantine", [])):
            refused = self.layer.store.get_table(part.name)
            wanted = refused.filter(pc.equal(refused["rule"], rule)) if rule else refused
            if not wanted.num_rows:
                continue
            before = dict(self.tables)
            kept = self.take_in(self.arrival(part.content), wanted["source_line"].to_pylist())
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
        rows = finished(pa.Table.from_pylist([row]), schema_of(tables.withdrawals))
        self._append(tables.withdrawals.name, str(row["content"]), rows)

    def commit(self, run_id: str) -> Manifest:
        """Make the change current.

        Raises:
            ServerError: another ingestion was faster; nothing of this one counts.
        """
        return self.layer.commit(self.before, self.tables, run_id, {"layout": self.layout.name})

    def _read(self, arrival: Arrival, only: Sequence[int] | None) -> Reading:
        path = self.layer.paths([File(arrival.rows, arrival.row_count, 0)])
        header = parquet.read_schema(path[0])
        rows = self.engine.read(path, header)
        if only is not None:
            wanted = self.engine.table(pa.table({"source_line": pa.array(only, pa.int64())}))
            rows = rows.join(wanted, on="source_line", how="semi")
        kind, layout = arrival.kind, self.layout
        given = Rows(rows, header.names, kind)
        found = judged(self.engine, given, layout, self._known_customers())
        good = found.filter(nw.col("rule").is_null())
        settled = with_status(good, self._existing(kind), layout.has_id or kind is Kind.CUSTOMERS)
        refused = found.filter(~nw.col("rule").is_null())
        fields = [*layout.columns_of(kind, header.names)]
        return Reading(arrival, found, self.engine.keep(settled), refused, fields)

    def _stored(self, kind: Kind) -> Frame:
        table = TABLE_OF[kind]
        paths = self.layer.paths(self.tables.get(table.name, []))
        return self.engine.read(paths, schema_of(table))

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
        table = TABLE_OF[kind]
        accepted = people.as_table(reading.accepted) if kind is Kind.CUSTOMERS else reading.accepted
        standing = self._rows(accepted.filter(nw.col("is_last")), table.name)
        passing = accepted.filter(~nw.col("is_last") & (nw.col("status") != "unchanged"))
        corrected = reading.accepted.filter(nw.col("status") == "corrected")
        ids = self.engine.collect(corrected.select("line_id"))["line_id"].unique()
        if len(ids):
            replaced = [*self._remove(kind, ids), self._rows(passing, table.name)]
            self._remember(kind, content, pa.concat_tables(replaced))
        self._append(table.name, content, standing)

    def _remove(self, kind: Kind, ids: pa.Array) -> list[pa.Table]:
        """Take rows out of the parts that hold them; the rows."""
        name, removed = TABLE_OF[kind].name, []
        for file in list(self.tables.get(name, [])):
            rows = self.layer.store.get_table(file.name)
            is_gone = pc.is_in(rows[ID_OF[kind]], ids)
            if not pc.any(is_gone).as_py():
                continue
            removed.append(rows.filter(is_gone))
            self.tables[name] = [other for other in self.tables[name] if other != file]
            self._append(name, file.content, rows.filter(pc.invert(is_gone)))
        return removed

    def _remember(self, kind: Kind, content: str, rows: pa.Table) -> None:
        history = HISTORY_OF[kind]
        instant = pa.scalar(datetime.now(UTC), pa.timestamp("us", tz="UTC"))
        ends = {
            "replaced_by": pa.repeat(content, rows.num_rows),
            "replaced_at": pa.repeat(instant, rows.num_rows),
        }
        for name, column in ends.items():
            rows = rows.append_column(name, column)
        self._append(history.name, content, rows.cast(schema_of(history)))

    def _quarantine(self, reading: Reading, is_again: bool) -> None:
        """Keep what was refused; what a replay lets through leaves the quarantine."""
        kind, content = reading.arrival.kind, reading.arrival.content
        raw = [nw.col(f"raw_{name}").fill_null("") for name in FIELDS_OF[kind]]
        told = reading.refused.with_columns(
            raw=nw.concat_str(raw, separator=BAR), kind=nw.lit(str(kind))
        )
        rows = self._rows(told, "quarantine")
        if is_again:
            seen = self.engine.collect(reading.accepted.select("source_line"))["source_line"]
            again = pa.chunked_array([*seen.chunks, *rows["source_line"].chunks], pa.int64())
            rows = pa.concat_tables([self._left_in_quarantine(content, again), rows])
        self._replace("quarantine", content, rows)

    def _left_in_quarantine(self, content: str, lines: pa.ChunkedArray) -> pa.Table:
        rows = self._part("quarantine", content)
        return rows.filter(pc.invert(pc.is_in(rows["source_line"], lines.combine_chunks())))

    def _note_issues(self, reading: Reading, is_again: bool) -> None:
        found = people.issues()
        if reading.arrival.kind is Kind.LINES:
            amounts = self.engine.collect(reading.accepted.select("amount"))["amount"]
            found = large_amounts(usual_limit(amounts.to_numpy()), self.layout)
        noted = [
            self._rows(
                reading.accepted.filter(has_it).with_columns(issue=nw.lit(name), written=written),
                "issues",
            )
            for name, (has_it, written) in found.items()
        ]
        content = reading.arrival.content
        before = [self._part("issues", content)] if is_again else []
        empty = schema_of(tables.issues).empty_table()
        self._replace("issues", content, pa.concat_tables([empty, *before, *noted]))

    def _rows(self, frame: Frame, table: str) -> pa.Table:
        schema = schema_of(tables.SILVER[table])
        rows = finished(self.engine.collect(frame.select(*schema.names)), schema)
        return hidden(rows, table, self.people_key)

    def _part(self, table: str, content: str) -> pa.Table:
        parts = [file for file in self.tables.get(table, []) if file.content == content]
        empty = schema_of(tables.SILVER[table]).empty_table()
        found = [self.layer.store.get_table(file.name).cast(empty.schema) for file in parts]
        return pa.concat_tables([empty, *found])

    def _book_of(self, content: str) -> Mapping[str, int]:
        return books.figures(self._part("ingestions", content))

    def _append(self, table: str, content: str, rows: pa.Table) -> None:
        if rows.num_rows:
            part = self.layer.put(table, rows, content)
            self.tables[table] = [*self.tables.get(table, []), part]

    def _replace(self, table: str, content: str, rows: pa.Table) -> None:
        """Put rows in the place of a file's part: the order of parts is that of ingestion."""
        parts = self.tables.get(table, [])
        places = [place for place, file in enumerate(parts) if file.content == content]
        place = places[0] if places else len(parts)
        added = [self.layer.put(table, rows, content)] if rows.num_rows else []
        others = [
            [file for file in part if file.content != content]
            for part in (parts[:place], parts[place:])
        ]
        self.tables[table] = [*others[0], *added, *others[1]]
