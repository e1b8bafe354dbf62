"""All active rules over the purchases of some weeks: alerts with identity and risk.

`find_alerts` is the one way in. Sentences are not Spark's business: `sentences.render` fills them
from the evidence.
"""

from collections.abc import Callable, Mapping, Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from txplatform.domains.spend.rules import (
    categories,
    days,
    limits,
    merchants,
    outliers,
    refunds,
    repeats,
)
from txplatform.domains.spend.rules.catalogue import WEIGHTS, Rule, Rulebook
from txplatform.domains.spend.rules.findings import TAKEN_OVER
from txplatform.domains.spend.rules.purchases import Purchases
from txplatform.errors import UsageError

FOUND_COLUMNS = (
    "rule",
    "rule_version",
    "severity",
    *TAKEN_OVER,
    "transaction_ids",
    "transaction_count",
    "amount_at_risk",
    "evidence",
)
"""What every rule returns, see `findings.found`."""

ALERT_COLUMNS = ("alert_id", *FOUND_COLUMNS, "risk")
"""What `find_alerts` returns: text, but for rule_version and transaction_count (int), week_start
and transaction_date (date), transaction_ids (array<string>, sorted), amount_at_risk
(decimal(18,2)), evidence (map<string,string>) and risk (decimal(7,6)). division, merchant and
category are NULL for SPIKE, whose transaction_ids are empty."""

REMAINING = f"""CASE severity {
    " ".join(f"WHEN '{name}' THEN {1 - weight}" for name, weight in WEIGHTS.items())
} END"""
"""1 - weight of an alert's severity."""

PRODUCT = "decimal(20,12)"
"""Weights have one decimal and there are twelve rules: the product is exact."""

RISK = f"""CAST(1 - aggregate(factors, CAST(1 AS {PRODUCT}),
    (done, factor) -> CAST(done * factor AS {PRODUCT})) AS decimal(7,6))"""
ID_DIGITS = 32

RuleFunction = Callable[[Purchases, Rule, Rulebook], DataFrame]

FUNCTIONS: Mapping[str, RuleFunction] = {
    "SPLIT": limits.split,
    "DUPLICATE": repeats.duplicate,
    "REPEAT": repeats.repeat,
    "WEEKEND": days.weekend,
    "CATEGORY": categories.category,
    "JUST_BELOW": limits.just_below,
    "OVER_LIMIT": limits.over_limit,
    "ROUND": limits.round_amount,
    "NEW_MERCHANT": merchants.new_merchant,
    "OUTLIER": outliers.outlier,
    "SPIKE": outliers.spike,
    "REFUND_UNMATCHED": refunds.refund_unmatched,
}
"""The function of every declared rule."""


def find_alerts(purchases: Purchases, rules: Rulebook) -> DataFrame:
    """The alerts of the weeks wanted: `ALERT_COLUMNS`, unordered.

    Args:
        purchases: as `purchases.prepare` makes them.
        rules: those that are off are left out.

    Returns:
        One row per alert. `alert_id` depends on rule, version and purchases only (of SPIKE on
        department and week), so that the same facts always get the same one.
    """
    findings = [FUNCTIONS[rule.code](purchases, rule, rules) for rule in rules.active]
    if not findings:
        raise UsageError("Every rule is off: set a limit or empty `off` in the rules file.")
    return _with_identity_and_risk(_united(findings))


def _united(findings: Sequence[DataFrame]) -> DataFrame:
    """By halves: Spark analyses a whole union anew with each one that is added."""
    if len(findings) == 1:
        return findings[0]
    middle = len(findings) // 2
    return _united(findings[:middle]).union(_united(findings[middle:]))


def _with_identity_and_risk(alerts: DataFrame) -> DataFrame:
    """Add `alert_id`, and `risk`: the highest of an alert's purchases, over a week's alerts.

    A purchase's is 1 - product of (1 - weight) over its alerts, half up to six decimals. An alert
    without purchases (SPIKE) has its own weight. In few steps: Spark analyses all rules in each.
    """
    purchase = F.explode_outer("transaction_ids").alias("purchase")
    by_purchase = alerts.select("*", _identity().alias("alert_id"), purchase)
    of_purchase = Window.partitionBy("week_start", F.coalesce("purchase", "alert_id"))
    factors = F.collect_list(F.expr(REMAINING)).over(of_purchase)
    facts = [F.expr(f"first({name}) AS {name}") for name in FOUND_COLUMNS]
    highest = F.expr(f"max({RISK}) AS risk")
    return by_purchase.withColumn("factors", factors).groupBy("alert_id").agg(*facts, highest)


def _identity() -> Column:
    """Hash of rule, version and sorted ids; where an alert has none, of department and week.

    As JSON: an id of the source may hold any character.
    """
    has_ids = "size(transaction_ids) > 0"
    content = (
        f"struct(rule, rule_version, if({has_ids}, transaction_ids, NULL) AS transaction_ids,"
        f" if({has_ids}, NULL, struct(department, week_start)) AS week)"
    )
    return F.expr(f"substring(sha2(to_json({content}), 256), 1, {ID_DIGITS})")
