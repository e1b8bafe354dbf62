"""What the answers look like, derived from the declared tables."""

from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, create_model

from txplatform.domains.spend.api.parameters import Monday
from txplatform.domains.spend.decisions import State
from txplatform.domains.spend.queries.alert_filter import CASES, NOT_LISTED
from txplatform.domains.spend.queries.cases import HISTORY
from txplatform.domains.spend.tables import (
    alerts,
    benford_digits,
    benford_tests,
    cases,
    decisions,
    sign_offs,
    weekly_transactions,
)
from txplatform.freshness import PeriodState
from txplatform.serving.api.schemas import Name, model_of, page_model

MONEY = "In the platform's currency."
EXAMPLES: dict[str, object] = {
    "week_start": "2026-11-09",
    "department": "Highways",
    "division": "Winter service",
    "merchant": "Ironmonger",
    "category": "Hardware",
    "total_amount": "1420.00",
    "refund_amount": "-15.75",
    "transaction_count": 3,
    "rule": "SPLIT",
    "severity": "high",
    "state": "open",
    "risk": "0.720000",
    "amount_at_risk": "1420.00",
    "sequence": 0,
}

_model_of = partial(model_of, examples=EXAMPLES, unit_of_cents=MONEY)


def _optional(kind: Any, description: str) -> Any:
    return (kind | None, Field(description=description))


STANDING: dict[str, Any] = {
    "state": (State, Field(description="Where it stands.")),
    "assignee": _optional(str, "Who looks into it."),
    "sequence": (int, Field(description="Of its newest entry, 0 without any: a decision says it.")),
    "decided_by": _optional(str, "Who made the newest entry."),
    "decided_at": _optional(datetime, "When the newest entry was made."),
}

WeeklyRow = _model_of(
    "WeeklyRow",
    weekly_transactions.c,
    is_open=(bool, Field(description="Whether the week is not over yet.")),
)
CaseLine = _model_of("CaseLine", CASES.listed)
WholeCase = _model_of("WholeCase", cases.c)
AlertLine = _model_of(
    "AlertLine",
    [one for one in alerts.c if one.name not in (*NOT_LISTED, *STANDING)],
    **STANDING,
)
Alert = _model_of("Alert", [one for one in alerts.c if one.name not in STANDING], **STANDING)
DecisionEntry = _model_of("DecisionEntry", [decisions.c[name] for name in HISTORY])
BenfordTest = _model_of("BenfordTest", benford_tests.c)
BenfordDigit = _model_of("BenfordDigit", benford_digits.c)
SignedOff = _model_of("SignedOff", [one for one in sign_offs.c if one.name != "sign_off_id"])


class Week(BaseModel):
    """A week of the table beside the documents that it comes from."""

    week_start: date = Field(description="The Monday of the calendar week.")
    state: PeriodState = Field(description="fresh, stale (documents changed since) or missing.")
    is_open: bool = Field(description="Whether the week is not over yet.")
    document_count: int = Field(description="Documents of the week in MongoDB.")
    total_amount: Decimal = Field(description=f"Sum of their amounts. {MONEY}")
    row_count: int | None = Field(description="Rows of the table; null while it is missing.")
    computed_at: datetime | None = Field(description="When it was computed.")
    run_id: str | None = Field(description="The run that computed it.")
    signed_by: str | None = Field(description="Who signed it off last.")
    signed_at: datetime | None = Field(description="When it was signed off last.")
    signed_difference: Decimal | None = Field(
        description=f"What the table says now less what was signed off. {MONEY}"
    )


class Department(BaseModel):
    """What a department spent in the weeks asked for."""

    department: str = Field(description="Department that bought.")
    total_amount: Decimal = Field(description=f"Net of refunds. {MONEY}")
    refund_amount: Decimal = Field(description=f"Sum of the negative amounts (<= 0). {MONEY}")
    transaction_count: int = Field(description="Number of purchases and refunds.")
    division_count: int = Field(description="Divisions that bought.")
    has_open_week: bool = Field(description="Whether a week that is not over yet is among them.")
    share: Decimal | None = Field(description="Fraction of all departments; null where <= 0.")


