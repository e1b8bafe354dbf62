"""The alarm on tables that were not written anew: when, what it says, that it is told once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from txplatform.domains.commerce import freshness
from txplatform.domains.commerce.computation import refresh
from txplatform.domains.commerce.definitions import alarm
from txplatform.domains.commerce.publishing.lake import open_lake
from txplatform.domains.commerce.settings import CommerceSettings
from txplatform.platform import Platform
from txplatform.settings import load_settings
from txplatform_tests.domains.commerce.shops import ACHATS, CLIENTS, written
from txplatform_tests.orchestration.listening import Channel, listening

# Apprise's own: it looks for a module that Python is about to lose, and has a replacement.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

DAY = timedelta(days=1)
HOURS = timedelta(hours=26)


@pytest.fixture
def channel() -> Iterator[Channel]:
    """Somebody's alarm service."""
    with listening() as heard:
        yield heard


@pytest.fixture
def own(tmp_path: Path, channel: Channel) -> Platform:
    """An installation whose lake is a folder, with one customer in it."""
    settings = load_settings(
        state_dir=tmp_path / "state",
        lake_dir=tmp_path / "lake",
        alarm_urls=channel.address,
        dashboard_url="https://desk.example.org",
    )
    platform = Platform(settings)
    clients = written(tmp_path / "clients.csv", CLIENTS, "1,Ann,a@x.org,2024-01-01,France")
    achats = written(tmp_path / "achats.csv", ACHATS, "1,1,2024-01-02,10.00,Mouse")
    refresh.ingest(platform, [clients, achats], None)
    return platform


def compute(platform: Platform) -> datetime:
    """Publish gold; when that was."""
    with refresh.engine_of(platform) as engine:
        made = refresh.compute(platform, engine, None, "run")
    return datetime.fromisoformat(made.written_at)


def test_nothing_is_late_before_anything_came(tmp_path: Path) -> None:
    empty = Platform(load_settings(state_dir=tmp_path / "s", lake_dir=tmp_path / "l"))

    assert freshness.late(empty, datetime.now(UTC) + 9 * DAY) is None


def test_lines_that_nobody_computed_from_are_late(own: Platform) -> None:
    now = datetime.now(UTC)

    assert freshness.late(own, now) is None
    found = freshness.late(own, now + 2 * DAY)
    assert found
    assert found.sentence.startswith("Lines came on ")
    assert "and no table was computed from them" in found.sentence


def test_tables_are_late_after_the_hours_of_the_setting(own: Platform, tmp_path: Path) -> None:
    at = compute(own)

    assert freshness.late(own, at + HOURS) is None
    found = freshness.late(own, at + HOURS + timedelta(seconds=1))
    assert found
    assert found.version == "1"
    assert f"last written on {at:%Y-%m-%d %H:%M} UTC, more than 26 hours ago: see" in found.sentence

    more = written(tmp_path / "more.csv", ACHATS, "2,1,2024-01-03,1.00,Pen")
    refresh.ingest(own, [more], None)
    behind = freshness.late(own, at + 2 * DAY)
    assert behind
    assert "lines that came since are not in them" in behind.sentence

    never = Platform(own.settings.having(CommerceSettings, stale_hours=0))
    assert freshness.late(never, at + 99 * DAY) is None


def test_a_version_that_is_late_is_told_once(own: Platform, channel: Channel) -> None:
    gold = open_lake(own.settings).gold
    compute(own)
    name = f"gold/_manifests/{gold.current().number:012}.json"
    text = gold.store.get(name).decode()
    at = gold.current().written_at
    gold.store.put(name, text.replace(at, "2024-01-03T06:00:00+00:00").encode())
    sensor, cursor = alarm(own.settings), None

    with dg.DagsterInstance.ephemeral() as instance:
        for _ in range(2):
            context = dg.build_sensor_context(instance, cursor, resources={"platform": own})
            cursor = sensor.evaluate_tick(context).cursor or cursor

    [(title, [sentence, link])] = channel.heard
    assert title == "Commerce is late"
    assert "last written on 2024-01-03 06:00 UTC" in sentence
    assert link == "https://desk.example.org/commerce-performance"
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
