"""Rules about unusually high amounts: in a category, at a new merchant, in a department's week."""

from datetime import timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from txplatform.domains.spend.rules.catalogue import Rule, Rulebook
from txplatform.domains.spend.rules.findings import as_money, found, found_in_purchases, score_text
from txplatform.domains.spend.rules.populations import (
    logarithm,
    robust_score,
    with_population,
)
from txplatform.domains.spend.rules.purchases import Purchases


def outlier(purchases: Purchases, rule: Rule, rules: Rulebook) -> DataFrame:  # noqa: ARG001
    """OUTLIER: the logarithm of an amount has a robust score above 3.5 in its category."""
    known = with_population(purchases.wanted, purchases.populations)
    scored = known.withColumn("score", robust_score(logarithm("amount")))
    high = scored.where(F.col("score") > float(rule.parameters["highest_score"]))
    evidence = {
        "category": "category",
        "median": as_money("pow(10.0D, median)"),
        "score": score_text("score"),
    }
    return found_in_purchases(high, rule, evidence)


def spike(purchases: Purchases, rule: Rule, rules: Rulebook) -> DataFrame:  # noqa: ARG001
    """SPIKE: a department's net week has a robust score above 3.5 against its own 12 before."""
    scored = scored_weeks(purchases)
    high = scored.where(F.col("score") > float(rule.parameters["highest_score"]))
    return found(
        high,
        rule,
        _evidence_of_week(rule),
        **dict.fromkeys(("division", "merchant", "category"), "CAST(NULL AS string)"),
        transaction_date="week_start",
        transaction_ids="CAST(array() AS array<string>)",
        amount_at_risk=as_money(f"net_amount - {as_money('median')}"),
    )


def scored_weeks(purchases: Purchases) -> DataFrame:
    """The department-weeks that can be scored, with `median` and `score`.

    All calendar weeks before must have transactions, and differ from each other.
    """
    net = F.col("net_amount").cast("double")
    return purchases.department_weeks.withColumn("score", robust_score(net)).where(
        "score IS NOT NULL"
    )


def _evidence_of_week(rule: Rule) -> dict[str, str]:
    return {
        "department": "department",
        "date": "week_start",
        "amount": "net_amount",
        "median": as_money("median"),
        "weeks": str(rule.parameters["weeks"]),
        "score": score_text("score"),
    }


def new_merchant(purchases: Purchases, rule: Rule, rules: Rulebook) -> DataFrame:  # noqa: ARG001
    """NEW_MERCHANT: a large purchase, for its category, on the first day ever at its merchant.

    Not within 90 days of the first busy week: every merchant is new while the data begin.
    """
    candidates = purchases.wanted
    if purchases.scope.busy_from is None:
        return _large_on_first_day(candidates.limit(0), purchases, rule)
    settled = purchases.scope.busy_from + timedelta(days=rule.parameters["quiet_days"])
    late = candidates.where(F.col("transaction_date") > F.lit(settled))
    return _large_on_first_day(late, purchases, rule)


def _large_on_first_day(candidates: DataFrame, purchases: Purchases, rule: Rule) -> DataFrame:
    first = with_population(candidates.where("is_first_day"), purchases.populations)
    large = first.where("amount >= usual_amount")
    percentile = f"{rule.parameters['percentile'].normalize():f}"
    evidence = {
        "category": "category",
        "usual": as_money("usual_amount"),
        "percentile": f"'{percentile}'",
    }
    return found_in_purchases(large, rule, evidence)
