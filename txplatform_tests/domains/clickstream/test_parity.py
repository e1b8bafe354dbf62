"""Stream against plain Python and against the truth of the generator, in any cutting."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import Engine

from txplatform.domains.clickstream.sources.folder import FolderLog
from txplatform.domains.clickstream.sources.sample import Plan, generated
from txplatform.domains.clickstream.sources.sample_truth import Truth
from txplatform.domains.clickstream.stream import batch
from txplatform_tests.domains.clickstream import shop
from txplatform_tests.domains.clickstream.shop import HandMade, compare, process, rows

PLAN = Plan(4_000, seed=5, rate=0.2)
BUSY = Plan(37_000, seed=5)
"""Five hours of a shop with so many customers that silence is unusual."""


Truths = tuple[FolderLog, dict[str, Any]]


def written(folder: Path, plan: Plan) -> Truths:
    """A plan's log, and what must come out of it."""
    log, truth = FolderLog(folder, "shop-events"), Truth(plan)
    log.append(one.line for one in truth.watch(generated(plan)))
    return log, truth.summary()


@pytest.fixture(scope="module")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Truths:
    return written(tmp_path_factory.mktemp("log"), PLAN)


@pytest.mark.parametrize("size", [100, 25_000])
def test_any_size_of_a_batch_gives_the_tables_of_plain_python_and_the_truth(
    engine: Engine, truth: Truths, size: int
) -> None:
    log, expected = truth

    outcomes = process(engine, log, size)

    compared = compare(engine, log)
    assert compared.differences == []
    assert min(compared.rows[name] for name in ("events", "carts", "activity_windows")) > 300
    assert sum(one.read for one in outcomes) == expected["rows"]
    assert_is_truth(engine, expected)


def assert_is_truth(engine: Engine, expected: dict[str, Any]) -> None:
    """Counts, windows, carts, funnel and anomalies as the generator counted them."""
    counts = rows(
        engine,
        "SELECT sum(rows_read), sum(rows_accepted), sum(rows_duplicate), sum(rows_late) "
        "FROM clickstream.stream_positions",
    )
    names = ("rows", "accepted", "duplicates", "late")
    assert tuple(map(int, counts[0])) == tuple(expected[name] for name in names)
    refused = rows(engine, "SELECT rule, count(*) FROM clickstream.events_rejected GROUP BY 1")
    assert dict(refused) == expected["refused"]
    windows = rows(
        engine,
        "SELECT window_minutes, (extract(epoch FROM window_start) * 1000)::bigint, type, country, "
        "n_events, n_sessions, (amount * 100)::bigint, n_late FROM clickstream.activity_windows",
    )
    assert sorted(map(list, windows)) == sorted(expected["windows"])
    carts = rows(engine, "SELECT status, count(*) FROM clickstream.carts GROUP BY 1")
    assert dict(carts) == expected["carts"]
    funnel = rows(
        engine,
        "SELECT (extract(epoch FROM hour) * 1000)::bigint, n_view, n_add, n_checkout, n_purchase, "
        "n_out_of_order FROM clickstream.funnel_hourly",
    )
    assert {hour: list(steps) for hour, *steps in funnel} == expected["funnel"]


def test_every_planted_anomaly_is_found_and_few_others(engine: Engine, tmp_path: Path) -> None:
    log, expected = written(tmp_path, BUSY)
    process(engine, log, 25_000)

    found = rows(
        engine,
        "SELECT rule, CASE rule WHEN 'VELOCITY' THEN '' ELSE key END, "
        "(extract(epoch FROM window_start) * 1000)::bigint "
        "FROM clickstream.stream_alerts WHERE is_active",
    )

    planted = {
        (one["rule"], "" if one["rule"] == "VELOCITY" else one["key"], one["window_ms"])
        for one in expected["anomalies"]
    }
    assert len(planted) == 3
    assert planted <= set(found)
    end = BUSY.start_ms + BUSY.span_ms
    others = [one for one in set(found) - planted if one[2] < end]
    windows = sum(key[0] == 5 and key[1] < end for key in expected["windows"])
    assert len(others) / windows < 0.05


ACTS = st.tuples(
    st.integers(0, 2),  # partition
    st.integers(1, 25),  # event id: few, so that many repeat
    st.sampled_from([0, 1, 2, 30, 59, 60, 119, 121, 300, 900, 1799, 1800, 1801, 3600, 7300]),
    st.sampled_from(["view", "add", "remove", "checkout", "purchase", "wish", "clock at 2099"]),
    st.integers(1, 4),  # visit
    st.sampled_from([0, 0, 0, 40, 400]),  # seconds until it arrives
    st.integers(1, 2),  # quantity: the same id with another quantity is a conflict
)


@given(st.lists(ACTS, min_size=1, max_size=40), st.data())
@examples(max_examples=12)
def test_any_log_in_any_cutting_gives_the_same_tables(
    kept_engine: Engine, acts: list[tuple[Any, ...]], data: st.DataObject
) -> None:
    log = HandMade()
    for partition, number, seconds, kind, visit, after, quantity in acts:
        session = f"s-{partition}-{visit}"
        changes: dict[str, Any] = {
            "type": kind,
            "session_id": session,
            "quantity": quantity,
            "after": after,
        }
        if kind == "clock at 2099":
            changes |= {"type": "view", "event_time": "2099-01-01T00:00:00.000Z"}
        log.add(partition, number, seconds, **changes)
    shop.empty(kept_engine)
    start, cuts = log.beginnings(), 5
    opened = shop.connect(kept_engine)
    try:
        while start != log.ends():
            cuts -= 1
            stop = {p: data.draw(st.integers(start[p], end)) for p, end in log.ends().items()}
            stop = stop if cuts and stop != start else log.ends()
            lines = [x for p in stop for part in log.read(p, start[p], stop[p]) for x in part]
            batch.process(opened, shop.table_of(lines), shop.TERMS)
            start = stop
    finally:
        opened.close()

    assert compare(kept_engine, log).differences == []


def test_a_difference_is_told(engine: Engine) -> None:
    log = HandMade()
    log.add(0, 1, 0, type="add")
    process(engine, log, 10)
    with shop.connect(engine) as opened, opened.cursor() as cursor:
        cursor.execute("UPDATE clickstream.carts SET value = 9.99")
        cursor.execute("DELETE FROM clickstream.funnel_hourly")
        cursor.execute("UPDATE clickstream.activity_windows SET country = 'DE'")
    opened.close()

    told = compare(engine, log)

    assert told.n_different == 1 + 1 + 6
    assert any(one.startswith("carts (s-1): says (1, 0, 9.99") for one in told.differences)
    assert any("is missing" in one for one in told.differences)


def test_other_terms_give_another_truth(engine: Engine) -> None:
    log = HandMade()
    log.add(0, 1, 100)
    log.add(0, 2, 0)
    terms = replace(shop.TERMS, lateness=timedelta(seconds=30))
    process(engine, log, 10, terms)

    assert compare(engine, log, terms).differences == []
    assert compare(engine, log).n_different > 0
    assert rows(engine, "SELECT late_by_seconds FROM clickstream.events WHERE is_late") == [(100,)]
