"""Everything that is computed of one station, in one call: in process, or on a worker of Spark."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np

from txplatform.domains.air_quality.models.forecast import NextHour, forecast
from txplatform.domains.air_quality.rules import Level, Rules
from txplatform.domains.air_quality.transforms.figures import StationFigures, figures_of
from txplatform.domains.air_quality.transforms.hours import StationHours
from txplatform.domains.air_quality.transforms.parameters import PARTICLES
from txplatform.domains.air_quality.transforms.rows import StationRows, rows_of

PREDICTED = (*PARTICLES, "co")


class Outcome(NamedTuple):
    """The rows of some local days, and with the newest of them what comes next."""

    rows: StationRows
    ahead: Mapping[str, Sequence[NextHour]] | None
    """By parameter; None where the newest hours are not among the days."""


def outcome_of(
    hours: StationHours, rules: Rules, levels: Sequence[Level], days: Sequence[date]
) -> Outcome:
    """Compute local days of a station from its hours and those before that they depend on."""
    figures = figures_of(hours, rules)
    marked = np.isin(figures.hours.days.dates, np.array(days, dtype="datetime64[D]"))
    is_newest = len(marked) > 0 and bool(marked[-1])
    return Outcome(rows_of(figures, levels, marked), next_hours(figures) if is_newest else None)


def next_hours(figures: StationFigures) -> dict[str, list[NextHour]]:
    """By parameter, the next hours as of the last believed one."""
    return {name: forecast(figures.hours, name, figures.believed(name)) for name in PREDICTED}
