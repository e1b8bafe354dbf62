"""Stream against plain Python and against the truth of the generator, in any cutting."""

import json
import operator
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import Engine

from txplatform.domains.clickstream import decisions
from txplatform.domains.clickstream.sources.folder import FolderLog
from txplatform.domains.clickstream.sources.sample import Plan, generated
from txplatform.domains.clickstream.sources.sample_truth import Truth
from txplatform.domains.clickstream.stream import batch, parity
from txplatform.errors import SourceError
from txplatform_tests.domains.clickstream import shop
from txplatform_tests.domains.clickstream.shop import NOON, HandMade, compare, process, rows

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
    """Counts, windows, carts and funnel as the generator counted them."""
    told = parity.against_truth(engine, json.loads(json.dumps(expected)))

    assert told.keys() == expected.keys() - {"conflicts", "anomalies"}
    assert [name for name, (right, stored) in told.items() if right != stored] == []


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


HOUR, WEEK = 3_600, 7 * 24 * 3_600
LOOKS = ("2099", "machine", "day")
"""Views by a clock that is wrong, after a machine's burst, after a day of carts."""
SUMMER_TIME = int((datetime(2026, 3, 29, 1, tzinfo=UTC) - NOON).total_seconds())
Act = tuple[int, int, int, str, int, int, dict[str, Any]]
ACTS: st.SearchStrategy[Act] = st.tuples(
    st.integers(0, 2),  # partition; a visit may be in several
    st.integers(1, 25),  # event id: few, so that many repeat
    st.builds(
        operator.add,
        st.sampled_from([0, 1, 2, 30, 59, 60, 119, 121, 300, 900, 1799, 1800, 1801, 3600, 7300]),
        st.sampled_from([0, 0, 0, 0, WEEK, 2 * WEEK, 3 * WEEK, 4 * WEEK, SUMMER_TIME - 1]),
    ),
    st.sampled_from(["view", "add", "remove", "checkout", "purchase", "wish", *LOOKS]),
    st.integers(1, 4),  # visit
    st.sampled_from([0, 0, 0, 40, 400]),  # seconds until it arrives
    st.fixed_dictionaries(  # the same id with other content is a conflict
        {
            "quantity": st.integers(1, 2),
            "amount": st.sampled_from(["10.00", "0.01", "0"]),
            "country": st.sampled_from(["FR", "DE"]),
        }
    ),
)
CUTS = st.lists(st.tuples(*[st.integers(0, 100)] * 3), max_size=5)
"""How many per cent of the rest of each partition a batch takes; the last one takes all."""
KEEN: dict[str, dict[str, float]] = {
    "RATE": {"z": 0.1},
    "SILENCE": {"z": 0.1, "least_median": 0},
    "ABANDON": {"factor": 1, "least_carts": 1},
    "VELOCITY": {"most_events": 10},
}
"""Rules to which little is usual."""
PLAIN: dict[str, Any] = {"quantity": 1, "amount": "10.00", "country": "FR"}
WILD: list[Act] = [
    (0, 1, 0, "day", 1, 0, PLAIN),
    (0, 2, 60, "add", 2, 0, PLAIN),
    (0, 2, 60, "add", 2, 400, {**PLAIN, "amount": "0"}),
    (0, 2, 60, "add", 2, 40, PLAIN),
    (1, 3, 300, "machine", 3, 0, PLAIN),
    *((1, 4 + week, week * WEEK + 900, "view", 1, 0, PLAIN) for week in range(4)),
    (2, 9, 4 * WEEK + 7_300, "purchase", 2, 0, PLAIN),
    (0, 10, 4 * WEEK + 7_300, "2099", 2, 0, PLAIN),
    (0, 11, 4 * WEEK + 7_300, "view", 2, 0, {**PLAIN, "country": "DE"}),
    (1, 12, 4 * WEEK + 7_300, "view", 2, 0, {**PLAIN, "country": "DE"}),
    (0, 13, 30, "purchase", 2, 400, PLAIN),
]
"""What is among the logs, whatever is drawn."""


