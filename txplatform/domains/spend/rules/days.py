"""The rule about days on which nobody should be at work: weekends and holidays."""

from datetime import date

import holidays
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from txplatform.domains.spend.rules.catalogue import Rule, Rulebook
from txplatform.domains.spend.rules.categories import has_phrase
from txplatform.domains.spend.rules.findings import found_in_purchases
from txplatform.domains.spend.rules.purchases import Purchases
from txplatform.errors import UsageError

SATURDAY, SUNDAY = 5, 6  # as Spark's weekday counts


def weekend(purchases: Purchases, rule: Rule, rules: Rulebook) -> DataFrame:  # noqa: ARG001
    """WEEKEND: a Saturday, a Sunday or a holiday; some categories work on such days."""
    days_off = holidays_between(
        rule.parameters["calendar"], purchases.scope.first_week, purchases.scope.last_week
    )
    off = purchases.wanted.withColumn("occasion", _occasion(days_off)).where(
        F.col("occasion").isNotNull()
        & ~has_phrase(purchases, rule.parameters["excepted_categories"])
    )
    return found_in_purchases(off, rule, {"occasion": "occasion"})


def holidays_between(calendar: str, first_week: date, last_week: date) -> dict[date, str]:
    """Holidays with their names in the years of some weeks, from the package `holidays`.

    Args:
        calendar: country, or country and subdivision (`US`, `GB-ENG`); empty: none.
        first_week: Monday of the first week.
        last_week: Monday of the last week; the year of its Sunday is included.

    Raises:
        UsageError: there is no such calendar.
    """
    if not calendar:
        return {}
    country, _, subdivision = calendar.partition("-")
    years = range(first_week.year, last_week.year + 2)
    try:
        return dict(holidays.country_holidays(country, subdivision or None, years=years))
    except NotImplementedError:
        raise UsageError(
            f"Rules file: WEEKEND.parameters.calendar {calendar!r} is not known; use a country's "
            "ISO 3166 code such as 'US', with a subdivision such as 'GB-ENG'."
        ) from None


def _occasion(days_off: dict[date, str]) -> Column:
    """Why nobody should be at work on a day: a holiday's name, Saturday or Sunday; else NULL."""
    weekday = F.weekday("transaction_date")
    occasion = F.when(weekday == SATURDAY, "Saturday").when(weekday == SUNDAY, "Sunday")
    if not days_off:
        return occasion
    pairs = [part for day, name in days_off.items() for part in (F.lit(day), F.lit(name))]
    return F.coalesce(F.try_element_at(F.create_map(*pairs), "transaction_date"), occasion)
