"""Benford tests of a department over 52 weeks: observed beside expected shares of the digits."""

import altair as alt
import streamlit as st

from txplatform.domains.spend.pages.reader import SpendReader
from txplatform.domains.spend.queries.benford import benford_of_week, digits_of_week
from txplatform.domains.spend.queries.trends import Scope
from txplatform.serving.dashboard import blocks, charts


def show(reader: SpendReader, scope: Scope | None) -> None:
    """The tests of the chosen department (the organisation without one), and its plots."""
    st.header(reader.text("benford.title"), help=reader.text("benford.help"))
    department = (scope.department if scope else None) or ""
    tests = benford_of_week(reader.engine, department=department).to_pylist()
    if not tests:
        st.info(reader.text("benford.none"), icon=":material/inbox:")
        return
    st.caption(reader.text("benford.until", week=reader.week(tests[0]["week_start"])))
    blocks.table(
        {
            reader.text("benford.test"): [reader.text(f"benford.{one['test']}") for one in tests],
            reader.text("column.transaction_count"): [
                reader.whole(one["purchase_count"]) for one in tests
            ],
            reader.text("benford.deviation"): [
                reader.exact_share(one["mean_absolute_deviation"]) for one in tests
            ],
            reader.text("benford.conformity"): [
                reader.text(f"benford.is_{one['conformity'] or 'too_few'}") for one in tests
            ],
        }
    )
    digits = digits_of_week(reader.engine, department=department).to_pylist()
    for one in tests:
        _plot(reader, one["test"], [row for row in digits if row["test"] == one["test"]])


def _plot(reader: SpendReader, test: str, rows: list[dict[str, object]]) -> None:
    records = [
        {
            "digits": row["digits"],
            "observed": float(str(row["observed_share"])),
            "expected": float(str(row["expected_share"])),
        }
        for row in rows
    ]
    base = alt.Chart(charts.data(records)).encode(
        alt.X("digits:O", title=reader.text(f"benford.{test}"), axis=alt.Axis(labelAngle=0))
    )
    titles = {name: reader.text(f"benford.{name}") for name in ("observed", "expected")}
    bars = base.mark_bar(color=charts.SKY).encode(
        alt.Y(
            "observed:Q",
            title=reader.text("benford.share"),
            axis=charts.percent_axis(reader.locale),
        ),
        tooltip=[
            alt.Tooltip(f"{name}:Q", title=title, format=".4%") for name, title in titles.items()
        ],
    )
    marks = base.mark_line(color=charts.VERMILION, point=alt.OverlayMarkDef(color=charts.VERMILION))
    charts.draw((bars + marks.encode(alt.Y("expected:Q"))).properties(height=240), reader.locale)
    st.caption(reader.text("benford.legend"))
