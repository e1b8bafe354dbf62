"""What customers are worth, who may leave, and how far to trust either."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from txplatform.domains.commerce.queries import values as queries
from txplatform.domains.commerce.queries.values import Order
from txplatform.domains.commerce.tables import expectations as tables
from txplatform.serving import paging
from txplatform.serving.access import Reader
from txplatform.serving.api.answers import TABULAR, bounded_by, page_of, platform_of, tabular
from txplatform.serving.api.schemas import Cursor, Limit, Name, model_of, page_model

router = APIRouter()
_model_of = partial(model_of, unit_of_cents="In the shop's currency.")
CustomerPage = page_model(_model_of("CustomerValue", queries.CUSTOMERS))
CountryPage = page_model(_model_of("CountryValue", tables.value_by_country.c))
FitPage = page_model(_model_of("ModelFit", tables.model_fits.c))
HoldoutPage = page_model(_model_of("ModelHoldout", tables.model_holdout.c))
ReportPage = page_model(_model_of("ChurnFigure", tables.churn_report.c))


@router.get("/customer-values", response_model=CustomerPage, responses=TABULAR)
def customer_values(
    request: Request,
    _: Reader,
    *,
    country: Annotated[Name | None, Query(description="Customers of this country only.")] = None,
    order: Annotated[Order, Query(description="Which customers come first.")] = Order.VALUE,
    cursor: Cursor = None,
    limit: Limit = paging.DEFAULT_PAGE,
) -> Response:
    """What each customer is worth over the next twelve months, and whether it will come."""
    engine = platform_of(request).engine
    return page_of(request, queries.customers_page(engine, country, order, cursor, limit))


@router.get(
    "/values-by-country",
    response_model=CountryPage,
    responses=TABULAR,
    openapi_extra=bounded_by("a line per country"),
)
def values_by_country(request: Request, _: Reader) -> Response:
    """What the customers of each country are worth, the most valuable first."""
    found = queries.countries(platform_of(request).engine)
    return tabular(request, found, found.num_rows, None)


@router.get(
    "/model-fits",
    response_model=FitPage,
    responses=TABULAR,
    openapi_extra=bounded_by("two models"),
)
def model_fits(request: Request, _: Reader) -> Response:
    """The models that were fitted, their parameters, and why a simpler one is used."""
    found = queries.fits(platform_of(request).engine)
    return tabular(request, found, found.num_rows, None)


@router.get(
    "/model-holdout",
    response_model=HoldoutPage,
    responses=TABULAR,
    openapi_extra=bounded_by("five ways of predicting at four cuts"),
)
def model_holdout(request: Request, _: Reader) -> Response:
    """How well each way of predicting did on 90 days that it did not know."""
    found = queries.holdouts(platform_of(request).engine)
    return tabular(request, found, found.num_rows, None)


@router.get(
    "/churn-report",
    response_model=ReportPage,
    responses=TABULAR,
    openapi_extra=bounded_by("the figures of one test"),
)
def churn_report(request: Request, _: Reader) -> Response:
    """How far the chances of leaving can be believed."""
    found = queries.report(platform_of(request).engine)
    return tabular(request, found, found.num_rows, None)
