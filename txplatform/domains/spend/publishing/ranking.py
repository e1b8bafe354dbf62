"""Writing how far up the list each alert belongs, by all alerts and decisions that there are.

PostgreSQL counts which purchases break which rules together, and writes; what that makes of them
is `rules.ranking`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import pyarrow as pa
from sqlalchemy import Connection, Engine, text

from txplatform.connectors import postgres
from txplatform.domains.spend.rules.ranking import Kind, RuleSet, Weight, risks_of_sets

LOCK = "spend.ranking"
AT_ONCE = 20_000
"""Alerts of one transaction: whoever decides waits for no more."""
RISKS = pa.schema(
    [("department", pa.string()), ("rules", pa.int64()), ("risk", pa.decimal128(7, 6))]
)


def count_others(engine: Engine, weeks: Sequence[date]) -> int:
    """How many alerts hold in all weeks but these, as their computations noted."""
    with engine.connect() as connection:
        return int(connection.execute(text(OTHERS), {"weeks": list(weeks)}).scalar_one())


def counts_of_others(
    engine: Engine, weeks: Sequence[date], kinds: Mapping[Kind, Weight]
) -> Counter[RuleSet]:
    """Purchases by department and rules, of the alerts of all weeks but these."""
    with engine.begin() as connection:
        return _counts(connection, kinds, weeks)


def risks_of(
    engine: Engine, counts: Mapping[RuleSet, int], weights: Mapping[Kind, Weight]
) -> dict[RuleSet, Decimal]:
    """The risk of every department's rules, of which so many purchases break these."""
    with engine.connect() as connection:
        bought = _bought(connection)
    return risks_of_sets(counts, bought, [one.weight for one in weights.values()])


def rank_alerts(engine: Engine, weights: Mapping[Kind, Weight]) -> int:
    """Give every alert that holds its risk; those that have it already are left alone.

    Args:
        engine: PostgreSQL.
        weights: of every kind of alert.

    Returns:
        How many alerts moved.
    """
    with engine.connect() as connection:
        with connection.begin():
            connection.execute(text("SELECT pg_advisory_lock(hashtext(:lock))"), {"lock": LOCK})
        try:
            with connection.begin():
                moved = _find_moved(connection, weights)
            for first in range(1, moved + 1, AT_ONCE):
                with connection.begin():
                    part = {"first": first, "last": first + AT_ONCE - 1}
                    connection.execute(text(LOCK_MOVED), part)
                    connection.execute(text(MOVE), part)
        finally:
            with connection.begin():
                connection.execute(text(UNLOCK), {"lock": LOCK})
    return moved


def _find_moved(connection: Connection, weights: Mapping[Kind, Weight]) -> int:
    counts, bought = _counts(connection, weights), _bought(connection)
    found = risks_of_sets(counts, bought, [one.weight for one in weights.values()])
    rows = [(*one, risk) for one, risk in found.items()]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in RISKS]
    connection.execute(text(SET_RISKS))
    postgres.copy(connection, "set_risks", pa.table(columns, schema=RISKS))
    connection.execute(text("DROP TABLE IF EXISTS moved_alerts"))
    connection.execute(text(MOVED))
    connection.execute(text("CREATE INDEX ON moved_alerts (place)"))
    return int(connection.execute(text("SELECT count(*) FROM moved_alerts")).scalar_one())


def _counts(
    connection: Connection, weights: Mapping[Kind, Weight], but: Sequence[date] = ()
) -> Counter[RuleSet]:
    """Purchases by department and rules, of the alerts that hold in all weeks but some."""
    kinds = [f"{rule} {severity}" for rule, severity in weights]
    connection.execute(text(PURCHASES), {"kinds": kinds, "weeks": list(but)})
    connection.execute(text("ANALYZE purchase_rules"))
    sets = connection.execute(text(SETS))
    return Counter({(one.department, one.rules): one.purchases for one in sets})


def _bought(connection: Connection) -> dict[str, int]:
    return {one.department: int(one.purchases) for one in connection.execute(text(BOUGHT))}


UNLOCK = "SELECT pg_advisory_unlock(hashtext(:lock))"
SET_RISKS = """
    CREATE TEMPORARY TABLE set_risks (department text, rules bigint, risk numeric(7, 6))
    ON COMMIT DROP"""

OTHERS = """
    SELECT coalesce(sum(alert_count), 0) FROM alert_weeks
    WHERE week_start <> ALL(CAST(:weeks AS date[]))"""

PURCHASES = """
    CREATE TEMPORARY TABLE purchase_rules ON COMMIT DROP AS
    SELECT purchase, min(department COLLATE "C") AS department,
        bit_or(1::bigint << array_position(CAST(:kinds AS text[]), kind) - 1) AS rules
    FROM (
        SELECT coalesce(p.purchase, a.alert_id) AS purchase, a.department,
            a.rule || ' ' || a.severity AS kind
        FROM alerts a LEFT JOIN LATERAL unnest(a.transaction_ids) p(purchase) ON true
        WHERE a.superseded_at IS NULL AND a.week_start <> ALL(CAST(:weeks AS date[]))) broken
    GROUP BY purchase"""
"""An alert without purchases (SPIKE) stands for itself."""

SETS = """
    SELECT department, rules, count(*) AS purchases FROM purchase_rules
    GROUP BY department, rules"""

BOUGHT = """
    SELECT department, sum(transaction_count) AS purchases FROM weekly_transactions
    GROUP BY department"""

MOVED = """
    CREATE TEMPORARY TABLE moved_alerts AS
    SELECT row_number() OVER (ORDER BY alert_id) AS place, alert_id, risk
    FROM (
        SELECT a.alert_id, max(s.risk) AS risk
        FROM alerts a LEFT JOIN LATERAL unnest(a.transaction_ids) p(purchase) ON true
        JOIN purchase_rules r ON r.purchase = coalesce(p.purchase, a.alert_id)
        JOIN set_risks s ON s.department = r.department AND s.rules = r.rules
        WHERE a.superseded_at IS NULL
        GROUP BY a.alert_id
        HAVING max(s.risk) <> a.risk) moved"""

PART = "moved_alerts m WHERE m.place BETWEEN :first AND :last AND m.alert_id = a.alert_id"

LOCK_MOVED = f"""
    SELECT FROM alerts a, {PART} ORDER BY a.alert_id FOR NO KEY UPDATE OF a"""
"""In the order in which decisions lock them, as `publishing.alerts` does."""

MOVE = f"UPDATE alerts a SET risk = m.risk FROM {PART}"  # noqa: S608 - constants
