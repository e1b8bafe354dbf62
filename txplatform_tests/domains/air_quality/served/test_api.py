"""The API over the published year: the reference answers, as whoever asks gets them."""

import csv
import io
from typing import Any

import httpx
import pytest

BASE = "/air-quality"


def get(api: httpx.Client, path: str, **parameters: Any) -> Any:
    """The JSON of an endpoint; `from_` is `from`."""
    known = {name.rstrip("_"): value for name, value in parameters.items()}
    answer = api.get(f"{BASE}/{path}", params=known)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_stations_say_where_they_stand_and_when_they_were_heard_of(api: httpx.Client) -> None:
    first, second = get(api, "stations")["items"]

    assert (first["name"], first["zone"]) == ("SMART188", "Africa/Abidjan")
    assert first["last_hour"] == "2023-12-06T16:00:00+00:00"
    assert first["days"] == {"fresh": 365, "stale": 0, "missing": 0}
    assert second["last_fetch"]["sentence"].startswith("SMART189: 8029 hours, 8029 new")
    assert second["days"]["fresh"] == 366


def test_now_is_the_last_hour_and_the_next_two(api: httpx.Client) -> None:
    first, second = get(api, "now")["items"]

    assert first["is_silent"]  # the year is over
    assert first["last_hour"] == "2023-12-06T16:00:00+00:00"
    readings = {each["parameter"]: each for each in first["readings"]}
    assert readings["pm25"]["value"] == "6.500000"
    assert first["nowcast_of"] in {"pm25", "pm10"}
    ahead = [each for each in second["next_hours"] if each["parameter"] == "pm25"]
    assert [each["horizon"] for each in ahead] == [1, 2]
    assert [each["persistence_rmse"] for each in ahead] == ["3.6974", "4.9550"]
    assert not any(each["is_persistence"] for each in ahead)
    assert all(float(each["low"]) < float(each["value"]) < float(each["high"]) for each in ahead)


def test_suspect_sensors_are_named_with_their_reason(api: httpx.Client) -> None:
    first, _ = get(api, "now")["items"]

    assert first["suspect"] == [{"parameter": "co", "reason": "BELOW_ZERO, FOLLOWS_HEAT"}]


def test_hours_come_page_by_page_with_their_flags(api: httpx.Client) -> None:
    asked = {"station": "SMART188", "parameter": "pm25", "from": "2023-01-01", "to": "2023-01-01"}
    first = api.get(f"{BASE}/hourly", params={**asked, "limit": 20}).json()
    rest = api.get(f"{BASE}/hourly", params={**asked, "cursor": first["next_cursor"]}).json()

    assert (first["total"], len(first["items"]), len(rest["items"])) == (24, 20, 4)
    midnight = first["items"][0]
    assert midnight["hour_start"] == "2023-01-01T00:00:00+00:00"
    assert (midnight["nowcast"], midnight["nowcast_aqi"]) == ("84.5000", 171)
    assert midnight["is_valid"] is True
    assert rest["next_cursor"] is None
    assert rest["items"][0]["hour_start"] == "2023-01-01T20:00:00+00:00"


def test_gaps_are_rows_without_a_value(api: httpx.Client) -> None:
    found = get(
        api, "hourly", station="SMART188", parameter="pm25", from_="2023-01-25", to="2023-01-25"
    )["items"]

    assert len(found) == 24
    assert {(each["value"], each["flags"]) for each in found} == {(None, "GAP")}


def test_days_are_those_of_the_reference(api: httpx.Client) -> None:
    found = get(api, "daily", station="SMART189", parameter="pm25", limit=1000)

    means = [each["mean"] for each in found["items"] if each["mean"]]
    assert (found["total"], len(means)) == (366, 326)
    assert max(means, key=float) == "38.9284"
    assert sum(each["n_hours"] > 0 for each in found["items"]) == 345


