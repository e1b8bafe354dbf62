"""What a shop's files look like: columns, dates, decimal signs, what a zero or a refund means."""

import tomllib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from txplatform.errors import SourceError, UsageError

LINE_FIELDS = (
    "line_id",
    "order_id",
    "customer_id",
    "product",
    "description",
    "quantity",
    "unit_price",
    "amount",
    "at",
    "country",
)
CUSTOMER_FIELDS = ("customer_id", "name", "email", "registered_on", "country")
Columns = dict[str, list[str]]


class Kind(StrEnum):
    """What the rows of a file are."""

    LINES = "lines"
    CUSTOMERS = "customers"


class Layout(BaseModel):
    """How one shop writes its files; the shipped ones are in layouts.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    currency: str = Field(pattern="^[A-Z]{3}$")
    encoding: str = "utf-8"
    delimiter: str = ","
    headers: list[list[str]] = []
    date_format: str
    has_time: bool
    decimal_sign: Literal[".", ","] = "."
    thousands_sign: str = ","
    refunds: bool
    zero_amount: Literal["refuse", "free", "order"]
    basket: Literal["order", "customer"]
    upper_case_products: bool = False
    blank_words: list[str] = []
    other_orders: list[str] = []
    refund_orders: list[str] = []
    other_products: list[str] = []
    other_product_starts: list[str] = []
    carriage_products: list[str] = []
    constants: dict[str, str] = {}
    lines: Columns
    customers: Columns | None = None

    @property
    def has_id(self) -> bool:
        """Whether a line says by itself which one it is, so that it can be corrected."""
        return "line_id" in self.lines

    @property
    def has_orders(self) -> bool:
        """Whether lines belong to orders; otherwise each is an order of one line."""
        return "order_id" in self.lines

    def kind_of(self, header: Iterable[str], file: str) -> Kind:
        """Whether a header is that of lines or of customers.

        Raises:
            SourceError: it is neither; the sentence names what is missing.
        """
        present = set(header)
        missing = _missing(self.lines, present)
        if not missing:
            return Kind.LINES
        if self.customers and not _missing(self.customers, present):
            return Kind.CUSTOMERS
        raise SourceError(
            f"{file} does not look like the layout {self.name}: the columns {', '.join(missing)} "
            "are missing. Choose another layout with --layout."
        )

    def columns_of(self, kind: Kind, header: Iterable[str]) -> dict[str, str]:
        """Which column of a file fills which field."""
        present = set(header)
        mapped = self.lines if kind is Kind.LINES else self.customers or {}
        return {
            field: next(name for name in names if name in present)
            for field, names in mapped.items()
        }


def _missing(columns: Columns, present: set[str]) -> list[str]:
    return [names[0] for names in columns.values() if present.isdisjoint(names)]


def layouts(own: Path | None = None) -> dict[str, Layout]:
    """The shipped layouts and, over them, those of a file of one's own.

    Raises:
        UsageError: the file cannot be read as layouts.
    """
    text = files(__package__).joinpath("layouts.toml").read_text(encoding="utf-8")
    declared: dict[str, Mapping[str, object]] = tomllib.loads(text)
    try:
        if own:
            declared |= tomllib.loads(own.read_text(encoding="utf-8"))
        return {
            name: Layout.model_validate({"name": name, **values})
            for name, values in declared.items()
        }
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        why = str(error).split("\n", 1)[0]
        raise UsageError(f"The layouts in {own} cannot be used: {why:.200}.") from None


def layout(name: str, own: Path | None = None) -> Layout:
    """The layout of a name.

    Raises:
        UsageError: there is none of this name.
    """
    known = layouts(own)
    if name not in known:
        raise UsageError(f"There is no layout {name}; there are {', '.join(sorted(known))}.")
    return known[name]
