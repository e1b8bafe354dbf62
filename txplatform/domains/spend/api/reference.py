"""What explains the numbers: rules with their precision, Benford tests, refresh times."""

from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from txplatform.domains.spend.api import models
from txplatform.domains.spend.api.parameters import Monday
from txplatform.domains.spend.queries.benford import ORGANISATION, benford_of_week, digits_of_week
from txplatform.domains.spend.queries.quality import rule_quality
from txplatform.domains.spend.queries.refresh import refresh_time
from txplatform.domains.spend.queries.rulebook import rulebook
from txplatform.domains.spend.queries.spellings import alias_proposals
from txplatform.domains.spend.rules.catalogue import Rule
from txplatform.domains.spend.rules.proposals import Grouping, Proposal, entry
from txplatform.serving.access import Reader
from txplatform.serving.api.answers import TABULAR, as_json, bounded_by, platform_of, tabular
from txplatform.serving.api.schemas import Name

router = APIRouter()
Week = Annotated[Monday | None, Query(description="Left out: the newest week with tests.")]
UNDECIDED: dict[str, Any] = {
    "abusive": 0,
    "dismissed": 0,
    "justified": 0,
    "precision": None,
    "median_hours": None,
    "amount_found": Decimal("0.00"),
}


@router.get(
    "/rules",
    response_model=list[models.Rule],
    openapi_extra=bounded_by("the rules that are shipped"),
)
def rules(request: Request, _: Reader) -> Response:
    """The alert rules, those that are off too, and what became of their alerts."""
    platform = platform_of(request)
    known = rulebook(platform)
    quality = {row["rule"]: row for row in rule_quality(platform.engine).to_pylist()}
    return as_json(request, [_rule(rule, quality.get(rule.code, {})) for rule in known.rules])


def _rule(rule: Rule, quality: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": rule.code,
        "version": rule.version,
        "severity": rule.severity,
        "explanation": dict(rule.explanation),
        "parameters": dict(rule.parameters),
        "off_reason": rule.off_reason,
        **{name: quality.get(name, value) for name, value in UNDECIDED.items()},
    }


@router.get("/merchant-proposals", response_model=list[models.MerchantProposal])
def merchant_proposals(
    request: Request,
    _: Reader,
    limit: Annotated[int, Query(ge=1, le=1_000, description="Shops at most.")] = 20,
) -> Response:
    """Merchants that look like spellings of one shop, those with most purchases first."""
    platform = platform_of(request)
    rules = rulebook(platform)
    found = alias_proposals(platform.engine, rules, limit)
    return as_json(request, [_proposal(one, Grouping.of(rules)) for one in found])


def _proposal(one: Proposal, known: Grouping) -> dict[str, Any]:
    spellings = [spelling._asdict() for spelling in one.spellings]
    return {**one._asdict(), "spellings": spellings, "entry": entry([one], known)}


@router.get(
    "/benford",
    response_model=models.BenfordTestPage,
    responses=TABULAR,
    openapi_extra=bounded_by("four tests for each department, of one week"),
)
def benford(
    request: Request,
    _: Reader,
    week: Week = None,
    department: Annotated[Name | None, Query(description="Empty: all together.")] = None,
) -> Response:
    """Benford tests over the 52 weeks that end with a week."""
    found = benford_of_week(platform_of(request).engine, week, department)
    return tabular(request, found, found.num_rows, None)


@router.get(
    "/benford-digits",
    response_model=models.BenfordDigitPage,
    responses=TABULAR,
    openapi_extra=bounded_by("the digits of one department, of one week"),
)
def digits(
    request: Request,
    _: Reader,
    week: Week = None,
    department: Annotated[Name, Query(description="Empty: all together.")] = ORGANISATION,
) -> Response:
    """Observed and expected shares of the digits behind a department's tests."""
    found = digits_of_week(platform_of(request).engine, week, department)
    return tabular(request, found, found.num_rows, None)


@router.get("/refresh-time", response_model=models.RefreshTime)
def refresh(request: Request, _: Reader) -> Response:
    """Seconds from the commit of purchases in MongoDB to the table: median, 95th percentile."""
    platform = platform_of(request)
    return as_json(request, refresh_time(platform.engine, platform.database)._asdict())
