"""A run's alerts: found part by part, ranked together, written once."""

import threading
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import Engine, text

from txplatform.connectors import postgres
from txplatform.domains.spend import publishing
from txplatform.domains.spend.publishing.alert_spool import _Found
from txplatform.domains.spend.publishing.alerts import LOCK
from txplatform.domains.spend.rules.ranking import UNDECIDED, Evidence, weight_of
from txplatform.errors import PlatformError
from txplatform_tests.domains.spend.alert_rows import raise_many
from txplatform_tests.domains.spend.found_alerts import empty_week, found_weeks, publish_found

ROUND, SPLIT, SPIKE = ("ROUND", "low"), ("SPLIT", "high"), ("SPIKE", "medium")
KINDS = {kind: weight_of(kind, UNDECIDED) for kind in (ROUND, SPLIT, SPIKE)}
DECIDED = {**KINDS, ROUND: weight_of(ROUND, Evidence(40, 40))}
KNOWN_KINDS = {ROUND: KINDS[ROUND]}
FIRST = """
    alert_id | rule  | severity | week_start | department | transaction_ids
    pair     | SPLIT | high     | 2026-11-09 | Roads      | p1 p2
    round    | ROUND | low      | 2026-11-09 | Roads      | p2
    alone    | ROUND | low      | 2026-11-09 | Parks      | p3
    spike    | SPIKE | medium   | 2026-11-16 | Parks      |
    """
NINTH, SIXTEENTH, TWENTY_THIRD = (date(2026, 11, day) for day in (9, 16, 23))
KNOWN = """
    alert_id | rule  | severity | week_start | department | transaction_ids
    known    | ROUND | low      | 2026-10-05 | Parks      | p9
    """
SECOND = """
    alert_id | rule  | severity | week_start | department | transaction_ids
    again    | ROUND | low      | 2026-11-23 | Parks      | p4
    """


def alerts(engine: Engine) -> list[dict[str, Any]]:
    """The alerts that hold."""
    query = "SELECT alert_id, risk FROM alerts WHERE superseded_at IS NULL ORDER BY alert_id"
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(query)).mappings()]


def test_alerts_are_written_with_the_risk_that_all_of_them_have(desk: Engine) -> None:
    """Catches: a risk by the part or the week alone, which the ranking has to write again."""
    publish_found(desk, KNOWN)
    parts = [{**found_weeks(FIRST), **empty_week(date(2026, 11, 30))}, found_weeks(SECOND)]

    weights = iter([KNOWN_KINDS, KINDS, KINDS])  # of a kind that is found for the first time, none

    done = list(publishing.publish_parts(desk, parts, lambda: next(weights), "run 1"))

    assert [list(part) for part in done] == [
        [NINTH, SIXTEENTH, date(2026, 11, 30)],
        [TWENTY_THIRD],
    ]
    raised = {one["alert_id"]: one["risk"] for one in alerts(desk)}
    told = [week.found for part in done for week in part.values()]
    assert raised == {
        "known": raised["alone"],
        **{row["alert_id"]: row["risk"] for table in told for row in table.to_pylist()},
    }
    assert raised["alone"] == raised["again"] < raised["spike"] < raised["pair"]
    assert _written_again(desk) == {"known"}
    assert publishing.rank_alerts(desk, KINDS) == 0


def test_a_week_among_many_is_ranked_with_the_others_afterwards(desk: Engine) -> None:
    """Counting the others takes longer than writing the few that were found again."""
    publish_found(desk, KNOWN)
    raise_many(desk, 41, rule="'SPLIT'", severity="'high'", week_start="DATE '2026-10-05'")
    with desk.begin() as connection:
        connection.execute(text("UPDATE alert_weeks SET alert_count = 42"))

    list(publishing.publish_parts(desk, [found_weeks(SECOND)], lambda: KINDS, "run"))

    assert "again" in _written_again(desk)
    assert publishing.rank_alerts(desk, KINDS) == 0


