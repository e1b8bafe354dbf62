"""Files separated by blanks: each row is an order of its own, a zero too."""

from decimal import Decimal

import pytest

from txplatform.domains.commerce.computation.engines import DuckDB
from txplatform_tests.domains.commerce.shops import Shop, new_shop

ROWS = (
    " 00004 0001 19970101  2   29.33",
    " 00004 0001 19970118  2   29.73",
    " 00021 0002 19970101  3   63.34",
    " 00021 0002 19970101  3   63.34",
    " 00050 0003 19970101  1    0.00",
    " 00071 0004 19971301  1    6.79",
    " 00111 0005 19970101  1   -6.79",
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, duck: DuckDB) -> Shop:
    """A shop that has read `ROWS`."""
    folder = tmp_path_factory.mktemp("cdnow")
    path = folder / "cdnow.txt"
    path.write_text("\r\n".join(ROWS) + "\r\n", encoding="utf-8")
    made = new_shop(folder, "cdnow")
    made.take_in(duck, path)
    return made


def test_every_row_is_an_order_of_its_own(shop: Shop) -> None:
    lines = shop.rows("lines")

    assert len(lines) == 5
    assert len({line["order_id"] for line in lines}) == 5
    assert all(line["order_id"] == line["line_id"] for line in lines)


def test_two_equal_orders_of_a_day_are_two(shop: Shop) -> None:
    twice = [line for line in shop.rows("lines") if line["customer_id"] == "0002"]

    assert [str(line["amount"]) for line in twice] == ["63.34", "63.34"]


def test_an_order_of_nothing_is_a_sale(shop: Shop, duck: DuckDB) -> None:
    (line,) = (line for line in shop.rows("lines") if line["customer_id"] == "0003")
    kpis = shop.gold(duck)["kpis"]

    assert (line["kind"], str(line["amount"])) == ("sale", "0.00")
    assert kpis["order_count"].to_pylist() == [5]
    assert kpis["net_amount"].to_pylist() == [Decimal("185.74")]


def test_the_price_of_a_piece_is_the_amount_through_the_pieces(shop: Shop) -> None:
    prices = {(line["quantity"], str(line["unit_price"])) for line in shop.rows("lines")}

    assert prices == {(1, "0.0000"), (2, "14.6650"), (2, "14.8650"), (3, "21.1133")}


def test_there_are_no_refunds(shop: Shop) -> None:
    refused = {row["source_line"]: row["rule"] for row in shop.rows("quarantine")}

    assert refused == {6: "BAD_DATE", 7: "AMOUNT_NOT_POSITIVE"}


def test_what_the_file_does_not_say(shop: Shop) -> None:
    line = shop.rows("lines")[0]

    assert (line["product"], line["country"], line["description"]) == ("CD", "(unknown)", None)
    assert shop.rows("customers") == []
