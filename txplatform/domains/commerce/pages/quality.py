"""Quality: what was refused and why, what was noted, every file's books, and any table's rows."""

import json
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from itertools import product
from typing import Any

import pyarrow as pa
import streamlit as st

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.pages import rendering
from txplatform.domains.commerce.queries import lists, silver
from txplatform.domains.commerce.queries.lists import Listing, Wanted
from txplatform.domains.commerce.rules import RULES, SEVERITIES
from txplatform.serving.dashboard import blocks
from txplatform.serving.dashboard.charts import draw
from txplatform.serving.dashboard.formats import DASH, as_text
from txplatform.serving.dashboard.grids import Cell, grid
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader
from txplatform.serving.tokens import Person, Role

PARTS = ("scores", "refused", "noted", "files", "raw")
DIMENSIONS = tuple(dict.fromkeys(rule.dimension for rule in RULES.values()))
STAGES = ("raw", "silver")
SCORES = ("dimension", "rule", "source", "stage", "checked", "passed", "score", "amount",
           "severity")  # fmt: skip
BOOKS = ("source_file", "ingested_at", "row_count", "new_count", "unchanged_count",
         "corrected_count", "quarantined_count", "amount", "quarantined_amount")  # fmt: skip
REFUSED = ("rule", "kind", "customer_id", "amount", "raw", "source_file", "source_line")
NOTED = ("issue", "customer_id", "written", "source_file", "source_line")
REPLAY = [sys.executable, "-P", "-m", "txplatform", "commerce", "rejected", "--replay", "--json"]
"""A process of its own: the read side loads no engine, and only ingestion may write."""


def show(reader: Reader, view: View) -> None:
    """The page."""
    part = blocks.chosen(reader, view, "quality_part", PARTS)
    parts = (_scores, _refused, _noted, _files, _raw)
    dict(zip(PARTS, parts, strict=True))[part](reader, view)


def _scores(reader: Reader, _: View) -> None:
    """What was asked of the data, rule by rule, as they came and as they stand now."""
    st.header(reader.text("quality_part.scores"), help=reader.text("scores.help"))
    if rendering.is_empty(reader):
        return
    rows = rendering.every(reader, "quality")
    known = rows.to_pylist()
    _breaches(reader, known)
    st.subheader(reader.text("scores.dimensions"), help=reader.text("scores.dimensions_help"))
    _dimensions(reader, known)
    rendering.whole_table(reader, "quality", SCORES, rows)


def _breaches(reader: Reader, rows: list[dict[str, Any]]) -> None:
    """How many rules are broken as the data stand now, by how bad that is."""
    now = [row for row in rows if row["stage"] != "raw" and row["passed"] < row["checked"]]
    broken = Counter({row["rule"]: row["severity"] for row in now}.values())
    counts = {"rules": len({row["rule"] for row in rows})}
    counts |= {severity: broken[severity] for severity in SEVERITIES}
    told = {name: reader.whole(count) for name, count in counts.items()}
    blocks.explained(reader, "scores", told)


def _dimensions(reader: Reader, rows: list[dict[str, Any]]) -> None:
    """Of all that was asked in a dimension, how much holds, before and after cleaning."""
    cells = []
    for dimension, stage in product(DIMENSIONS, STAGES):
        mine = [r for r in rows if (r["dimension"], r["stage"]) == (dimension, stage)]
        checked, passed = (sum(row[count] for row in mine) for count in ("checked", "passed"))
        score = Decimal(passed) / checked if checked else None
        text = reader.even_share(score)
        names = (reader.text(f"dimension.{dimension}"), reader.text(f"stage.{stage}"))
        cells.append(Cell(*names, score, text, text))
    titles = [reader.text(f"column.{name}") for name in ("dimension", "stage", "score")]
    draw(grid(cells, titles), reader.locale)


def _refused(reader: Reader, view: View) -> None:
    rows = silver.rows(reader.platform.settings, "quarantine")
    if _counted(reader, "refused", rows, "rule"):
        _replay(reader)
        _page(reader, view, "quarantine", rows, REFUSED)


