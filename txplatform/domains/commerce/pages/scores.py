"""What was asked of the data, rule by rule, as they came and as they stand now."""

from collections import Counter
from decimal import Decimal
from typing import Any

import streamlit as st

from txplatform.domains.commerce.pages import charts, rendering
from txplatform.domains.commerce.pages.charts import Cell
from txplatform.serving.dashboard.charts import draw
from txplatform.serving.dashboard.query_parameters import View
from txplatform.serving.dashboard.reader import Reader

DIMENSIONS = ("completeness", "uniqueness", "validity", "consistency", "accuracy", "timeliness")
STAGES = ("raw", "silver")
SEVERITIES = ("warn", "quarantine", "error")
COLUMNS = ("dimension", "rule", "source", "stage", "checked", "passed", "score", "amount",
           "severity")  # fmt: skip


def show(reader: Reader, _: View) -> None:
    """The part of the page."""
    st.header(reader.text("quality_part.scores"), help=reader.text("scores.help"))
    if rendering.is_empty(reader):
        return
    rows = rendering.every(reader, "quality")
    known = rows.to_pylist()
    _breaches(reader, known)
    st.subheader(reader.text("scores.dimensions"), help=reader.text("scores.dimensions_help"))
    _dimensions(reader, known)
    rendering.whole_table(reader, "quality", COLUMNS, rows)


def _breaches(reader: Reader, rows: list[dict[str, Any]]) -> None:
    """How many rules are broken as the data stand now, by how bad that is."""
    broken = Counter(
        row["severity"] for row in rows if row["stage"] != "raw" and row["passed"] < row["checked"]
    )
    counts = {"rules": len({row["rule"] for row in rows})}
    counts |= {severity: broken[severity] for severity in SEVERITIES}
    rendering.beside_each_other(
        (reader.text(f"scores.{name}"), reader.whole(n), reader.text(f"scores.{name}_help"))
        for name, n in counts.items()
    )


def _dimensions(reader: Reader, rows: list[dict[str, Any]]) -> None:
    """Of all that was asked in a dimension, how much holds, before and after cleaning."""
    cells = []
    for dimension in DIMENSIONS:
        name = reader.text(f"dimension.{dimension}")
        for stage in STAGES:
            mine = [r for r in rows if (r["dimension"], r["stage"]) == (dimension, stage)]
            checked = sum(row["checked"] for row in mine)
            passed = sum(row["passed"] for row in mine)
            score = Decimal(passed) / checked if checked else None
            text = reader.even_share(score)
            cells.append(Cell(name, reader.text(f"stage.{stage}"), score, text, text))
    titles = [reader.text(f"column.{name}") for name in ("dimension", "stage", "score")]
    draw(charts.grid(cells, (titles[0], titles[1], titles[2])), reader.locale)
