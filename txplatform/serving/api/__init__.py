"""The shell of the API: what every endpoint shares, and how a domain brings its own.

A domain's part `api` exports `router`, an `APIRouter` without a prefix; `app.py` mounts it under
the domain's name with dashes (`/air-quality/days`) and tags its endpoints with it. Optional are
`STATUSES`, the HTTP status of each class of the domain's own errors, and `gauges(platform)`, its
figures for Prometheus.

An endpoint asks for a person first (`access.Reader`, `Controller` or `Admin`), takes the platform
from `answers.platform_of`, reads with the domain's `queries` and answers with `answers.as_json`
or, for a list, `answers.page_of` (JSON, CSV or Parquet by `Accept`; a page of `serving.paging`).
`schemas.model_of` makes the model of an answer from a declared table, so that names, types,
meanings and units are said once. A list takes a `PageAsked` (or a `Limit`), or says by
`answers.bounded_by` what keeps it short. Errors are raised; `problems` says them, a `NotFoundError`
as 404.

    router = APIRouter()

    @router.get("/days", response_model=page_model(Day), responses=TABULAR)
    def days(request: Request, _: Reader, asked: PageAsked) -> Response:
        return page_of(request, day_page(platform_of(request).engine, *asked))
"""
