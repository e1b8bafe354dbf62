"""A small shop of fourteen months, written down line by line, and its sums in plain Python."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from txplatform.domains.commerce.computation import refresh
from txplatform.platform import Platform
from txplatform_tests.domains.commerce.shops import written

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
FIRST = datetime(2023, 1, 5, 9)
DAYS, ORDERS = 430, 120
PRODUCTS = {"MUG": 250, "TEA": 395, "LAMP": 1999, "CLOCK": 4500, "CARD": 42}
CUSTOMERS = ("101", "102", "103", "104", "105", "106", "107", "108", "109", "110", "")
COUNTRIES = ("France", "Spain", "Peru")
BROKEN = ("990,MUG,Mug,1,not a day,2.50,101,France", "991,TEA,Tea,x,2023-02-01 10:00:00,1,101,Peru")


class Sold(NamedTuple):
    """A line of an order."""

    order: str
    product: str
    quantity: int
    at: datetime
    customer: str
    country: str

    @property
    def amount(self) -> Decimal:
        """Quantity x price."""
        return Decimal(self.quantity * PRODUCTS[self.product]) / 100

    @property
    def text(self) -> str:
        """The line as a file has it."""
        price = Decimal(PRODUCTS[self.product]) / 100
        cells = (self.order, self.product, f"A {self.product.lower()}", self.quantity, self.at)
        return ",".join(map(str, (*cells, price, self.customer, self.country)))


def sold() -> list[Sold]:
    """Every line; each tenth order is a refund of an earlier sale."""
    return [line for number in range(ORDERS) for line in _order(number)]


def _order(number: int) -> Iterator[Sold]:
    customer = CUSTOMERS[number * 7 % len(CUSTOMERS)]
    country = COUNTRIES[int(customer or 7) % len(COUNTRIES)]
    at = FIRST + timedelta(days=number * 37 % DAYS, hours=number % 7)
    is_refund = number % 10 == 9
    names = list(PRODUCTS)
    for step in range(1 + number % 3):
        product = names[(number + step * 2) % len(names)]
        count = -1 if is_refund else 1 + (number * 7 + step) % 5
        yield Sold(f"{'C' * is_refund}{1000 + number}", product, count, at, customer, country)


def total(lines: Iterable[Sold]) -> Decimal:
    """The sum of their amounts."""
    return sum((line.amount for line in lines), Decimal(0))


def totals(key: Callable[[Sold], str | date]) -> dict[str | date, Decimal]:
    """The net amount by something."""
    lines = sold()
    return {one: total(x for x in lines if key(x) == one) for one in map(key, lines)}


def orders(lines: Iterable[Sold]) -> int:
    """How many orders have a sale line."""
    return len({line.order for line in lines if line.quantity > 0})


def filled(platform: Platform, folder: Path) -> None:
    """Take the shop in, compute it, and copy it to both servers."""
    file = written(folder / "lines.csv", HEADER, *(line.text for line in sold()), *BROKEN)
    refresh.ingest(platform, [file], "online_retail")
    with refresh.engine_of(platform) as engine:
        refresh.compute(platform, engine, None, "run-1")
    refresh.copy_to_mongo(platform)
    refresh.copy_to_postgres(platform)
