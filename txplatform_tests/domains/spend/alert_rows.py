"""Alerts as a text table, put straight into PostgreSQL; columns that are left out get a value.

alert_id | rule  | week_start | risk
a        | SPLIT | 2026-11-09 | 0.6
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, cast, literal, literal_column, select, text

from txplatform.domains.spend import tables
from txplatform.domains.spend.decisions import Entry, Seen, State, decide
from txplatform_tests.domains.spend.text_tables import rows_of

RAISED_AT = datetime(2026, 11, 16, 9, tzinfo=UTC)
USUAL: dict[str, Any] = {
    "rule": "SPLIT",
    "rule_version": 1,
    "severity": "high",
    "week_start": date(2026, 11, 9),
    "transaction_date": date(2026, 11, 11),
    "department": "Roads",
    "division": "Bridges",
    "merchant": "Ironmonger",
    "category": "Hardware",
    "transaction_count": 1,
    "amount_at_risk": Decimal("100.00"),
    "risk": Decimal("0.6"),
    "evidence": {"total": "1420.00"},
    "sentence": "Three purchases at Ironmonger add up to 1,420.00.",
    "raised_at": RAISED_AT,
    "run_id": "a run",
}


def raise_alerts(engine: Engine, table: str) -> None:
    """Put alerts into the table; `transaction_ids` are separated by blanks."""
    alerts = []
    for row in rows_of(table):
        ids = row.pop("transaction_ids", None) or f"t-{row['alert_id']}"
        values = {**USUAL, "case_id": row["alert_id"], **row, "transaction_ids": ids.split()}
        values.setdefault("case_amount_at_risk", values["amount_at_risk"])
        alerts.append(values)
    with engine.begin() as connection:
        connection.execute(tables.alerts.insert(), alerts)


def raise_many(engine: Engine, count: int, **values: str) -> None:
    """Put alerts 1 to `count` into the table at once; values are SQL over their number `n`."""
    columns = tables.alerts.c
    usual = {
        name: cast(literal(value, columns[name].type), columns[name].type)
        for name, value in USUAL.items()
    }
    own = {"alert_id": "md5(n::text)", "transaction_ids": "ARRAY['t-' || n]", **values}
    own |= {"case_id": own["alert_id"], "case_amount_at_risk": own.get("amount_at_risk", "100.00")}
    chosen = {**usual, **{name: literal_column(value) for name, value in own.items()}}
    rows = select(*chosen.values()).select_from(text(f"generate_series(1, {count}) n"))
    with engine.begin() as connection:
        connection.execute(tables.alerts.insert().from_select(list(chosen), rows))


def seen(*alert_ids: str, sequence: int = 0) -> list[Seen]:
    """Alerts as somebody saw them."""
    return [Seen(one, sequence) for one in alert_ids]


def settle(engine: Engine, alert_id: str, state: State, by: str = "Ada") -> Entry:
    """Take an alert up and decide it; its newest entry."""
    decide(engine, seen(alert_id), State.IN_REVIEW, None, by)
    return decide(engine, seen(alert_id, sequence=1), state, "as I see it", by)[0]
