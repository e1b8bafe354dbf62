"""A list per table of gold, and the published projects' names for them."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.queries import lists as queries
from txplatform.domains.commerce.queries.lists import Wanted
from txplatform.serving.access import Reader
from txplatform.serving.api.answers import as_json, platform_of
from txplatform.serving.api.schemas import Name

router = APIRouter()

LISTS = {
    "/clients": "clients",
    "/dim_clients": "clients",
    "/products": "sales_product",
    "/dim_produits": "sales_product",
    "/kpis/produits": "sales_product",
    "/monthly": "sales_month",
    "/facts/ca_mois": "sales_month",
    "/agg_mois": "sales_month",
    "/facts/ca_semaine": "sales_week",
    "/agg_semaine": "sales_week",
    "/facts/ca_jour": "sales_day",
    "/agg_jour": "sales_day",
    "/dim_dates": "sales_day",
    "/facts/ca_heure": "sales_hour",
    "/countries": "sales_country",
    "/facts/ca_pays": "sales_country",
    "/ca_par_pays": "sales_country",
    "/kpis/croissance": "growth",
    "/kpis/rfm": "rfm_segments",
    "/kpis/clv_detail": "customer_value",
    "/kpis/clv_pays": "value_by_country",
    "/analytics/concentration_summary": "concentration",
    "/analytics/cohortes_total": "cohort_totals",
}
"""Published names of lists, and the table that each is."""

SORTED = {
    "/top-clients": ("clients", "-net_amount"),
    "/kpis/top_produits_ca": ("sales_product", "-net_amount"),
}
SEASONS = {
    "/analytics/saisonnalite_jour": "weekday",
    "/analytics/saisonnalite_heure": "hour",
    "/analytics/saisonnalite_mois": "month",
}
ROWS = {
    "/kpis": "kpis",
    "/kpis/globaux": "kpis",
    "/stats/summary": "kpis",
    "/kpis/retention_global": "activity_summary",
    "/kpis/retention_summary": "activity_summary",
}
"""Published names of tables of one row."""

Limit = Annotated[int, Query(ge=1, le=10_000, description="Rows of the page.")]
Skip = Annotated[int, Query(ge=0, le=100_000_000, description="Rows before the page.")]
Sort = Annotated[Name | None, Query(description="A column; with - before it descending.")]
Country = Annotated[Name | None, Query(description="Only rows of this country.")]
Pays = Annotated[Name | None, Query(description="The same under its published name.")]
Table = Annotated[str, Path(pattern="^[a-z_]{1,40}$", description="A table such as sales_month.")]


def _answer(request: Request, name: str, wanted: Wanted) -> Response:
    found = queries.listing(platform_of(request).database, name, wanted)
    body = {"total": found.total, "limit": wanted.limit, "skip": wanted.skip, "sums": found.sums}
    return as_json(request, {"items": found.items, **body})


@router.get("/tables/{table}")
def rows_of_a_table(
    request: Request,
    _: Reader,
    *,
    table: Table,
    limit: Limit = 100,
    skip: Skip = 0,
    sort: Sort = None,
    country: Country = None,
) -> Response:
    """Rows of any table of gold, with the number and the sums of all that match."""
    queries.require_table(table)
    where = {"country": country} if country else {}
    return _answer(request, table, Wanted(limit, skip, sort, where))


@router.get("/refresh_time/{table}")
def refresh_time(request: Request, _: Reader, table: Table) -> Response:
    """When a table was written and how old it is."""
    return as_json(request, queries.refresh_time(platform_of(request), table))


def _list(name: str, order: str | None = None, **fixed: str) -> Callable[..., Response]:
    """An endpoint for a table under a published name."""

    def rows(
        request: Request,
        _: Reader,
        *,
        limit: Limit = 100,
        skip: Skip = 0,
        sort: Sort = order,
        pays: Pays = None,
    ) -> Response:
        where = {**fixed, **({"country": pays} if pays else {})}
        return _answer(request, name, Wanted(limit, skip, sort, where))

    rows.__doc__ = tables.GOLD[name].comment
    return rows


def _row(name: str) -> Callable[..., Response]:
    def row(request: Request, _: Reader) -> Response:
        return as_json(request, queries.only(platform_of(request).database, name))

    row.__doc__ = tables.GOLD[name].comment
    return row


def _mount(path: str, endpoint: Callable[..., Any]) -> None:
    name = path.strip("/").replace("/", "_").replace("-", "_")
    router.add_api_route(
        path, endpoint, methods=["GET"], name=name, operation_id=f"commerce_{name}"
    )


for _path, _name in LISTS.items():
    _mount(_path, _list(_name))
for _path, (_name, _order) in SORTED.items():
    _mount(_path, _list(_name, _order))
for _path, _kind in SEASONS.items():
    _mount(_path, _list("seasonality", dimension=_kind))
for _path, _name in ROWS.items():
    _mount(_path, _row(_name))
