"""What a file is like as it arrives: asked of its rows as text, before anything is cleaned."""

from collections.abc import Sequence

import narwhals as nw

from txplatform.domains.commerce.computation.engines import Engine, Frame
from txplatform.domains.commerce.rules import PRESENT, Measured
from txplatform.domains.commerce.sources.books import Books
from txplatform.domains.commerce.sources.layouts import Kind, Layout
from txplatform.domains.commerce.transforms.lines import rules
from txplatform.domains.commerce.transforms.parsing import is_written, tidy

RAW = "raw"


def measured(
    engine: Engine, read: Frame, fields: Sequence[str], books: Books, layout: Layout
) -> list[Measured]:
    """The rules of the stage `raw`, asked of one file and the `fields` it has columns for."""
    kind, count = books.arrival.kind, books.read_count
    written = {name: is_written(f"raw_{name}").cast(nw.Int64) for name in fields}
    filled = read.select(**written).select(*(nw.col(name).sum() for name in fields))
    present = engine.collect(filled).to_pylist()[0]
    found = [
        Measured(kind, RAW, f"{name}{PRESENT}", count, int(present[name] or 0)) for name in fields
    ]
    key = _key(kind, layout)
    distinct = _distinct(engine, read, key) if key else 0
    keyed = int(present[key] or 0) if key else 0
    found.append(Measured(kind, RAW, "is_known_once", keyed, distinct))
    for rule in asked(kind, layout):
        refused = books.refused_by_rule.get(rule, 0)
        amount = books.refused_amounts.get(rule, 0)
        found.append(Measured(kind, RAW, rule, count, count - refused, amount))
    return found


def asked(kind: Kind, layout: Layout) -> list[str]:
    """The rules by which rows of a kind can be refused."""
    return [*rules(layout, 0)] if kind is Kind.LINES else ["MISSING_ID"]


def _key(kind: Kind, layout: Layout) -> str | None:
    """The field that says which row it is; a line of an invoice has none."""
    if kind is Kind.CUSTOMERS:
        return "customer_id"
    return "line_id" if layout.has_id else None


def _distinct(engine: Engine, read: Frame, key: str) -> int:
    named = read.select(key=tidy(f"raw_{key}"))
    counted = named.filter(~nw.col("key").is_null()).select(nw.col("key").n_unique())
    return int(engine.collect(counted)["key"][0].as_py() or 0)
