"""docs/air_quality.md says what the code does: flags, levels, commands and tables."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
import typer
from sqlalchemy import Numeric

from txplatform.domains.air_quality import tables
from txplatform.domains.air_quality.commands import app
from txplatform.domains.air_quality.rules import Level, load_levels, load_rules
from txplatform.domains.air_quality.settings import AirQualitySettings
from txplatform.domains.air_quality.sources.records import MOST_DIGITS
from txplatform.domains.air_quality.sources.stations import load_stations
from txplatform.domains.air_quality.transforms.exact import PLACES, SCALE
from txplatform.domains.air_quality.transforms.flags import INVALID, Flag
from txplatform.domains.air_quality.transforms.parameters import POLLUTANTS

PAGE = (Path(__file__).parents[2] / "docs" / "air_quality.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"^\| (?P<code>[A-Z_]+) \| (?P<rule>.*) \| (?P<kind>invalid|suspect|missing) \|$", re.MULTILINE
)
FLAGS = {found["code"]: found for found in ROW.finditer(PAGE)}
RULES = load_rules()


def test_every_flag_is_described_with_what_it_does() -> None:
    kinds = {
        flag.name: "missing" if flag is Flag.GAP else "invalid" if flag & INVALID else "suspect"
        for flag in Flag
    }

    assert {code: found["kind"] for code, found in FLAGS.items()} == kinds


@pytest.mark.parametrize(
    ("name", "written"),
    [
        *(("co", "CO"), ("no2", "NO2"), ("o3", "O3"), ("pm25", "PM")),
        *(("rh", "RH"), ("t_ext", "T"), ("t_int_raw", "box")),
    ],
)
def test_ranges_are_those_of_the_rules(name: str, written: str) -> None:
    low, high = (bound // SCALE for bound in RULES.ranges[name])

    assert f"{written} {low} to {high}" in FLAGS["RANGE"]["rule"]


def test_negatives_are_those_of_the_rules() -> None:
    rule = FLAGS["NEGATIVE"]["rule"]

    for name, written in (("co", "(CO)"), ("no2", "(NO2, O3)"), ("pm10", "(PM)")):
        limit = Decimal(RULES.negative[name]) / SCALE
        assert f"{limit.normalize():f} {written}" in rule


def test_numbers_of_the_alarms_are_those_of_the_rules() -> None:
    text = " ".join(PAGE.split())

    assert (
        f"last {RULES.sign_days} days are zero or below (of at least {RULES.sign_values})" in text
    )
    assert f"last {RULES.heat_days} days (at least {RULES.heat_values})" in text
    assert f"by more than {RULES.heat_correlation}" in text
    assert f"more than {RULES.moved_degrees // SCALE} degrees" in text
    assert f"Relative humidity above {RULES.humid_above // SCALE} %" in text.replace(
        "relative", "Relative"
    )


def test_decimals_and_8_hour_means_are_those_that_are_kept() -> None:
    text, daily = " ".join(PAGE.split()), tables.air_daily.c
    names = [name.upper().replace("PM25", "PM2.5") for name in POLLUTANTS]
    kinds = [daily[name].type for name in ("value_sum", "maximum", "mean", "capture_pct")]
    places = [kind.scale for kind in kinds if isinstance(kind, Numeric)]

    assert f"as received (up to {MOST_DIGITS}); sums are exact to {PLACES} decimals" in text
    assert f"have {places[1]}, means, 8-hour means and forecasts {places[2]}" in text
    assert (places[0], places[3]) == (PLACES, 2)
    assert f"{', '.join(names[:-1])} and {names[-1]} have one" in text


@pytest.mark.parametrize("level", load_levels(), ids=lambda each: f"{each.code}-{each.parameter}")
def test_every_level_stands_in_the_table_of_its_set(level: Level) -> None:
    names = {"who_2021": "WHO 2021 |", "who_2021_interim": "WHO 2021, interim"}
    names |= {"eu_2008": "EU, in force", "eu_2030": "EU 2030"}
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| {names[level.code]}")]

    number = f"{level.level.normalize():f}"
    assert re.search(rf"\b{re.escape(number)}\b", row)
    if level.allowed:
        assert str(level.allowed) in row


def test_every_setting_is_named() -> None:
    table = PAGE.partition("Settings, each with")[2].partition("##")[0]

    assert [
        name for name in AirQualitySettings.model_fields if f"`{name.upper()}`" not in table
    ] == []


def test_the_station_that_is_shown_can_be_used(tmp_path: Path) -> None:
    file = tmp_path / "stations.toml"
    file.write_text(PAGE.partition("```toml\n")[2].partition("```")[0], encoding="utf-8")

    assert load_stations(file)["283164601"].deployments[0].place == "Abidjan, Cocody"


def test_every_command_is_named() -> None:
    group = typer.main.get_command(app)
    commands = group.list_commands(None)  # type: ignore[attr-defined]

    assert len(commands) == 5
    assert [name for name in commands if f"txplatform air-quality {name}" not in PAGE] == []


@pytest.mark.parametrize("name", ["air_hourly", "air_daily", "air_exceedances"])
def test_tables_are_named_and_every_column_says_what_it_means(name: str) -> None:
    table = tables.metadata.tables[f"air_quality.{name}"]

    assert f"air_quality.{name}" in PAGE
    assert [column.name for column in table.columns if not column.comment] == []
    assert table.comment


def test_units_are_those_that_are_declared() -> None:
    comment = tables.air_hourly.c.parameter.comment or ""

    for part in ("co (mg/m3)", "pm25 (ug/m3)", "rh (%)", "raw counts"):
        assert part in comment