def logged(acts: Sequence[Act]) -> HandMade:
    """The log of some acts."""
    log = HandMade()
    for n, (partition, number, seconds, kind, visit, after, content) in enumerate(acts):
        changes = {"session_id": f"s-{visit}", "after": after, **content}
        if kind == "machine":
            for again in range(12):
                log.add(partition, 100 * n + 100 + again, seconds + 5 * again, **changes)
        elif kind == "day":
            for hour in range(13, -1, -1):  # all are bought, but for the last
                cart = {"session_id": f"s-{n}-{hour}", "after": after, **content}
                at = seconds - hour * HOUR
                log.add(partition, 100 * n + 120 + hour, at, type="add", **cart)
                if hour:
                    log.add(partition, 100 * n + 140 + hour, at + number, type="purchase", **cart)
        elif kind == "2099":
            changes["event_time"] = "2099-01-01T00:00:00.000Z"
        log.add(partition, number, seconds, type="view" if kind in LOOKS else kind, **changes)
    return log


def test_all_that_can_happen_is_among_the_logs(engine: Engine) -> None:
    keenly(engine, NOON - timedelta(hours=24))
    process(engine, logged(WILD), 5)

    alerts = rows(engine, "SELECT DISTINCT rule FROM clickstream.stream_alerts WHERE is_active")
    assert {rule for (rule,) in alerts} == KEEN.keys()
    sums = (
        "SELECT sum(rows_duplicate) > 0, sum(rows_conflict) > 0, sum(rows_refused) > 0, "
        "sum(rows_late) > 0 FROM clickstream.stream_positions"
    )
    assert rows(engine, sums) == [(True,) * 4]
    histories = (
        "SELECT (SELECT count(*) > 0 FROM clickstream.activity_windows_history), "
        "(SELECT count(*) > 0 FROM clickstream.carts_history), "
        "(SELECT count(*) > 0 FROM clickstream.stream_alerts_history)"
    )
    assert rows(engine, histories) == [(True,) * 3]


def keenly(engine: Engine, since: datetime) -> None:
    """Let little be unusual from an event time on."""
    for code, parameters in KEEN.items():
        decisions.change_rule(engine, code, parameters, since, "Ada")


@given(st.lists(ACTS, min_size=1, max_size=40), CUTS, st.sampled_from([-HOUR, 0, 1_800, 4 * WEEK]))
@example(WILD, [(30, 60, 0), (50, 10, 100)], -24 * HOUR)
@examples(max_examples=12)
def test_any_log_in_any_cutting_gives_the_same_tables(
    kept_engine: Engine, acts: list[Act], cuts: list[tuple[int, ...]], keen_from: int
) -> None:
    log = logged(acts)
    shop.empty(kept_engine)
    keenly(kept_engine, NOON + timedelta(seconds=keen_from))
    start = log.beginnings()
    with closing(shop.connect(kept_engine)) as opened:
        for shares in [*cuts, (100, 100, 100)]:
            stop = {
                p: start[p] + (end - start[p]) * shares[p] // 100 for p, end in log.ends().items()
            }
            lines = [x for p in stop for part in log.read(p, start[p], stop[p]) for x in part]
            if lines:
                batch.process(opened, shop.table_of(lines), shop.TERMS)
            start = stop

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


def test_what_the_log_no_longer_keeps_cannot_be_compared(engine: Engine, tmp_path: Path) -> None:
    log = FolderLog(tmp_path, "shop-events")
    for seed in (1, 2):
        log.append(one.line for one in generated(Plan(100, seed)))
    process(engine, log, 1_000)
    assert compare(engine, log).differences == []

    first = min((log.folder / "0").glob("*.jsonl"))
    first.unlink()
    n = log.beginnings()[0]
    with pytest.raises(SourceError, match=rf"Partition 0 .* no longer keeps {n} of the lines"):
        compare(engine, log)


def test_other_terms_give_another_truth(engine: Engine) -> None:
    log = HandMade()
    log.add(0, 1, 100)
    log.add(0, 2, 0)
    terms = replace(shop.TERMS, lateness=timedelta(seconds=30))
    process(engine, log, 10, terms)

    assert compare(engine, log, terms).differences == []
    assert compare(engine, log).n_different > 0
    assert rows(engine, "SELECT late_by_seconds FROM clickstream.events WHERE is_late") == [(100,)]
