"""What a shop's files look like: columns, dates, decimal signs, what a zero or a refund means."""

import re
from collections.abc import Collection, Iterable
from datetime import date
from enum import StrEnum
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from txplatform.errors import SourceError, UsageError
from txplatform.ingestion.declared import Declared, parsed, read, validated
from txplatform.ingestion.layouts import Currency, DecimalSign, Encoding, ThousandsSign

Names = list[Annotated[str, Field(min_length=1)]]
Columns = dict[str, Annotated[Names, Field(min_length=1)]]
DAY_FORM = re.compile(r"(?:%-?[dmYybBj]|[^%\sT])+")
"""What a day may be written with: what follows a blank or a T is the time."""
DAYS = (date(2024, 2, 3), date(2024, 2, 4), date(2024, 3, 3), date(2025, 2, 3))
"""Of which each differs from the first in one of day, month and year."""


class Kind(StrEnum):
    """What the rows of a file are."""

    LINES = "lines"
    CUSTOMERS = "customers"


FIELDS = {
    Kind.LINES: ("line_id", "order_id", "customer_id", "product", "description", "quantity",
                 "unit_price", "amount", "at", "country"),
    Kind.CUSTOMERS: ("customer_id", "name", "email", "registered_on", "country"),
}  # fmt: skip
"""What the columns of a file become."""


class Layout(Declared):
    """How one shop writes its files; the shipped ones are in layouts.toml."""

    name: str = Field(pattern=r"^\w[\w .-]*$")
    currency: Currency
    encoding: Encoding = "utf-8"
    delimiter: str = Field(",", pattern="^(blank|[\t !#-~])$")
    headers: list[list[str]] = Field([])
    date_format: str
    has_time: bool
    decimal_sign: DecimalSign = "."
    thousands_sign: ThousandsSign = ","
    refunds: bool
    zero_amount: Literal["refuse", "free", "order"]
    basket: Literal["order", "customer"]
    upper_case_products: bool = False
    blank_words: list[str] = Field([])
    other_orders: Names = Field([])
    refund_orders: Names = Field([])
    other_products: list[str] = Field([])
    other_product_starts: Names = Field([])
    carriage_products: list[str] = Field([])
    constants: dict[str, str] = Field({})
    lines: Columns
    customers: Columns | None = None

    @field_validator("date_format")
    @classmethod
    def _tells_days_apart(cls, value: str) -> str:
        if not DAY_FORM.fullmatch(value) or len({day.strftime(value) for day in DAYS}) < len(DAYS):
            raise ValueError("say day, month and year without blanks, such as %d/%m/%Y")
        return value

    @field_validator("lines")
    @classmethod
    def _enough_of_a_line(cls, value: Columns) -> Columns:
        _require_known(value, FIELDS[Kind.LINES])
        if "at" not in value or not value.keys() & {"amount", "unit_price"}:
            raise ValueError("lines need `at`, and `amount` or `unit_price`")
        return value

    @field_validator("customers")
    @classmethod
    def _enough_of_a_customer(cls, value: Columns | None) -> Columns | None:
        _require_known(value or (), FIELDS[Kind.CUSTOMERS])
        if value is not None and "customer_id" not in value:
            raise ValueError("customers need `customer_id`")
        return value

    @field_validator("constants")
    @classmethod
    def _known_constants(cls, value: dict[str, str]) -> dict[str, str]:
        _require_known(value, [*chain.from_iterable(FIELDS.values())])
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.decimal_sign == self.thousands_sign:
            raise ValueError("decimal_sign and thousands_sign are the same")
        return self

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


def _require_known(given: Iterable[str], fields: Collection[str]) -> None:
    for field in given:
        if field not in fields:
            raise ValueError(f"there is no field {field}; there are {', '.join(fields)}")


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
    if odd := [name for name, values in declared.items() if not isinstance(values, dict)]:
        raise UsageError(f"The file of layouts {own}: {odd[0]} is no table such as [{odd[0]}].")
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
