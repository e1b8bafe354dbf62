"""What commerce serves and how fresh it is."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.queries import lists as queries
from txplatform.domains.commerce.queries import refreshed
from txplatform.domains.commerce.queries.published import COLLECTIONS, LINES, LISTS, ROWS
from txplatform.serving.access import Reader
from txplatform.serving.api.answers import as_json, bounded_by, platform_of

router = APIRouter()

Collection = Annotated[
    str, Path(pattern="^[a-z_]{1,40}$", description="A table, or the published name of one.")
]


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
    found = queries.only(platform_of(request).database, "kpis")
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
