"""Value and churn as an analyst sees them: figures, honest words, and the same in French."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import polars as pl
import pyarrow as pa
import pytest
from pymongo.database import Database

from txplatform.domains.commerce.computation.expectations import bought_of, expectation_tables
from txplatform.domains.commerce.publishing import copies
from txplatform.platform import Platform
from txplatform_tests.domains.commerce.models.histories import FIRST_DAY
from txplatform_tests.domains.commerce.models.test_churn import fading_shop
from txplatform_tests.domains.commerce.shops import gold_table
from txplatform_tests.serving.pages import dashboard_of, figures, opened_page, tables_of

Store = Database[dict[str, Any]]
DAYS = 400


@pytest.fixture
def shop(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The store of an installation that the dashboard finds."""
    with dashboard_of(platform, monkeypatch):
        yield platform.database


def fill(store: Store, days: int = DAYS) -> dict[str, pa.Table]:
    """A shop that fades, its models published."""
    rows = fading_shop(days=days)
    epoch = date(1970, 1, 1)
    frame = pl.DataFrame(
        [(who, (day - epoch).days, 1, cents, 0) for who, day, cents in rows],
        schema=["customer_id", "day", "sale_count", "gross", "refund"],
        orient="row",
    )
    names = sorted({who for who, _, _ in rows})
    countries = ["Italy" if int(name[1:]) % 2 else "France" for name in names]
    clients = pa.table({"customer_id": names, "country": countries})
    as_of = FIRST_DAY + timedelta(days=days)
    made = expectation_tables(bought_of(frame), clients, as_of, 0.01)
    kpis = gold_table("kpis", [{"as_of": as_of}])
    copies.to_mongo(store, made | {"kpis": kpis}, "run-1")
    return made


page = partial(opened_page, "commerce", "value")


def test_before_the_first_run_the_page_says_how_to_begin(shop: Store) -> None:
    assert shop is not None
    assert "txplatform commerce ingest" in page().info[0].value


def test_totals_stand_beside_what_became_of_the_last_ones(shop: Store) -> None:
    made = fill(shop)

    shown = figures(page())

    total = sum(made["customer_value"]["clv"].to_pylist())
    assert Decimal(shown["Value, 12 months"].replace(",", "")) == total
    assert shown["Customers"] == str(made["customer_value"].num_rows)
    ratio = made["model_holdout"]["total_ratio"][0].as_py()
    assert Decimal(shown["Predicted / actual"]) == round(ratio, 2)
    assert shown["With the season"] == "–"


def test_a_country_is_its_own_customers(shop: Store) -> None:
    made = fill(shop)

    shown = figures(page(country="Italy"))

    (italy,) = (r for r in made["value_by_country"].to_pylist() if r["country"] == "Italy")
    assert Decimal(shown["Value, 12 months"].replace(",", "")) == italy["clv"]
    assert shown["Customers"] == str(italy["customer_count"])


def test_an_unknown_season_is_said(shop: Store) -> None:
    fill(shop)

    assert any("season is unknown" in told.value for told in page().info)


def test_a_young_shop_has_neither_holdout_nor_churn(shop: Store) -> None:
    fill(shop, days=120)

    told = {part: page(value_part=part).info[0].value for part in ("trust", "leaving")}

    assert "No holdout yet" in told["trust"]
    assert "No model: 120 days of history" in told["leaving"]


def test_customers_in_either_order(shop: Store) -> None:
    made = fill(shop)

    first = {order: page(order=order).table for order in ("value", "leaving")}

    by_value = max(made["customer_value"].to_pylist(), key=lambda row: row["clv"])["customer_id"]
    chances = {row["customer_id"]: row["churn_probability"] for row in made["churn"].to_pylist()}
    assert first["value"][0].value.iloc[0]["Customer"] == by_value
    leaving = first["leaving"][0].value.iloc[0]["Customer"]
    assert chances[leaving] == max(chances.values())


def test_the_model_stands_before_what_it_is_held_against(shop: Store) -> None:
    fill(shop)

    (held,) = (one for one in tables_of(page(value_part="trust")) if "Prediction" in one)

    cuts = list(dict.fromkeys(held["Cut"]))
    first = [held["Prediction"][held["Cut"].index(cut)] for cut in cuts]
    assert first == ["Model"] * len(cuts)
    days = [datetime.strptime(cut, "%b %d, %Y") for cut in cuts]
    assert days == sorted(days, reverse=True)


def test_the_page_speaks_french(shop: Store) -> None:
    fill(shop)

    app = page(locale="fr_FR")

    assert app.title[0].value == "Valeur et départs"
    assert "Prédit / réel" in figures(app)