class Purchase(BaseModel):
    """One document of `transactions`."""

    transaction_id: str = Field(description="The source's id, else a hash.")
    transaction_date: date = Field(description="Day of the purchase.")
    department: str | None = Field(description="Department that bought.")
    division: str | None = Field(description="Division of that department.")
    merchant: str | None = Field(description="Merchant as the source names it.")
    category: str | None = Field(description="Merchant category as the source names it.")
    amount: Decimal | None = Field(
        description=f"Refunds < 0; null for what is no amount to the cent. {MONEY}"
    )
    card: str | None = Field(description="Card or employee, as a keyed hash.")
    source_file: str | None = Field(description="File or collection that it came from.")
    source_line: int | None = Field(description="Line of that file.")
    ingested_at: datetime | None = Field(description="When the ingestion that brought it began.")


class DivisionWeek(BaseModel):
    """A week of a division."""

    week_start: date = Field(description="The Monday of the calendar week.")
    division: str = Field(description="The division.")
    is_open: bool = Field(description="Whether the week is not over yet.")
    total_amount: Decimal = Field(description=f"Net of refunds. {MONEY}")
    transaction_count: int = Field(description="Number of purchases and refunds.")


SURROUNDINGS: dict[str, Any] = {
    "overlapping": (list[AlertLine], Field(description="Other alerts that share a purchase.")),  # type: ignore[valid-type]
    "similar": (list[AlertLine], Field(description="Same rule, same merchant or division.")),  # type: ignore[valid-type]
    "merchant_alerts": (list[AlertLine], Field(description="Others at the merchant.")),  # type: ignore[valid-type]
    "division_weeks": (list[DivisionWeek], Field(description="The 52 weeks up to the alert's.")),
}
AlertCase = create_model(
    "AlertCase",
    __doc__="An alert with all that a controller looks at.",
    alert=(Alert, Field(description="The alert and where it stands.")),
    history=(list[DecisionEntry], Field(description="Newest 1,000 entries, oldest first.")),  # type: ignore[valid-type]
    **SURROUNDINGS,
)
CaseEntry = _model_of("CaseEntry", [decisions.c[name] for name in ("alert_id", *HISTORY)])
Case = create_model(
    "Case",
    __doc__="A case: its alerts, and all that a controller looks at.",
    case=(WholeCase, Field(description="The case and where it stands.")),
    alerts=(list[Alert], Field(description="Its alerts, the gravest first.")),  # type: ignore[valid-type]
    history=(list[CaseEntry], Field(description="Newest 1,000 entries on its alerts.")),  # type: ignore[valid-type]
    **SURROUNDINGS,
)
ALERT_PARTS = tuple(AlertCase.model_fields)
CASE_PARTS = tuple(Case.model_fields)


class AlertCounts(BaseModel):
    """How the alerts or cases that match spread."""

    total: int = Field(description="Alerts or cases that match.")
    amount_at_risk: Decimal = Field(description=f"Sum over these. {MONEY}")
    by_rule: dict[str, int] = Field(
        description="Whatever rules were asked for; a case counts in each of its rules."
    )
    by_severity: dict[str, int] = Field(description="Whatever severities were asked for.")
    by_state: dict[str, int] = Field(description="Whatever states were asked for.")


class SecondLook(BaseModel):
    """A dismissed alert that waits for another person."""

    alert_id: str = Field(description="The alert.")
    rule: str = Field(description="Code of its rule.")
    severity: str = Field(description="high, medium or low.")
    week_start: date = Field(description="Its week.")
    department: str = Field(description="Department that bought.")
    division: str | None = Field(description="Division of that department.")
    merchant: str | None = Field(description="Merchant as the source names it.")
    amount_at_risk: Decimal = Field(description=MONEY)
    sentence: str = Field(description="What happened.")
    dismissed_by: str = Field(description="Who may not take the second look.")
    dismissed_at: datetime = Field(description="When it was dismissed.")
    reason: str | None = Field(description="Why it was dismissed.")
    sequence: int = Field(description="Of its newest entry.")


