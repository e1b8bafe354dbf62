"""Rules about the purchase limit of a department, and about round amounts."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from txplatform.domains.spend.rules.catalogue import Rule, Rulebook
from txplatform.domains.spend.rules.findings import (
    alike,
    as_money,
    found_in_groups,
    found_in_purchases,
    grouped_purchases,
    limit_of_department,
    money,
)
from txplatform.domains.spend.rules.purchases import Purchases

TOGETHER = ("transaction_date", "buyer", "merchant_key")


def split(purchases: Purchases, rule: Rule, rules: Rulebook) -> DataFrame:
    """SPLIT: purchases of one buyer, merchant and day, each <= limit, that exceed it together."""
    small = _with_limit(purchases, rules).where("amount <= limit AND merchant_key IS NOT NULL")
    fewest = rule.parameters["fewest_purchases"]
    parts = alike(small, TOGETHER, f"count(*) >= {fewest} AND sum(amount) > max(limit)")
    # A card can be used for two departments: the higher of their limits counts.
    facts = {"limit": "max(limit)", "largest": "max(amount)"}
    groups = grouped_purchases(parts, *TOGETHER[1:], **facts).where(
        (F.col("transaction_count") >= fewest) & (F.col("total") > F.col("limit"))
    )
    is_below = "if(largest < limit, 'below', 'within')"
    evidence = {"total": "total", "limit": "limit", "each": is_below}
    return found_in_groups(groups, rule, "total", evidence)


def just_below(purchases: Purchases, rule: Rule, rules: Rulebook) -> DataFrame:
    """JUST_BELOW: 0.95 limit <= amount <= limit."""
    lowest = F.col("limit") * F.lit(rule.parameters["lowest_share_of_limit"])
    limited = _with_limit(purchases, rules)
    near = limited.where((F.col("amount") >= lowest) & (F.col("amount") <= F.col("limit")))
    return found_in_purchases(near, rule, {"limit": "limit", "gap": as_money("limit - amount")})


def over_limit(purchases: Purchases, rule: Rule, rules: Rulebook) -> DataFrame:
    """OVER_LIMIT: amount > limit."""
    over = _with_limit(purchases, rules).where("amount > limit")
    excess = as_money("amount - limit")
    return found_in_purchases(over, rule, {"limit": "limit", "excess": excess})


def round_amount(purchases: Purchases, rule: Rule, rules: Rulebook) -> DataFrame:  # noqa: ARG001
    """ROUND: a multiple of 100, and 100 or more."""
    multiple, lowest = rule.parameters["multiple_of"], rule.parameters["lowest_amount"]
    is_round = (F.col("amount") % money(multiple) == 0) & (F.col("amount") >= money(lowest))
    round_ones = purchases.wanted.where(is_round)
    return found_in_purchases(round_ones, rule, {"multiple": f"'{multiple.normalize():f}'"})


def _with_limit(purchases: Purchases, rules: Rulebook) -> DataFrame:
    return purchases.wanted.withColumn("limit", limit_of_department(rules.limits))
