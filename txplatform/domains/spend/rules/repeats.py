"""Rules about the same amount at the same merchant: on one day, and again within a week."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from txplatform.domains.spend.rules.catalogue import Rule, Rulebook
from txplatform.domains.spend.rules.findings import found_in_groups, grouped_purchases, money
from txplatform.domains.spend.rules.purchases import Purchases

SAME = ("buyer", "merchant_key", "amount")


def duplicate(purchases: Purchases, rule: Rule, rules: Rulebook) -> DataFrame:  # noqa: ARG001
    """DUPLICATE: one buyer, merchant, amount and day; all but one purchase are at risk."""
    is_candidate = (F.col("amount") >= money(rule.parameters["lowest_amount"])) & F.col(
        "merchant_key"
    ).isNotNull()
    twins = grouped_purchases(purchases.wanted.where(is_candidate), *SAME).where(
        F.col("transaction_count") >= rule.parameters["fewest_purchases"]
    )
    at_risk = F.col("total") - F.col("amount")
    return found_in_groups(twins, rule, at_risk, {"amount": F.col("amount")})


def repeat(purchases: Purchases, rule: Rule, rules: Rulebook) -> DataFrame:  # noqa: ARG001
    """REPEAT: the same again 1 to 7 days after the last day with it, unless it comes weekly.

    One finding per pair of neighbouring days, made of the later day's purchases.
    """
    longest = rule.parameters["longest_step_days"]
    days = grouped_purchases(purchases.positive.where("merchant_key IS NOT NULL"), *SAME)
    with_earlier = days.withColumns(
        {"earlier_date": _day_before(), "is_regular": _is_there(2 * longest)}
    )
    step = F.date_diff("transaction_date", "earlier_date")
    is_exempt = (step == longest) & F.col("is_regular")
    again = with_earlier.where(purchases.is_wanted & step.between(1, longest) & ~is_exempt)
    evidence = {
        "amount": F.col("amount"),
        "earlier_date": F.col("earlier_date"),
        "days": step,
    }
    return found_in_groups(again, rule, F.col("total"), evidence)


def _day_before() -> Column:
    return F.lag("transaction_date").over(Window.partitionBy(*SAME).orderBy("transaction_date"))


def _is_there(days: int) -> Column:
    """Whether there is the same exactly so many days earlier."""
    day_number = F.unix_date("transaction_date")
    then = Window.partitionBy(*SAME).orderBy(day_number).rangeBetween(-days, -days)
    return F.count("transaction_date").over(then) > 0
