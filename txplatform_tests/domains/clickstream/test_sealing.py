"""Hours as Dagster materialises them: checked against plain Python, sealed, and told when stale."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import dagster as dg
import pytest
from sqlalchemy import Engine, text

from txplatform import embedded
from txplatform.domains.clickstream import assets, checks, freshness, publishing
from txplatform.domains.clickstream.definitions import build
from txplatform.errors import ReconciliationError, UsageError
from txplatform.platform import Platform
from txplatform.settings import Settings, load_settings
from txplatform_tests.cli.commands import Command
from txplatform_tests.domains.clickstream import shop
from txplatform_tests.domains.clickstream.shop import NOON, TERMS, HandMade, process, rows

SEALED = "SELECT hour, n_events, amount FROM clickstream.sealed_hours"
HOUR_KEY = "2026-01-05-12:00"


def two_hours(engine: Engine) -> HandMade:
    """Two hours of a shop; the first is final."""
    log = HandMade()
    for number in range(12):
        log.add(0, number, number * 600, session_id=f"s-{number}", amount="2.50")
    process(engine, log, 100)
    return log


@pytest.fixture
def hours(engine: Engine) -> HandMade:
    """The two hours in the file's database."""
    return two_hours(engine)


@pytest.fixture
def opened(settings: Settings, endpoints: embedded.Endpoints, engine: Engine) -> Iterator[Platform]:
    platform = Platform(
        load_settings(
            state_dir=settings.state,
            mongo_uri=endpoints.mongo_uri,
            postgres_url=engine.url.render_as_string(False),
        )
    )
    yield platform
    platform.close()


def test_a_final_hour_is_sealed_with_its_content(engine: Engine, hours: HandMade) -> None:
    assert hours.ends() == {0: 12}

    sealed = publishing.seal(engine, TERMS.topic, NOON, "run-1")

    assert (sealed.n_events, sealed.amount, sealed.n_windows) == (6, Decimal("15.00"), 13)
    assert rows(engine, SEALED) == [(NOON, 6, Decimal("15.00"))]
    again = publishing.seal(engine, TERMS.topic, NOON, "run-2")
    assert again == sealed


def test_an_hour_that_is_not_final_is_refused(engine: Engine, hours: HandMade) -> None:
    assert hours.ends() == {0: 12}

    with pytest.raises(UsageError, match="is not final: the watermark stands at 2026-01-05 13:48"):
        publishing.seal(engine, TERMS.topic, NOON + timedelta(hours=1), "run-1")
    with pytest.raises(UsageError, match="stands at nothing"):
        publishing.seal(engine, "another", NOON, "run-1")


def test_windows_that_do_not_add_up_are_not_sealed(engine: Engine, hours: HandMade) -> None:
    assert hours.ends() == {0: 12}
    with shop.connect(engine) as opened, opened.cursor() as cursor:
        cursor.execute(
            "UPDATE clickstream.activity_windows SET n_events = 7 WHERE window_minutes = 60 "
            "AND window_start = %s",
            [NOON],
        )
    opened.close()

    with pytest.raises(ReconciliationError, match="2 windows of 2026-01-05 12:00 differ"):
        publishing.seal(engine, TERMS.topic, NOON, "run-1")
    assert rows(engine, SEALED) == []


def test_an_hour_that_changed_since_is_stale(
    engine: Engine, hours: HandMade, opened: Platform
) -> None:
    publishing.seal(engine, TERMS.topic, NOON, "run-1")
    before = freshness.summary(opened)
    assert (before.fresh, before.stale, before.newest) == (2, 0, NOON + timedelta(hours=1))
    assert before.refreshed_at is not None

    hours.add(0, 99, 30, session_id="late", after=9_000)
    process(engine, hours, 100)

    after = freshness.summary(opened)
    assert (after.fresh, after.stale) == (1, 1)
    publishing.seal(engine, TERMS.topic, NOON, "run-2")
    assert freshness.summary(opened).stale == 0


def test_final_hours_are_asked_for_until_they_are_sealed_and_again_when_they_change(
    engine: Engine, hours: HandMade, opened: Platform
) -> None:
    assert asked_for(opened) == [(HOUR_KEY, f"{HOUR_KEY} 6")]
    publishing.seal(engine, TERMS.topic, NOON, "run-1")
    assert asked_for(opened) == []

    hours.add(0, 99, 30, session_id="late", after=9_000)
    process(engine, hours, 100)
    assert asked_for(opened) == [(HOUR_KEY, f"{HOUR_KEY} 7")]


def test_hours_are_asked_for_by_their_names_in_utc(engine: Engine, opened: Platform) -> None:
    """Catches: a server of one's own whose sessions have another zone."""
    name = engine.url.database
    with engine.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {name} SET timezone = 'America/St_Johns'"))
    two_hours(engine)

    asked = asked_for(opened)
    with engine.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {name} RESET timezone"))

    assert asked == [(HOUR_KEY, f"{HOUR_KEY} 6")]


def test_run_stale_seals_the_hours_that_changed(installation: Platform, command: Command) -> None:
    """Catches: what `status` calls stale, and `run --stale` leaves as it is."""
    log, stale = two_hours(installation.engine), ("run", "--stale", "--domain", "clickstream")
    publishing.seal(installation.engine, TERMS.topic, NOON, "run-1")
    assert command(*stale).lines == ["Nothing to compute."]
    log.add(0, 99, 30, session_id="late", after=9_000)
    process(installation.engine, log, 100)

    done = command(*stale)

    assert done.error is None
    assert done.lines[0].startswith(f"clickstream_hourly {HOUR_KEY}: 1 rows written, 0 removed")
    assert freshness.summary(installation).stale == 0


def asked_for(platform: Platform) -> list[tuple[str | None, str | None]]:
    """Hours that the sensor asks for, and the keys by which Dagster knows a repetition."""
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance, resources={"platform": platform})
        requests = checks.seal(platform.settings)(context)
    assert isinstance(requests, list)
    return [(one.partition_key, one.run_key) for one in requests]


def test_dagster_materialises_an_hour(hours: HandMade, opened: Platform) -> None:
    assert hours.ends() == {0: 12}
    with dg.DagsterInstance.ephemeral() as instance:
        done = dg.materialize(
            [assets.sealed_hours, assets.STREAM],
            partition_key=HOUR_KEY,
            resources={"platform": opened},
            instance=instance,
        )

        assert done.success
        (event,) = done.get_asset_materialization_events()
        metadata = event.materialization.metadata
        assert (metadata["events"].value, metadata["amount"].value) == (6, "15.00")


def test_the_stream_is_there_from_outside_and_its_hours_as_partitions(settings: Settings) -> None:
    definitions = build(settings)

    assets_by_kind = {type(one): one for one in definitions.assets or ()}
    spec = assets_by_kind[dg.AssetSpec]
    assert isinstance(spec, dg.AssetSpec)
    assert (spec.key, spec.group_name) == (assets.STREAM.key, "clickstream")
    assert dg.AssetsDefinition in assets_by_kind
    assert [job.name for job in definitions.jobs or ()] == ["clickstream_hourly"]