def test_days_as_csv_carry_their_flags(api: httpx.Client) -> None:
    answer = api.get(
        f"{BASE}/daily",
        params={"station": "283164601", "parameter": "co", "limit": 400},
        headers={"Accept": "text/csv"},
    )

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["X-Total-Count"] == "365"
    assert sum(row["is_suspect"] == "true" for row in rows) == 288
    assert any("NEGATIVE" in row["n_flagged"] for row in rows)


@pytest.mark.parametrize(
    ("station", "expected"),
    [
        (
            "SMART188",
            {("pm25", "15"): 20, ("pm25", "25"): 2, ("pm10", "45"): 8, ("no2", "25"): 13},
        ),
        (
            "SMART189",
            {("pm25", "15"): 94, ("pm25", "37.5"): 1, ("pm10", "45"): 19, ("no2", "25"): 0},
        ),
    ],
)
def test_days_above_levels_are_those_of_the_reference(
    api: httpx.Client, station: str, expected: dict[tuple[str, str], int]
) -> None:
    found = get(api, "exceedances", station=station)["items"]

    counts = {
        (each["parameter"], each["level"]): each["n_above"] + each["n_suspect"] for each in found
    }
    assert {key: counts[key] for key in expected} == expected
    who = next(e for e in found if (e["code"], e["parameter"]) == ("who_2021", "pm25"))
    assert who["n_valid"] == {"SMART188": 332, "SMART189": 326}[station]
    assert who["since"] == "2021-09-22"


def test_hours_above_an_hourly_level_are_counted_in_hours(api: httpx.Client) -> None:
    found = get(api, "exceedances", station="SMART189")["items"]

    (hourly,) = [each for each in found if each["mean"] == "hour"]
    assert (hourly["parameter"], hourly["level"], hourly["allowed"]) == ("no2", "200", 18)
    assert hourly["n_above"] + hourly["n_suspect"] == 0
    assert hourly["n_valid"] > 7_000


def test_days_above_are_listed_with_their_levels(api: httpx.Client) -> None:
    found = get(api, "days-above", station="SMART189", parameter="pm25", limit=1000)

    levels = [each["level"] for each in found["items"] if each["level_set"] == "who_2021"]
    assert levels == ["15.0000"] * 94
    assert found["items"][0]["local_date"].startswith("2022-12-")


def test_years_are_held_against_the_levels_of_years(api: httpx.Client) -> None:
    found = get(api, "years", station="SMART189")

    assert [(year["year"], year["mean"]) for year in found["items"]] == [
        (2022, None),
        (2023, "13.7174"),
    ]
    above = {
        (each["code"], each["level"]): each["is_above"]
        for each in found["levels"]
        if each["year"] == 2023
    }
    assert above == {("who_2021", "5"): True, ("eu_2008", "25"): False, ("eu_2030", "10"): True}
    assert not any(each["may_state"] for each in found["levels"])


def test_gaps_are_a_list(api: httpx.Client) -> None:
    for station, n_gaps, longest in (("SMART188", 17, 247), ("SMART189", 19, 313)):
        found = get(api, "gaps", station=station)["items"]
        assert (len(found), max(gap["hours"] for gap in found)) == (n_gaps, longest)
        assert found[0]["begin"] > found[-1]["end"] > found[-1]["begin"]
    assert len(get(api, "gaps")["items"]) == 36


def test_events_tell_of_the_moves_of_the_reference(api: httpx.Client) -> None:
    found = {
        station: {event["kind"]: event for event in get(api, "events", station=station)["items"]}
        for station in ("SMART188", "SMART189")
    }

    moved = {
        name: (each["moved"]["subject"], each["moved"]["detail"]) for name, each in found.items()
    }
    assert moved == {
        "SMART188": ("2023-01-30", "+13.95"),
        "SMART189": ("2023-02-02", "+14.19"),
    }
    assert found["SMART188"]["silent"]["began_at"] == "2023-12-06T16:00:00+00:00"
    assert found["SMART188"]["drift"]["parameter"] == "co"
    assert len(get(api, "events", station="SMART188", limit=1)["items"]) == 1


def test_fetches_keep_their_books(api: httpx.Client) -> None:
    (only,) = get(api, "fetches", station="SMART188")["items"]

    assert (only["source"], only["status"], only["records"]) == ("file", "finished", 8133)
    assert only["new"] + only["changed"] + only["unchanged"] + only["refused"] == 8133


