"""The forecast's predictions of hours that are known, and how they did."""

from txplatform.domains.air_quality.models import forecast
from txplatform.domains.air_quality.transforms.exact import Floats, Integers


def rolled(known: Floats, hour_of_day: Integers, horizon: int) -> forecast.Predictions:
    """What the regression predicted at each hour of the last 60 days."""
    return forecast._rolling(forecast._table(known, hour_of_day, horizon), known, horizon)


def score_of(known: Floats, hour_of_day: Integers, horizon: int) -> forecast.Score:
    """How those predictions did."""
    return forecast._score(rolled(known, hour_of_day, horizon), known, horizon)
