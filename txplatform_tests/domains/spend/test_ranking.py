"""Ranking in PostgreSQL: the risk of every alert, by all alerts and decisions together."""

from decimal import Decimal

import pyarrow as pa
from sqlalchemy import Engine, select

from txplatform.domains.spend import tables
from txplatform.domains.spend.decisions import State
from txplatform.domains.spend.publishing import publish, rank_alerts
from txplatform.domains.spend.queries.cases import case_of
from txplatform.domains.spend.queries.quality import rule_evidence
from txplatform.domains.spend.rules.ranking import (
    Evidence,
    Kind,
    Weight,
    risks_of_alerts,
    weight_of,
)
from txplatform_tests.domains.spend.alert_rows import raise_alerts, raise_many, settle
from txplatform_tests.domains.spend.found_alerts import publish_found
from txplatform_tests.domains.spend.weekly_tables import computed_weeks

FOUND = """
alert_id | rule    | severity | week_start | department | transaction_ids
pair     | SPLIT   | high     | 2026-11-09 | Roads      | p1 p2
round    | ROUND   | low      | 2026-11-09 | Roads      | p2
alone    | ROUND   | low      | 2026-11-09 | Parks      | p3
again    | ROUND   | low      | 2026-11-16 | Parks      | p4
spike    | SPIKE   | medium   | 2026-11-16 | Parks      |
"""
SPENT = """
week_start | department | division | total_amount | transaction_count
2026-11-09 | Roads      | Bridges  | 100.00       | 90
2026-11-09 | Parks      | Trees    | 100.00       | 30
"""
COLUMNS = ("alert_id", "rule", "severity", "department", "transaction_ids", "risk")


def _weights(engine: Engine, *, is_frozen: bool = False) -> dict[Kind, Weight]:
    found = rule_evidence(engine).items()
    return {kind: weight_of(kind, evidence, is_frozen) for kind, evidence in found}


def _alerts(engine: Engine) -> pa.Table:
    statement = select(*(tables.alerts.c[name] for name in COLUMNS)).order_by("alert_id")
    with engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(statement).mappings()]
    return pa.Table.from_pylist(rows)


def test_every_alert_has_the_risk_that_the_rules_give_it(engine: Engine) -> None:
    """The database counts, and Python counts: they must agree, and its case follows."""
    publish(engine, computed_weeks(SPENT), "run-1")
    publish_found(engine, FOUND)
    weights = _weights(engine)

    assert rank_alerts(engine, weights) == 5
    assert rank_alerts(engine, weights) == 0, "nothing changed, so nothing moves"

    found = _alerts(engine)
    own = {kind: one.weight for kind, one in weights.items()}
    told = risks_of_alerts(found, {"Roads": 90, "Parks": 30}, own)
    assert found["risk"].to_pylist() == told.to_pylist()
    case = case_of(engine, "pair")
    assert case is not None
    assert case.case["risk"] == max(alert["risk"] for alert in case.alerts)


def test_the_same_alerts_again_keep_their_risk(engine: Engine) -> None:
    """Catches: a recomputed week that falls back to what its own week says of the risk."""
    publish_found(engine, FOUND)
    rank_alerts(engine, _weights(engine))
    before = _alerts(engine)

    [changes, _] = publish_found(engine, FOUND).values()

    assert (changes.unchanged, changes.refreshed) == (3, 0)
    assert _alerts(engine).equals(before)


def test_decisions_move_a_rule_and_freezing_leaves_it(engine: Engine) -> None:
    raise_many(engine, 30, rule="'ROUND'", severity="'low'")
    raise_alerts(engine, "alert_id | rule | severity\nweekend | WEEKEND | low")
    rank_alerts(engine, _weights(engine))
    with engine.connect() as connection:
        names = connection.execute(select(tables.alerts.c.alert_id).limit(10)).scalars().all()
    before = {row["alert_id"]: row["risk"] for row in _alerts(engine).to_pylist()}
    for name in names:
        settle(engine, name, State.ABUSIVE)

    assert rule_evidence(engine)["ROUND", "low"] == Evidence(10, 10)
    assert rank_alerts(engine, _weights(engine, is_frozen=True)) == 0
    assert rank_alerts(engine, _weights(engine)) == 30

    after = {row["alert_id"]: row["risk"] for row in _alerts(engine).to_pylist()}
    assert after["weekend"] == before["weekend"]
    assert all(after[one] > before[one] for one in after if one != "weekend")


def test_an_alert_whose_facts_are_gone_is_left_as_it_is(engine: Engine) -> None:
    raise_alerts(engine, "alert_id | superseded_at\ngone | 2026-11-20T00:00:00+00:00")

    assert rank_alerts(engine, _weights(engine)) == 0
    assert _alerts(engine)["risk"].to_pylist() == [Decimal("0.600000")]
