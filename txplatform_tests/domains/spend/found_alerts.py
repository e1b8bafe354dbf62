"""Found alerts as a text table: what `alerting.find` hands over to be published.

alert_id | rule  | week_start | transaction_ids
a        | SPLIT | 2026-11-09 | p1 p2
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlalchemy import Engine

from txplatform import money
from txplatform.connectors.lake import with_metadata
from txplatform.domains.spend import publishing
from txplatform.domains.spend.alerting import ALERTS
from txplatform.domains.spend.publishing import AlertChanges
from txplatform.domains.spend.rules.cases import cases_of
from txplatform_tests.domains.spend.text_tables import Row, rows_of

FOUND_WITH = {"fingerprint": "own", "rules_version": "1"}
USUAL: dict[str, Any] = {
    "rule": "SPLIT",
    "severity": "high",
    "department": "Roads",
    "division": "Bridges",
    "merchant": "Ironmonger",
    "category": "Hardware",
    "evidence": '{"total": "1420.00"}',
    "sentence": "Two purchases at Ironmonger add up to 1,420.00.",
}


def found_weeks(text: str, **found_with: str) -> dict[date, pa.Table]:
    """Alerts by Monday; columns that are left out get a plausible value, ids are blank-separated.

    `found_with` replaces parts of what they were found with.
    """
    rows = [_completed(row) for row in rows_of(text)]
    weeks = sorted({row["week_start"] for row in rows})
    return {
        week: _stamped([row for row in rows if row["week_start"] == week], **found_with)
        for week in weeks
    }


def empty_week(week: date, **found_with: str) -> dict[date, pa.Table]:
    """A week in which nothing was found."""
    return {week: _stamped([], **found_with)}


def publish_found(engine: Engine, text: str, run_id: str = "a run") -> dict[date, AlertChanges]:
    """Publish the alerts of a text table."""
    return publishing.publish_alerts(engine, found_weeks(text), run_id)


def _stamped(rows: list[Row], **found_with: str) -> pa.Table:
    table = pa.Table.from_pylist(rows, ALERTS)
    case_ids, amounts = (one.to_pylist() for one in cases_of(table, _purchases(rows)))
    rows = [
        {**row, "case_id": row.get("case_id") or case_id, "case_amount_at_risk": amount}
        for row, case_id, amount in zip(rows, case_ids, amounts, strict=True)
    ]
    return with_metadata(pa.Table.from_pylist(rows, ALERTS), {**FOUND_WITH, **found_with})


def _purchases(rows: list[Row]) -> pa.Table:
    """The purchases of alerts; each costs what the first alert on it questions per purchase."""
    amounts: dict[str, Decimal] = {}
    for row in rows:
        for one in row["transaction_ids"]:
            share = row["amount_at_risk"] / len(row["transaction_ids"])
            amounts.setdefault(one, share.quantize(Decimal("0.01")))
    columns = {"transaction_id": list(amounts), "amount": list(amounts.values())}
    return pa.table(columns, pa.schema([("transaction_id", pa.string()), ("amount", money.ARROW)]))


def _completed(row: Row) -> Row:
    numbers = {"risk": "0.6", "amount_at_risk": "100.00"}
    row = {**row, **{name: Decimal(row.get(name) or usual) for name, usual in numbers.items()}}
    ids = sorted((row.get("transaction_ids") or "").split())
    week: date = row["week_start"]
    facts = {"transaction_date": week, "transaction_count": len(ids)}
    version = int(row.get("rule_version") or 1)
    return {**USUAL, **facts, **row, "rule_version": version, "transaction_ids": ids}
