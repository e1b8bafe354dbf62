"""What is asked of the live events: windows, carts, funnel, alerts, late events, rules."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field

from txplatform.domains.clickstream import decisions, tables
from txplatform.domains.clickstream.queries import lists
from txplatform.domains.clickstream.queries.lists import between, page
from txplatform.domains.clickstream.queries.status import status as status_of
from txplatform.domains.clickstream.settings import ClickstreamSettings
from txplatform.serving.access import Controller, Reader
from txplatform.serving.api.answers import TABULAR, as_json, page_of, platform_of
from txplatform.serving.api.problems import documented
from txplatform.serving.api.schemas import Name, PageAsked, model_of, page_model
from txplatform.settings.logins import Component

router = APIRouter()

From = Annotated[AwareDatetime | None, Query(alias="from", description="From this moment on.")]
To = Annotated[AwareDatetime | None, Query(description="Before this moment.")]
Minutes = Annotated[Literal["1", "5", "60"], Query(description="Length of the windows.")]
Status = Literal["open", "purchased", "abandoned", "recovered", "emptied"]
Rule = Literal["RATE", "SILENCE", "ABANDON", "VELOCITY"]

Window = model_of("Window", lists.WINDOWS.columns)
Correction = model_of("Correction", lists.CORRECTIONS.columns)
Cart = model_of("Cart", lists.CARTS.columns)
FunnelHour = model_of("FunnelHour", lists.FUNNEL.columns)
StreamAlert = model_of("StreamAlert", lists.ALERTS.columns)


class RuleRequest(BaseModel):
    """A new version of a rule."""

    code: Rule = Field(description="The rule.")
    parameters: dict[str, float] = Field(
        description="All of its numbers.", examples=[{"z": 4.0, "least_median": 20}]
    )
    valid_from: AwareDatetime = Field(
        description="Event time from which on windows are judged by it; after the watermark."
    )


@router.get("/windows", response_model=page_model(Window), responses=TABULAR)
def windows(
    request: Request,
    _: Reader,
    asked: PageAsked,
    *,
    minutes: Minutes = "5",
    first: From = None,
    to: To = None,
    type_: Annotated[Name | None, Query(alias="type", description="Only this type.")] = None,
    country: Annotated[Name | None, Query(description="Only this country.")] = None,
    is_final: Annotated[bool | None, Query(description="Only final ones, or only others.")] = None,
) -> Response:
    """Windows per type and country, newest first; one that is not final still changes."""
    w = tables.activity_windows.c
    given = ((w.type, type_), (w.country, country), (w.is_final, is_final))
    conditions = [column == value for column, value in given if value is not None]
    conditions += [w.window_minutes == int(minutes), *between(w.window_start, first, to)]
    engine = platform_of(request).engine
    return page_of(request, page(engine, lists.WINDOWS, conditions, *asked))


@router.get("/carts", response_model=page_model(Cart), responses=TABULAR)
def carts(
    request: Request,
    _: Reader,
    asked: PageAsked,
    *,
    status: Annotated[Status | None, Query(description="Only these.")] = None,
    first: From = None,
    to: To = None,
) -> Response:
    """Carts, those that fall due last first; `from` and `to` are about when they fall due."""
    c = tables.carts.c
    conditions = [] if status is None else [c.status == status]
    conditions += between(c.due_at, first, to)
    engine = platform_of(request).engine
    return page_of(request, page(engine, lists.CARTS, conditions, *asked))


@router.get("/funnel", response_model=page_model(FunnelHour), responses=TABULAR)
def funnel(
    request: Request,
    _: Reader,
    asked: PageAsked,
    *,
    first: From = None,
    to: To = None,
) -> Response:
    """How far the visits of each hour came, newest hour first."""
    conditions = between(tables.funnel_hourly.c.hour, first, to)
    engine = platform_of(request).engine
    return page_of(request, page(engine, lists.FUNNEL, conditions, *asked))


@router.get("/alerts", response_model=page_model(StreamAlert), responses=TABULAR)
def alerts(
    request: Request,
    _: Reader,
    asked: PageAsked,
    *,
    rule: Annotated[Rule | None, Query(description="Only of this rule.")] = None,
    is_active: Annotated[bool | None, Query(description="Only those that hold, or not.")] = None,
    first: From = None,
    to: To = None,
) -> Response:
    """Alerts on final windows, newest first; one that holds no more is superseded, not deleted."""
    a = tables.stream_alerts.c
    given = ((a.rule, rule), (a.is_active, is_active))
    conditions = [column == value for column, value in given if value is not None]
    conditions += between(a.window_start, first, to)
    engine = platform_of(request).engine
    return page_of(request, page(engine, lists.ALERTS, conditions, *asked))


@router.get("/late", response_model=page_model(Correction), responses=TABULAR)
def late(request: Request, _: Reader, asked: PageAsked) -> Response:
    """What final windows said before late events corrected them, newest correction first."""
    engine = platform_of(request).engine
    return page_of(request, page(engine, lists.CORRECTIONS, [], *asked))


@router.get("/rules")
def rules(request: Request, _: Reader) -> Response:
    """Every version of every alert rule."""
    found = decisions.rules(platform_of(request).engine)
    return as_json(request, {"items": [row._asdict() for row in found], "total": len(found)})


@router.post("/rules", status_code=201, responses=documented(409))
def change_rule(request: Request, person: Controller, wanted: RuleRequest) -> Response:
    """Append a version of a rule; refused if it would judge windows that were judged already."""
    added = decisions.change_rule(
        platform_of(request).acting(Component.DECIDE).engine,
        wanted.code,
        wanted.parameters,
        wanted.valid_from,
        person.name,
    )
    return as_json(request, added._asdict(), status=201)


@router.get("/status")
def status(request: Request, _: Reader) -> Response:
    """Whether the job runs, how far it is behind, and where the lines went; lost is always 0."""
    platform = platform_of(request)
    topic = platform.settings.of(ClickstreamSettings).topic
    return as_json(request, vars(status_of(platform.engine, topic)))
