"""The one shape in which every rule says what it found; the closing select of all of them."""

from collections.abc import Mapping
from decimal import Decimal

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DecimalType

from txplatform.domains.spend.rules.catalogue import Limits, Rule

MONEY = DecimalType(18, 2)

Evidence = Mapping[str, Column]


def found_in_purchases(
    purchases: DataFrame, rule: Rule, evidence: Evidence, severity: Column | None = None
) -> DataFrame:
    """One finding per purchase, with its amount at risk (a refund's without the sign).

    Args:
        purchases: transactions that break the rule.
        rule: the rule that they break.
        evidence: what the sentence needs besides amount, merchant and date.
        severity: another one than the rule's own.
    """
    single = purchases.withColumns(
        {
            "transaction_ids": F.array("transaction_id"),
            "transaction_count": F.lit(1),
            "amount_at_risk": F.abs("amount").cast(MONEY),
        }
    )
    facts = {"amount": F.col("amount_at_risk"), **_place_and_day()}
    return found(single, rule, {**facts, **evidence}, severity)


def found_in_groups(
    groups: DataFrame, rule: Rule, amount_at_risk: Column, evidence: Evidence
) -> DataFrame:
    """One finding per row of `grouped_purchases`.

    Args:
        groups: groups of purchases that break the rule together.
        rule: the rule that they break.
        amount_at_risk: what the rule questions of a group.
        evidence: what the sentence needs besides count, merchant and date.
    """
    at_risk = groups.withColumn("amount_at_risk", amount_at_risk.cast(MONEY))
    facts = {"count": F.col("transaction_count"), **_place_and_day()}
    return found(at_risk, rule, {**facts, **evidence})


def found(
    findings: DataFrame, rule: Rule, evidence: Evidence, severity: Column | None = None
) -> DataFrame:
    """The columns that every rule returns (`engine.FOUND_COLUMNS`); evidence as text."""
    pairs = [part for name, fact in evidence.items() for part in (F.lit(name), fact.cast("string"))]
    return findings.select(
        F.lit(rule.code).alias("rule"),
        F.lit(rule.version).alias("rule_version"),
        (F.lit(rule.severity) if severity is None else severity).alias("severity"),
        "week_start",
        "transaction_date",
        "department",
        "division",
        "merchant",
        "category",
        "transaction_ids",
        F.col("transaction_count").cast("int").alias("transaction_count"),
        "amount_at_risk",
        F.create_map(*pairs).alias("evidence"),
    )


def grouped_purchases(purchases: DataFrame, *keys: str, **facts: Column) -> DataFrame:
    """Group purchases of one day by `keys`: their ids, number and sum, and the last one's names.

    Args:
        purchases: as `Purchases.transactions`.
        keys: columns besides week and day that make a group.
        facts: further aggregates by name.
    """
    names = ("department", "division", "merchant", "category")
    last = F.max_by(F.struct(*names), "transaction_id").alias("last")
    groups = purchases.groupBy("week_start", "transaction_date", *keys).agg(
        F.sort_array(F.collect_list("transaction_id")).alias("transaction_ids"),
        F.count("*").alias("transaction_count"),
        F.sum("amount").cast(MONEY).alias("total"),
        last,
        *(fact.alias(name) for name, fact in facts.items()),
    )
    return groups.withColumns({name: F.col(f"last.{name}") for name in names}).drop("last")


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


def score_text(score: Column) -> Column:
    """A score as evidence: one decimal."""
    return F.round(score, 1).cast(DecimalType(18, 1)).cast("string")


def _place_and_day() -> Evidence:
    return {"merchant": F.col("merchant"), "date": F.col("transaction_date")}
