"""Business checks: what a controller should know although the numbers are right.

They warn and never block; what must hold is inside the assets. They are not partitioned (Dagster
skips partitioned checks in runs of several weeks) and name the weeks that they looked at.
"""

from collections.abc import Iterator
from datetime import date
from statistics import median
from typing import Any

import dagster as dg

from txplatform.domains.spend import planning, tables
from txplatform.domains.spend.assets import source_files, transactions, weekly_transactions
from txplatform.domains.spend.queries import unusual
from txplatform.domains.spend.queries.signed import signed_weeks
from txplatform.domains.spend.settings import SpendSettings
from txplatform.domains.spend.sources import arrival
from txplatform.domains.spend.transforms.pushdown import at_midnight, in_weeks
from txplatform.ingestion.ledger import FINISHED
from txplatform.orchestration.checks import SHOWN, warning
from txplatform.orchestration.partitions import periods_of_run
from txplatform.periods import WEEK
from txplatform.platform import Platform

UNKNOWN = "(unknown)"


def _result(
    context: dg.AssetCheckExecutionContext, findings: list[str], sentence: str
) -> dg.AssetCheckResult:
    first, last = periods_of_run(context.run)
    return warning(findings, sentence, weeks=f"{first} to {last}")


@dg.asset_check(asset=transactions)
def refused_rows(
    context: dg.AssetCheckExecutionContext, platform: dg.ResourceParam[Platform]
) -> dg.AssetCheckResult:
    """Whether a source of these weeks had too many rows refused, printed totals aside.

    Too many is more than `TXPLATFORM_SPEND_REFUSED_PERCENT_LIMIT` per cent. A source of which
    every row was refused belongs to no week and is named until it is replayed.
    """
    findings = list(_files_with_refusals(platform, *periods_of_run(context.run)))
    return _result(
        context, findings, "Sources with many refused rows: `txplatform spend rejected`."
    )


def _files_with_refusals(platform: Platform, first: date, last: date) -> Iterator[str]:
    within = {"$elemMatch": {"$gte": at_midnight(first), "$lte": at_midnight(last)}}
    limit = platform.settings.of(SpendSettings).refused_percent_limit
    ingestions = platform.database[tables.INGESTIONS].find(
        {"status": FINISHED, "$or": [{"weeks": within}, {"weeks": []}]}
    )
    for ingestion in ingestions.sort("started_at", -1):
        rules: dict[str, int] = ingestion["refused_by_rule"]
        refused = sum(count for rule, count in rules.items() if rule != "PRINTED_TOTAL")
        if refused * 100 > ingestion["rows_read"] * limit:
            yield f"{ingestion['file']}: {refused} of {ingestion['rows_read']} rows"


@dg.asset_check(asset=transactions)
def unknown_names(
    context: dg.AssetCheckExecutionContext, platform: dg.ResourceParam[Platform]
) -> dg.AssetCheckResult:
    """Whether purchases came without the name of a department, division or merchant."""
    findings = []
    for field in ("department", "division", "merchant"):
        blank: dict[str, Any] = {field: UNKNOWN, **in_weeks(*periods_of_run(context.run))}
        count = platform.database[tables.TRANSACTIONS].count_documents(blank)
        if count:
            findings.append(f"{count} purchases without a {field}")
    return _result(context, findings, "Purchases with blank names, counted under (unknown).")


@dg.asset_check(asset=weekly_transactions)
def usual_totals(
    context: dg.AssetCheckExecutionContext, platform: dg.ResourceParam[Platform]
) -> dg.AssetCheckResult:
    """Whether a week's total is far from those of the twelve weeks before it."""
    found = unusual.unusual_weeks(platform.engine, *periods_of_run(context.run))
    findings = [_unusual_sentence(week, before) for week, before in found]
    return _result(context, findings, f"Totals with a robust score over {unusual.UNUSUAL_SCORE}.")


def _unusual_sentence(week: unusual.WeekTotal, before: list[unusual.WeekTotal]) -> str:
    usual = median(total.amount for total in before)
    return f"{week.week_start}: {week.amount}, the weeks before had {usual} in the middle"


@dg.asset_check(asset=weekly_transactions)
def vanished_divisions(
    context: dg.AssetCheckExecutionContext, platform: dg.ResourceParam[Platform]
) -> dg.AssetCheckResult:
    """Whether a division that bought in each of the twelve weeks before did not buy at all."""
    vanished = unusual.vanished_divisions(platform.engine, *periods_of_run(context.run))
    findings = [f"{week}: {department} / {division}" for week, department, division in vanished]
    return _result(context, findings, "Divisions that bought every week and then did not.")


@dg.asset_check(asset=weekly_transactions)
def signed_weeks_stand(
    context: dg.AssetCheckExecutionContext, platform: dg.ResourceParam[Platform]
) -> dg.AssetCheckResult:
    """Whether the weeks that controllers signed off still say what they said then."""
    signed = signed_weeks(platform.engine, *periods_of_run(context.run))
    findings = [week.sentence for week in signed if week.is_changed]
    return _result(context, findings, " ".join(findings[:SHOWN]))


@dg.asset_check(asset=source_files)
def expected_file(platform: dg.ResourceParam[Platform]) -> dg.AssetCheckResult:
    """Whether the file expected for the week that has just closed has come."""
    settings, week = platform.settings.of(SpendSettings), planning.open_week(platform) - WEEK
    name, folder = week.strftime(settings.expected_file or ""), arrival.drop_folder(platform)
    is_there = not name or not folder or folder.has_come(name)
    missing = f"{name} has not come to {settings.drop_folder}."
    return dg.AssetCheckResult(
        passed=is_there,
        severity=dg.AssetCheckSeverity.WARN,
        description="Nothing is missing." if is_there else missing,
        metadata={"week": str(week)},
    )


CHECKS = (
    expected_file,
    refused_rows,
    signed_weeks_stand,
    unknown_names,
    usual_totals,
    vanished_divisions,
)
