"""The made-up shop: the same bytes for a seed, and a truth that the tables then say."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from txplatform.domains.commerce.computation.engines import DuckDB
from txplatform.domains.commerce.rules import RULES
from txplatform.domains.commerce.sources import sample, sample_files
from txplatform.domains.commerce.sources.layouts import layout
from txplatform.domains.commerce.sources.sample import Plan
from txplatform.domains.commerce.sources.sample_files import Format, Written
from txplatform_tests.domains.commerce.shops import Shop, new_shop

SMALL = Plan(customers=200, days=400, seed=7)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A small shop's files."""
    return sample_files.write(tmp_path_factory.mktemp("sample"), SMALL)


@pytest.fixture(scope="module")
def taken_in(written: Written, tmp_path_factory: pytest.TempPathFactory, duck: DuckDB) -> Shop:
    """The lake that took them in."""
    shop = new_shop(tmp_path_factory.mktemp("lake"), sample_files.LAYOUT)
    shop.take_in(duck, written.customers, written.lines)
    return shop


def test_the_same_seed_gives_the_same_bytes(written: Written, tmp_path: Path) -> None:
    again = sample_files.write(tmp_path / "again", SMALL)
    other = sample_files.write(tmp_path / "other", SMALL._replace(seed=8))

    assert again.lines.read_bytes() == written.lines.read_bytes()
    assert again.customers.read_bytes() == written.customers.read_bytes()
    assert other.lines.read_bytes() != written.lines.read_bytes()
    assert json.loads((tmp_path / "again" / "truth.json").read_text()) == written.truth


def test_every_rule_refuses_what_was_planted_for_it(taken_in: Shop, written: Written) -> None:
    (book,) = (row for row in taken_in.rows("ingestions") if row["kind"] == "lines")
    counts: dict[str, int] = {}
    for row in taken_in.rows("quarantine"):
        if row["kind"] == "lines":
            counts[row["rule"]] = counts.get(row["rule"], 0) + 1

    assert counts == written.truth["refused"]
    assert counts.keys() < RULES.keys()
    assert book["row_count"] == written.truth["rows"]
    assert book["new_count"] == written.truth["lines"]
    assert book["corrected_count"] == written.truth["corrected"]
    assert book["unchanged_count"] == written.truth["unchanged"]


def test_every_blemish_is_noted_as_often_as_it_was_planted(
    taken_in: Shop, written: Written
) -> None:
    counts: dict[str, int] = {}
    for row in taken_in.rows("issues"):
        counts[row["issue"]] = counts.get(row["issue"], 0) + 1

    planted: dict[str, Any] = written.truth["issues"]
    assert {name: counts[name] for name in planted} == planted


def test_gold_says_what_was_drawn(taken_in: Shop, written: Written, duck: DuckDB) -> None:
    made = taken_in.gold(duck)
    (kpis,) = made["kpis"].to_pylist()
    truth = written.truth

    assert {name: int(kpis[f"{name}_amount"] * 100) for name in ("gross", "refund", "net")} == {
        name: truth[name] for name in ("gross", "refund", "net")
    }
    assert (kpis["order_count"], kpis["customer_count"], kpis["buyer_count"]) == (
        truth["orders"],
        truth["customers"],
        truth["buyers"],
    )
    assert str(kpis["as_of"]) == truth["as_of"]
    others = sum(row["amount"] for row in made["other_movements"].to_pylist())
    assert int(others * 100) == truth["other"]


def test_parquet_holds_the_same_rows(written: Written, tmp_path: Path, duck: DuckDB) -> None:
    files = sample_files.write(tmp_path / "parquet", SMALL, Format.PARQUET)
    shop = new_shop(tmp_path, sample_files.LAYOUT)

    shop.take_in(duck, files.customers, files.lines)

    assert files.lines.suffix == ".parquet"
    assert len(shop.rows("lines")) == written.truth["lines"]


def test_a_shop_has_seasons_returning_customers_and_some_who_leave() -> None:
    shop = sample.drawn(Plan(customers=1_000, days=730))
    lines = shop.lines
    months = lines.at.astype("datetime64[s]").astype("datetime64[M]").astype(int) % 12
    counts = np.bincount(months, minlength=12)
    orders = np.unique(np.stack([lines.customer, lines.order]), axis=1)
    per_customer = np.bincount(orders[0][orders[0] >= 0])

    assert counts[[10, 11]].min() > counts[[6, 7]].max()
    assert (per_customer >= 2).mean() > 0.3
    assert 0.2 < shop.has_left.mean() < 0.95
    assert {*np.unique(lines.what).tolist()} == {0, 1, 2, 3, 4}
    assert (lines.amount[lines.what == sample.REFUND] < 0).all()


def test_lines_without_a_customer_and_of_no_goods_are_drawn() -> None:
    lines = sample.drawn(SMALL).lines
    share = (lines.customer == -1).mean()

    assert 0.5 * sample.ANONYMOUS < share < 2 * sample.ANONYMOUS
    assert (lines.price[lines.what == sample.POST] == sample.POST_CENTS).all()
    assert (lines.price[lines.what == sample.VOUCHER] == sample.VOUCHER_CENTS).all()
    assert (lines.amount[lines.what == sample.GIFT] == 0).all()
    assert (lines.amount[lines.what == sample.SALE] > 0).all()
    assert (np.diff(lines.at) >= 0).all()


def test_refunds_follow_their_sale_and_stay_inside() -> None:
    lines = sample.drawn(SMALL).lines
    days = lines.at // sample.DAY_SECONDS
    first = SMALL.first_day.toordinal() - 719_163
    refunds = lines.at_places(lines.what == sample.REFUND)
    sales = lines.at_places(lines.what == sample.SALE)

    assert days.min() >= first
    assert days.max() < first + SMALL.days
    assert len(refunds.at) > 0
    assert not set(refunds.order.tolist()) & set(sales.order.tolist())
    for customer, product, at in zip(refunds.customer, refunds.product, refunds.at, strict=True):
        same = (sales.customer == customer) & (sales.product == product)
        assert (sales.at[same] < at).any()


@pytest.mark.parametrize("what", ["customers", "lines"])
def test_files_have_the_columns_of_their_layout(what: str, written: Written) -> None:
    path: Path = getattr(written, what)
    header = path.read_text(encoding="utf-8").partition("\n")[0].replace('"', "").split(",")
    form = layout(sample_files.LAYOUT)
    declared = form.lines if what == "lines" else form.customers or {}

    assert set(header) == {name for names in declared.values() for name in names}
