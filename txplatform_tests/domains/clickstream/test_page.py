"""The Live page as a reader sees it: figures while the job runs, and since when it does not."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial

import psycopg2
import pytest
from sqlalchemy import Engine

from txplatform.domains.clickstream.pages.live import every_minute
from txplatform.domains.clickstream.queries.live import live
from txplatform.domains.clickstream.stream.ledger import Heartbeat
from txplatform.platform import Platform
from txplatform.serving.dashboard import texts
from txplatform_tests.domains.clickstream.shop import NOON, TERMS, HandMade, address, process
from txplatform_tests.serving.pages import dashboard_of, figures, opened_page


@pytest.fixture
def shop(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """PostgreSQL of an installation that the dashboard finds."""
    with dashboard_of(platform, monkeypatch):
        yield platform.engine


page = partial(opened_page, "clickstream")


def fill(engine: Engine) -> None:
    log = HandMade()
    for number, kind in enumerate(("view", "add", "checkout", "purchase", "view", "add")):
        log.add(0, number, number * 60, type=kind, session_id=f"s-{number // 4}")
    log.add(0, 9, 1_800, session_id="s-9")
    log.add(0, 10, 0, session_id="late", after=1_900)
    log.say(0, b"no event", NOON)
    process(engine, log, 4)


def test_before_the_first_job_the_page_says_how_to_start_one(shop: Engine) -> None:
    assert shop is not None
    assert "clickstream run" in page().info[0].value


def test_a_running_job_shows_its_figures(shop: Engine) -> None:
    fill(shop)
    Heartbeat(address(shop), TERMS.topic).beat(7, 1.5)

    app = page()

    shown = figures(app)
    assert (shown["Events to come"], shown["Late events"], shown["Lost events"]) == ("7", "1", "0")
    assert (shown["Bought"], shown["Open"]) == ("1", "1")
    assert len(app.success) == 1
    funnel = app.table[0].value
    assert list(funnel["Visits"]) == ["4", "2", "1", "1"]
    captions = [one.value for one in app.caption]
    assert "No alert holds." in captions
    assert "Lines that are no event: 1; each" in " ".join(captions)


def test_a_minute_in_which_nobody_came_is_there(engine: Engine) -> None:
    assert list(every_minute([])) == []

    log = HandMade()
    for number, minute in enumerate((0, 0, 3)):
        log.add(0, number, minute * 60, type=("view", "add")[number % 2])
    process(engine, log, 4)

    assert [n for _, n in every_minute(live(engine).minutes)] == [2, 0, 0, 1]


def test_carts_of_the_day_before_are_not_shown(engine: Engine) -> None:
    log = HandMade()
    for number, hours in enumerate((0, 1, 24)):
        log.add(0, number, hours * 3_600, type="add", session_id=f"s-{number}")
    process(engine, log, 4)

    assert live(engine).carts == {"abandoned": (1, Decimal("10.00")), "open": (1, Decimal("10.00"))}


def test_a_stopped_and_a_killed_job_say_since_when(shop: Engine) -> None:
    fill(shop)
    with Heartbeat(address(shop), TERMS.topic) as heartbeat:
        heartbeat.beat(0, 0.0)
    assert "was stopped" in page().warning[0].value

    with psycopg2.connect(address(shop)) as opened, opened.cursor() as cursor:
        ago = timedelta(minutes=1)
        cursor.execute(
            "UPDATE clickstream.stream_jobs SET stopped_at = NULL, seen_at = now() - %s", [ago]
        )
    opened.close()
    assert "has said nothing since" in page().error[0].value


def test_the_page_speaks_french(shop: Engine) -> None:
    fill(shop)

    assert figures(page(locale="fr_FR"))["Ouverts"] == "1"


def test_both_languages_have_the_same_texts() -> None:
    english, french = (texts.catalogue(name, "clickstream") for name in ("en", "fr"))

    assert english.keys() == french.keys()
