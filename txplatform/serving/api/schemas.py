"""Models of OpenAPI made from the declared tables: names, types, meanings and units said once."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Query
from pydantic import BaseModel, Field, StringConstraints, create_model
from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Float, Integer, Numeric
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from txplatform.serving.paging import DEFAULT_PAGE

CENTS = 2


def model_of(
    name: str,
    columns: Iterable[Column[Any]],
    examples: Mapping[str, object] | None = None,
    unit_of_cents: str = "",
    **more: Any,
) -> type[BaseModel]:
    """A model with a field per column; its comment becomes the description.

    Args:
        name: of the model.
        columns: declared columns.
        examples: values by the name of their column.
        unit_of_cents: what is said of decimals with two places, such as their currency.
        more: further fields as pydantic's `create_model` takes them.
    """
    known = examples or {}
    fields = {
        column.name: _field(column, known.get(column.name), unit_of_cents) for column in columns
    }
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


def _field(column: Column[Any], example: object, unit_of_cents: str) -> Any:
    kind = _type(column)
    unit = f" {unit_of_cents}" if unit_of_cents and _has_cents(column) else ""
    field = Field(
        description=f"{column.comment or ''}{unit}",
        examples=None if example is None else [example],
    )
    return (kind | None if column.nullable else kind, field)


def _has_cents(column: Column[Any]) -> bool:
    return isinstance(column.type, Numeric) and column.type.scale == CENTS


def _type(column: Column[Any]) -> Any:
    match column.type:
        case Boolean():
            return bool
        case Float():
            return float
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


Name = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=500)]
Limit = Annotated[int, Query(ge=1, le=10_000, description="Rows of a page.")]
Cursor = Annotated[
    Name | None, Query(description="`next_cursor` of the page before; leave it out for the first.")
]


class Asked(NamedTuple):
    """Which page of a list: `*asked` is where it begins and its size."""

    cursor: Cursor = None
    limit: Limit = DEFAULT_PAGE


PageAsked = Annotated[Asked, Depends()]
