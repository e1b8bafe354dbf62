"""What triggers keep of alerts: where each stands, and how many there are, whoever changes them."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, func, select, text

from txplatform.domains.spend import decisions, publishing
from txplatform.domains.spend.decisions import State
from txplatform.domains.spend.tables import COUNT_KEY, STANDING, alert_counts, alerts
from txplatform.domains.spend.tables import decisions as entries
from txplatform_tests.domains.spend.alert_rows import raise_alerts, seen, settle
from txplatform_tests.domains.spend.found_alerts import empty_week, publish_found

FOUND = """
alert_id | rule      | severity | week_start | department | amount_at_risk | transaction_ids
a        | SPLIT     | high     | 2026-11-09 | Roads      | 100.10         | p1 p2
b        | SPLIT     | high     | 2026-11-09 | Roads      | 200.20         | p3 p4
c        | ROUND     | low      | 2026-11-09 | Parks      | 300.00         | p5
"""
Totals = dict[tuple[Any, ...], tuple[int, Decimal]]


def counted(engine: Engine) -> Totals:
    """What the table of counts says, by its key."""
    key = [alert_counts.c[name] for name in COUNT_KEY]
    sums = (func.sum(alert_counts.c.alert_count), func.sum(alert_counts.c.amount_at_risk))
    with engine.connect() as connection:
        rows = connection.execute(select(*key, *sums).group_by(*key)).all()
    return {tuple(row[:-2]): (int(row[-2]), row[-1]) for row in rows if row[-2]}


def recounted(engine: Engine) -> Totals:
    """The same from the alerts themselves, and where they stand from their newest entries."""
    newest = select(entries.c.alert_id, entries.c.state).order_by(entries.c.sequence)
    with engine.connect() as connection:
        states = {row[0]: row[1] for row in connection.execute(newest)}
        rows = connection.execute(select(alerts)).mappings().all()
    found: Totals = {}
    for row in rows:
        state = states.get(row["alert_id"], "open")
        key = (*(row[name] for name in COUNT_KEY[:4]), state, row["superseded_at"] is not None)
        count, amount = found.get(key, (0, Decimal(0)))
        found[key] = (count + 1, amount + row["amount_at_risk"])
    return found


def rows_of_counts(engine: Engine) -> int:
    """How many rows the table of counts has."""
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(alert_counts)).scalar_one())


def moved(engine: Engine) -> None:
    """An alert whose purchase moved to another week and became dearer."""
    publish_found(engine, "alert_id | week_start | amount_at_risk\na | 2026-11-16 | 150.15")


def gone(engine: Engine) -> None:
    """A week whose alerts are all gone."""
    publishing.publish_alerts(engine, empty_week(date(2026, 11, 9)), "run")


def back(engine: Engine) -> None:
    """The same, and found again."""
    gone(engine)
    publish_found(engine, FOUND)


def decided_together(engine: Engine) -> None:
    """Two of three taken up at once, one decided, one given away."""
    decisions.decide(engine, seen("a", "c"), State.IN_REVIEW, None, "Ada")
    decisions.decide(engine, seen("a", sequence=1), State.ABUSIVE, "split", "Ada")
    decisions.assign(engine, seen("c", sequence=1), "Grace", "Ada")


def undone(engine: Engine) -> None:
    """A decision that was undone."""
    settle(engine, "a", State.ABUSIVE)
    decisions.undo(engine, seen("a", sequence=2), "the wrong one", "Ada")


def gone_after_a_decision(engine: Engine) -> None:
    """Decided, and then its facts are gone."""
    settle(engine, "b", State.DISMISSED)
    gone(engine)


@pytest.mark.parametrize(
    "happens", [moved, gone, back, decided_together, undone, gone_after_a_decision]
)
def test_counts_are_those_of_a_recount(desk: Engine, happens: Callable[[Engine], None]) -> None:
    publish_found(desk, FOUND)
    assert counted(desk) == recounted(desk)

    happens(desk)

    assert counted(desk) == recounted(desk)


def test_an_alert_says_what_its_newest_entry_says(desk: Engine) -> None:
    publish_found(desk, FOUND)
    decided_together(desk)
    decisions.comment(desk, seen("a", sequence=2), "the invoice came", "Grace")

    assert standing(desk, "a") == ["abusive", "Ada", 3, "Grace"]
    assert standing(desk, "b") == ["open", None, 0, None]
    assert concluded(desk, "a") == decided_at(desk, "a", 2), "the comment came later"
    assert concluded(desk, "c") is None


def standing(desk: Engine, alert_id: str) -> list[Any]:
    """Where an alert stands, but for the moment."""
    names = [alerts.c[name] for name in STANDING[:-1]]
    with desk.connect() as connection:
        return list(connection.execute(select(*names).where(alerts.c.alert_id == alert_id)).one())


def concluded(desk: Engine, alert_id: str) -> Any:
    """When it was decided to be what it is."""
    statement = select(alerts.c.concluded_at).where(alerts.c.alert_id == alert_id)
    with desk.connect() as connection:
        return connection.execute(statement).scalar_one()


def decided_at(desk: Engine, alert_id: str, sequence: int) -> Any:
    """When an entry was made."""
    own = (entries.c.alert_id == alert_id, entries.c.sequence == sequence)
    with desk.connect() as connection:
        return connection.execute(select(entries.c.decided_at).where(*own)).scalar_one()


def test_changes_are_folded_before_they_are_many(desk: Engine) -> None:
    """Catches: a table of counts that grows with every decision for ever."""
    raise_alerts(desk, "\n".join(["alert_id", *(f"a{n}" for n in range(30))]))
    for number in range(30):
        decisions.decide(desk, seen(f"a{number}"), State.IN_REVIEW, None, "Ada")
    assert rows_of_counts(desk) == 61, "one row of all alerts, two of each decision"

    with desk.begin() as connection:
        connection.execute(text("SELECT fold_alert_counts(61)"))

    assert rows_of_counts(desk) == 1, "all are in review"
    assert counted(desk) == recounted(desk)


def test_few_changes_are_left_alone(desk: Engine) -> None:
    publish_found(desk, FOUND)
    before = rows_of_counts(desk)

    with desk.begin() as connection:
        connection.execute(text("SELECT fold_alert_counts(1000)"))

    assert rows_of_counts(desk) == before


def test_people_decide_while_runs_publish_and_nobody_is_in_anothers_way(desk: Engine) -> None:
    """Catches: a deadlock between what locks alerts week by week and what locks them one by one."""
    names = [f"a{n:02}" for n in range(40)]
    lines = [f"{one} | SPLIT | 2026-11-09 | p{one}" for one in names]
    week = "\n".join(["alert_id | rule | week_start | transaction_ids", *lines])
    publish_found(desk, week)

    def publish(number: int) -> None:
        (publish_found if number % 2 else publish_less)(desk, week)

    def take_up(number: int) -> None:
        mine = names[number * 8 : number * 8 + 8]
        decisions.decide(
            desk, seen(*(mine if number % 2 else mine[::-1])), State.IN_REVIEW, None, "A"
        )

    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(publish, n) for n in range(6)] + [
            pool.submit(take_up, n) for n in range(5)
        ]
    assert [one.exception() for one in done] == [None] * len(done)

    assert counted(desk) == recounted(desk)
    by_state: Counter[str] = Counter()
    for key, (count, _) in counted(desk).items():
        by_state[key[4]] += count
    assert by_state == {"in_review": 40}


def publish_less(desk: Engine, week: str) -> None:
    """Publish the week without every third of its alerts."""
    head, *lines = week.splitlines()
    publish_found(desk, "\n".join([head, *(one for n, one in enumerate(lines) if n % 3)]))
