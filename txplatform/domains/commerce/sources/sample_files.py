"""The made-up shop as files, with every kind of bad row, and `truth.json`: what must come of them.

The truth is counted from what was drawn, by numpy: none of the code that computes tables is used.
"""

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

from txplatform.domains.commerce.sources import sample
from txplatform.domains.commerce.sources.sample import Lines, Plan, Shop, Whole
from txplatform.money import of_cents

LAYOUT = "boutique"
ROWS_AT_ONCE = 500_000
ROWS_PER_BAD_ONE = 1_000
"""And never fewer than FEWEST of a kind."""
FEWEST = 3
FIRST = ("Ana", "Ben", "Chloé", "Dara", "Emil", "Fatou", "Gil", "Hana", "Ines", "Jo", "Kofi")
LAST = ("Aubert", "Baker", "Costa", "Diallo", "Eriksen", "Fischer", "García", "Haddad", "Ito")
COUNTRIES = ("France", "Germany", "Spain", "Italy", "Portugal", "Belgium", "Ireland")
NOBODYS = "unknown-"
"""Begins the ids of customers that the customer file lacks."""

DEFECTS: dict[str, dict[str, str]] = {
    "BAD_AMOUNT": {"price": "12,5x"},
    "BAD_QUANTITY": {"quantity": "several"},
    "MISSING_ID": {"line": ""},
    "BAD_DATE": {"at": "2023-02-30 10:00:00"},
    "FUTURE_DATE": {"at": "2099-01-01 10:00:00"},
    "ORPHAN": {"customer": NOBODYS},
}
"""What is written into a row so that a rule refuses it."""

BLEMISHES: dict[str, dict[str, str]] = {
    "BAD_REGISTRATION": {"registered": "soon"},
    "FUTURE_REGISTRATION": {"registered": "2099-01-01"},
    "BAD_EMAIL": {"email": "no address"},
    "BLANK_NAME": {"name": ""},
    "BLANK_COUNTRY": {"country": ""},
}


class Format(StrEnum):
    """How files are written."""

    CSV = "csv"
    PARQUET = "parquet"


class Written(NamedTuple):
    """The files of a made-up shop, and what must come of them."""

    customers: Path
    lines: Path
    truth: Mapping[str, Any]


