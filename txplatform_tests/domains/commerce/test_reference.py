"""The published shops: every number that an independent computation found, exact."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from txplatform_tests.domains.commerce.conftest import PublishedGold
from txplatform_tests.domains.commerce.shops import MONEY_TABLES, Shop, checksum, frame, values

SHOPS = ("clients_achats", "online_retail", "cdnow")
each_shop = pytest.mark.parametrize("name", SHOPS)

CHECKSUMS: dict[str, tuple[tuple[int, str], ...]] = {
    "clients_achats": (
        (1_096, "e8804211a8e62471"), (157, "1a7b49551d1aa218"), (37, "c93b927cab042b9e"),
        (9, "90b9f44b3e5c4df2"), (10, "46f7bdcd98508443"), (1_500, "7de5aef0aa356278"),
    ),
    "online_retail": (
        (374, "62e94eb9a1759874"), (54, "648f97fd1a6c51d4"), (13, "d0ebe3b48eb29746"),
        (38, "ed6d8f81b4745a15"), (3_943, "29fd56b9d390542c"), (4_373, "0f82155fa932d178"),
    ),
    "cdnow": (
        (546, "e0e40ad8e7f18478"), (79, "9bc86cc5bf8a2c3c"), (18, "7a164d324431f92d"),
        (1, "541b1498f68d0bdf"), (1, "1b7bfd50ee7e4906"), (2_357, "026795d827dbdbc6"),
    ),
}  # fmt: skip
"""Rows and checksum of each money table."""

KPIS = {
    "clients_achats": ("2023-01-19 2026-01-19 7073 2947415.45 0.00 2947415.45 416.71 1500 1500 "
                       "-23.8468 -28.1965 -0.6550"),
    "online_retail": ("2010-12-01 2011-12-10 19773 10271433.06 -478724.18 9792708.88 519.47 4372 "
                      "4334 34.8231 None 5.9291"),
    "cdnow": ("1997-01-01 1998-07-01 6919 244091.94 0.00 244091.94 35.28 2357 2357 -12.3433 "
              "-43.5679 -9.1537"),
}  # fmt: skip
KPI_COLUMNS = (
    "first_day", "as_of", "order_count", "gross_amount", "refund_amount", "net_amount",
    "average_order", "customer_count", "buyer_count", "last_growth_pct", "last_yoy_pct",
    "compound_monthly_pct",
)  # fmt: skip

CELLS = {
    "clients_achats": ("211 31 27 25 6/110 57 54 60 21/66 54 47 94 41/59 45 42 111 45/"
                       "41 39 52 100 62"),
    "online_retail": ("629 158 48 24 12/350 217 139 125 53/294 181 116 153 123/165 155 122 165 240/"
                      "67 120 77 164 437"),
    "cdnow": "457 0 23 2 0/403 0 53 12 3/345 0 84 30 4/0 0 189 169 112/0 0 57 145 269",
}  # fmt: skip
"""Customers by score of recency (rows) and frequency."""

VALUE_TIERS = {
    "clients_achats": [300, 300, 300, 300, 300],
    "online_retail": [867, 867, 867, 867, 866],
    "cdnow": [481, 462, 472, 471, 471],
}
SEGMENTS = {
    "clients_achats": [162, 291, 166, 409, 0],
    "online_retail": [601, 681, 336, 1354, 38],
    "cdnow": [414, 315, 90, 860, 0],
}
ACTIVITY = {
    "clients_achats": "168 281 343 708 0.888667",
    "online_retail": "1627 1258 586 863 0.652746",
    "cdnow": "138 161 215 1843 0.488757",
}
COHORTS = {
    "clients_achats": (703, [74, 7, 10, 9, 13, 7], [10, 2], [74] * 6, [12, 2]),
    "online_retail": (
        91, [884, 323, 286, 339, 320, 352], [444, 234], [884, 764, 751, 739, 723, 712], [509, 234]
    ),
    "cdnow": (51, [781, 124, 95, 70, 65, 77], [37, 33], [781, 355, 323, 300, 284, 273], [62, 33]),
}  # fmt: skip
"""Cells that have begun; of the first cohort the first and last active, and rolling."""

CONCENTRATION = {
    "clients_achats": (("0.417311", "0.041633", "0.510228"), "754 0.502667 0.263588 0.444682"),
    "online_retail": (("0.706117", "0.930418", "0.746673"), "1170 0.269958 0.601144 0.737464"),
    "cdnow": (("0.630917", "0.000000", "0.000000"), "777 0.329656 0.508070 0.674550"),
}
WEEKDAYS = {
    "clients_achats": "1.0822 0.9432 1.0427 1.0140 0.9239 1.0300 0.9644",
    "online_retail": "1.1714 1.4185 1.2327 1.4741 1.1129 0.0000 0.5749",
    "cdnow": "1.0924 1.0688 0.9113 1.0209 0.9093 0.9144 1.0830",
}
COMPLETE_MONTHS = {"clients_achats": 35, "online_retail": 12, "cdnow": 18}
BEST_PAIRS = {
    "clients_achats": (1_500, 45, ("Laptop", "Phone", 557, 569, 241, "1.1406")),
    "online_retail": (19_773, 910, ("22916", "22917", 237, 240, 221, "76.8255")),
    "cdnow": (2_357, 0, None),
}


@each_shop
def test_every_line_is_taken_in(name: str, published_shop: Callable[[str], Shop]) -> None:
    lines = {"clients_achats": 7_073, "online_retail": 541_909, "cdnow": 6_919}
    sums = {"clients_achats": "2947415.45", "online_retail": "9747747.93", "cdnow": "244091.94"}
    shop = published_shop(name)

    (book,) = (row for row in shop.rows("ingestions") if row["kind"] == "lines")

    assert book["row_count"] == book["new_count"] == lines[name]
    assert book["amount"] == Decimal(sums[name])
    assert shop.rows("quarantine") == []


@each_shop
def test_money_tables(name: str, published_gold: PublishedGold) -> None:
    found = tuple(
        (published_gold(name)[table].num_rows, checksum(published_gold(name)[table], key))
        for table, key in MONEY_TABLES.items()
    )

    assert found == CHECKSUMS[name]


@each_shop
def test_key_figures(name: str, published_gold: PublishedGold) -> None:
    assert values(published_gold(name)["kpis"], KPI_COLUMNS) == [tuple(KPIS[name].split())]
    assert published_gold(name)["growth"].num_rows == COMPLETE_MONTHS[name]


@each_shop
def test_scores_of_recency_frequency_and_value(name: str, published_gold: PublishedGold) -> None:
    rfm = frame(published_gold(name)["rfm"])
    cells = rfm.group_by("r_score", "f_score").len().rows()
    counted = {(recency, frequency): count for recency, frequency, count in cells}
    found = "/".join(
        " ".join(str(counted.get((r, f), 0)) for f in range(1, 6)) for r in range(1, 6)
    )

    assert found == CELLS[name]
    assert rfm.group_by("m_score").len().sort("m_score")["len"].to_list() == VALUE_TIERS[name]


@each_shop
def test_segments_add_up_to_all_customers(name: str, published_gold: PublishedGold) -> None:
    sizes = dict(
        frame(published_gold(name)["rfm_segments"]).select("segment", "customer_count").rows()
    )
    known = ("Champions", "Loyal", "At risk", "Hibernating", "Prospect")

    assert [sizes[segment] for segment in known] == SEGMENTS[name]
    assert sum(sizes.values()) == published_gold(name)["kpis"]["customer_count"][0].as_py()


@each_shop
def test_activity(name: str, published_gold: PublishedGold) -> None:
    columns = ("active_count", "at_risk_count", "inactive_count", "churned_count", "repeat_rate")

    assert values(published_gold(name)["activity_summary"], columns) == [
        tuple(ACTIVITY[name].split())
    ]


@each_shop
def test_cohorts(name: str, published_gold: PublishedGold) -> None:
    cells = frame(published_gold(name)["cohorts"])
    first = cells.filter(pl.col("cohort") == pl.col("cohort").min()).filter(
        pl.col("active").is_not_null()
    )
    active, rolling = first["active"].to_list(), first["rolling_active"].to_list()
    begun = cells["active"].drop_nulls().len()

    assert (begun, active[:6], active[-2:], rolling[:6], rolling[-2:]) == COHORTS[name]


@each_shop
def test_cells_of_cohorts_add_up_to_the_sales_to_customers(
    name: str, published_gold: PublishedGold
) -> None:
    clients = frame(published_gold(name)["clients"]).filter(~pl.col("is_anonymous"))

    assert (
        frame(published_gold(name)["cohorts"])["gross_amount"].sum()
        == clients["gross_amount"].sum()
    )
    assert (
        frame(published_gold(name)["cohort_totals"])["gross_amount"].sum()
        == clients["gross_amount"].sum()
    )


@each_shop
def test_concentration(name: str, published_gold: PublishedGold) -> None:
    rows = values(published_gold(name)["concentration"],
                  ("gini", "pareto_k", "pareto_share", "top_10_share", "top_20_share"))  # fmt: skip

    assert (tuple(row[0] for row in rows), " ".join(rows[0][1:])) == CONCENTRATION[name]


@each_shop
def test_weekdays(name: str, published_gold: PublishedGold) -> None:
    rows: list[dict[str, Any]] = published_gold(name)["seasonality"].to_pylist()
    found = [f"{row['index']:.4f}" for row in rows if row["dimension"] == "weekday"]

    assert " ".join(found) == WEEKDAYS[name]


@each_shop
def test_pairs_of_products(name: str, published_gold: PublishedGold) -> None:
    baskets, count, best = BEST_PAIRS[name]
    pairs: list[dict[str, Any]] = published_gold(name)["affinity"].to_pylist()

    assert len(pairs) == count
    assert {pair["basket_count"] for pair in pairs} <= {baskets}
    if best:
        highest = max(pairs, key=lambda pair: pair["lift"])
        found = [highest[column] for column in ("product_a", "product_b", "n_a", "n_b", "n_ab")]
        assert (*found, str(highest["lift"])) == best


def test_invoices_by_class_and_kind(
    published_shop: Callable[[str], Shop], published_gold: PublishedGold
) -> None:
    lines = frame(published_shop("online_retail").lake.silver_table("lines"))
    kinds = dict(lines.group_by("kind").len().rows())
    classes = {
        name: (count, str(total))
        for name, count, total in lines.group_by("class")
        .agg(pl.len(), pl.col("amount").sum())
        .rows()
    }
    clients = frame(published_gold("online_retail")["clients"])
    nobody = clients.filter(pl.col("is_anonymous"))

    assert {kind: kinds[kind] for kind in ("sale", "refund", "free", "stock")} == {
        "sale": 527_758, "refund": 8_704, "free": 1_165, "stock": 1_336,
    }  # fmt: skip
    assert classes["carriage"] == (2_110, "279462.12")
    assert classes["other"] == (836, "-324423.07")
    assert str(nobody["net_amount"][0]) == "1506045.56"


def test_what_is_no_sale_completes_the_sum_of_all_lines(published_gold: PublishedGold) -> None:
    others = frame(published_gold("online_retail")["other_movements"])["amount"].sum()
    net = published_gold("online_retail")["kpis"]["net_amount"][0].as_py()

    assert net + others == Decimal("9747747.93")


def test_controls_known_from_the_literature(published_shop: Callable[[str], Shop]) -> None:
    lines = frame(published_shop("online_retail").lake.silver_table("lines"))
    named = lines.filter((pl.col("customer_id") != "(anonymous)") & (pl.col("quantity") > 0))

    assert named["amount"].sum() == Decimal("8911407.90")
    assert lines.filter(pl.col("customer_id") == "(anonymous)").height == 135_080


def test_purchases_before_registration_stay(published_shop: Callable[[str], Shop]) -> None:
    lines = frame(published_shop("clients_achats").lake.silver_table("lines"))

    assert lines["is_before_registration"].sum() == 3_659
