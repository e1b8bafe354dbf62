"""Rules about amounts that are unusually high: a purchase in its category, a department's week."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from txplatform.domains.spend.rules.catalogue import Rule, Rulebook
from txplatform.domains.spend.rules.findings import MONEY, found, found_in_purchases, score_text
from txplatform.domains.spend.rules.populations import centre, robust_score, with_population
from txplatform.domains.spend.rules.purchases import Purchases


def outlier(purchases: Purchases, rule: Rule, rules: Rulebook) -> DataFrame:  # noqa: ARG001
    """OUTLIER: the logarithm of an amount has a robust score above 3.5 in its category."""
    known = with_population(purchases.wanted, purchases.populations)
    value = F.log10(F.col("amount").cast("double"))
    scored = known.withColumn("score", robust_score(value))
    high = scored.where(F.col("score") > float(rule.parameters["highest_score"]))
    evidence = {
        "category": F.col("category"),
        "median": F.pow(F.lit(10.0), F.col("median")).cast(MONEY),
        "score": score_text(F.col("score")),
    }
    return found_in_purchases(high, rule, evidence)


def spike(purchases: Purchases, rule: Rule, rules: Rulebook) -> DataFrame:  # noqa: ARG001
    """SPIKE: a department's net week has a robust score above 3.5 against its own 12 before."""
    scored = scored_weeks(purchases, rule.parameters["weeks"])
    high = scored.where(F.col("score") > float(rule.parameters["highest_score"]))
    nothing = F.lit(None).cast("string")
    weeks = high.withColumns(
        {
            "transaction_date": F.col("week_start"),
            "division": nothing,
            "merchant": nothing,
            "category": nothing,
            "transaction_ids": F.array().cast("array<string>"),
            "amount_at_risk": (F.col("net_amount") - F.col("median").cast(MONEY)).cast(MONEY),
        }
    )
    return found(weeks, rule, _evidence_of_week(rule))


def scored_weeks(purchases: Purchases, weeks: int) -> DataFrame:
    """The department-weeks that can be scored, with `median` and `score`.

    All `weeks` calendar weeks before must have transactions, and differ from each other.
    """
    day_number = F.unix_date("week_start")
    before = Window.partitionBy("department").orderBy(day_number).rangeBetween(-7 * weeks, -7)
    net = F.col("net_amount").cast("double")
    with_past = purchases.department_totals.withColumn("values", F.collect_list(net).over(before))
    full = with_past.where(purchases.is_wanted & (F.size("values") == weeks))
    return centre(full).withColumn("score", robust_score(net)).where("score IS NOT NULL")


def _evidence_of_week(rule: Rule) -> dict[str, Column]:
    return {
        "department": F.col("department"),
        "date": F.col("week_start"),
        "amount": F.col("net_amount"),
        "median": F.col("median").cast(MONEY),
        "weeks": F.lit(rule.parameters["weeks"]),
        "score": score_text(F.col("score")),
    }
