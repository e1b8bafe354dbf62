"""Layouts: which columns of a source are which field, declared in TOML and validated.

Shipped layouts lie in `layouts/` beside this module; `docs/layouts.md` explains every key.
"""

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import available_timezones

from pydantic import BeforeValidator, Field, field_validator, model_validator

from txplatform.domains.spend.sources.dates import EXCEL, date_pattern
from txplatform.domains.spend.sources.parsing import NumberSigns, read_text
from txplatform.errors import UsageError
from txplatform.ingestion.declared import Declared, parsed, validated
from txplatform.ingestion.layouts import Currency, DecimalSign, Encoding, ThousandsSign

SHIPPED = files("txplatform.domains.spend.sources") / "layouts"


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


REQUIRED = ("department", "transaction_date", "amount")
ColumnList = Annotated[list[str], BeforeValidator(_as_list), Field(min_length=1)]


class Columns(Declared):
    """Canonical field <- the columns that hold it; the first one that is not blank counts."""

    department: ColumnList | None = None
    division: ColumnList | None = None
    merchant: ColumnList | None = None
    category: ColumnList | None = None
    transaction_date: ColumnList
    amount: ColumnList
    fiscal_year: ColumnList | None = None
    fiscal_period: ColumnList | None = None
    card: ColumnList | None = None


Name = Annotated[str, Field(min_length=1, max_length=300)]


class Constants(Declared):
    """Canonical field <- what it is in every row, where a file has no column for it."""

    department: Name | None = None
    division: Name | None = None
    merchant: Name | None = None
    category: Name | None = None
    fiscal_year: Name | None = None
    fiscal_period: Name | None = None


class PrintedTotals(Declared):
    """Which lines are totals that a report printed between the purchases."""

    all_blank: list[str] = Field(min_length=1)


class Spellings(Declared):
    """Spellings to be read as one: the name to keep <- the others."""

    department: dict[str, list[str]] = Field(default_factory=dict)
    division: dict[str, list[str]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for name in ("department", "division"):
            table: dict[str, list[str]] = getattr(self, name)
            others = [read_text(other) for spellings in table.values() for other in spellings]
            twice = [other for other in others if others.count(other) > 1 or other in table]
            if twice:
                raise ValueError(f"the {name} {twice[0]!r} stands for more than one name")
        return self


class Layout(Declared):
    """A validated layout."""

    name: str = Field(pattern="^[a-z0-9][a-z0-9_-]*$")
    description: str = ""
    currency: Currency
    date_format: str
    encoding: Encoding = "utf-8"
    delimiter: str = Field(",", min_length=1, max_length=1)
    decimal_sign: DecimalSign = "."
    thousands_sign: ThousandsSign = ","
    skip_lines: int = Field(0, ge=0)
    sheet: str | list[str] | None = None
    time_zone: str = "UTC"
    id_column: str | None = None
    currency_column: str | None = None
    converted_amount_column: str | None = None
    negate: list[str] = Field(default_factory=list)
    sign_column: str | None = None
    credit_values: list[str] = Field(default_factory=list)
    optional: list[str] = Field(default_factory=list)
    columns: Columns
    constants: Constants = Field(default_factory=Constants)
    aliases: dict[str, list[str]] = Field(default_factory=dict)
    printed_totals: PrintedTotals | None = None
    spellings: Spellings = Field(default_factory=Spellings)

    @field_validator("date_format")
    @classmethod
    def _known_date_format(cls, value: str) -> str:
        if value != EXCEL:
            date_pattern(value)
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value!r} is not an IANA time zone, such as Europe/Paris")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.decimal_sign == self.thousands_sign:
            raise ValueError("decimal_sign and thousands_sign are the same")
        if self.converted_amount_column and not self.currency_column:
            raise ValueError("converted_amount_column needs currency_column")
        if bool(self.sign_column) != bool(self.credit_values):
            raise ValueError("sign_column and credit_values need each other")
        if self.sign_column and self.negate:
            raise ValueError("sign_column and negate say the same twice")
        for field, constant in self.constants:
            if constant and getattr(self.columns, field):
                raise ValueError(f"{field} is in columns and in constants")
        if not self.columns.department and not self.constants.department:
            raise ValueError("department is missing: name its column, or a constant")
        for column in set(self.negate) - set(self.columns.amount):
            raise ValueError(f"negate names {column!r}, which is not among the amount's columns")
        for column in self.aliases.keys() - set(self.all_columns()):
            raise ValueError(f"aliases names {column!r}, which no key of the layout uses")
        return self

    @field_validator("optional")
    @classmethod
    def _can_be_absent(cls, value: list[str]) -> list[str]:
        for field in value:
            if field not in Columns.model_fields:
                raise ValueError(f"optional names {field!r}, which is no field")
            if field in REQUIRED:
                raise ValueError(f"optional names {field!r}, which every file must have")
        return value

    @property
    def signs(self) -> NumberSigns:
        """How amounts are written."""
        return NumberSigns(self.decimal_sign, self.thousands_sign, self.currency)

    def all_columns(self) -> list[str]:
        """Every column that the layout names."""
        of_fields = [column for _, columns in self.columns for column in columns or ()]
        named = (
            *(self.id_column, self.currency_column),
            *(self.converted_amount_column, self.sign_column),
        )
        totals = self.printed_totals.all_blank if self.printed_totals else []
        return [*of_fields, *(column for column in named if column), *totals]

    def spellings_of_columns(self) -> list[str]:
        """Every column that the layout names, by all its names."""
        return [*self.all_columns(), *(name for names in self.aliases.values() for name in names)]

    def fingerprint(self) -> str:
        """Changes when anything in the layout changes that could read a row differently."""
        content = self.model_dump_json(exclude={"description"}, exclude_defaults=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]


def list_layouts() -> list[Layout]:
    """The shipped layouts, by name."""
    names = sorted(entry.name.removesuffix(".toml") for entry in SHIPPED.iterdir())
    return [load_layout(name) for name in names]


def load_layout(name_or_path: str | Path) -> Layout:
    """A shipped layout by its name, or one of the user's own by the path of its TOML file.

    Raises:
        UsageError: there is no such layout, or it is not valid; the sentence names the key.
    """
    name = str(name_or_path)
    is_own = name.endswith(".toml") or Path(name).name != name
    source = Path(name).expanduser() if is_own else SHIPPED / f"{name}.toml"
    try:
        return parse_layout(source.read_text(encoding="utf-8"), source.name)
    except (FileNotFoundError, IsADirectoryError):
        shipped = ", ".join(sorted(entry.name[:-5] for entry in SHIPPED.iterdir()))
        raise UsageError(
            f"There is no layout {name!r}: use a shipped one ({shipped}) or the path of a .toml "
            "file of your own."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The layout {name} cannot be read: {error}.") from None


def parse_layout(text: str, file_name: str) -> Layout:
    """Validate the TOML text of a layout; `file_name` is for the sentence of an error.

    Raises:
        UsageError: it is not valid; the sentence names the key and what to do.
    """
    what = f"Layout {file_name}"
    return validated(Layout, parsed(text, what), what, docs="docs/layouts.md")
