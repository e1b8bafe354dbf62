"""The inbox: filters, a stable order, pages that miss and repeat nothing, counts."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.schema import DropIndex

from txplatform.domains.spend import decisions, tables
from txplatform.domains.spend.decisions import State
from txplatform.domains.spend.queries.alert_counts import alert_counts, counted_one_by_one
from txplatform.domains.spend.queries.alert_filter import ALERTS as LIST_OF_ALERTS
from txplatform.domains.spend.queries.alert_filter import NOBODY, AlertFilter
from txplatform.domains.spend.queries.inbox import alert_page
from txplatform.errors import UsageError
from txplatform.serving import paging
from txplatform_tests.domains.spend.alert_rows import RAISED_AT, raise_alerts, seen, settle

HOSTILE = "'; DROP TABLE alerts; --"
SCRIPT = "<script>alert(1)</script>"
EVERYTHING = AlertFilter()
ALERTS = f"""
alert_id | rule      | severity | week_start | department | division | merchant | risk | amount_at_risk
low      | ROUND     | low      | 2026-11-02 | Roads      | Bridges  | Smith    | 0.1  | 900.00
cheap    | SPLIT     | high     | 2026-11-09 | Roads      | Signs    | Jones    | 0.6  | 10.00
dear     | SPLIT     | high     | 2026-11-09 | Roads      | Bridges  | Smith    | 0.6  | 20.00
same     | SPLIT     | high     | 2026-11-16 | {HOSTILE}  | Bridges  | Smith    | 0.6  | 20.00
spike    | SPIKE     | medium   | 2026-11-16 | Parks      |          |          | 0.7  | 5.00
odd      | DUPLICATE | medium   | 2026-11-16 | {SCRIPT}   | 100%_    | Smith    | 0.3  | 1.00
"""  # noqa: E501 - a table


@pytest.fixture(autouse=True)
def alerts(desk: Engine) -> None:
    """The alerts above; `low` is in Ada's hands, `dear` is abusive."""
    raise_alerts(desk, ALERTS)
    decisions.decide(desk, seen("low"), State.IN_REVIEW, None, "Ada")
    settle(desk, "dear", State.ABUSIVE, "Grace")


def ids(desk: Engine, **wanted: Any) -> list[str]:
    """The ids of the alerts that match, in the inbox's order."""
    found: list[str] = alert_page(desk, AlertFilter(**wanted)).rows["alert_id"].to_pylist()
    return found


def test_the_riskiest_comes_first_then_the_dearest_then_by_id(desk: Engine) -> None:
    assert ids(desk) == ["spike", "dear", "same", "cheap", "odd", "low"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"first_week": date(2026, 11, 16)}, ["spike", "same", "odd"]),
        ({"last_week": date(2026, 11, 2)}, ["low"]),
        ({"departments": ("Roads",), "divisions": ("Bridges",)}, ["dear", "low"]),
        ({"departments": (HOSTILE, SCRIPT)}, ["same", "odd"]),
        ({"rules": ("SPIKE", "ROUND")}, ["spike", "low"]),
        ({"severities": ("medium",)}, ["spike", "odd"]),
        ({"states": ("open",)}, ["spike", "same", "cheap", "odd"]),
        ({"states": ("abusive", "in_review")}, ["dear", "low"]),
        ({"assignee": "Ada"}, ["low"]),
        ({"assignee": NOBODY, "rules": ("SPLIT",)}, ["same", "cheap"]),
        ({"text": "JONES"}, ["cheap"]),
        ({"text": "drop table"}, ["same"]),
        ({"text": "<script>"}, ["odd"]),
        ({"text": "100%_"}, ["odd"]),
        ({"text": "bri smi"}, ["dear", "same", "low"]),
        ({"text": "ridges"}, []),
        ({"text": "%"}, []),
        ({"text": "1,420.00"}, ["spike", "dear", "same", "cheap", "odd", "low"]),
        ({"text": "nothing of the kind"}, []),
    ],
)
def test_a_filter_keeps_what_it_says(
    desk: Engine, wanted: dict[str, Any], found: list[str]
) -> None:
    assert ids(desk, **wanted) == found
    assert alert_counts(desk, AlertFilter(**wanted)).total == len(found)


@pytest.mark.parametrize(
    ("written", "is_found"),
    [
        ("cafe", True),
        ("CAFÉ MÜLLER", True),
        ("mull", True),
        ("Cafe\u0301", True),
        ("b & q", True),
        ("b", True),
        ("ba", False),
        ("m", False),
        ("mu", False),
        ("o'brien", True),
        ("7-11", True),
        ("café nowhere", False),
    ],
)
def test_words_are_found_whatever_case_accents_and_signs(
    desk: Engine, written: str, is_found: bool
) -> None:
    """A letter or two are a whole word: "b & q" is not every word with b and every one with q."""
    raise_alerts(desk, "alert_id | merchant\nsigns | Café Müller - B & Q / O'Brien 7-11")

    assert ids(desk, text=written) == (["signs"] if is_found else [])


@pytest.mark.parametrize(
    "written",
    [
        *("&|!:*<->()'\\", "a & | b", "'", "\\", ":*", "!!", "<->", "a:*b", "\0", "\x1f", " "),
        *("— “x” €", "\u0301", "\U0001f600", "%s %(x)s {0}", "--", "/*", "$$", "NULL"),
        *("\ufdfa" * 500, "x" * 9_999),
    ],
)
def test_no_text_is_an_error(desk: Engine, written: str) -> None:
    """Catches: a text that PostgreSQL reads as the syntax of a search."""
    assert set(ids(desk, text=written)) <= {"spike", "dear", "same", "cheap", "odd", "low"}
    assert alert_counts(desk, AlertFilter(text=written)).total <= 6


