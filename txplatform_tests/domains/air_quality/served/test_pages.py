"""The officers' pages over the published year, as Streamlit draws them, in both languages."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from txplatform.domains.air_quality import tables
from txplatform.domains.air_quality.pages import PAGES
from txplatform.domains.air_quality.pages.now import swatch
from txplatform.domains.air_quality.rules import load_levels
from txplatform.domains.air_quality.transforms.aqi import CATEGORIES
from txplatform.domains.air_quality.transforms.flags import Flag
from txplatform.domains.air_quality.transforms.parameters import NAMES
from txplatform.platform import Platform
from txplatform.serving.dashboard import texts
from txplatform_tests.serving.pages import dashboard_of, figures, opened_page, said, tables_of

DOMAIN = "air_quality"
KINDS = ("fetch", "silent", "capture", "drift", "moved", "exceedance")
FAILURES = (
    *("no_address", "late", "unreachable", "large", "slow", "no_text", "too_often", "fault"),
    *("login", "elsewhere", "refused", "html", "cut", "raw", "no_list", "empty", "counts"),
    *("no_token", "packed", "broken_off"),
)


@pytest.fixture
def shown(served: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Opens a page of the year by its path, with parameters of the address."""
    with dashboard_of(served, monkeypatch, LOCAL_USER="Ada"):
        yield partial(opened_page, "air_quality")


def test_now_shows_index_next_hours_and_what_is_suspect(shown: Any) -> None:
    page = shown("")

    labels = [each.label for each in page.metric]
    assert labels.count("NowCast index (US AQI)") == 2
    assert any(label.startswith("PM2.5 at Dec 6, 2023 17:00") for label in labels)
    assert "the station is silent" in said(page)
    assert "Carbon monoxide (mg/m³) is suspect" in said(page)
    assert "the station seems to have been moved" in said(page)
    good = ':color[■]{foreground="#00e400" background="#00e400"} Good'
    assert good in [each.value for each in page.markdown]
    first, _ = tables_of(page)
    assert "PM2.5 (µg/m³)" in first["Parameter"]
    assert first["Believed"][first["Parameter"].index("Carbon monoxide (mg/m³)")] == "no"


def test_each_category_has_epas_colour() -> None:
    """As its Technical Assistance Document has them, from green to maroon."""
    colours = {category.code: category.colour for category in CATEGORIES}

    assert colours == {
        "good": "#00e400",
        "moderate": "#ffff00",
        "sensitive": "#ff7e00",
        "unhealthy": "#ff0000",
        "very_unhealthy": "#8f3f97",
        "hazardous": "#7e0023",
    }
    assert [colours[each.code] in swatch(each) for each in CATEGORIES] == [True] * 6


def test_days_show_the_reference_and_the_levels(shown: Any) -> None:
    page = shown("days", station="283181971", period="all")

    assert figures(page) == {
        "Mean of the days": "13.3906\N{NO-BREAK SPACE}µg/m³",
        "99th percentile": "28.7754\N{NO-BREAK SPACE}µg/m³",
        "Highest day": "38.9284\N{NO-BREAK SPACE}µg/m³",
        "Valid days": "326 / 345",
    }
    levels, which, years = tables_of(page)
    who = levels["Levels"].index("WHO 2021")
    assert (levels["Level"][who], levels["Days (hours) above"][who]) == (
        "15 µg/m³",
        "94",
    )
    assert "elsewhere they are shown for comparison" in said(page)
    assert levels["Allowed in a year"][who] == "99th percentile"
    assert len(which["Day"]) == 94
    assert years["Above"] == ["–", "yes", "–", "no", "–", "yes"]


def test_hours_above_an_hourly_level_are_shown(shown: Any) -> None:
    page = shown("days", station="283181971", parameter="no2", period="all")

    levels = tables_of(page)[0]
    hourly = levels["Compared"].index("Hour")
    assert (levels["Level"][hourly], levels["Days (hours) above"][hourly]) == (
        "200 µg/m³",
        "0",
    )
    assert levels["Allowed in a year"][hourly].startswith("18")


def test_days_of_a_gas_without_an_index_are_drawn_too(shown: Any) -> None:
    page = shown("days", station="283164601", parameter="co", period="all")

    assert figures(page)["Highest day"].endswith("\N{NO-BREAK SPACE}mg/m³")
    assert "Days above levels" in said(page)


