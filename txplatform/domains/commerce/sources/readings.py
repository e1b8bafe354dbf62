"""A file's rows, read and judged: their values, the rule that refuses a row, and who each is."""

from collections.abc import Sequence
from typing import NamedTuple

import narwhals as nw

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.computation.engines import Engine, Frame
from txplatform.domains.commerce.sources.layouts import FIELDS, Kind, Layout
from txplatform.domains.commerce.tables.arrow import schema_of
from txplatform.domains.commerce.transforms import calendar
from txplatform.domains.commerce.transforms import customers as people
from txplatform.domains.commerce.transforms import lines as orders


class Rows(NamedTuple):
    """The rows of a file as bronze keeps them."""

    frame: Frame
    header: Sequence[str]
    kind: Kind


def judged(engine: Engine, rows: Rows, layout: Layout, known: Frame) -> Frame:
    """The rows of a file with their values, `rule`, `line_id` and `fingerprint`, computed once.

    Args:
        engine: that computes.
        rows: as bronze keeps them.
        layout: how the shop writes.
        known: the customers that there are: customer_id, customer_country, registered.
    """
    named = _fields(rows, layout)
    days = engine.table(calendar.written_days(layout.date_format))
    today = calendar.number(calendar.today())
    if rows.kind is Kind.CUSTOMERS:
        return _customers(engine, people.parsed_customers(named, days, layout, today))
    placed = orders.with_customers(orders.parsed_lines(named, days, layout), known)
    rule = orders.first_rule(orders.rules(layout, today))
    return _identified(engine, placed.with_columns(rule=rule), layout)


def _fields(rows: Rows, layout: Layout) -> Frame:
    """The columns under the names of their fields; a field that a layout lacks is blank."""
    columns = layout.columns_of(rows.kind, rows.header)
    constants = layout.constants
    filled = [
        (nw.col(columns[field]) if field in columns else _text(constants.get(field, ""))).alias(
            field
        )
        for field in FIELDS[rows.kind]
    ]
    return rows.frame.select(*filled, "source_file", "source_line")


def _text(constant: str) -> nw.Expr:
    """A text for every row, in the type of another column: pandas has several types of text."""
    return nw.concat_str([nw.col("source_file").str.slice(0, 0), nw.lit(constant)])


def _customers(engine: Engine, parsed: Frame) -> Frame:
    marked = engine.hashed(
        parsed.with_columns(identity=people.fingerprint_text()), fingerprint="identity"
    )
    line = nw.col("source_line")
    amount = nw.when(line < 0).then(line)  # pandas has no whole number that is NULL from the start
    return engine.keep(marked.with_columns(line_id=nw.col("customer_id"), amount=amount))


def _identified(engine: Engine, lines: Frame, layout: Layout) -> Frame:
    """Lines with an id and a fingerprint; without an id of its own, an order of one line too."""
    if layout.has_id:
        named = lines.with_columns(identity=orders.fingerprint_text())
        marked = engine.hashed(named, fingerprint="identity")
        if not layout.has_orders:
            marked = marked.with_columns(order_id=nw.col("line_id"))
        return engine.keep(_finished(marked, layout))
    first = nw.concat_str([orders.identity_text(layout), nw.lit("1")], separator=orders.BETWEEN)
    named = lines.drop("line_id").with_columns(identity=first, fingerprint=nw.lit(""))
    marked = engine.keep(_finished(engine.hashed(named, line_id="identity"), layout))
    return _numbered(engine, marked, layout)


def _finished(lines: Frame, layout: Layout) -> Frame:
    read = orders.classified(lines, layout).with_columns(source=nw.lit(layout.name))
    raw = [f"raw_{name}" for name in FIELDS[Kind.LINES]]
    return read.select(*schema_of(tables.lines).names, *raw, "rule")


def _numbered(engine: Engine, lines: Frame, layout: Layout) -> Frame:
    """Lines of which those that are repeated have the id of their occurrence, not of the first."""
    nth = nw.col("source_line").rank("ordinal").over("line_id").cast(nw.Int64)
    later = orders.repeated(lines, "line_id").with_columns(nth=nth).filter(nw.col("nth") > 1)
    parts = [orders.identity_text(layout), nw.col("nth").cast(nw.String)]
    named = later.with_columns(identity=nw.concat_str(parts, separator=orders.BETWEEN))
    own = engine.hashed(named.select("source_line", "identity"), own_id="identity")
    found = lines.join(engine.keep(own.drop("identity")), on="source_line", how="left")
    whole = found.with_columns(line_id=nw.coalesce("own_id", "line_id")).drop("own_id")
    return whole if layout.has_orders else whole.with_columns(order_id=nw.col("line_id"))