def test_decisions_during_a_run_rank_it_anew(desk: Engine) -> None:
    weights = iter([KINDS, DECIDED, DECIDED])

    list(publishing.publish_parts(desk, [found_weeks(FIRST)], lambda: next(weights), "run"))

    assert "round" in _written_again(desk)
    assert publishing.rank_alerts(desk, DECIDED) == 0


def test_ranked_before_or_afterwards_every_cell_is_the_same(desk: Engine, engine: Engine) -> None:
    """Written once with their risk, in parts; or week by week, and then all of them ranked."""
    parts = [found_weeks(table) for table in (KNOWN, FIRST, SECOND)]

    list(publishing.publish_parts(desk, parts, lambda: KINDS, "run"))
    for part in parts:
        publishing.publish_alerts(engine, part, "run")
    publishing.rank_alerts(engine, KINDS)

    for table in ("alerts", "cases", "alert_weeks"):
        assert len(_cells(desk, table)) > 3
        assert _cells(desk, table) == _cells(engine, table)


def _cells(engine: Engine, table: str) -> list[str]:
    """Every cell of a table but for the instants."""
    instants = "'{raised_at,computed_at}'"
    query = f"SELECT (to_jsonb(t) - {instants}::text[])::text FROM {table} t ORDER BY 1"  # noqa: S608 - constants
    with engine.connect() as connection:
        return list(connection.execute(text(query)).scalars())


def _written_again(engine: Engine) -> set[str]:
    """The alerts that another transaction wrote than the one that computed their week."""
    query = """
        SELECT alert_id FROM alerts a JOIN alert_weeks w USING (week_start)
        WHERE a.xmin <> w.xmin"""
    with engine.connect() as connection:
        return set(connection.execute(text(query)).scalars())


def test_parts_are_written_side_by_side_once_all_are_found(desk: Engine) -> None:
    """The first one waits for a lock here; the second does not wait for the first."""
    done: list[date] = []

    def publish() -> None:
        parts = iter([found_weeks(FIRST), found_weeks(SECOND)])
        for part in publishing.publish_parts(desk, parts, lambda: KINDS, "run 1"):
            done.extend(part)

    with desk.connect() as connection, connection.begin():
        postgres.lock_weeks(connection, LOCK, NINTH)
        thread = threading.Thread(target=publish)
        thread.start()
        while not (there := alerts(desk)):
            assert thread.is_alive()
        assert [one["alert_id"] for one in there] == ["again"]
        assert done == []
    thread.join(60)
    assert done == [NINTH, SIXTEENTH, TWENTY_THIRD]
    assert len(alerts(desk)) == 5


def test_alerts_wait_in_files_and_not_in_memory(tmp_path: Path) -> None:
    """Catches: a part of which something is kept that holds on to the memory of all of it."""
    found, before = _Found(f"{tmp_path}", KINDS), pa.total_allocated_bytes()

    for _ in range(5):
        found.keep(found_weeks(SECOND.replace("again", "a" * 1_000_000)))

    assert pa.total_allocated_bytes() - before < 1_000_000
    ranked = found.ranked({("Parks", 1): Decimal(1)})
    assert [len(part[TWENTY_THIRD]) for part in ranked] == [1] * 5


def test_what_was_found_before_a_refusal_is_published(desk: Engine) -> None:
    def parts() -> Iterator[dict[date, pa.Table]]:
        yield found_weeks(FIRST)
        raise PlatformError("Week 2026-11-23 cannot be added up.")

    published = publishing.publish_parts(desk, parts(), lambda: KINDS, "run 1")

    assert list(next(published)) == [NINTH, SIXTEENTH]
    with pytest.raises(PlatformError, match="cannot be added up"):
        next(published)
    assert [one["risk"] > Decimal(0) for one in alerts(desk)] == [True] * 4