def write(folder: Path, plan: Plan, form: Format = Format.CSV) -> Written:
    """Draw a shop and write its two files and `truth.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    shop, draw = sample.drawn(plan), np.random.default_rng(plan.seed + 1)
    people, noted = _customers(shop, plan, draw)
    lines, repeats = _lines(shop.lines, draw)
    truth = summary(shop, plan) | repeats | {"issues": noted, "customer_rows": people.num_rows}
    written = Written(folder / f"customers.{form}", folder / f"lines.{form}", truth)
    _write(written.customers, form, iter([people]))
    _write(written.lines, form, lines)
    (folder / "truth.json").write_text(json.dumps(truth, indent=1), encoding="utf-8")
    return written


def _write(path: Path, form: Format, pieces: Iterator[pa.Table]) -> None:
    first = next(pieces)
    options = csv.WriteOptions(quoting_style="needed")
    with (
        csv.CSVWriter(path, first.schema, write_options=options)
        if form is Format.CSV
        else parquet.ParquetWriter(path, first.schema)
    ) as writer:
        for piece in chain([first], pieces):
            writer.write_table(piece)


def summary(shop: Shop, plan: Plan) -> dict[str, Any]:
    """What gold must say of a drawn shop; money in cents."""
    lines, what = shop.lines, shop.lines.what
    is_sale, is_refund = what == sample.SALE, what == sample.REFUND
    is_goods = is_sale | is_refund | (what == sample.GIFT)
    buyers = np.unique(lines.customer[is_sale])
    gross, refund = (int(lines.amount[chosen].sum()) for chosen in (is_sale, is_refund))
    return {
        "layout": LAYOUT,
        "seed": plan.seed,
        "as_of": str(np.datetime64(int(lines.at[is_goods].max()) // sample.DAY_SECONDS + 1, "D")),
        "lines": len(what),
        "orders": len(np.unique(lines.order[is_sale])),
        "customers": plan.customers,
        "buyers": int((buyers >= 0).sum()),
        "gross": gross,
        "refund": refund,
        "net": gross + refund,
        "other": int(lines.amount[~is_goods].sum()),
        "left": int(shop.has_left.sum()),
        "rates": {"r": sample.RATE_SHAPE, "alpha": sample.RATE_WEEKS},
        "leaving": {"a": sample.LEAVING_A, "b": sample.LEAVING_B},
    }


def _lines(
    lines: Lines, draw: np.random.Generator
) -> tuple[Iterator[pa.Table], dict[str, int | dict[str, int]]]:
    """All lines, and among them bad ones, exact repeats, and rows that a later one corrects."""
    count = len(lines.at)
    each = max(FEWEST, count // ROWS_PER_BAD_ONE)
    bad = [draw.integers(0, count, each) for _ in DEFECTS]
    sales = np.nonzero(lines.what == sample.SALE)[0]
    again = draw.choice(sales, 2 * each, replace=False)

    def pieces() -> Iterator[pa.Table]:
        # The wrong version first: the row that comes later counts.
        yield _changed(_texts(lines, again[each:]), {"quantity": ["99"] * each})
        for start in range(0, count, ROWS_AT_ONCE):
            yield _texts(lines, np.arange(start, min(start + ROWS_AT_ONCE, count)))
        for number, (chosen, defect) in enumerate(zip(bad, DEFECTS.values(), strict=True)):
            given = {"line": [f"B{number}-{row}" for row in range(each)]} | {
                name: [f"{text}{row}" if text == NOBODYS else text for row in range(each)]
                for name, text in defect.items()
            }
            yield _changed(_texts(lines, chosen), given)
        yield _texts(lines, again[:each])

    return pieces(), {
        "rows": count + (len(DEFECTS) + 2) * each,
        "refused": dict.fromkeys(DEFECTS, each),
        "unchanged": each,
        "corrected": each,
    }


def _texts(whole: Lines, places: Whole) -> pa.Table:
    lines = whole.at_places(places)
    instant = np.datetime_as_string(lines.at.astype("datetime64[s]"))
    names = np.array([f"P{number:03}" for number in range(sample.PRODUCTS)])
    others = [lines.what == sample.POST, lines.what == sample.VOUCHER]
    product = np.select(others, ["POST", "VOUCHER"], names[lines.product])
    start = np.where(lines.what == sample.REFUND, "C", "")
    order = np.char.add(start, lines.order.astype(str))
    customer = np.where(lines.customer < 0, "", lines.customer.astype(str))
    columns = {
        "line": (places + 1).astype(str),
        "order": order,
        "customer": customer,
        "product": product,
        "description": np.char.add("Article ", product),
        "quantity": lines.quantity.astype(str),
        "price": of_cents(lines.price).cast(pa.string()).to_numpy(zero_copy_only=False),
        "at": np.char.replace(instant, "T", " "),
    }
    return pa.table({name: pa.array(values.astype(object)) for name, values in columns.items()})


def _customers(
    shop: Shop, plan: Plan, draw: np.random.Generator
) -> tuple[pa.Table, dict[str, int]]:
    """Every customer, some with a blemish, some with another's address; one row without an id."""
    count = plan.customers
    first, last, place = (draw.integers(0, len(of), count) for of in (FIRST, LAST, COUNTRIES))
    days = np.datetime_as_string((shop.joined // sample.DAY_SECONDS).astype("datetime64[D]"))
    rows = pa.table(
        {
            "customer": [str(number) for number in range(count)],
            "name": [f"{FIRST[a]} {LAST[b]}" for a, b in zip(first, last, strict=True)],
            "email": [f"customer{number}@example.org" for number in range(count)],
            "registered": days.astype(object),
            "country": [COUNTRIES[number] for number in place],
        }
    )
    each = max(FEWEST, count // ROWS_PER_BAD_ONE)
    places = draw.permutation(count)[: each * (len(BLEMISHES) + 1)].reshape(-1, each)
    cells = {name: rows[name].to_pylist() for name in rows.column_names}
    for chosen, blemish in zip(places[1:], BLEMISHES.values(), strict=True):
        for name, text in blemish.items():
            for row in chosen:
                cells[name][row] = text
    for row in places[0]:
        cells["email"][row] = "family@example.org"
    noted = dict.fromkeys(BLEMISHES, each) | {"SHARED_EMAIL": each}
    nameless = dict.fromkeys(cells, "") | {"name": "Nobody"}
    return pa.table({name: [*cells[name], nameless[name]] for name in cells}), noted


def _changed(rows: pa.Table, given: Mapping[str, list[str]]) -> pa.Table:
    for name, values in given.items():
        rows = rows.set_column(rows.column_names.index(name), name, pa.array(values))
    return rows
