"""What a shop's files look like: columns, dates, decimal signs, what a zero or a refund means."""

from collections.abc import Iterable
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import Field

from txplatform.domains.commerce.transforms import customers, lines
from txplatform.errors import SourceError, UsageError
from txplatform.ingestion.declared import Declared, parsed, read, validated

Columns = dict[str, list[str]]


class Kind(StrEnum):
    """What the rows of a file are."""

    LINES = "lines"
    CUSTOMERS = "customers"


FIELDS = {Kind.LINES: lines.FIELDS, Kind.CUSTOMERS: customers.FIELDS}
"""What the columns of a file become."""


class Layout(Declared):
    """How one shop writes its files; the shipped ones are in layouts.toml."""

    name: str
    currency: str = Field(pattern="^[A-Z]{3}$")
    encoding: str = "utf-8"
    delimiter: str = ","
    headers: list[list[str]] = Field([])
    date_format: str
    has_time: bool
    decimal_sign: Literal[".", ","] = "."
    thousands_sign: str = ","
    refunds: bool
    zero_amount: Literal["refuse", "free", "order"]
    basket: Literal["order", "customer"]
    upper_case_products: bool = False
    blank_words: list[str] = Field([])
    other_orders: list[str] = Field([])
    refund_orders: list[str] = Field([])
    other_products: list[str] = Field([])
    other_product_starts: list[str] = Field([])
    carriage_products: list[str] = Field([])
    constants: dict[str, str] = Field({})
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
    declared = parsed(
        files(__package__).joinpath("layouts.toml").read_text(encoding="utf-8"), "layouts.toml"
    )
    if own:
        declared |= read(own, "The file of layouts")
    return {
        name: validated(Layout, {"name": name, **values}, f"Layout {name}", docs="docs/commerce.md")
        for name, values in declared.items()
    }


def layout(name: str, own: Path | None = None) -> Layout:
    """The layout of a name.

    Raises:
        UsageError: there is none of this name.
    """
    known = layouts(own)
    if name not in known:
        raise UsageError(f"There is no layout {name}; there are {', '.join(sorted(known))}.")
    return known[name]