def test_days_of_a_sensor_that_drifts_are_counted_apart(api: httpx.Client) -> None:
    found = get(api, "exceedances", station="SMART188")["items"]

    nitrogen = next(e for e in found if (e["code"], e["parameter"]) == ("who_2021", "no2"))
    assert (nitrogen["n_above"], nitrogen["n_suspect"]) == (2, 11)


@pytest.mark.parametrize(
    ("station", "highest", "lowest", "headline", "slope"),
    [
        ("SMART188", (19, "9.2676"), (14, "5.5166"), ("7.0661", "22.5603", "31.5272"), "-1.6887"),
        ("SMART189", (19, "18.8393"), (2, "10.2763"), ("13.3906", "28.7754", "38.9284"), "1.0209"),
    ],
)
def test_patterns_are_those_of_the_reference(
    api: httpx.Client,
    station: str,
    highest: tuple[int, str],
    lowest: tuple[int, str],
    headline: tuple[str, str, str],
    slope: str,
) -> None:
    found = get(api, "patterns", station=station)

    hours = [cell for cell in found["profile"] if cell["by"] == "hour"]
    ordered = sorted(hours, key=lambda cell: float(cell["mean"]))
    assert (ordered[-1]["at"], ordered[-1]["mean"]) == highest
    assert (ordered[0]["at"], ordered[0]["mean"]) == lowest
    figures = found["headline"]
    assert (figures["mean"], figures["p99"], figures["maximum"]) == headline
    assert (found["trend"]["kind"], found["trend"]["per_year"]) == ("season", slope)


def test_the_year_is_that_of_the_reference(api: httpx.Client) -> None:
    found = get(api, "patterns", station="SMART189")["years"]

    assert [(each["year"], each["capture_pct"], each["mean"]) for each in found][-1] == (
        2023,
        "84.73",
        "13.7174",
    )
    assert found[0]["mean"] is None  # a month of 2022


def test_the_comparison_is_that_of_the_reference(api: httpx.Client) -> None:
    found = get(api, "comparison", station="SMART188", other="SMART189")

    assert found == {
        "n": 7939,
        "first_mean": "7.0861",
        "second_mean": "13.3970",
        "bias": "6.3109",
        "correlation": "0.7051",
        "rmse": "8.2402",
    }


def test_a_stretch_of_days_may_be_asked_for(api: httpx.Client) -> None:
    found = get(
        api,
        "comparison",
        station="SMART188",
        other="SMART189",
        parameter="pm10",
        from_="2023-03-01",
        to="2023-03-02",
    )

    assert 0 < found["n"] <= 48


@pytest.mark.parametrize(
    ("path", "parameters", "status"),
    [
        ("exceedances", {"station": "SMART190"}, 422),
        ("exceedances", {}, 422),
        ("patterns", {"station": "SMART188", "parameter": "ash"}, 422),
        ("hourly", {"from": "yesterday"}, 422),
        ("hourly", {"cursor": "nonsense"}, 422),
        ("daily", {"station": "nobody"}, 422),
        ("gaps", {"from": "2023-02-01", "to": "2023-01-01"}, 422),
        ("exceedances", {"station": "SMART188", "from": "2023-02-01", "to": "2023-01-01"}, 422),
    ],
)
def test_what_cannot_be_asked_is_said(
    api: httpx.Client, path: str, parameters: dict[str, str], status: int
) -> None:
    answer = api.get(f"{BASE}/{path}", params=parameters)

    assert answer.status_code in {400, status}
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_what_is_known_is_not_sent_again(api: httpx.Client) -> None:
    first = api.get(f"{BASE}/comparison", params={"station": "SMART188", "other": "SMART189"})
    again = api.get(
        f"{BASE}/comparison",
        params={"station": "SMART188", "other": "SMART189"},
        headers={"If-None-Match": first.headers["ETag"]},
    )

    assert (again.status_code, again.content) == (304, b"")
