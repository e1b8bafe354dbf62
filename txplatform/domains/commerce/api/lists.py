"""A list per table of gold, and the published projects' names for them."""

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field, create_model

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.queries import lists as queries
from txplatform.domains.commerce.queries import silver
from txplatform.domains.commerce.queries.lists import Listing, Wanted
from txplatform.domains.commerce.queries.published import LINES, LISTS, ROWS, Published
from txplatform.serving.access import Reader
from txplatform.serving.api.answers import TABULAR, as_accepted, as_json, platform_of
from txplatform.serving.api.schemas import Limit, Name, model_of

router = APIRouter()
CURRENCY = "In the shop's currency."

Skip = Annotated[int, Query(ge=0, le=100_000_000, description="Rows before the page.")]
Sort = Annotated[Name | None, Query(description="A column; with - before it descending.")]
Country = Annotated[Name | None, Query(description="Only rows of this country.")]
Pays = Annotated[Name | None, Query(description="`country` under its published name.")]
Search = Annotated[Name, Query(description="Only rows of which a text holds this.")]
Table = Annotated[str, Path(pattern="^[a-z_]{1,40}$", description="A table such as sales_month.")]
Customer = Annotated[Name | None, Query(description="Only lines of this customer.")]
Product = Annotated[Name | None, Query(description="Only lines of this product.")]


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


def _answer(request: Request, found: Listing, limit: int, skip: int) -> Response:
    about = {"total": found.total, "limit": limit, "skip": skip, "sums": found.sums}
    return as_accepted(request, found.rows, about, {"X-Total-Count": str(found.total)})


@router.get("/tables/{table}", response_model=AnyList, responses=TABULAR)
def rows_of_a_table(
    request: Request,
    _: Reader,
    *,
    table: Table,
    limit: Limit = 100,
    skip: Skip = 0,
    sort: Sort = None,
    country: Country = None,
    search: Search = "",
) -> Response:
    """Rows of any table of gold, with the number and the sums of all that match."""
    queries.require_table(table)
    wanted = Wanted(limit, skip, sort, {"country": country} if country else {}, search)
    return _answer(
        request, queries.listing(platform_of(request).database, table, wanted), limit, skip
    )


def _list(published: Published) -> Callable[..., Response]:
    """An endpoint for a table under a published name."""

    def rows(
        request: Request,
        _: Reader,
        *,
        limit: Limit = 100,
        skip: Skip = 0,
        sort: Sort = published.sort,
        country: Country = None,
        pays: Pays = None,
        search: Search = "",
    ) -> Response:
        named = country or pays
        where = {**published.only, **({"country": named} if named else {})}
        wanted = Wanted(limit, skip, sort, where, search)
        found = queries.listing(platform_of(request).database, published.table, wanted)
        return _answer(request, found, limit, skip)

    rows.__doc__ = tables.LISTED[published.table].comment
    return rows


def _row(name: str) -> Callable[..., Response]:
    def row(request: Request, _: Reader) -> Response:
        return as_json(request, queries.only(platform_of(request).database, name))

    row.__doc__ = tables.LISTED[name].comment
    return row


def _lines(
    request: Request,
    _: Reader,
    *,
    limit: Limit = 100,
    skip: Skip = 0,
    customer: Customer = None,
    product: Product = None,
    country: Country = None,
) -> Response:
    """The lines of orders as they stand, in the order in which the lake holds them."""
    narrowed = {"customer_id": customer, "product": product, "country": country}
    where = {name: value for name, value in narrowed.items() if value}
    found = silver.lines(platform_of(request).settings, limit, skip, where)
    return _answer(request, found, limit, skip)


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
