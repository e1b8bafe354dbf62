"""Models of OpenAPI made from the declared tables: names, types, meanings and units said once."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import AfterValidator, BaseModel, Field, StringConstraints, create_model
from sqlalchemy import BigInteger, Column, Date, DateTime, Integer, Numeric
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

CENTS = 2
EXAMPLES: dict[str, object] = {
    "week_start": "2026-11-09",
    "department": "Highways",
    "division": "Winter service",
    "merchant": "Ironmonger",
    "category": "Hardware",
    "total_amount": "1420.00",
    "refund_amount": "-15.75",
    "transaction_count": 3,
    "rule": "SPLIT",
    "severity": "high",
    "state": "open",
    "risk": "0.720000",
    "amount_at_risk": "1420.00",
    "sequence": 0,
}


def model_of(name: str, columns: Iterable[Column[Any]], **more: Any) -> type[BaseModel]:
    """A model with a field per column; comments become descriptions, money says its unit.

    Args:
        name: of the model.
        columns: declared columns.
        more: further fields as pydantic's `create_model` takes them.
    """
    fields = {column.name: _field(column) for column in columns}
    return create_model(name, **fields, **more)


def page_model(item: type[BaseModel]) -> type[BaseModel]:
    """The model of a page of a list."""
    total = Field(description="Rows that match, on all pages.", examples=[1])
    exact = Field(description="false where more rows match than `total`.", examples=[True])
    cursor = Field(description="Send it as `cursor` for the next page; null on the last.")
    return create_model(
        f"{item.__name__}Page",
        items=(list[item], Field(description="The rows of this page, sorted.")),  # type: ignore[valid-type]
        total=(int, total),
        is_total_exact=(bool, exact),
        next_cursor=(str | None, cursor),
    )


def _field(column: Column[Any]) -> Any:
    kind = _type(column)
    unit = " In the platform's currency." if _is_money(column) else ""
    known = EXAMPLES.get(column.name)
    field = Field(
        description=f"{column.comment or ''}{unit}", examples=[known] if known is not None else None
    )
    return (kind | None if column.nullable else kind, field)


def _is_money(column: Column[Any]) -> bool:
    return isinstance(column.type, Numeric) and column.type.scale == CENTS


def _type(column: Column[Any]) -> Any:
    match column.type:
        case Numeric():
            return Decimal
        case DateTime():
            return datetime
        case Date():
            return date
        case Integer() | BigInteger():
            return int
        case ARRAY():
            return list[str]
        case JSONB():
            return dict[str, str]
    return str


def _monday(day: date) -> date:
    if day.weekday() != 0:
        raise ValueError(f"{day} is a {day:%A}; weeks start on Monday")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"weeks lie between {FIRST_YEAR} and {LAST_YEAR}")
    return day


FIRST_YEAR, LAST_YEAR = 1900, 2999
Monday = Annotated[
    date,
    AfterValidator(_monday),
    Field(description="The Monday of a week.", examples=["2026-11-09"]),
]
Name = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=500)]
From = Annotated[Monday | None, Query(alias="from", description="First week.")]
To = Annotated[Monday | None, Query(description="Last week, inclusive.")]
Limit = Annotated[int, Query(ge=1, le=10_000, description="Rows of a page.")]
Cursor = Annotated[
    Name | None, Query(description="`next_cursor` of the page before; leave it out for the first.")
]
Departments = Annotated[
    list[Name], Query(alias="department", default_factory=list, description="Any of these.")
]
Divisions = Annotated[
    list[Name], Query(alias="division", default_factory=list, description="Any of these.")
]
Severity = Literal["high", "medium", "low"]