class Rule(BaseModel):
    """A rule, and what became of the alerts that it raised."""

    code: str = Field(description="Its name.", examples=["SPLIT"])
    version: int = Field(description="Version of its meaning.")
    severity: str = Field(description="high, medium or low.")
    explanation: dict[str, str] = Field(description="What it looks for, in en and fr.")
    parameters: dict[str, Any] = Field(description="What it computes with; decimals as text.")
    off_reason: str = Field(description="Why it is off; empty while it is on.")
    abusive: int = Field(description="Its alerts decided abusive.")
    dismissed: int = Field(description="Its alerts decided dismissed.")
    justified: int = Field(description="Its alerts decided justified.")
    precision: Decimal | None = Field(
        description="abusive / (abusive + dismissed + justified), a fraction; null without any."
    )
    median_hours: Decimal | None = Field(description="Hours from raised to decided, median.")
    amount_found: Decimal = Field(description=f"Amount at risk of the abusive ones. {MONEY}")


class Spelling(BaseModel):
    """A merchant as the source names it."""

    name: str = Field(description="As the source writes it.", examples=["SHELL 57544"])
    purchase_count: int = Field(description="Purchases under this name, without refunds.")
    total_amount: Decimal = Field(description=f"Their sum. {MONEY}")


class MerchantProposal(BaseModel):
    """Spellings that are perhaps one shop, and what the rules file would say of it."""

    keep: str = Field(description="The name to keep, as a merchant key.", examples=["SHELL"])
    spellings: list[Spelling] = Field(description="The evidence, the commonest first.")
    store_numbers: list[str] = Field(description="Names behind which a number is the store's.")
    aliases: list[str] = Field(description="Other names for the one to keep.")
    entry: str = Field(
        description="The part [merchants] of the rules file with this proposal and what it says "
        "already, as TOML."
    )


class RefreshTime(BaseModel):
    """From the commit of a purchase in MongoDB to the table, in seconds."""

    weeks: int = Field(description="Weeks that ingestions changed.")
    waiting: int = Field(description="Those of them that were not computed since.")
    p50_seconds: float | None = Field(description="Median, in seconds.")
    p95_seconds: float | None = Field(description="95th percentile, in seconds.")
    last_published_at: datetime | None = Field(description="When the table changed last.")


Sequence = Annotated[
    int,
    Field(ge=0, lt=1 << 31, description="Of the newest entry that you saw; 0: none.", examples=[0]),
]
AlertId = Annotated[
    str, Field(pattern=r"^[0-9A-Za-z_-]{1,128}$", description="The alert.", examples=["5f2a"])
]


class Act(BaseModel):
    """What to write on an alert: each kind takes what it needs and ignores the rest."""

    kind: Literal["decide", "assign", "comment", "undo", "second_look"] = Field(
        description="What to do."
    )
    state: State | None = Field(None, description="Where to; for decide and second_look.")
    assignee: Name | None = Field(None, description="For assign; null: nobody.")
    reason: Annotated[str, Field(max_length=4_000)] | None = Field(
        None, description="Why, or the comment; needed to decide, comment, undo, look again."
    )


class OneAct(Act):
    """An act on one alert."""

    sequence: Sequence
    model_config = {
        "json_schema_extra": {"examples": [{"kind": "decide", "state": "in_review", "sequence": 0}]}
    }


class SeenAlert(BaseModel):
    """An alert as you saw it."""

    alert_id: AlertId
    sequence: Sequence


class ManyActs(Act):
    """An act on many alerts: all of them, or none."""

    alerts: list[SeenAlert] = Field(min_length=1, max_length=1_000, description="On which.")


class SignOffRequest(BaseModel):
    """Signing a week off."""

    week_start: Monday
    note: Annotated[str, Field(max_length=4_000)] | None = Field(
        None, description="What you add.", examples=["Three splits are with the department."]
    )


WeekPage = page_model(Week)
WeeklyPage = page_model(WeeklyRow)
DepartmentPage = page_model(Department)
PurchasePage = page_model(Purchase)
AlertPage = page_model(AlertLine)
CasePage = page_model(CaseLine)
SecondLookPage = page_model(SecondLook)
DecisionPage = page_model(DecisionEntry)
BenfordTestPage = page_model(BenfordTest)
BenfordDigitPage = page_model(BenfordDigit)
