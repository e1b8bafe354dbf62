"""What somebody is told of: a lost job, a long lag, many refusals, silence; and nothing else."""

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg
import pytest
from sqlalchemy import Engine

from txplatform import embedded
from txplatform.domains.clickstream.checks import watch
from txplatform.domains.clickstream.queries.alarms import reasons, stopped
from txplatform.domains.clickstream.settings import ClickstreamSettings
from txplatform.platform import Platform
from txplatform.settings import Settings, load_settings
from txplatform_tests.domains.clickstream import shop
from txplatform_tests.domains.clickstream.shop import NOON, HandMade, process, rows
from txplatform_tests.orchestration.listening import Channel, listening


def told(engine: Engine) -> dict[str, str]:
    return reasons(engine, load_settings().of(ClickstreamSettings))


def write(engine: Engine, statement: str, *values: object) -> None:
    opened = shop.connect(engine)
    with opened, opened.cursor() as cursor:
        cursor.execute(statement, values)
    opened.close()


@pytest.fixture
def log(engine: Engine) -> HandMade:
    made = HandMade()
    for number in range(50):
        made.add(0, number, number)
    process(engine, made, 100)
    return made


def test_a_shop_without_trouble_raises_nothing(engine: Engine, log: HandMade) -> None:
    assert log.ends() == {0: 50}
    assert told(engine) == {}


def test_a_job_that_was_never_started_raises_nothing(engine: Engine) -> None:
    assert told(engine) == {}


def test_a_killed_job_is_told_and_one_that_was_stopped_is_not(
    engine: Engine, log: HandMade
) -> None:
    assert log.ends() == {0: 50}
    ago = "UPDATE clickstream.stream_jobs SET seen_at = now() - interval '1 minute'"
    write(engine, ago)
    assert "has said nothing since" in told(engine)["job lost"]

    write(engine, "UPDATE clickstream.stream_jobs SET started_at = seen_at")
    assert told(engine) == {}, "Spark may take so long to start"
    three = timedelta(minutes=3)
    write(
        engine,
        "UPDATE clickstream.stream_jobs SET (started_at, seen_at) = (now() - %s, now() - %s)",
        three,
        three,
    )
    assert "job lost" in told(engine)

    write(engine, "UPDATE clickstream.stream_jobs SET stopped_at = now()")
    assert told(engine) == {}


def test_a_job_that_was_stopped_and_forgotten_is_told(engine: Engine, log: HandMade) -> None:
    own = load_settings().having(ClickstreamSettings, lag_limit=10).of(ClickstreamSettings)
    for number in range(10):
        log.add(1, number, number)
    write(engine, "UPDATE clickstream.stream_jobs SET stopped_at = now()")
    assert stopped(engine, own, log) == {}

    log.add(0, 99, 99)
    assert "11 lines wait, more than 10" in stopped(engine, own, log)["job stopped"]
    write(engine, "UPDATE clickstream.stream_jobs SET stopped_at = NULL")
    assert stopped(engine, own, log) == {}


def test_a_long_lag_is_told(engine: Engine, log: HandMade) -> None:
    assert log.ends() == {0: 50}
    write(engine, "UPDATE clickstream.stream_jobs SET lag_events = 100001")

    assert "100,001 lines behind, more than 100,000" in told(engine)["lag"]


def test_many_refusals_are_told(engine: Engine, log: HandMade) -> None:
    log.say(0, b"no event", NOON + timedelta(seconds=60))
    process(engine, log, 100)
    assert told(engine) == {}

    log.say(0, b"no event", NOON + timedelta(seconds=61))
    process(engine, log, 100)
    assert "3.85 % of the newest lines of shop-events are refused" in told(engine)["refused"]

    for number in range(2_500):
        log.add(0, 100 + number, 62)
    process(engine, log, 5_000)
    assert told(engine) == {}, "what was long ago is over"


def silent() -> HandMade:
    """An hour of thirty views in each five minutes, then none."""
    log = HandMade()
    for window in range(12):
        for n in range(30):
            log.add(0, window * 30 + n, window * 300 + n, session_id=f"s-{window}-{n}")
    log.add(0, 999, 14 * 300, type="add", session_id="s-999")
    return log


def test_silence_is_told_with_what_is_usual(engine: Engine) -> None:
    process(engine, silent(), 1_000)

    (sentence,) = told(engine).values()
    assert sentence == "view FR: 0 events from 13:00 on for 5 minutes, where 30 are usual."


@pytest.fixture
def channel() -> Iterator[Channel]:
    with listening() as heard:
        yield heard


@pytest.fixture
def platform(
    settings: Settings, endpoints: embedded.Endpoints, engine: Engine, channel: Channel
) -> Iterator[Platform]:
    opened = Platform(
        load_settings(
            state_dir=settings.state,
            mongo_uri=endpoints.mongo_uri,
            postgres_url=engine.url.render_as_string(False),
            alarm_urls=channel.address,
        )
    )
    yield opened
    opened.close()


def evaluated(platform: Platform, cursor: str | None) -> dg.SensorResult:
    """One look of the sensor, which remembers what the last one said."""
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance, resources={"platform": platform}, cursor=cursor)
        result = watch(platform.settings)(context)
    assert isinstance(result, dg.SensorResult)
    return result


# Apprise's own: it looks for a module that Python is about to lose, and has a replacement.
@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_each_reason_is_told_once_for_as_long_as_it_lasts(
    engine: Engine, platform: Platform, channel: Channel
) -> None:
    log = silent()
    for second in range(20):
        log.say(0, b"no event", NOON + timedelta(seconds=4_300 + second))
    process(engine, log, 1_000)
    write(
        engine,
        "UPDATE clickstream.stream_jobs SET lag_events = 100001, seen_at = now() - %s",
        timedelta(minutes=1),
    )

    first = evaluated(platform, None)
    again = evaluated(platform, first.cursor)
    titles = [f"Live events: {name}" for name in ("job", "lag", "refused", "silence")]
    assert sorted(title for title, _ in channel.heard) == titles
    assert all(len(lines) == 2 and lines[1].endswith("/clickstream") for _, lines in channel.heard)

    write(engine, "UPDATE clickstream.stream_jobs SET lag_events = 0")
    over = evaluated(platform, again.cursor)
    write(engine, "UPDATE clickstream.stream_jobs SET lag_events = 100002")
    evaluated(platform, over.cursor)
    assert [title for title, _ in channel.heard[4:]] == ["Live events: lag"]


def test_the_sensor_observes_the_stream(engine: Engine, log: HandMade, platform: Platform) -> None:
    assert log.ends() == {0: 50}
    (observation,) = evaluated(platform, None).asset_events

    assert observation.metadata["accepted"].value == 50
    assert observation.metadata["lost"].value == 0
    assert rows(engine, "SELECT count(*) FROM clickstream.events") == [(50,)]
