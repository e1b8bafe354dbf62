"""What is asked with: a station, parameters, local days."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Depends, Query

from txplatform.domains.air_quality.queries.rows import Wanted
from txplatform.serving.api.schemas import Name

Parameter = Literal["co", "no2", "o3", "pm10", "pm25", "rh", "t_ext", "t_int_raw"]
Station = Annotated[Name, Query(description="A station, by id or name.")]
Stations = Annotated[Name | None, Query(alias="station", description="Only this one.")]
Parameters = Annotated[
    list[Parameter] | None, Query(alias="parameter", description="Only these parameters.")
]
First = Annotated[date | None, Query(alias="from", description="First local day.")]
Last = Annotated[date | None, Query(alias="to", description="Last local day.")]
One = Annotated[Parameter, Query(description="The parameter.")]


def _wanted(
    station: Stations = None,
    parameter: Parameters = None,
    first: First = None,
    last: Last = None,
) -> Wanted:
    return Wanted(station, parameter, first, last)


Rows = Annotated[Wanted, Depends(_wanted)]
"""Rows of a table: of a station, of parameters, of local days."""