def test_words_are_looked_for_in_their_index(desk: Engine) -> None:
    """Catches: an expression that is no longer written as the index has it."""
    words = counted_one_by_one(LIST_OF_ALERTS, AlertFilter(text="smith"))
    asked = words.compile(desk, compile_kwargs={"render_postcompile": True})
    with desk.connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        for index in tables.alerts.indexes:  # for so few rows any other would do too
            if index.name != "alerts_by_word":
                connection.execute(DropIndex(index))
        plan = connection.exec_driver_sql(f"EXPLAIN {asked}", asked.params).scalars().all()

    assert "alerts_by_word" in str(plan)


def test_pages_of_a_search_together_are_all_that_it_finds(desk: Engine) -> None:
    wanted = AlertFilter(text="smith", states=("open", "in_review"))
    first = alert_page(desk, wanted, None, 2)
    second = alert_page(desk, wanted, first.next_cursor, 2)
    beyond = alert_page(desk, wanted, paging.cursor_of(["0", "0", "z"]), 2)

    assert first.rows["alert_id"].to_pylist() == ["same", "odd"]
    assert second.rows["alert_id"].to_pylist() == ["low"]
    assert [page.total for page in (first, second, beyond)] == [3, 3, 3]
    assert beyond.rows.num_rows == 0


def test_a_line_says_where_the_alert_stands(desk: Engine) -> None:
    lines = {row["alert_id"]: row for row in alert_page(desk, EVERYTHING).rows.to_pylist()}

    standing = ("state", "assignee", "sequence", "decided_by")
    assert [[lines[one][name] for name in standing] for one in ("dear", "low", "odd")] == [
        ["abusive", "Grace", 2, "Grace"],
        ["in_review", "Ada", 1, "Ada"],
        ["open", None, 0, None],
    ]
    assert lines["dear"]["amount_at_risk"] == Decimal("20.00")
    assert lines["spike"]["division"] is None


def test_alerts_whose_facts_are_gone_are_a_list_of_their_own(desk: Engine) -> None:
    gone = tables.alerts.update().where(tables.alerts.c.alert_id == "odd")
    with desk.begin() as connection:
        connection.execute(gone.values(superseded_at=RAISED_AT))

    assert "odd" not in ids(desk)
    assert ids(desk, is_superseded=True) == ["odd"]


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7])
def test_pages_together_are_the_list_whatever_their_size(desk: Engine, size: int) -> None:
    found, cursor, totals = [], None, set()
    while True:
        page = alert_page(desk, EVERYTHING, cursor, size)
        found += page.rows["alert_id"].to_pylist()
        totals.add(page.total)
        cursor = page.next_cursor
        if cursor is None:
            break

    assert found == ids(desk)
    assert totals == {6}, "the total never depends on the size of the page"


def test_an_alert_that_comes_meanwhile_shifts_no_page(desk: Engine) -> None:
    """Catches: pages by offset, which repeat a row when one comes before it."""
    first = alert_page(desk, EVERYTHING, None, 3)
    raise_alerts(desk, "alert_id | risk\nnew | 0.9")

    second = alert_page(desk, EVERYTHING, first.next_cursor, 3)

    assert second.rows["alert_id"].to_pylist() == ["cheap", "odd", "low"]


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "!", "WyJh", "WzFd", "bnVsbA", "W10", "eyJhIjoxfQ", "WyJOYU4iLCJOYU4iLCJhIl0", "é"],
)
def test_a_cursor_that_nobody_gave_is_refused(desk: Engine, cursor: str) -> None:
    with pytest.raises(UsageError, match="cursor is none that this list gave"):
        alert_page(desk, EVERYTHING, cursor)


@pytest.mark.parametrize("size", [0, -1, 100_001])
def test_a_page_has_a_sensible_size(desk: Engine, size: int) -> None:
    with pytest.raises(UsageError, match=r"A page has 1 to 100,000 rows, not"):
        alert_page(desk, EVERYTHING, None, size)


def test_counts_spread_over_rules_severities_and_states(desk: Engine) -> None:
    counts = alert_counts(desk, EVERYTHING)

    assert (counts.total, counts.amount_at_risk) == (6, Decimal("956.00"))
    assert counts.by_rule == {"SPLIT": 3, "ROUND": 1, "SPIKE": 1, "DUPLICATE": 1}
    assert counts.by_severity == {"high": 3, "medium": 2, "low": 1}
    assert counts.by_state == {"open": 4, "in_review": 1, "abusive": 1}


def test_a_breakdown_leaves_its_own_filter_aside(desk: Engine) -> None:
    """Catches: a chosen state that makes all the others vanish from the list of states."""
    counts = alert_counts(desk, AlertFilter(states=("open",), rules=("SPLIT",)))

    assert counts.total == 2
    assert counts.by_state == {"open": 2, "abusive": 1}
    assert counts.by_rule == {"SPLIT": 2, "SPIKE": 1, "DUPLICATE": 1}


def test_nothing_counts_as_nothing(desk: Engine) -> None:
    counts = alert_counts(desk, AlertFilter(text="nothing of the kind"))

    assert (counts.total, counts.amount_at_risk, counts.by_state) == (0, Decimal("0.00"), {})
