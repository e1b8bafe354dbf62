"""Value and churn as an analyst sees them: figures, honest words, and the same in French."""

import sys
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pytest
from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from txplatform import embedded
from txplatform.domains.commerce.computation.expectations import expectation_tables
from txplatform.domains.commerce.publishing import copies
from txplatform.serving.dashboard.installation import installation
from txplatform.settings import Settings
from txplatform_tests.domains.commerce.models.histories import FIRST_DAY
from txplatform_tests.domains.commerce.models.test_churn import fading_shop

DAYS = 400


@pytest.fixture
def shop(
    settings: Settings,
    endpoints: embedded.Endpoints,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Engine]:
    """An installation on the test's database, which the dashboard finds by its settings."""
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    monkeypatch.setenv("TXPLATFORM_STATE_DIR", str(settings.state))
    monkeypatch.setenv("TXPLATFORM_MONGO_URI", endpoints.mongo_uri)
    monkeypatch.setenv("TXPLATFORM_POSTGRES_URL", url)
    # Streamlit makes its script the main module, which every later child process would import.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    installation.cache_clear()
    yield engine
    installation().close()
    installation.cache_clear()


def fill(engine: Engine, days: int = DAYS) -> dict[str, pa.Table]:
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
    made = expectation_tables(frame, clients, FIRST_DAY + timedelta(days=days), 0.01)
    copies.to_postgres(engine, made)
    return made


def page(locale: str = "en_US", **parameters: str) -> AppTest:
    """The page as the address with these parameters shows it."""
    app = AppTest.from_function(_script, default_timeout=60, kwargs={"locale": locale})
    app._page_hash = calc_hash("commerce-value")
    for name, value in parameters.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def _script(locale: str) -> None:
    """What AppTest runs, on its own: the shell after the door."""
    from txplatform.serving.dashboard import app as dashboard_app
    from txplatform.serving.tokens import Person, Role

    dashboard_app.show(Person("Ada", Role.READER), locale, is_signed_in=False)


def figures(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_before_the_first_run_the_page_says_how_to_begin(shop: Engine) -> None:
    assert shop is not None
    assert "txplatform commerce ingest" in page().info[0].value


def test_totals_stand_beside_what_became_of_the_last_ones(shop: Engine) -> None:
    made = fill(shop)

    shown = figures(page())

    total = sum(made["customer_value"]["clv"].to_pylist())
    assert Decimal(shown["Value, 12 months"].replace(",", "")) == total
    assert shown["Customers"] == str(made["customer_value"].num_rows)
    ratio = made["model_holdout"]["total_ratio"][0].as_py()
    assert Decimal(shown["Predicted / actual"]) == round(ratio, 2)
    assert shown["With the season"] == "–"


def test_a_country_is_its_own_customers(shop: Engine) -> None:
    made = fill(shop)

    shown = figures(page(country="Italy"))

    (italy,) = (r for r in made["value_by_country"].to_pylist() if r["country"] == "Italy")
    assert Decimal(shown["Value, 12 months"].replace(",", "")) == italy["clv"]
    assert shown["Customers"] == str(italy["customer_count"])


def test_an_unknown_season_is_said(shop: Engine) -> None:
    fill(shop)

    assert any("season is unknown" in told.value for told in page().info)


def test_a_young_shop_has_neither_holdout_nor_churn(shop: Engine) -> None:
    fill(shop, days=120)

    told = [message.value for message in page().info]

    assert any("No holdout yet" in one for one in told)
    assert any("No model: 120 days of history" in one for one in told)


def test_customers_in_either_order(shop: Engine) -> None:
    made = fill(shop)

    first = {order: page(order=order).table for order in ("value", "leaving")}

    by_value = max(made["customer_value"].to_pylist(), key=lambda row: row["clv"])["customer_id"]
    chances = {row["customer_id"]: row["churn_probability"] for row in made["churn"].to_pylist()}
    assert first["value"][0].value.iloc[0]["Customer"] == by_value
    leaving = first["leaving"][0].value.iloc[0]["Customer"]
    assert chances[leaving] == max(chances.values())


def test_the_page_speaks_french(shop: Engine) -> None:
    fill(shop)

    app = page("fr_FR")

    assert app.title[0].value == "Valeur et départs"
    assert "Prédit / réel" in figures(app)
