"""Cases: what controllers look at and decide on, each the alerts of a week that share purchases."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from txplatform.domains.spend import decisions
from txplatform.domains.spend.api import models
from txplatform.domains.spend.api.alerts import Wanted, deciding, listed, parts, perform
from txplatform.domains.spend.api.models import AlertId, ManyActs
from txplatform.domains.spend.decisions import Kind, Seen, UnknownCaseError
from txplatform.domains.spend.queries import cases
from txplatform.domains.spend.queries.alert_counts import case_counts
from txplatform.domains.spend.queries.cases import Case
from txplatform.domains.spend.queries.inbox import case_page
from txplatform.serving.access import Controller, Reader
from txplatform.serving.api.answers import TABULAR, as_json, page_of, platform_of
from txplatform.serving.api.problems import documented
from txplatform.serving.api.schemas import PageAsked

router = APIRouter()
Id = Annotated[AlertId, Path(description="The case, or one of its alerts.")]


@router.get("/cases", response_model=models.CasePage, responses=TABULAR)
def case_list(request: Request, _: Reader, asked: PageAsked, wanted: Wanted) -> Response:
    """The inbox, the riskiest first: risk, then amount at risk, then id.

    With `text`, up to 10,000 cases are counted; `case-counts` counts them all.
    """
    return page_of(request, case_page(platform_of(request).engine, wanted, *asked))


@router.get("/case-counts", response_model=models.AlertCounts)
def case_spread(request: Request, _: Reader, wanted: Wanted) -> Response:
    """How the cases that match spread over rules, severities and states."""
    return as_json(request, asdict(case_counts(platform_of(request).engine, wanted)))


@router.get("/cases/{case_id}", response_model=models.Case, responses=documented(404))
def one_case(request: Request, _: Reader, case_id: Id) -> Response:
    """One case with its alerts, their history, what overlaps and what resembles it."""
    found = _known(request, case_id)
    return as_json(request, parts(request, found, models.CASE_PARTS))


@router.post(
    "/cases/{case_id}/decisions",
    status_code=201,
    response_model=models.DecisionPage,
    responses=documented(404, 409),
)
def decide_case(request: Request, person: Controller, case_id: Id, act: ManyActs) -> Response:
    """Decide all alerts of a case at once; `alerts` are those that you saw, all of the case's.

    An alert that joined after others were decided is decided alone. 409: an alert has a newer
    entry, or the case has other alerts now; nothing was written.
    """
    seen = [Seen(one.alert_id, one.sequence) for one in act.alerts]
    alerts = decisions.as_seen(_known(request, case_id).alerts, seen)
    wanted = decisions.concerned(alerts, Kind(act.kind))
    return listed(request, perform(deciding(request), wanted, act, person.name))


def _known(request: Request, case_id: str) -> Case:
    found = cases.case_of(platform_of(request).engine, case_id)
    if found is None:
        raise UnknownCaseError(f"There is no case {case_id!r}: look it up in the inbox.")
    return found
