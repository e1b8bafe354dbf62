"""A station's imports and computations are killed wherever they are, again and again.

What must hold then: once the documented commands have ended well, every hour says what its newest
answer said, every former value is in the history, and the table says what the hours say.
"""

import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from sqlalchemy import select

from txplatform.domains.air_quality import planning, tables
from txplatform.domains.air_quality.queries.basis import basis_of
from txplatform.domains.air_quality.sources.stations import load_stations
from txplatform.platform import Platform
from txplatform.settings import load_settings
from txplatform_tests.faults.killing import killed_at_random
from txplatform_tests.faults.ledger import Outcome
from txplatform_tests.faults.play import Fault, Stage

KIND = "kill -9 of a station's import or run"
MOST_STRIKES = 4
FIRST, HOURS = datetime(2026, 3, 1, tzinfo=UTC), (48, 24 * 20)
STATION = """[{station}]
name = "{station}"
provider = "airqino"
place = "nowhere"
zone = "Africa/Abidjan"
latitude = "5.36"
longitude = "-3.98"
"""
SETTING = "TXPLATFORM_AIR_QUALITY_STATIONS"
SECONDS: dict[str, float] = {"import": 3.0, "run": 6.0}
"""What a command took last time; it is killed somewhere before its end."""

Told = Mapping[datetime, Decimal]
"""PM2.5 by hour, as the station's answers say it together."""


def station_killed(stage: Stage, fault: Fault) -> Outcome | None:
    """Import two answers of a new station and compute; None if every kill came too late."""
    random = Random(fault.seed)  # noqa: S311 - repeatable, not secret
    folder = stage.world.folder / f"station-{fault.seed.replace(':', '-')}"
    folder.mkdir(exist_ok=True)  # a play whose kills came too late is played again
    station = fault.seed.replace(":", "00")
    declared = folder / "stations.toml"
    declared.write_text(STATION.format(station=station), encoding="utf-8")
    files, told = answers(folder, random)
    imports = [("air-quality", "import", str(file), "--station", station) for file in files]
    commands: list[tuple[str, ...]] = [*imports, ("air-quality", "run", "--stale")]
    variables, found = {SETTING: str(declared)}, list[str]()
    strikes = sum(
        killed_at_random(stage, random, SECONDS, random.choice(commands), variables, found)
        for _ in range(random.randint(2, MOST_STRIKES))
    )
    began = time.monotonic()
    stage.world.must("up")
    for arguments in commands:
        stage.world.must(*arguments, **variables)
    seconds = round(time.monotonic() - began, 1)
    found += _judged(stage, station, declared, told)
    if not strikes and not found:
        return None
    return Outcome(fault.seed, fault.kind, fault.moment, seconds, tuple(found), strikes)


def answers(folder: Path, random: Random) -> tuple[list[Path], Told]:
    """Two saved answers, of which the second restates some hours of the first and goes on."""
    count = random.randint(*HOURS)
    moments = [FIRST + timedelta(hours=n) for n in range(count)]
    first = {at: Decimal(random.randint(10_000, 50_000)).scaleb(-3) for at in moments}
    later = moments[random.randrange(count // 2) :]
    second = {at: first[at] + random.randint(0, 1) for at in later}
    second |= {
        moments[-1] + timedelta(hours=n): Decimal(n).scaleb(-2) + 5
        for n in range(1, random.randint(2, 30))
    }
    files = [_written(folder / f"{n}.json", each) for n, each in enumerate((first, second))]
    return files, {**first, **second}


def _written(path: Path, told: Told) -> Path:
    data = [
        {"timestamp": f"{at:%Y-%m-%d %H:%M:%S}", "PM2.5": float(value)}
        for at, value in told.items()
    ]
    path.write_text(json.dumps({"data": data}), encoding="utf-8")
    return path


def _judged(stage: Stage, station: str, declared: Path, told: Told) -> list[str]:
    platform = Platform(load_settings(state_dir=stage.world.settings.state))
    try:
        return list(wrong(platform, station, declared, told))
    finally:
        platform.close()


def wrong(platform: Platform, station: str, declared: Path, told: Told) -> Iterator[str]:
    """Promises 1 and 3: documents, history and table against what was told."""
    hours = platform.database[tables.AIR_HOURS]
    stored = {
        each["hour_start"].replace(tzinfo=UTC): each for each in hours.find({"station_id": station})
    }
    if stored.keys() != told.keys():
        yield f"promise 1: {len(stored)} hours of {len(told)} are stored"
    history = platform.database[tables.AIR_HOURS_HISTORY]
    for at, each in stored.items():
        value = each["values"]["pm25"].to_decimal()
        if value != told.get(at):
            yield f"promise 1: {at} is {value}, told {told.get(at)}"
        kept = history.count_documents({"station_id": station, "hour_start": each["hour_start"]})
        if kept != each["version"] - 1:
            yield f"promise 1: {at} is version {each['version']} and has {kept} before it"
    yield from _of_the_table(platform, station, declared, told)


def _of_the_table(platform: Platform, station: str, declared: Path, told: Told) -> Iterator[str]:
    table = tables.air_hourly
    wanted = select(table.c.hour_start, table.c.value).where(
        table.c.station_id == station, table.c.parameter == "pm25", table.c.value.is_not(None)
    )
    with platform.engine.connect() as connection:
        shown = {row.hour_start: row.value for row in connection.execute(wanted)}
    if shown != told:
        yield f"promise 3: the table differs from {len(told)} hours: {len(shown)} are shown"
    basis = basis_of(platform)._replace(stations=load_stations(declared))
    if days := planning.stale_days(platform.engine, basis).get(station):
        yield f"promise 3: {len(days)} days are stale"
