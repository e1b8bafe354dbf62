"""The one shape in which every rule says what it found; the closing select of all of them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DecimalType

from txplatform.domains.spend.rules.catalogue import Limits, Rule
from txplatform.money import SPARK

MONEY = DecimalType(18, 2)

Evidence = Mapping[str, str]
"""Names of the sentence's template, and what they are in SQL: one call of Spark's JVM for all of a
rule's columns, where as many `Column` objects take hundreds."""

PLACE_AND_DAY = {"merchant": "merchant", "date": "transaction_date"}
TAKEN_OVER = (
    "week_start",
    "transaction_date",
    "department",
    "division",
    "merchant",
    "category",
)


def found_in_purchases(
    purchases: DataFrame, rule: Rule, evidence: Evidence, severity: str | None = None
) -> DataFrame:
    """One finding per purchase, with its amount at risk (a refund's without the sign).

    Args:
        purchases: transactions that break the rule.
        rule: the rule that they break.
        evidence: what the sentence needs besides amount, merchant and date.
        severity: another one than the rule's own, in SQL.
    """
    amount = as_money("abs(amount)")
    single = {
        "severity": severity or f"'{rule.severity}'",
        "transaction_ids": "array(transaction_id)",
        "transaction_count": "1",
        "amount_at_risk": amount,
    }
    return found(purchases, rule, {"amount": amount, **PLACE_AND_DAY, **evidence}, **single)


def found_in_groups(
    groups: DataFrame, rule: Rule, amount_at_risk: str, evidence: Evidence
) -> DataFrame:
    """One finding per row of `grouped_purchases`.

    Args:
        groups: groups of purchases that break the rule together.
        rule: the rule that they break.
        amount_at_risk: what the rule questions of a group, in SQL.
        evidence: what the sentence needs besides count, merchant and date.
    """
    facts = {"count": "transaction_count", **PLACE_AND_DAY, **evidence}
    return found(groups, rule, facts, amount_at_risk=as_money(amount_at_risk))


def found(findings: DataFrame, rule: Rule, evidence: Evidence, **columns: str) -> DataFrame:
    """The columns that every rule returns (`engine.FOUND_COLUMNS`); evidence as text.

    Args:
        findings: what breaks the rule.
        rule: the rule that is broken.
        evidence: what the sentence needs.
        columns: in SQL, those that `findings` does not have under their own names.
    """
    pairs = (f"'{name}', CAST({fact} AS string)" for name, fact in evidence.items())
    known = {
        "rule": f"'{rule.code}'",
        "rule_version": str(rule.version),
        "severity": f"'{rule.severity}'",
        **dict(zip(TAKEN_OVER, TAKEN_OVER, strict=True)),
        "transaction_ids": "transaction_ids",
        "transaction_count": "transaction_count",
        "amount_at_risk": "amount_at_risk",
        **columns,
        "evidence": f"map({', '.join(pairs)})",
    }
    known["transaction_count"] = f"CAST({known['transaction_count']} AS int)"
    return findings.selectExpr(*(f"{column} AS {name}" for name, column in known.items()))


def alike(purchases: DataFrame, keys: Sequence[str], condition: str) -> DataFrame:
    """The purchases of the groups by `keys` for which the condition holds.

    A few more may come along: only a hash of the keys is compared, which may be NULL. It takes a
    fraction of what it takes to collect purchases, which is then done with these alone.

    Args:
        purchases: as `Purchases.transactions`.
        keys: the merchant among them.
        condition: on a group, in SQL.
    """
    key = f"xxhash64({', '.join(keys)})"
    groups = purchases.groupBy(*keys).agg(F.expr(condition).alias("is_wanted"))
    wanted = F.broadcast(groups.where("is_wanted").select(F.expr(key).alias("hash")))
    return purchases.join(wanted, F.expr(f"{key} = hash"), "left_semi")


def grouped_purchases(purchases: DataFrame, *keys: str, **facts: str) -> DataFrame:
    """Group purchases of one day by `keys`: their ids, number and sum, and the last one's names.

    Args:
        purchases: as `Purchases.transactions`.
        keys: columns besides week and day that make a group.
        facts: further aggregates by name, in SQL.
    """
    names = ("department", "division", "merchant", "category")
    groups = purchases.groupBy("week_start", "transaction_date", *keys).agg(
        F.expr("sort_array(collect_list(transaction_id)) AS transaction_ids"),
        F.expr("count(*) AS transaction_count"),
        F.expr(f"{as_money('sum(amount)')} AS total"),
        F.expr(f"max_by(struct({', '.join(names)}), transaction_id) AS last"),
        *(F.expr(f"{fact} AS {name}") for name, fact in facts.items()),
    )
    return groups.selectExpr(
        "week_start",
        "transaction_date",
        *keys,
        "transaction_ids",
        "transaction_count",
        "total",
        *facts,
        *(f"last.{name}" for name in names),
    )


def limit_of_department(limits: Limits) -> Column:
    """The purchase limit of a row's department (decimal(18,2)); NULL where it has none."""
    known = [money(limits.default) if limits.default is not None else F.lit(None).cast(MONEY)]
    for department, limit in limits.departments.items():
        is_it = F.col("department") == F.lit(department)
        known.insert(0, F.when(is_it, money(limit)))
    return F.coalesce(*known)


def money(amount: Decimal) -> Column:
    """An amount of the rules file as a literal in the type of amounts."""
    return F.lit(amount).cast(MONEY)


def as_money(amount: str) -> str:
    """An amount in SQL, in the type of amounts."""
    return f"CAST({amount} AS {SPARK})"


def score_text(score: str) -> str:
    """A score as evidence: one decimal."""
    return f"CAST(round({score}, 1) AS decimal(18,1))"
