"""Alerts one by one, decisions on them, and second looks; `cases.py` has them together."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy import Engine

from txplatform.domains.spend import decisions, planning
from txplatform.domains.spend.api import models
from txplatform.domains.spend.api.models import Act, AlertId, ManyActs, OneAct
from txplatform.domains.spend.api.parameters import Departments, Divisions, From, Severity, To
from txplatform.domains.spend.decisions import Entry, Seen, State, UnknownAlertError
from txplatform.domains.spend.queries import cases
from txplatform.domains.spend.queries.alert_counts import alert_counts
from txplatform.domains.spend.queries.alert_filter import AlertFilter
from txplatform.domains.spend.queries.cases import Surroundings
from txplatform.domains.spend.queries.inbox import alert_page
from txplatform.domains.spend.queries.second_looks import second_looks
from txplatform.domains.spend.queries.weekly_table import telling_open
from txplatform.errors import UsageError
from txplatform.serving.access import Controller, Reader
from txplatform.serving.api.answers import TABULAR, as_json, page_of, platform_of
from txplatform.serving.api.problems import documented
from txplatform.serving.api.schemas import Name, PageAsked
from txplatform.settings.logins import Component

router = APIRouter()
Id = Annotated[AlertId, Path()]
TEXT = (
    "Words, all of them or their beginnings, in department, division, merchant or sentence; case, "
    "accents and punctuation do not matter, and one letter or two are a whole word."
)


def _filter(
    *,
    first: From = None,
    to: To = None,
    department: Departments,
    division: Divisions,
    rule: Annotated[list[Name], Query(default_factory=list, description="Any of these.")],
    severity: Annotated[list[Severity], Query(default_factory=list, description="Any of these.")],
    state: Annotated[list[State], Query(default_factory=list, description="Any of these.")],
    assignee: Annotated[Name | None, Query(description="Empty: nobody's.")] = None,
    text: Annotated[Name | None, Query(description=TEXT)] = None,
    is_superseded: Annotated[bool, Query(description="Those whose facts are gone.")] = False,
) -> AlertFilter:
    return AlertFilter(
        first,
        to,
        tuple(department),
        tuple(division),
        tuple(rule),
        tuple(severity),
        tuple(state),
        assignee,
        text,
        is_superseded,
    )


Wanted = Annotated[AlertFilter, Depends(_filter)]


@router.get("/alerts", response_model=models.AlertPage, responses=TABULAR)
def alerts(request: Request, _: Reader, asked: PageAsked, wanted: Wanted) -> Response:
    """Alerts one by one, the riskiest first: risk, then amount at risk, then id.

    With `text`, up to 10,000 alerts are counted; `alert-counts` counts them all.
    """
    return page_of(request, alert_page(platform_of(request).engine, wanted, *asked))


@router.get("/alert-counts", response_model=models.AlertCounts)
def counts_of_alerts(request: Request, _: Reader, wanted: Wanted) -> Response:
    """How the alerts that match spread over rules, severities and states."""
    return as_json(request, asdict(alert_counts(platform_of(request).engine, wanted)))


@router.get("/alerts/{alert_id}", response_model=models.AlertCase, responses=documented(404))
def alert(request: Request, _: Reader, alert_id: Id) -> Response:
    """One alert with evidence, history, what overlaps it and what resembles it."""
    case = cases.alert_case(platform_of(request).engine, alert_id)
    if case is None:
        raise unknown(alert_id)
    return as_json(request, parts(request, case, models.ALERT_PARTS))


def parts(request: Request, found: Surroundings, names: Sequence[str]) -> dict[str, Any]:
    """Parts of a case or alert; the weeks around it say whether they are over."""
    open_week = planning.open_week(platform_of(request))
    weeks = {"division_weeks": telling_open(found.division_weeks, open_week)}
    return {name: weeks.get(name, getattr(found, name)) for name in names}


def unknown(alert_id: str) -> UnknownAlertError:
    """The error of an alert that is not there."""
    return UnknownAlertError(f"There is no alert {alert_id!r}: look it up in the inbox.")


@router.get(
    "/alerts/{alert_id}/decisions",
    response_model=models.DecisionPage,
    responses={**TABULAR, **documented(404)},
)
def history(request: Request, _: Reader, asked: PageAsked, alert_id: Id) -> Response:
    """The entries on an alert, oldest first."""
    found = cases.decision_page(platform_of(request).engine, alert_id, *asked)
    if found is None:
        raise unknown(alert_id)
    return page_of(request, found)


@router.post(
    "/alerts/{alert_id}/decisions",
    status_code=201,
    response_model=models.DecisionEntry,
    responses=documented(404, 409),
)
def decide(request: Request, person: Controller, alert_id: Id, act: OneAct) -> Response:
    """Take an alert up, decide it, assign it, comment, undo, or look a second time.

    409: somebody made a newer entry than `sequence`; nothing was written.
    """
    seen = [Seen(alert_id, act.sequence)]
    entries = perform(deciding(request), seen, act, person.name)
    return as_json(request, _entries(entries)[0], status=201)


@router.post(
    "/decisions",
    status_code=201,
    response_model=models.DecisionPage,
    responses=documented(404, 409),
)
def decide_many(request: Request, person: Controller, act: ManyActs) -> Response:
    """The same on many alerts: all of them, or none; each conflict is named."""
    seen = [Seen(one.alert_id, one.sequence) for one in act.alerts]
    return listed(request, perform(deciding(request), seen, act, person.name))


def listed(request: Request, entries: Sequence[Entry]) -> Response:
    """The answer to a decision on several alerts: the entries that were written."""
    items = _entries(entries)
    body = {"items": items, "total": len(items), "is_total_exact": True, "next_cursor": None}
    return as_json(request, body, status=201)


def deciding(request: Request) -> Engine:
    """PostgreSQL for whoever decides."""
    return platform_of(request).acting(Component.DECIDE).engine


def _entries(entries: Sequence[Entry]) -> list[dict[str, object]]:
    return [{name: getattr(entry, name) for name in cases.HISTORY} for entry in entries]


def perform(engine: Engine, seen: list[Seen], act: Act, by: str) -> list[Entry]:
    """Do what an act says.

    Raises:
        UsageError: it lacks what its kind needs, or cannot be done.
        ConflictError: an alert changed since it was seen.
    """
    reason = act.reason or ""
    acts: dict[str, Callable[[], list[Entry]]] = {
        "decide": lambda: decisions.decide(engine, seen, _state(act), reason, by),
        "assign": lambda: decisions.assign(engine, seen, act.assignee, by),
        "comment": lambda: decisions.comment(engine, seen, reason, by),
        "undo": lambda: decisions.undo(engine, seen, reason, by),
        "second_look": lambda: decisions.second_look(engine, seen, _state(act), reason, by),
    }
    return acts[act.kind]()


def _state(act: Act) -> State:
    if act.state is None:
        raise UsageError(f"To {act.kind.replace('_', ' ')}, say where to: state.")
    return act.state


@router.get("/second-looks", response_model=models.SecondLookPage, responses=TABULAR)
def waiting(request: Request, person: Reader, asked: PageAsked) -> Response:
    """Dismissed alerts, drawn at random, that wait for another person than their dismisser."""
    found = second_looks(platform_of(request).engine, person.name, *asked)
    return page_of(request, found)
