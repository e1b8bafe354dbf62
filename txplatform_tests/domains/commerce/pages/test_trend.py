"""The trend on the page of time: drawn and written down once there are months to draw."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from txplatform.domains.commerce.publishing import copies
from txplatform.platform import Platform
from txplatform_tests.domains.commerce.shops import gold_table
from txplatform_tests.serving.pages import dashboard_of, opened_page, tables_of

PARTS = {"trend": Decimal("100.00"), "season": Decimal("-7.50"), "remainder": Decimal("0.25")}
MONTHS = [date(2024 + number // 12, number % 12 + 1, 1) for number in range(24)]


@pytest.mark.parametrize(("locale", "month"), [("en_US", "Jan 2024"), ("fr_FR", "janv. 2024")])
def test_months_are_written_down_with_their_parts(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, locale: str, month: str
) -> None:
    net: dict[str, Any] = {"net_amount": sum(PARTS.values())}
    filled = {
        "kpis": [{"as_of": date(2026, 1, 1)}],
        "seasonality": [net | {"dimension": "month", "value": 1, "index": Decimal(1)}],
        "sales_trend": [net | PARTS | {"month": one} for one in MONTHS],
    }
    copies.to_mongo(
        platform.database, {name: gold_table(name, rows) for name, rows in filled.items()}, "run"
    )

    with dashboard_of(platform, monkeypatch):
        app = opened_page("commerce", "time", locale=locale, time_part="season")

    _, months = tables_of(app)
    first, net_amount, trend, season, remainder = (column[0] for column in months.values())
    assert (len(months), first) == (5, month)
    numbers = [float(one.replace(",", ".")) for one in (net_amount, trend, season, remainder)]
    assert numbers == [92.75, 100, -7.5, 0.25]
    assert len(app.get("vega_lite_chart")) == 2
