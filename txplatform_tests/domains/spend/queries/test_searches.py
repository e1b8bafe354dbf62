"""Alerts by their words, of which few or many have them: pages and totals as plain SQL says.

Half of the alerts are `common`; those with `lowly` are as many, and the least risky of all.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, text

from txplatform import embedded
from txplatform.connectors import postgres
from txplatform.domains.spend.queries.alert_counts import alert_counts
from txplatform.domains.spend.queries.alert_filter import AlertFilter
from txplatform.domains.spend.queries.inbox import COUNTED, WALKED, alert_page
from txplatform_tests.conftest import new_database
from txplatform_tests.domains.spend.alert_rows import raise_many

MANY = 24_000
WORDS = f"""concat_ws(' ', 'Bought', CASE WHEN n % 2 = 0 THEN 'common' END,
    CASE WHEN n > {MANY // 2 - 500} THEN 'lowly' END, CASE WHEN n % 1000 = 7 THEN 'rare' END,
    CASE WHEN n % 24 < 10 THEN 'exactly' END, CASE WHEN n % 24 < 10 OR n = 23 THEN 'onemore' END)"""
PLAIN = """SELECT alert_id FROM alerts WHERE strpos(sentence, :word) > 0 AND superseded_at IS NULL
    AND (:state = '' OR state = :state) ORDER BY risk DESC, amount_at_risk DESC, alert_id"""


@pytest.fixture(scope="module")
def crowd(endpoints: embedded.Endpoints) -> Iterator[Engine]:
    """Many alerts, of which many are equally risky and dear; every fifth is dismissed."""
    with new_database(endpoints) as url:
        engine = postgres.connect(url)
        raise_many(
            engine,
            MANY,
            risk=f"CASE WHEN n > {MANY // 2 - 500} THEN 0.1 ELSE 0.3 + n % 3 * 0.2 END",
            amount_at_risk="(n * 7919 % 40) * 10",
            sentence=WORDS,
            state="CASE WHEN n % 5 = 0 THEN 'dismissed' ELSE 'open' END",
        )
        with engine.begin() as connection:
            connection.execute(text("ANALYZE alerts"))
        yield engine
        engine.dispose()


def plain(crowd: Engine, word: str, state: str = "") -> list[str]:
    """The ids of all alerts with a word in the inbox's order, read one by one."""
    with crowd.connect() as connection:
        return list(connection.execute(text(PLAIN), {"word": word, "state": state}).scalars())


def followed(crowd: Engine, wanted: AlertFilter, size: int) -> tuple[list[str], set[Any]]:
    """The ids of all pages together, and what they say of the total."""
    found, totals, cursor = [], set(), None
    while True:
        page = alert_page(crowd, wanted, cursor, size)
        found += page.rows["alert_id"].to_pylist()
        totals.add((page.total, page.is_total_exact))
        cursor = page.next_cursor
        if cursor is None:
            return found, totals


@pytest.mark.parametrize("size", [WALKED - 1, 3_000])
@pytest.mark.parametrize("state", ["", "open"])
@pytest.mark.parametrize("word", ["common", "lowly", "rare", "exactly", "onemore", "nowhere"])
def test_pages_together_are_all_that_have_the_word(
    crowd: Engine, word: str, state: str, size: int
) -> None:
    expected = plain(crowd, word, state)

    wanted = AlertFilter(text=word, states=(state,) if state else ())
    found, totals = followed(crowd, wanted, size)

    assert found == expected
    assert totals == {(min(len(expected), COUNTED), len(expected) <= COUNTED)}
    assert alert_counts(crowd, wanted).total == len(expected), "it counts them all"


@pytest.mark.parametrize(
    ("word", "number"),
    [("common", 12_000), ("lowly", 12_500), ("rare", 24), ("exactly", 10_000), ("onemore", 10_001)],
)
def test_the_words_are_as_common_as_they_should_be(crowd: Engine, word: str, number: int) -> None:
    """Many, and just as many as are counted, are what the others test."""
    assert len(plain(crowd, word)) == number


@pytest.mark.parametrize("size", [1, 20, 100])
@pytest.mark.parametrize("word", ["common", "lowly"])
def test_a_page_of_a_common_word_begins_anywhere(crowd: Engine, word: str, size: int) -> None:
    """Catches: a page that ends with those of the same risk and amount as its last alert."""
    expected = plain(crowd, word)
    for start in (0, 37, 4_999, 9_999):
        wanted, cursor = AlertFilter(text=word), None
        if start:
            cursor = alert_page(crowd, wanted, None, start).next_cursor
        page = alert_page(crowd, wanted, cursor, size)

        assert page.rows["alert_id"].to_pylist() == expected[start : start + size]


def test_other_filters_hold_for_a_common_word(crowd: Engine) -> None:
    wanted = AlertFilter(text="common lowly", rules=("SPLIT",), departments=("Roads",))

    page = alert_page(crowd, wanted, None, 50)

    lowly = set(plain(crowd, "lowly"))
    expected = [one for one in plain(crowd, "common") if one in lowly]
    assert page.rows["alert_id"].to_pylist() == expected[:50]
    assert (page.total, page.is_total_exact) == (len(expected), True)
    assert alert_page(crowd, AlertFilter(text="common", departments=("Parks",))).total == 0
