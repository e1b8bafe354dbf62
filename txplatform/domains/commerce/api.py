"""The commerce domain's part of the API: its tables, lines of orders, and how fresh they are.

Every table of gold has the paths that `queries/published.py` declares, the published projects'
names for it among them.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field, create_model
from pymongo.database import Database

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.queries import lists as queries
from txplatform.domains.commerce.queries import refreshed, silver
from txplatform.domains.commerce.queries.lists import Listing, Wanted
from txplatform.domains.commerce.queries.published import (
    COLLECTIONS,
    LINES,
    LISTS,
    ROWS,
    Published,
)
from txplatform.serving.access import Reader
from txplatform.serving.api.answers import TABULAR, as_accepted, as_json, bounded_by, platform_of
from txplatform.serving.api.schemas import Limit, Name, model_of

router = APIRouter()
CURRENCY = "In the shop's currency."

Country = Annotated[Name | None, Query(description="Only rows of this country.")]
Table = Annotated[str, Path(pattern="^[a-z_]{1,40}$", description="A table such as sales_month.")]
Collection = Annotated[
    str, Path(pattern="^[a-z_]{1,40}$", description="A table, or the published name of one.")
]


class Asked(BaseModel):
    """Which page of a list."""

    limit: Limit = 100
    skip: int = Query(0, ge=0, le=100_000_000, description="Rows before the page.")
    country: Country = None


class AskedOfTable(Asked):
    """Which rows of a table, in which order."""

    sort: Name | None = Query(None, description="A column; with - before it descending.")
    search: Name = Query("", description="Only rows of which a text holds this.")

    def wanted(self, only: Mapping[str, Any]) -> Wanted:
        """The same as the store is asked, narrowed to `only`."""
        where = {**only, **({"country": self.country} if self.country else {})}
        return Wanted(self.limit, self.skip, self.sort, where, self.search)


class AskedOfLines(Asked):
    """Which lines of orders."""

    customer: Name | None = Query(None, description="Only lines of this customer.")
    product: Name | None = Query(None, description="Only lines of this product.")


def listed(name: str, item: Any) -> type[BaseModel]:
    """The model of a page that is found by the number of rows before it."""
    sums = Field(description="Sums of the amounts of all rows that match.")
    return create_model(
        f"{name}List",
        items=(list[item], Field(description="The rows of this page, in order.")),
        total=(int, Field(description="Rows that match, on all pages.")),
        limit=(int, Field(description="Rows of a page.")),
        skip=(int, Field(description="Rows before this page.")),
        sums=(dict[str, Decimal], sums),
    )


@cache
def row_model(name: str) -> type[BaseModel]:
    """The model of a row of a table of gold."""
    title = f"Commerce{name.title().replace('_', '')}"
    return model_of(title, tables.LISTED[name].columns, unit_of_cents=CURRENCY)


@cache
def list_model(name: str) -> type[BaseModel]:
    """The model of a page of a table of gold."""
    item = row_model(name)
    return listed(item.__name__, item)


LineList = listed("CommerceLines", model_of("CommerceLine", silver.LINES, unit_of_cents=CURRENCY))
AnyList = listed("CommerceRows", dict[str, Any])


def _answer(request: Request, found: Listing, asked: Asked) -> Response:
    about = {"total": found.total, "limit": asked.limit, "skip": asked.skip, "sums": found.sums}
    return as_accepted(request, found.rows, about, {"X-Total-Count": str(found.total)})


@router.get("/tables/{table}", response_model=AnyList, responses=TABULAR)
def rows_of_a_table(
    request: Request, _: Reader, table: Table, asked: Annotated[AskedOfTable, Query()]
) -> Response:
    """Rows of any table of gold, with the number and the sums of all that match."""
    queries.require_table(table)
    return _answer(request, queries.listing(_database(request), table, asked.wanted({})), asked)


def _list(published: Published) -> Callable[..., Response]:
    """An endpoint for a table under a published name."""

    class AskedOfPublished(AskedOfTable):
        sort: Name | None = Query(
            published.sort, description="A column; with - before it descending."
        )
        pays: Name | None = Query(None, description="`country` under its published name.")

    def rows(request: Request, _: Reader, asked: Annotated[AskedOfPublished, Query()]) -> Response:
        named = asked.model_copy(update={"country": asked.country or asked.pays})
        wanted = named.wanted(published.only)
        return _answer(request, queries.listing(_database(request), published.table, wanted), asked)

    rows.__doc__ = tables.LISTED[published.table].comment
    return rows


def _database(request: Request) -> Database[Any]:
    return platform_of(request).database


def _row(name: str) -> Callable[..., Response]:
    def row(request: Request, _: Reader) -> Response:
        return as_json(request, queries.only(_database(request), name))

    row.__doc__ = tables.LISTED[name].comment
    return row


def _lines(request: Request, _: Reader, asked: Annotated[AskedOfLines, Query()]) -> Response:
    """The lines of orders as they stand, in the order in which the lake holds them."""
    narrowed = {
        "customer_id": asked.customer,
        "product": asked.product,
        "country": asked.country,
    }
    where = {name: value for name, value in narrowed.items() if value}
    found = silver.lines(platform_of(request).settings, asked.limit, asked.skip, where)
    return _answer(request, found, asked)


def _mount(path: str, endpoint: Callable[..., Any], model: type[BaseModel], **more: Any) -> None:
    name = path.strip("/").replace("/", "_").replace("-", "_")
    router.add_api_route(
        path, endpoint, name=name, operation_id=f"commerce_{name}", response_model=model, **more
    )


for _path, _published in LISTS.items():
    _mount(_path, _list(_published), list_model(_published.table), responses=TABULAR)
for _path, _name in ROWS.items():
    _mount(_path, _row(_name), row_model(_name))
for _path in LINES:
    _mount(_path, _lines, LineList, responses=TABULAR)


class Contents(BaseModel):
    """What is served."""

    title: str = Field(description="What it is about.")
    tables: list[str] = Field(description="Tables of `/commerce/tables/{table}`.")
    paths: list[str] = Field(description="Published names of lists and rows.")


class StoreHealth(BaseModel):
    """That the store answers, and of which day it speaks."""

    status: str = Field(description="ok.", examples=["ok"])
    as_of: date = Field(description="Everything before this day's midnight counts.")


class RefreshTime(BaseModel):
    """When a table was written, and how old that is."""

    table: str = Field(description="The table.")
    run_id: str = Field(description="The run that wrote it.")
    row_count: int = Field(description="Its rows.")
    written_at: datetime = Field(description="When it was written.")
    age_seconds: Decimal = Field(description="How long ago that is.")
    publish_seconds: Decimal | None = Field(
        description="From the end of the write to the first answer that carried the run."
    )


class Refreshes(BaseModel):
    """When each table was written."""

    items: list[RefreshTime] = Field(description="The tables by name.")
    total: int = Field(description="How many there are.")


@router.get("/", response_model=Contents)
def contents(request: Request, _: Reader) -> Response:
    """What is served, and under which names."""
    paths = sorted([*LISTS, *ROWS, *LINES])
    return as_json(request, {"title": "Commerce", "tables": sorted(tables.LISTED), "paths": paths})


@router.get("/health", response_model=StoreHealth)
def store_health(request: Request, _: Reader) -> Response:
    """Whether the store answers, and of which day."""
    found = queries.only(_database(request), "kpis")
    return as_json(request, {"status": "ok", "as_of": found["as_of"]})


@router.get("/refresh_time/{table}", response_model=RefreshTime)
def refresh_time(request: Request, _: Reader, table: Collection) -> Response:
    """When a table was written and how old it is."""
    name = COLLECTIONS.get(table, table.removeprefix("gold_"))
    return as_json(request, refreshed.refresh_time(platform_of(request), name))


@router.get(
    "/meta/last-refresh",
    response_model=Refreshes,
    openapi_extra=bounded_by("a line per table"),
)
def last_refresh(request: Request, _: Reader) -> Response:
    """When each table was written and how old it is."""
    found = refreshed.last_refresh(platform_of(request))
    return as_json(request, {"items": found, "total": len(found)})