def _noted(reader: Reader, view: View) -> None:
    rows = silver.rows(reader.platform.settings, "issues")
    if _counted(reader, "noted", rows, "issue"):
        _page(reader, view, "issues", rows, NOTED)


def _counted(reader: Reader, part: str, rows: pa.Table, kind: str) -> bool:
    """How many rows of each kind each file has, in words; whether there are any."""
    st.header(reader.text(f"quality_part.{part}"), help=reader.text(f"quality.{part}_help"))
    if not rows.num_rows:
        st.success(reader.text(f"quality.none_{part}"), icon=":material/check:")
        return False
    found = silver.counted(rows, kind)
    columns = {
        f"column.{kind}": [rendering.rule(reader, one.kind) for one in found],
        "column.source_file": [one.source_file for one in found],
        "column.row_count": [reader.whole(one.row_count) for one in found],
    }
    if kind == "rule":
        columns["column.amount"] = [reader.amount(one.amount) for one in found]
    blocks.table({reader.text(key): cells for key, cells in columns.items()})
    return True


def _replay(reader: Reader) -> None:
    """Read the refused rows again: for whoever may decide."""
    if not Person(reader.name, Role(reader.role)).may(Role.CONTROLLER):
        st.caption(reader.text("quality.replay_role"))
        return
    label = reader.text("quality.replay")
    if st.button(label, icon=":material/replay:", help=reader.text("quality.replay_help")):
        told = replayed()
        for sentence in told or [reader.text("quality.replay_none")]:
            st.info(as_text(sentence), icon=":material/replay:")
        if told:
            st.caption(reader.text("quality.replay_then"))


def replayed() -> list[str]:
    """Read every refused row once more; what became of them."""
    done = subprocess.run(REPLAY, capture_output=True, text=True, check=False)
    if done.returncode:
        return [done.stderr.strip().splitlines()[-1]]
    told: list[str] = json.loads(done.stdout)
    return told


def _files(reader: Reader, _: View) -> None:
    """Rows read = new + unchanged + corrected + quarantined."""
    st.header(reader.text("quality_part.files"), help=reader.text("quality.files_help"))
    rows = silver.files(reader.platform.settings)
    if not rows.num_rows:
        st.info(reader.text("domain.empty"), icon=":material/inbox:")
        return
    rendering.whole_table(reader, "ingestions", BOOKS, rows)


def _page(reader: Reader, view: View, name: str, rows: pa.Table, columns: tuple[str, ...]) -> None:
    """Some of the rows as they arrived, links to the next, and the export of all."""
    wanted = Wanted(rendering.ROWS, rendering.place_of(view))
    found = Listing(rows.slice(wanted.skip, wanted.limit), rows.num_rows, {})
    rendering.table(reader, name, found.rows, columns)
    blocks.next_page(reader, "quality", view, lists.page_of(found, wanted))
    blocks.export_buttons(reader, name, rows.num_rows, lambda: rows)


def _raw(reader: Reader, view: View) -> None:
    """Any table as the API has it: its columns by their names, every digit."""
    st.header(reader.text("quality_part.raw"), help=reader.text("quality.raw_help"))
    if rendering.is_empty(reader):
        return
    names = ["lines", *sorted(tables.LISTED)]
    name = view.choice("table", reader.text("performance.table"), names, names[0], str, str)
    wanted = Wanted(rendering.ROWS, rendering.place_of(view))
    if name == "lines":
        found = silver.lines(reader.platform.settings, wanted.limit, wanted.skip, {})
    else:
        found = lists.listing(reader.platform.database, name, wanted)
    cells = {
        column: [DASH if value is None else str(value) for value in values]
        for column, values in found.rows.to_pydict().items()
    }
    st.dataframe(cells, hide_index=True)  # some have thirty columns: this one scrolls
    blocks.next_page(reader, "quality", view, lists.page_of(found, wanted))
    if name != "lines":
        blocks.export_buttons(reader, name, found.total, lambda: rendering.every(reader, name))
