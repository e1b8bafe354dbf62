"""All active rules over the purchases of some weeks: alerts with their identity.

`find_alerts` is the one way in. Sentences are not Spark's business: `sentences.render` fills them
from the evidence.
"""

from collections.abc import Callable, Mapping, Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from txplatform.domains.spend.rules import counterparts, limits, outliers, policy
from txplatform.domains.spend.rules.catalogue import Rule, Rulebook
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

ALERT_COLUMNS = ("alert_id", *FOUND_COLUMNS)
"""What `find_alerts` returns: text, but for rule_version and transaction_count (int), week_start
and transaction_date (date), transaction_ids (array<string>, sorted), amount_at_risk
(decimal(18,2)) and evidence (map<string,string>). division, merchant and category are NULL for
SPIKE, whose transaction_ids are empty. How far up the list an alert belongs, `ranking` says."""

ID_DIGITS = 32

RuleFunction = Callable[[Purchases, Rule, Rulebook], DataFrame]

FUNCTIONS: Mapping[str, RuleFunction] = {
    "SPLIT": limits.split,
    "DUPLICATE": counterparts.duplicate,
    "REPEAT": counterparts.repeat,
    "WEEKEND": policy.weekend,
    "CATEGORY": policy.category,
    "JUST_BELOW": limits.just_below,
    "OVER_LIMIT": limits.over_limit,
    "ROUND": limits.round_amount,
    "NEW_MERCHANT": outliers.new_merchant,
    "OUTLIER": outliers.outlier,
    "SPIKE": outliers.spike,
    "REFUND_UNMATCHED": counterparts.refund_unmatched,
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
    return _united(findings).select(_identity().alias("alert_id"), *FOUND_COLUMNS)


def _united(findings: Sequence[DataFrame]) -> DataFrame:
    """By halves: Spark analyses a whole union anew with each one that is added."""
    if len(findings) == 1:
        return findings[0]
    middle = len(findings) // 2
    return _united(findings[:middle]).union(_united(findings[middle:]))


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
