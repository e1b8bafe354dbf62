"""How rows of gold are shown: figures with what they mean, tables, pages of lists, exports."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import altair as alt
import pyarrow as pa
import streamlit as st
from babel import dates
from sqlalchemy import Column, Numeric

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.queries import lists
from txplatform.domains.commerce.queries.lists import Wanted
from txplatform.domains.commerce.rules import PRESENT
from txplatform.domains.commerce.tables.base import PERCENT
from txplatform.domains.commerce.tables.quality import SECONDS
from txplatform.money import SQL as MONEY
from txplatform.serving.dashboard import blocks, charts
from txplatform.serving.dashboard.blocks import Amount
from txplatform.serving.dashboard.charts import Point
from txplatform.serving.dashboard.formats import DASH
from txplatform.serving.dashboard.query_parameters import CURSOR, View
from txplatform.serving.dashboard.reader import Reader

ROWS = 25
"""Of a page of a list: a browser draws every cell of a table by itself."""

SHOWN = 10
DIGITS, SECOND_DIGITS = 10, 3
MONTHS = ("month", "cohort")
INDEXES = ("index", "lift", "gini", "total_ratio", "season_factor", "corrected_ratio",
           "last_weeks", "observed_weeks", "expected_occasions")  # fmt: skip
"""Fractions and percentages of their columns that are neither shares nor changes."""

OPTIONAL = ("name", "description")
"""Columns that some shops do not have: left out where no row says anything."""

PRODUCTS = ("product", "product_a", "product_b")
CODES = ("customer_id", *PRODUCTS)
"""Texts, even where they look like numbers."""

RULES = ("rule", "issue")
WORDS = ("segment", "status", "class", "dimension", "measure", "basket",
         "stage", "severity", "source", "kind", "engine", "state",
         "predictor")  # fmt: skip
"""Columns whose texts are codes, each with a word in either language."""

SAME_WORDS = {"kind": "source", "engine_timings.stage": "work"}
"""Columns, perhaps of one table, whose words are called otherwise."""

NOBODY = {"(anonymous)": "shown.anonymous", "(unknown)": "shown.unknown"}


def is_empty(reader: Reader) -> bool:
    """Whether nothing was computed yet; then the page says how to begin."""
    if lists.is_published(reader.platform.database):
        return False
    st.info(reader.text("domain.empty"), icon=":material/inbox:")
    return True


def every(reader: Reader, name: str, **wanted: Any) -> pa.Table:
    """All rows of a table of gold that match; see `lists.every`."""
    return lists.every(reader.platform.database, name, **wanted)


def largest(reader: Reader, name: str, sort: str, count: int = SHOWN, **where: Any) -> pa.Table:
    """The first rows of a table in an order, found by the store."""
    wanted = Wanted(count, 0, sort, where)
    return lists.listing(reader.platform.database, name, wanted).rows


def figures(reader: Reader, name: str, row: Mapping[str, Any], columns: Sequence[str]) -> None:
    """Figures of one row beside each other, each with what its column means."""
    found = []
    for column in columns:
        declared = tables.LISTED[name].c[column]
        value = row[column]
        is_money = declared.type is MONEY and value is not None
        text = reader.money(value) if is_money else written(reader, declared, value)
        found.append((reader.text(f"column.{column}"), text, meaning(reader, declared)))
    blocks.figures(found)


def meaning(reader: Reader, column: Column[Any]) -> str:
    """What a column means, in the reader's language."""
    own = reader.texts.get(f"columns.{column.table.name}_{column.name}")
    return own or reader.help(column)


def table(reader: Reader, name: str, rows: pa.Table, columns: Sequence[str]) -> None:
    """Columns of rows of a table; below it what each means."""
    known = (tables.LISTED | dict(tables.SILVER))[name].c
    said = [one for one in columns if one not in OPTIONAL or rows[one].null_count < rows.num_rows]
    names = {} if "description" in columns else _descriptions(reader, rows, columns)

    def cell(column: str, value: Any) -> str:
        text = written(reader, known[column], value)
        return f"{text} {names.get(value, '')}".strip() if column in PRODUCTS else text

    labels = {column: reader.text(f"column.{column}") for column in said}
    cells = {labels[name]: [cell(name, one) for one in rows[name].to_pylist()] for name in said}
    blocks.table(cells, codes=[labels[name] for name in said if name in CODES])
    meanings(reader, name, said)


def meanings(reader: Reader, name: str, columns: Sequence[str]) -> None:
    """What columns of a table mean, to be opened below it."""
    known = (tables.LISTED | dict(tables.SILVER))[name].c
    with st.popover(reader.text("shown.meanings"), icon=":material/help:"):
        told = ((reader.text(f"column.{one}"), meaning(reader, known[one])) for one in columns)
        lines = (reader.text("shown.meaning", name=label, meaning=text) for label, text in told)
        st.markdown("\n\n".join(lines))  # one element: a page has dozens of columns


def _descriptions(reader: Reader, rows: pa.Table, columns: Sequence[str]) -> dict[str, str]:
    """What the products of some rows are called, by their codes."""
    codes = {code for name in columns if name in PRODUCTS for code in rows[name].to_pylist()}
    if not codes:
        return {}
    found = every(reader, "sales_product", where={"product": {"$in": sorted(codes)}})
    named = zip(found["product"].to_pylist(), found["description"].to_pylist(), strict=True)
    return {code: text for code, text in named if text}


def whole_table(
    reader: Reader, name: str, columns: Sequence[str], rows: pa.Table | None = None
) -> None:
    """Every row of a short table, and its export."""
    found = every(reader, name) if rows is None else rows
    table(reader, name, found, columns)
    blocks.export_buttons(reader, name, found.num_rows, lambda: found)


