"""Segments, Cohorts, Quality and Performance, and every page in French."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from txplatform.domains.commerce import tables as declared
from txplatform.domains.commerce.pages import PAGES
from txplatform.domains.commerce.pages.segments import WORTH
from txplatform.domains.commerce.publishing import copies
from txplatform.domains.commerce.queries import refreshed
from txplatform.domains.commerce.queries.published import LISTS, ROWS
from txplatform.platform import Platform
from txplatform.serving.dashboard import texts
from txplatform_tests.domains.commerce import small_shop
from txplatform_tests.domains.commerce.served.reading import amount, amounts
from txplatform_tests.serving.pages import figures, said, tables_of

LINES = small_shop.sold()
ENGINES = {"performance_part": "engines"}
KNOWN = [line for line in LINES if line.customer and line.quantity > 0]
LAST = max(line.at.date() for line in LINES)


def month(day: date) -> date:
    return day.replace(day=1)


def first_months() -> dict[str, date]:
    """The month of each customer's first order."""
    names = {line.customer for line in KNOWN}
    return {
        name: month(min(line.at.date() for line in KNOWN if line.customer == name))
        for name in names
    }


def test_segments_add_up_to_all_customers(shown: Any) -> None:
    segments, customers = tables_of(shown("segments"))

    assert sum(map(int, segments["Customers"])) == len(first_months())
    words = [texts.catalogue("en", "commerce")[f"segment.{name}"] for name in WORTH]
    assert segments["Segment"] == [word for word in words if word in segments["Segment"]]
    assert sum(amounts(segments["Net amount"])) == sum(amounts(customers["Net amount"]))
    recency = {
        name: (LAST - max(x.at.date() for x in KNOWN if x.customer == name)).days + 1
        for name in first_months()
    }
    shown_days = map(int, customers["Days since the last order"])
    assert dict(zip(customers["Customer"], shown_days, strict=True)) == recency


def test_customers_of_one_segment(shown: Any) -> None:
    segments, _ = tables_of(shown("segments"))
    name = next(one for one in ("Champions", "Hibernating") if one in segments["Segment"])

    _, customers = tables_of(shown("segments", segment=name))

    assert set(customers["Segment"]) == {name}
    size = segments["Customers"][segments["Segment"].index(name)]
    assert len(customers["Customer"]) == int(size)


def test_cohorts_begin_with_everybody_and_say_what_is_not_over(shown: Any) -> None:
    cells, totals = tables_of(shown("cohorts"))

    months = sorted(set(first_months().values()))
    assert totals["Cohort"] == [f"{one:%b %Y}" for one in months]
    sizes = [list(first_months().values()).count(one) for one in months]
    assert list(map(int, totals["Customers"])) == sizes
    assert sum(amounts(totals["Sales"])) == small_shop.total(KNOWN)
    starts = [at for at, age in enumerate(cells["Age, months"]) if age == "0"]
    assert {cells["Came in the month"][at] for at in starts} == {"100.0%"}
    for cohort, age, done in zip(
        cells["Cohort"], cells["Age, months"], cells["Complete"], strict=True
    ):
        is_first = cohort == f"{months[0]:%b %Y}"
        at = next(one for one in months if f"{one:%b %Y}" == cohort)
        ahead = (LAST.year - at.year) * 12 + LAST.month - at.month
        assert (done == "yes") == (not is_first and int(age) < ahead)


@pytest.mark.parametrize("measure", ["retention", "rolling_retention", "gross_amount"])
def test_the_triangle_shows_either_retention_or_sales(shown: Any, measure: str) -> None:
    app = shown("cohorts", cohorts_measure=measure)

    unit = "sales" if measure == "gross_amount" else "per cent of the cohort"
    assert f"In the cells: {unit}" in said(app)
    assert "Pale: the month" in said(app)
    assert app.selectbox[0].value == measure


def test_who_is_still_there_adds_up(shown: Any) -> None:
    found = figures(shown("cohorts"))

    states = ("Active", "At risk", "Inactive", "Churned")
    assert sum(int(found[state]) for state in states) == int(found["Customers"])
    again = [
        name
        for name in first_months()
        if len({line.order for line in KNOWN if line.customer == name}) > 1
    ]
    assert found["Came again"] == f"{len(again) / len(first_months()):.1%}"


def test_refused_rows_are_told_by_rule_and_as_they_arrived(shown: Any) -> None:
    app = shown("quality", quality_part="refused")

    counted, rows = tables_of(app)
    assert counted["Rule"] == ["The date cannot be read", "The quantity cannot be read"]
    assert counted["Rows"] == ["1", "1"]
    assert [raw for raw in rows["As it arrived"] if "not a day" in raw]
    assert rows["File"] == ["lines.csv", "lines.csv"]
    assert "A controller may have them read once more." in said(app)
    assert not app.button


@pytest.mark.parametrize(
    ("locale", "told"),
    [
        ("en_US", "Nothing loads that did not before."),
        ("fr_FR", "Rien ne se charge"),
    ],
)
def test_a_controller_has_refused_rows_read_again(shown: Any, locale: str, told: str) -> None:
    app = shown("quality", role="controller", locale=locale, quality_part="refused")

    app.button[0].click().run()

    assert told in said(app)
    assert "txplatform commerce run" not in said(app), "there is nothing new to compute"
    assert not app.exception


