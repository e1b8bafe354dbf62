"""What several endpoints ask for: weeks by their Mondays, departments, divisions, a severity."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Query
from pydantic import AfterValidator, Field

from txplatform.serving.api.schemas import Name

FIRST_YEAR, LAST_YEAR = 1900, 2999


def _monday(day: date) -> date:
    if day.weekday() != 0:
        raise ValueError(f"{day} is a {day:%A}; weeks start on Monday")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"weeks lie between {FIRST_YEAR} and {LAST_YEAR}")
    return day


Monday = Annotated[
    date,
    AfterValidator(_monday),
    Field(description="The Monday of a week.", examples=["2026-11-09"]),
]
From = Annotated[Monday | None, Query(alias="from", description="First week.")]
To = Annotated[Monday | None, Query(description="Last week, inclusive.")]
Departments = Annotated[
    list[Name], Query(alias="department", default_factory=list, description="Any of these.")
]
Divisions = Annotated[
    list[Name], Query(alias="division", default_factory=list, description="Any of these.")
]
Severity = Literal["high", "medium", "low"]