def list_of(  # noqa: PLR0913 - what a list is narrowed and ordered by
    reader: Reader,
    view: View,
    path: str,
    name: str,
    columns: Sequence[str],
    *,
    sort: str,
    where: Mapping[str, Any] | None = None,
    search: str = "",
) -> None:
    """A page of a long table, links to the next, and the export of all that match."""
    database = reader.platform.database
    wanted = Wanted(ROWS, place_of(view), sort, where or {}, search)
    found = lists.listing(database, name, wanted)
    table(reader, name, found.rows, columns)
    blocks.next_page(reader, path, view, lists.page_of(found, wanted))
    rows = partial(lists.every, database, name, where, sort, search)
    blocks.export_buttons(reader, name, found.total, rows)


def place_of(view: View) -> int:
    """How many rows of a list come before those that the address names."""
    place = view.get(CURSOR) or ""
    return int(place) if place.isdecimal() and len(place) < DIGITS else 0


def of_country(reader: Reader, view: View, name: str) -> dict[str, Any]:
    """Which rows of a table, by a select box of its countries; all of them without a choice."""
    found = lists.counts(reader.platform.database, name, "country")
    named = {"": reader.text("value.every_country")}
    named |= {name: _named(reader, name) for (name,) in sorted(found)}
    label = reader.text("value.country")
    country = view.choice("country", label, [*named], "", str, named.__getitem__)
    return {"country": country} if country else {}


def amount_bars(
    reader: Reader, rows: pa.Table, names: Sequence[str], column: str = "net_amount"
) -> None:
    """A bar for each of the first rows; see `blocks.largest_amounts`.

    Args:
        reader: who looks.
        rows: the largest first.
        names: columns that say together what a row is.
        column: the amounts.
    """
    amounts = [
        Amount(name_of(reader, row, names), row[column], row.get("share"))
        for row in rows.to_pylist()
    ]
    blocks.largest_amounts(reader, amounts, reader.text(f"column.{column}"))


def name_of(reader: Reader, row: Mapping[str, Any], names: Sequence[str]) -> str:
    """What a row is, by those of some columns that are not empty."""
    return " ".join(_named(reader, row[name]) for name in names if row[name])


def _named(reader: Reader, name: str) -> str:
    """A name, or the word for none."""
    return reader.text(NOBODY[name]) if name in NOBODY else name


def written(reader: Reader, column: Column[Any], value: Any) -> str:
    """A value as its column is read: money, share, change, month, day, code or text."""
    if value is None or value == "":
        return DASH
    match value:
        case bool():
            return reader.text("shown.yes" if value else "shown.no")
        case int():
            return f"{value:02}" if column.name == "hour" else reader.whole(value)
        case datetime():
            return reader.instant(value)
        case date():
            return month(reader, value) if column.name in MONTHS else reader.day(value)
        case Decimal():
            return _decimal(reader, column, value)
        case str():
            is_asked = column.table.name == tables.GOLD["quality"].name and column.name == "rule"
            return asked(reader, value) if is_asked else _word(reader, column, value)
    return str(value)


def _word(reader: Reader, column: Column[Any], value: str) -> str:
    """The word for a code; other texts are as they are."""
    name = column.name
    if name == "price_class":
        return price_class(reader, value)
    if name in RULES:
        return rule(reader, value)
    if name in WORDS:
        words = SAME_WORDS.get(f"{column.table.name}.{name}") or SAME_WORDS.get(name, name)
        return reader.texts.get(f"{words}.{value}", value)
    return _named(reader, value)


def _decimal(reader: Reader, column: Column[Any], value: Decimal) -> str:
    scale = column.type.scale if isinstance(column.type, Numeric) else None
    if scale == MONEY.scale or column.name in INDEXES:
        return reader.amount(two_digits(value))
    if scale == SECONDS.scale:
        return reader.decimals(value, SECOND_DIGITS)
    return reader.even_change(value) if scale == PERCENT.scale else reader.even_share(value)


def rule(reader: Reader, name: str) -> str:
    """What a rule asks, in the reader's language; of a rule of one's own its name."""
    if name.endswith(PRESENT):
        field = reader.text(f"column.{name.removesuffix(PRESENT)}")
        return reader.text("rule.present", field=field)
    return reader.texts.get(f"rule.{name}", name)


def asked(reader: Reader, name: str) -> str:
    """What a rule asks for, where that is not what its breach is called."""
    return reader.texts.get(f"asked.{name}") or rule(reader, name)


def price_class(reader: Reader, name: str) -> str:
    """A class such as "100 to under 250" in the reader's language."""
    bounds = [reader.whole(int(word)) for word in name.split() if word.isdecimal()]
    kind = "between" if len(bounds) > 1 else "above" if name.endswith("above") else "under"
    return reader.text(f"price_class.{kind}", low=bounds[0], high=bounds[-1])


def two_digits(value: Decimal) -> Decimal:
    """Rounded for reading; what is nothing then has no sign."""
    return round(value, 2) + Decimal(0)


def bars(
    reader: Reader, points: Sequence[Point], place: str, value: str, **heights: Any
) -> alt.Chart:
    """A bar per place; one that is not over, or not covered, has no fill."""
    kinds = (reader.text("shown.complete"), reader.text("shown.incomplete"))
    filled = [one if one.kind else one._replace(kind=kinds[0]) for one in points]
    return charts.bars(filled, (place, value, None), kinds, reader.locale, **heights)


def month(reader: Reader, first_day: date) -> str:
    """A month such as Dec 2011."""
    return str(dates.format_skeleton("yMMM", first_day, locale=reader.locale))