def test_files_have_books_that_add_up(shown: Any) -> None:
    (books,) = tables_of(shown("quality", quality_part="files"))

    (read,), (refused,) = (map(int, books[name]) for name in ("Rows", "Refused"))
    assert (read, refused) == (len(LINES) + 2, 2)
    parts = (int(books[name][0]) for name in ("New", "Unchanged", "Corrected", "Refused"))
    assert sum(parts) == read
    assert amount(books["Amount"][0]) - amount(books["Amount refused"][0]) == small_shop.total(
        LINES
    )


def test_blemishes_are_noted_or_there_are_none(shown: Any) -> None:
    app = shown("quality", quality_part="noted")

    assert tables_of(app) or "Nothing was noted." in said(app)


def raw(shown: Any, **parameters: str) -> dict[str, list[str]]:
    """The rows of any table, by their columns."""
    (frame,) = shown("quality", quality_part="raw", **parameters).dataframe
    return {str(name): list(column) for name, column in frame.value.items()}


def test_raw_rows_have_the_names_and_digits_of_the_api(shown: Any) -> None:
    rows = raw(shown)

    known = {(line.order, line.product): line.amount for line in LINES}
    found = zip(rows["order_id"], rows["product"], rows["amount"], strict=True)
    assert [amount for order, name, amount in found if known[order, name] != Decimal(amount)] == []
    assert {len(amount.split(".")[1]) for amount in rows["amount"]} == {2}
    assert set(raw(shown, table="lines", after="50")["line_id"]).isdisjoint(rows["line_id"])
    months = raw(shown, table="sales_month")
    assert months["month"][0] == "2023-01-01"
    assert f"Rows shown: 25 of {len(LINES)}" in said(shown("quality", quality_part="raw"))


def test_rules_are_told_with_what_holds_before_and_after(shown: Any) -> None:
    app = shown("quality")

    (rules,) = tables_of(app)
    found = figures(app)
    assert found["Errors"] == "0"
    assert int(found["Rules"]) == len(set(rules["Rule"]))
    for checked, passed, score in zip(
        rules["Asked of"], rules["Hold"], rules["Score"], strict=True
    ):
        assert (score == "–") == (checked == "0")
        assert amount(passed) <= amount(checked)
    assert {"Completeness", "Validity", "Accuracy"} <= set(rules["Dimension"])
    assert "as they came" in rules["Stage"]


def test_a_rule_that_a_row_breaks_says_so(shown: Any) -> None:
    (rules,) = tables_of(shown("quality"))

    at = rules["Rule"].index("The date can be read")
    assert amount(rules["Asked of"][at]) - amount(rules["Hold"][at]) == 1
    assert rules["If broken"][at] == "the row waits"


def test_performance_tells_age_and_publishing_apart(shown: Any, served: Platform) -> None:
    app = shown("performance")

    (ages,) = tables_of(app)
    found = figures(app)
    assert found["Tables"] == str(len(ages["Table"]))
    seen = amounts(ages["Seconds to be seen"])
    assert amount(found["Until seen, s"]) == max(seen)
    assert all(0 < seconds < 60 for seconds in seen)
    sizes = dict(zip(ages["Table"], ages["Rows"], strict=True))
    assert sizes["kpis"] == "1"
    assert sizes["clients"] == str(len(small_shop.CUSTOMERS))
    assert refreshed.refresh_time(served, "clients")["publish_seconds"] in seen


def test_performance_measures_when_asked(shown: Any) -> None:
    measured = shown("performance", performance_part="endpoints")
    assert "Nothing was measured yet" in said(measured)

    measured.button[0].click().run()

    store, lake = tables_of(measured)
    assert set(store["Path"]) == {*LISTS, *ROWS}
    assert {"clients", "kpis", "quality"} <= set(lake["Table"])
    assert "Path" not in lake
    means = amounts(lake["Mean, ms"])
    assert means == sorted(means, reverse=True)
    fastest, slowest = (amounts(store[name]) for name in ("Fastest, ms", "Slowest, ms"))
    assert all(low <= high for low, high in zip(fastest, slowest, strict=True))
    assert amount(figures(measured)["Slowest, ms"]) == max(slowest)


def test_engines_stand_beside_each_other_once_they_were_measured(
    shown: Any, served: Platform
) -> None:
    assert "`txplatform commerce engines` does" in said(shown("performance", **ENGINES))
    timing = {
        "line_count": 7_073,
        "stage": "gold",
        "state": "cold",
        "seconds": Decimal("1.250"),
        "peak_mb": 310,
        "is_equal": True,
        "measured_at": datetime(2026, 1, 1, 12, tzinfo=UTC),
    }
    rows = [timing | {"engine": name} for name in ("duckdb", "pandas")]
    copies.keep(served.database, served.engine, declared.engine_timings, rows)

    (table,) = tables_of(shown("performance", **ENGINES))

    assert table["Engine"] == ["DuckDB", "pandas"]
    assert set(table["Seconds to compute"]) == {"1.250"}
    assert (table["Lines"][0], table["Same rows"][0]) == ("7,073", "yes")
    assert table["Process"] == ["cold", "cold"]


@pytest.mark.parametrize("page", [page.path for page in PAGES])
def test_every_page_speaks_french(shown: Any, page: str) -> None:
    title = next(each.title for each in PAGES if each.path == page)

    app = shown(page, lang="fr_FR")

    assert app.title[0].value == texts.catalogue("fr", "commerce")[title]
    english = {texts.catalogue("en", "commerce")[f"column.{n}"] for n in ("net_amount", "size")}
    headings = {heading for table in tables_of(app) for heading in table}
    assert headings.isdisjoint(english | {"Orders"})
