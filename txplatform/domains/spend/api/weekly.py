"""Weeks, the weekly table, departments and purchases."""

from dataclasses import replace
from typing import Annotated, Any

import pyarrow as pa
from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime

from txplatform import money
from txplatform.domains.spend import decisions, planning
from txplatform.domains.spend.api import models
from txplatform.domains.spend.api.parameters import Departments, Divisions, From, Monday, To
from txplatform.domains.spend.queries.departments import Weeks, department_page
from txplatform.domains.spend.queries.purchases import PurchaseFilter, purchase_page
from txplatform.domains.spend.queries.signed import SignedWeek, signed_weeks
from txplatform.domains.spend.queries.status import WeekFilter, WeekStatus, week_page
from txplatform.domains.spend.queries.weekly_table import WeeklyFilter, telling_open, weekly_page
from txplatform.domains.spend.transforms import CODE_VERSION
from txplatform.freshness import PeriodState
from txplatform.serving.access import Controller, Reader
from txplatform.serving.api.answers import TABULAR, as_json, page_of, platform_of, tabular
from txplatform.serving.api.problems import documented
from txplatform.serving.api.schemas import Name, PageAsked
from txplatform.settings.logins import Component

router = APIRouter()


@router.get("/weeks", response_model=models.WeekPage, responses=TABULAR)
def weeks(
    request: Request,
    _: Reader,
    asked: PageAsked,
    *,
    first: From = None,
    to: To = None,
    state: Annotated[list[PeriodState], Query(default_factory=list, description="Any of these.")],
) -> Response:
    """Every week that has purchases or was computed, oldest first."""
    platform = platform_of(request)
    wanted = WeekFilter(first, to, state)
    found = week_page(platform.engine, CODE_VERSION, wanted, *asked)
    ends = [found.weeks[end].week_start for end in (0, -1)] if found.weeks else []
    signed = {one.week_start: one for one in signed_weeks(platform.engine, *ends)} if ends else {}
    open_week = planning.open_week(platform)
    rows = [
        _week(one, one.week_start >= open_week, signed.get(one.week_start)) for one in found.weeks
    ]
    return tabular(request, pa.Table.from_pylist(rows, WEEKS), found.total, found.next_cursor)


def _week(one: WeekStatus, is_open: bool, signed: SignedWeek | None) -> dict[str, Any]:
    kept = {name: value for name, value in one._asdict().items() if name != "fingerprint"}
    return {
        **kept,
        "state": one.state.value,
        "is_open": is_open,
        "signed_by": signed and signed.signed_by,
        "signed_at": signed and signed.signed_at,
        "signed_difference": signed and signed.difference,
    }


_INSTANT = pa.timestamp("us", tz="UTC")
WEEKS = pa.schema(
    [
        ("week_start", pa.date32()),
        ("state", pa.string()),
        ("is_open", pa.bool_()),
        ("document_count", pa.int32()),
        ("total_amount", money.ARROW),
        ("row_count", pa.int32()),
        ("computed_at", _INSTANT),
        ("run_id", pa.string()),
        ("signed_by", pa.string()),
        ("signed_at", _INSTANT),
        ("signed_difference", money.ARROW),
    ]
)


@router.post(
    "/sign-offs",
    status_code=201,
    response_model=models.SignedOff,
    responses=documented(409),
)
def sign_off(request: Request, person: Controller, wanted: models.SignOffRequest) -> Response:
    """Sign a week off with what the table says of it now; refused while it is open or stale."""
    platform = platform_of(request)
    done = decisions.sign_off(
        platform.acting(Component.DECIDE).engine,
        wanted.week_start,
        person.name,
        planning.open_week(platform),
        wanted.note,
    )
    return as_json(request, done._asdict(), status=201)


@router.get("/weekly-transactions", response_model=models.WeeklyPage, responses=TABULAR)
def weekly_transactions(
    request: Request,
    _: Reader,
    asked: PageAsked,
    *,
    first: From = None,
    to: To = None,
    department: Departments,
    division: Divisions,
    as_of: Annotated[
        AwareDatetime | None, Query(description="The table as it stood then; left out: now.")
    ] = None,
) -> Response:
    """The table that controllers read, sorted by week, department and division."""
    wanted = WeeklyFilter(first, to, tuple(department), tuple(division), as_of)
    platform = platform_of(request)
    page = weekly_page(platform.engine, wanted, *asked)
    rows = telling_open(page.rows, planning.open_week(platform))
    return page_of(request, replace(page, rows=rows))


@router.get("/departments", response_model=models.DepartmentPage, responses=TABULAR)
def departments(
    request: Request,
    _: Reader,
    asked: PageAsked,
    *,
    first: From = None,
    to: To = None,
) -> Response:
    """What each department spent in the weeks asked for, sorted by name."""
    platform = platform_of(request)
    wanted = Weeks(planning.open_week(platform), first, to)
    return page_of(request, department_page(platform.engine, wanted, *asked))


@router.get("/transactions", response_model=models.PurchasePage, responses=TABULAR)
def transactions(
    request: Request,
    _: Reader,
    asked: PageAsked,
    *,
    week: Annotated[Monday, Query()],
    department: Annotated[Name | None, Query(description="Only this department.")] = None,
    division: Annotated[Name | None, Query(description="Only this division.")] = None,
) -> Response:
    """The purchases behind a week, or behind one cell of the table, with file and line."""
    wanted = PurchaseFilter(week, department, division)
    return page_of(request, purchase_page(platform_of(request).database, wanted, *asked))
