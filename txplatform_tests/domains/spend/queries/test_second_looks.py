"""Second looks: one in a hundred and at least one a week, drawn the same for everybody."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text

from txplatform.domains.spend import decisions, tables
from txplatform.domains.spend.decisions import State
from txplatform.domains.spend.queries.second_looks import _waiting, second_looks
from txplatform.errors import UsageError
from txplatform_tests.domains.spend.alert_rows import raise_alerts, raise_many, seen, settle

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
MANY = 2_000


def dismissed(desk: Engine, *alert_ids: str, at: datetime = MONDAY, by: str = "Ada") -> None:
    """Put dismissals into the table with a moment of their own."""
    raise_alerts(desk, "\n".join(["alert_id", *alert_ids]))
    entries = [
        {
            "alert_id": one,
            "sequence": 1,
            "kind": "decide",
            "state": "dismissed",
            "reason": "paid",
            "decided_by": by,
            "decided_at": at,
        }
        for one in alert_ids
    ]
    with desk.begin() as connection:
        connection.execute(tables.decisions.insert(), entries)


def waiting(desk: Engine, unwanted: str = "") -> list[str]:
    """The alerts that wait for a second look."""
    found: list[str] = second_looks(desk, unwanted, None, 1_000).rows["alert_id"].to_pylist()
    return found


def test_the_only_dismissal_of_a_week_is_drawn(desk: Engine) -> None:
    settle(desk_with(desk, "a", "b"), "a", State.DISMISSED)
    settle(desk, "b", State.JUSTIFIED)

    [line] = second_looks(desk).rows.to_pylist()

    assert (line["alert_id"], line["dismissed_by"], line["sequence"]) == ("a", "Ada", 2)
    assert line["reason"] == "as I see it"


def desk_with(desk: Engine, *alert_ids: str) -> Engine:
    """The desk with open alerts."""
    raise_alerts(desk, "\n".join(["alert_id", *alert_ids]))
    return desk


def test_every_week_has_one(desk: Engine) -> None:
    for week in range(3):
        names = [f"w{week}-{n}" for n in range(5)]
        dismissed(desk, *names, at=MONDAY + timedelta(weeks=week))

    assert {name.split("-")[0] for name in waiting(desk)} == {"w0", "w1", "w2"}


def test_a_sunday_night_belongs_to_the_week_before(desk: Engine) -> None:
    """Catches: weeks in the server's time zone instead of UTC."""
    dismissed(desk, "a", at=MONDAY - timedelta(seconds=1))
    dismissed(desk, "b", at=MONDAY)

    assert set(waiting(desk)) == {"a", "b"}


def test_about_one_in_a_hundred_is_drawn_and_always_the_same(desk: Engine) -> None:
    dismissed(desk, *(f"alert-{n}" for n in range(MANY)))

    drawn = waiting(desk)

    assert MANY / 200 < len(drawn) < MANY / 50
    assert waiting(desk) == drawn


def test_the_draw_hangs_on_the_alert_alone(desk: Engine) -> None:
    """Catches: a draw by order of arrival, which a later dismissal would change."""
    dismissed(desk, *(f"alert-{n}" for n in range(500)))
    before = set(waiting(desk))

    dismissed(desk, *(f"more-{n}" for n in range(500)))

    kept = {name for name in waiting(desk) if name.startswith("alert")}
    assert len(before - kept) <= 1, "at most the one that only its week had drawn"


def test_whoever_dismissed_it_does_not_see_it(desk: Engine) -> None:
    dismissed(desk, "a", by="Ada")

    assert waiting(desk, "Ada") == []
    assert waiting(desk, "Grace") == ["a"]


def test_what_was_looked_at_waits_no_more(desk: Engine) -> None:
    dismissed(desk, "a")

    decisions.second_look(desk, seen("a", sequence=1), State.DISMISSED, "rightly", "Grace")

    assert waiting(desk) == []


def test_what_was_reopened_is_not_dismissed_any_more(desk: Engine) -> None:
    dismissed(desk, "a")
    decisions.second_look(desk, seen("a", sequence=1), State.IN_REVIEW, "no receipt", "Grace")

    assert waiting(desk) == []


def test_a_second_look_that_is_undone_is_to_be_taken_again(desk: Engine) -> None:
    dismissed(desk, "a")
    decisions.second_look(desk, seen("a", sequence=1), State.DISMISSED, "rightly", "Grace")
    decisions.undo(desk, seen("a", sequence=2), "wrong button", "Grace")

    assert waiting(desk, "Grace") == ["a"]
    assert waiting(desk, "Ada") == [], "Ada is still the one who dismissed it"


def test_comments_change_nothing(desk: Engine) -> None:
    dismissed(desk, "a")
    decisions.comment(desk, seen("a", sequence=1), "hm", "Grace")

    [line] = second_looks(desk).rows.to_pylist()

    assert (line["sequence"], line["dismissed_by"]) == (2, "Ada")


def test_pages_together_are_the_list(desk: Engine) -> None:
    for week in range(5):
        dismissed(desk, f"w{week}", at=MONDAY + timedelta(weeks=week))

    first = second_looks(desk, "", None, 3)
    second = second_looks(desk, "", first.next_cursor, 3)

    assert (first.total, second.total, second.next_cursor) == (5, 5, None)
    assert [*first.rows["alert_id"].to_pylist(), *second.rows["alert_id"].to_pylist()] == [
        f"w{week}" for week in range(5)
    ]


def test_a_cursor_without_zone_is_refused(desk: Engine) -> None:
    with pytest.raises(UsageError, match="cursor is none"):
        second_looks(desk, "", "WyIyMDI2LTExLTE2VDAwOjAwOjAwIiwiYSJd")


def test_a_dismissal_that_was_undone_does_not_count(desk: Engine) -> None:
    dismissed(desk, "a")
    decisions.undo(desk, seen("a", sequence=1), "not mine", "Ada")

    assert waiting(desk) == []
    with desk.connect() as connection:
        assert len(connection.execute(select(tables.decisions)).all()) == 2


def test_the_draw_stands_in_indexes(engine: Engine) -> None:
    """Catches: an expression that is no longer written as the indexes have it."""
    raise_many(engine, MANY, state="'dismissed'", concluded_at=f"'{MONDAY}'::timestamptz")
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.execute(text("SET enable_seqscan = off"))
        asked = _waiting("Ada").compile(engine, compile_kwargs={"render_postcompile": True})
        plan = connection.exec_driver_sql(f"EXPLAIN {asked}", asked.params).scalars().all()

    assert {"alerts_drawn", "alerts_dismissed_of_week"} <= set(re.findall(r"alerts_\w+", str(plan)))
    assert "Seq Scan on alerts" not in str(plan)