def test_compare_shows_the_reference(shown: Any) -> None:
    page = shown("compare", station="283164601", other="283181971", period="all")

    found = figures(page)
    assert found["Common hours"] == "7,939"
    assert found["Mean, SMART188"] == "7.0861\N{NO-BREAK SPACE}µg/m³"
    assert found["Mean, SMART189"] == "13.3970\N{NO-BREAK SPACE}µg/m³"
    assert (found["Correlation r"], found["RMSE"]) == ("0.7051", "8.2402\N{NO-BREAK SPACE}µg/m³")


def test_patterns_say_how_much_and_what_a_slope_is_called(shown: Any) -> None:
    page = shown("patterns", station="283181971", period="all")

    assert figures(page) == {"Per year": "1.0209\N{NO-BREAK SPACE}µg/m³"}
    assert "Slope (season not removed, not a trend)" in said(page)
    hours, weekdays, months = tables_of(page)[:3]
    assert hours["Mean"][19] == "18.8393"
    assert (weekdays["Weekday"][0], months["Month"][11]) == ("Mon", "Dec")
    years = tables_of(page)[-1]
    assert years["Year"] == ["2022", "2023"]
    assert years["Enough for a statement about a limit"] == ["no", "no"]


def test_health_shows_flags_and_fetches(shown: Any) -> None:
    page = shown("health", station="283164601", period="all")

    fetches, events, flags, gaps, own = tables_of(page)
    assert fetches["Result"] == ["finished", "finished"]
    carbon = flags["Parameter"].index("Carbon monoxide (mg/m³)")
    assert (flags["negative"][carbon], flags["Suspect days"][carbon]) == ("4,500", "288")
    assert figures(page) == {"Fresh": "365", "Stale": "0", "Not computed": "0"}
    moved = events["Event"].index("Moved")
    assert (events["From"][moved], events["Figure"][moved]) == (
        "Jan 30, 2023 00:00",
        "+13.95\N{NO-BREAK SPACE}°C",
    )
    assert "The station seems to have been moved" in said(page)
    assert (len(gaps["Hours"]), max(gaps["Hours"], key=int)) == (17, "247")
    assert (own["Records"], own["New"]) == (["8,133"], ["8,133"])


def test_fetches_are_told_in_the_readers_language(shown: Any, served: Platform) -> None:
    """Catches: English sentences on a French page, for what came and for what did not."""
    fetches, now = served.database[tables.FETCHES], datetime.now(UTC)
    late = {"station_id": "283164601", "started_at": now, "status": "failed", "sentence": "Late."}
    for more in ({"kind": "late", "facts": {"tries": 4}, "km_away": 879}, {}):
        added = fetches.insert_one({**late, **more})
        try:
            page = said(shown("health", lang="fr_FR"))
        finally:
            fetches.delete_one({"_id": added.inserted_id})
        assert "SMART189 : 8\N{NARROW NO-BREAK SPACE}029 heures, 8" in page
        assert ("La source place SMART188 à 879 km" in page) is bool(more)
        why = "SMART188 : la source n'a pas répondu à temps (essais : 4)." if more else "Late."
        assert page.count(why) == 2  # as the newest of all stations, and among its own


@pytest.mark.parametrize("page", [page.path for page in PAGES])
def test_every_page_speaks_french(shown: Any, page: str) -> None:
    title = next(each.title for each in PAGES if each.path == page)

    (found,) = shown(page, lang="fr_FR", period="30").title

    assert found.value == texts.catalogue("fr", DOMAIN)[title]


def test_both_languages_have_the_same_keys() -> None:
    english, french = (texts.catalogue(language, DOMAIN) for language in ("en", "fr"))

    assert english.keys() == french.keys()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_code_has_a_word(language: str) -> None:
    known = texts.catalogue(language, DOMAIN)

    wanted = [f"flag.{flag.name}" for flag in Flag]
    wanted += [f"parameter.{name}" for name in NAMES]
    wanted += [f"aqi.{category.code}" for category in CATEGORIES]
    wanted += [f"level.{level.code}" for level in load_levels()]
    wanted += [f"event.{kind}" for kind in KINDS]
    wanted += [f"fetch_said.{kind}" for kind in (*FAILURES, "finished")]
    wanted += [f"compared.{level.mean}" for level in load_levels()]
    assert [key for key in wanted if key not in known] == []
