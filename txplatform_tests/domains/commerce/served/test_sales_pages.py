"""Home, Customers, Products, Time and Places say what plain sums of the shop's lines say."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from txplatform.domains.commerce.pages import time
from txplatform_tests.domains.commerce import small_shop
from txplatform_tests.domains.commerce.served.reading import amount, amounts
from txplatform_tests.serving.pages import figures, said, tables_of

LINES = small_shop.sold()
NET = small_shop.total(LINES)
GROSS = small_shop.total(line for line in LINES if line.quantity > 0)
ORDERS = small_shop.orders(LINES)
LAST = max(line.at.date() for line in LINES)


def test_home_has_the_key_figures_of_all_lines(shown: Any) -> None:
    found = figures(shown(""))

    assert found["Net amount"].startswith("£"), "the shop's layout says its currency"
    assert amount(found["Net amount"]) == NET
    assert amount(found["Sales"]) == GROSS
    assert amount(found["Refunds"]) == NET - GROSS
    assert found["Orders"] == str(ORDERS)
    assert amount(found["Average order"]) == round(GROSS / ORDERS, 2)
    assert found["Buyers"] == str(len(small_shop.CUSTOMERS) - 1)
    assert found["Countries"] == str(len({line.country for line in LINES}))


def test_home_names_the_largest_of_each_kind(shown: Any) -> None:
    customers, products, places = tables_of(shown(""))

    wanted = {
        "Customer": (customers, lambda line: line.customer),
        "Product": (products, lambda line: line.product),
        "Country": (places, lambda line: line.country),
    }
    for heading, (table, key) in wanted.items():
        sums = {name: net for name, net in small_shop.totals(key).items() if name}
        expected = sorted(sums.values(), reverse=True)[:5]
        assert amounts(table["Net amount"]) == expected
        assert [sums[name.split(" ")[0]] for name in table[heading]] == expected


def test_customers_are_everybody_with_what_they_bought(shown: Any) -> None:
    app = shown("customers")

    (table,) = tables_of(app)
    sums = small_shop.totals(lambda line: line.customer or "(anonymous)")
    assert dict(zip(table["Customer"], amounts(table["Net amount"]), strict=True)) == sums
    assert amounts(table["Net amount"]) == sorted(sums.values(), reverse=True)
    assert "Rows shown: 11 of 11" in said(app)


@pytest.mark.parametrize("country", small_shop.COUNTRIES)
def test_customers_of_a_country(shown: Any, country: str) -> None:
    (table,) = tables_of(shown("customers", country=country))

    mine = {line.customer or "(anonymous)" for line in LINES if line.country == country}
    assert set(table["Customer"]) == mine
    assert set(table["Country"]) == {country}


def test_customers_are_looked_for(shown: Any) -> None:
    (table,) = tables_of(shown("customers", q="104"))

    assert table["Customer"] == ["104"]
    mine = [line for line in LINES if line.customer == "104"]
    assert table["Orders"] == [str(small_shop.orders(mine))]
    assert table["Products"] == [str(len({line.product for line in mine if line.quantity > 0}))]


def test_the_order_of_customers_is_chosen(shown: Any) -> None:
    (table,) = tables_of(shown("customers", customers_order="customer_id"))

    assert table["Customer"] == sorted(table["Customer"])


def test_how_much_the_largest_customers_hold(shown: Any) -> None:
    app = shown("customers", customers_part="concentration")

    found = figures(app)
    assert found["Number"] == str(len(small_shop.CUSTOMERS) - 1)
    known = small_shop.total(line for line in LINES if line.customer)
    assert amount(found["Net amount"]) == known
    assert 0 < float(found["Gini"]) < 1
    assert [each.value for each in app.markdown if each.value.startswith("80% of the net amount")]
    (table,) = tables_of(app)
    assert table["Dimension"] == ["Customers", "Countries", "Products"]


def test_how_amounts_of_customers_are_spread(shown: Any) -> None:
    (table,) = tables_of(shown("customers", customers_part="distribution"))

    client = table["Of"].index("Customers")
    known = {k: v for k, v in small_shop.totals(lambda line: line.customer).items() if k}
    assert amount(table["Largest"][client]) == max(known.values())
    assert amount(table["Smallest"][client]) == min(known.values())
    assert table["Number"][table["Of"].index("Orders")] == str(ORDERS)


def test_products_with_their_shares(shown: Any) -> None:
    (table,) = tables_of(shown("products"))

    sums = small_shop.totals(lambda line: line.product)
    assert dict(zip(table["Product"], amounts(table["Net amount"]), strict=True)) == sums
    best = max(sums, key=lambda name: sums[name])
    assert table["Product"][0] == best
    assert table["Share"][0] == f"{sums[best] / NET * 100:.1f}%"
    assert table["Description"][0] == f"A {str(best).lower()}"


def test_prices_of_products(shown: Any) -> None:
    (table,) = tables_of(shown("products", products_part="prices", q="LAMP"))

    sales = [line.amount for line in LINES if line.product == "LAMP" and line.quantity > 0]
    assert amounts(table["Largest line"]) == [max(sales)]
    assert amounts(table["Smallest line"]) == [min(sales)]
    assert amounts(table["Mean line"]) == [round(sum(sales) / len(sales), 2)]


def test_pairs_of_products_with_what_a_basket_is(shown: Any) -> None:
    app = shown("products", products_part="baskets")

    (table,) = tables_of(app)
    assert f"A basket is an order; there are {ORDERS}." in said(app)
    baskets: dict[str, set[str]] = {}
    for line in LINES:
        if line.quantity > 0:
            baskets.setdefault(line.order, set()).add(line.product)
    for first, other, both in zip(
        table["First product"], table["Other product"], table["Baskets, both"], strict=True
    ):
        pair = {name.split(" ")[0] for name in (first, other)}
        assert sum(pair <= basket for basket in baskets.values()) == int(both)
    lifts = amounts(table["Lift"])
    assert lifts == sorted(lifts, reverse=True)


@pytest.mark.parametrize("part", ["concentration", "distribution"])
def test_products_are_spread_too(shown: Any, part: str) -> None:
    (table,) = tables_of(shown("products", products_part=part))

    assert "Products" in (table.get("Dimension") or table["Of"])


def first_of_month(day: date) -> date:
    return day.replace(day=1)


def test_months_with_what_is_not_over(shown: Any) -> None:
    (table,) = tables_of(shown("time"))

    sums = small_shop.totals(lambda line: first_of_month(line.at.date()))
    months = sorted(sums, reverse=True)
    assert table["Month"][0] == f"{months[0]:%b %Y}"
    assert len(table["Month"]) == 15
    assert sum(amounts(table["Net amount"])) == NET
    assert table["Complete"] == ["no", *["yes"] * 13, "no"]


def test_days_and_weeks_are_all_there_and_page_by_page(shown: Any) -> None:
    days = (LAST - small_shop.FIRST.date()).days + 1
    first = shown("time", time_part="day")
    second = shown("time", time_part="day", after="50")
    weeks = shown("time", time_part="week")

    assert f"Rows shown: 25 of {days}" in said(first)
    assert tables_of(first)[0]["Day"][0] == f"{LAST:%b} {LAST.day}, {LAST.year}"
    assert set(tables_of(first)[0]["Day"]).isdisjoint(tables_of(second)[0]["Day"])
    assert "is_complete" not in tables_of(weeks)[0]
    assert tables_of(weeks)[0]["Complete"].count("no") <= 2


def test_hours_are_those_of_the_shop(shown: Any) -> None:
    (table,) = tables_of(shown("time", time_part="hour"))

    hours = small_shop.totals(lambda line: f"{line.at.hour:02}")
    sold = dict(zip(table["Hour"], amounts(table["Net amount"]), strict=True))
    assert {hour: net for hour, net in sold.items() if hour in hours} == hours
    assert sum(sold.values()) == NET


def test_growth_compares_complete_months_only(shown: Any) -> None:
    app = shown("time", time_part="growth")

    (table,) = tables_of(app)
    assert len(table["Month"]) == 13
    first, second = amounts(table["Net amount"][:2])
    assert table["Change"][0] == "–"
    change = (second - first) / first * 100
    assert table["Change"][1] == f"{change:+.1f}%"
    assert figures(app)["Change, last month"] == table["Change"][-1]


def test_seasons_are_indexes_of_days(shown: Any) -> None:
    app = shown("time", time_part="season")

    (table,) = tables_of(app)
    assert {"Weekday", "Hour", "Month of the year"} == set(table["Dimension"])
    assert "once two whole years of complete months are there" in said(app)
    assert [each.value for each in app.subheader] == ["Weekday", "Hour", "Month of the year"]
    assert {"Monday", "December", "12"} <= set(table["Which"])
    weekdays = [
        n for by, n in zip(table["Dimension"], table["Days"], strict=True) if by == "Weekday"
    ]
    assert sum(map(int, weekdays)) == (LAST - small_shop.FIRST.date()).days + 1


def test_countries_with_their_shares(shown: Any) -> None:
    (table,) = tables_of(shown("places"))

    sums = small_shop.totals(lambda line: line.country)
    assert dict(zip(table["Country"], amounts(table["Net amount"]), strict=True)) == sums
    assert table["Share"][0] == f"{max(sums.values()) / NET * 100:.1f}%"


def test_what_sells_in_a_country(shown: Any) -> None:
    (table,) = tables_of(shown("places", places_part="products", country="Peru"))

    here = [line for line in LINES if line.country == "Peru"]
    assert sum(amounts(table["Net amount"])) == small_shop.total(here)
    assert set(table["Product"]) == {f"{x.product} A {x.product.lower()}" for x in here}


def test_how_unequal_countries_are(shown: Any) -> None:
    found = figures(shown("places", places_part="concentration"))

    assert found["Number"] == str(len({line.country for line in LINES}))


@pytest.mark.parametrize("locale", ["en_GB", "fr_FR"])
def test_kinds_of_days_have_names(locale: str) -> None:
    class Speaker:
        pass

    reader: Any = Speaker()
    reader.locale = locale
    names = [time._kind(reader, *each) for each in (("weekday", 1), ("month", 12), ("hour", 7))]

    expected = {"en_GB": ["Monday", "December", "07"], "fr_FR": ["lundi", "décembre", "07"]}
    assert names == expected[locale]


def test_sums_of_the_shop_are_exact() -> None:
    assert sum((line.amount for line in LINES), Decimal(0)) == NET
    assert GROSS > NET > 0
