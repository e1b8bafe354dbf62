"""The numbers that fired rules, for alerts that are listed: what a sentence is written from."""

from collections.abc import Sequence

from sqlalchemy import Engine, select

from txplatform.domains.spend.tables import alerts


def evidence_of(engine: Engine, alert_ids: Sequence[str]) -> dict[str, tuple[int, dict[str, str]]]:
    """Version of the rule and evidence, as text, of each of these alerts that is there."""
    names = (alerts.c.alert_id, alerts.c.rule_version, alerts.c.evidence)
    statement = select(*names).where(alerts.c.alert_id.in_(alert_ids))
    with engine.connect() as connection:
        return {row[0]: (row[1], row[2]) for row in connection.execute(statement)}
