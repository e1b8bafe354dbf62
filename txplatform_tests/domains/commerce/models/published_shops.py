"""The three published shops, read by plain Python into what the models take.

Nothing here is taken from the domain's own sources and transforms: a line's class and kind are
decided again, a half cent is rounded again, with integers alone.
"""

import csv
import gzip
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from txplatform.domains.commerce.models.occasions import Occasions, occasions_of

NO_GOODS = {"M", "D", "S", "B", "BANK CHARGES", "AMAZONFEE", "CRUK", "ADJUST", "ADJUST2"}
CARRIAGE = {"POST", "DOT", "C2", "C3"}


class Movement(NamedTuple):
    """A goods line of an identified customer: a sale, or a refund with negative cents."""

    customer_id: str
    day: date
    cents: int
    is_sale: bool


class Shop(NamedTuple):
    """What the models are told of a shop."""

    as_of: date
    occasions: Occasions
    net_cents: int
    countries: dict[str, str]


def clients_achats(folder: Path) -> Shop:
    """1,500 generated customers, 7,073 purchases."""
    with (folder / "commerce/clients_achats_7k/clients.csv").open(newline="") as file:
        countries = {row["id_client"]: row["pays"] for row in csv.DictReader(file)}
    with (folder / "commerce/clients_achats_7k/achats.csv").open(newline="") as file:
        movements = [
            Movement(
                row["id_client"],
                date.fromisoformat(row["date_achat"][:10]),
                _half_up(_units(row["montant"], 4), 100),
                is_sale=True,
            )
            for row in csv.DictReader(file)
        ]
    return _shop(movements, date(2026, 1, 19), countries)


@cache
def online_retail(folder: Path) -> Shop:
    """A year of a wholesaler: 541,909 lines, refunds, customers without a name."""
    path = folder / "commerce/online_retail/online_retail_2010-12_2011-12.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        movements, countries = [], {}
        for row in csv.DictReader(file):
            movement = _retail_movement(row)
            if movement:
                movements.append(movement)
                countries[movement.customer_id] = row["Country"]
    return _shop(movements, date(2011, 12, 10), countries)


def cdnow(folder: Path, as_of: date = date(1998, 7, 1)) -> Shop:
    """The sample of the CD shop that the papers count with: a zero is an order too."""
    movements = [m for m in _cdnow_movements(folder) if m.day < as_of]
    return _shop(movements, as_of, dict.fromkeys((m.customer_id for m in movements), ""))


def _cdnow_movements(folder: Path) -> Iterator[Movement]:
    for line in (folder / "commerce/cdnow/CDNOW_sample.txt").read_text().splitlines():
        _, customer, day, _, dollars = line.split()
        when = date(int(day[:4]), int(day[4:6]), int(day[6:]))
        yield Movement(customer, when, _units(dollars, 2), is_sale=True)


def _retail_movement(row: dict[str, str]) -> Movement | None:
    """A line that counts, or none: no customer, carriage, costs, and what has no amount."""
    code, invoice = row["StockCode"].strip().upper(), row["InvoiceNo"]
    if not row["CustomerID"] or invoice.startswith("A") or code in NO_GOODS | CARRIAGE:
        return None
    if code.startswith(("GIFT", "TEST")):
        return None
    cents = _half_up(int(row["Quantity"]) * _units(row["UnitPrice"], 4), 100)
    if not cents:
        return None
    is_sale = cents > 0 and not invoice.startswith("C")
    customer = row["CustomerID"].removesuffix(".0")
    return Movement(customer, date.fromisoformat(row["InvoiceDate"][:10]), cents, is_sale)


def occasions(rows: Iterable[tuple[str, date, int]]) -> Occasions:
    """Occasions from rows of customer, day and cents."""
    schema = pa.schema([("customer_id", pa.string()), ("day", pa.date32()), ("cents", pa.int64())])
    return occasions_of(pa.table([*zip(*rows, strict=True)] or [(), (), ()], schema=schema))


def _shop(movements: list[Movement], as_of: date, countries: dict[str, str]) -> Shop:
    sold = {(m.customer_id, m.day): 0 for m in movements if m.is_sale}
    refunded = set()
    for movement in movements:
        key = movement.customer_id, movement.day
        if key in sold:
            sold[key] += movement.cents
            if not movement.is_sale:
                refunded.add(key)
    rows = [(*key, cents) for key, cents in sold.items() if cents > 0 or key not in refunded]
    buyers = {customer for customer, _ in sold}
    net = sum(m.cents for m in movements if m.customer_id in buyers)
    return Shop(as_of, occasions(rows), net, countries)


def _units(text: str, decimals: int) -> int:
    """A written number times 10^decimals; nothing is lost."""
    return int(Decimal(text).scaleb(decimals).to_integral_exact())


def _half_up(number: int, divisor: int) -> int:
    """Rounded half away from zero."""
    sign = -1 if number < 0 else 1
    return sign * ((2 * abs(number) + divisor) // (2 * divisor))
