"""Lines of a file: what each becomes, why one is refused, and what a second file does to them."""

from datetime import UTC, datetime
from decimal import Decimal
from hashlib import md5
from pathlib import Path

from txplatform.domains.commerce.computation.engines import DuckDB
from txplatform_tests.domains.commerce.shops import ACHATS, RETAIL, Shop, written

DAY = "2024-01-02 08:00:00"


PURCHASES = {
    "1,1,2024-01-02,abc,Mouse": "BAD_AMOUNT",
    "2,1,2024-01-02,,Mouse": "BAD_AMOUNT",
    "3,1,2024-01-02,1.005,Mouse": "BAD_AMOUNT",
    ",1,2024-01-02,5.00,Mouse": "MISSING_ID",
    "5,1,2024-02-30,5.00,Mouse": "BAD_DATE",
    "6,1,yesterday,5.00,Mouse": "BAD_DATE",
    "7,1,2024-01-02 25:00:00,5.00,Mouse": "BAD_DATE",
    "8,1,2099-01-02,5.00,Mouse": "FUTURE_DATE",
    "9,1,2024-01-02,0.00,Mouse": "AMOUNT_NOT_POSITIVE",
    "10,1,2024-01-02,-5.00,Mouse": "AMOUNT_NOT_POSITIVE",
    "11,9,2024-01-02,5.00,Mouse": "ORPHAN",
    ",9,2099-01-02,abc,Mouse": "BAD_AMOUNT",
    ",9,2099-01-02,-5.00,Mouse": "MISSING_ID",
    "14,9,soon,-5.00,Mouse": "BAD_DATE",
    "15,9,2099-01-02,-5.00,Mouse": "FUTURE_DATE",
    "16,9,2024-01-02,-5.00,Mouse": "AMOUNT_NOT_POSITIVE",
}
"""The first rule that a purchase breaks; Ann is the only customer."""

INVOICE_LINES = {
    f"1,A,Box,1,{DAY},abc,7,France": "BAD_AMOUNT",
    f"2,A,Box,x,{DAY},1.00,7,France": "BAD_QUANTITY",
    f"3,A,Box,1.5,{DAY},1.00,7,France": "BAD_QUANTITY",
    f"4,A,Box,x,{DAY},abc,7,France": "BAD_AMOUNT",
    f",A,Box,1,{DAY},1.00,7,France": "MISSING_ID",
    "6,A,Box,1,2024-01-32,1.00,7,France": "BAD_DATE",
    f"7,A,Box,99999999999,{DAY},9999999999.99,7,France": "BAD_AMOUNT",
}

AMOUNTS = {
    ("3", "2.55"): "7.65",
    ("1", "0.005"): "0.01",
    ("-1", "0.005"): "-0.01",
    ("1", "0.0049"): "0.00",
    ("7", "0.0715"): "0.50",
    ("6.0", "1"): "6.00",
    ("80995", "2.08"): "168469.60",
}
"""Quantity and price, and the amount, rounded half up once."""

KINDS = {
    ("1", "A", "2", "1.00"): ("goods", "sale"),
    ("2", "A", "-2", "1.00"): ("goods", "refund"),
    ("C1", "A", "-2", "1.00"): ("goods", "refund"),
    ("C2", "A", "2", "1.00"): ("goods", "refund"),
    ("3", "A", "2", "-1.00"): ("goods", "refund"),
    ("4", "A", "2", "0"): ("goods", "free"),
    ("5", "A", "-2", "0"): ("goods", "stock"),
    ("6", "A", "0", "5"): ("goods", "stock"),
    ("A563185", "B", "1", "11062.06"): ("other", None),
    ("7", "m", "1", "5.00"): ("other", None),
    ("8", "BANK CHARGES", "1", "5.00"): ("other", None),
    ("9", "gift_0001_20", "1", "5.00"): ("other", None),
    ("10", "TEST001", "1", "5.00"): ("other", None),
    ("11", "post", "1", "5.00"): ("carriage", None),
    ("12", "DOT", "1", "5.00"): ("carriage", None),
    ("A1", "POST", "1", "5.00"): ("other", None),
    ("13", "POSTCARD", "1", "5.00"): ("goods", "sale"),
}
"""Invoice, code, quantity and price, and what the line is."""


def rules_of(shop: Shop) -> list[str]:
    """The rules that refused rows, in order of their lines."""
    rows = sorted(shop.rows("quarantine"), key=lambda row: row["source_line"])
    return [row["rule"] for row in rows]


def test_the_first_rule_that_a_purchase_breaks(ready: Shop, duck: DuckDB, tmp_path: Path) -> None:
    ready.take_in(duck, written(tmp_path / "achats.csv", ACHATS, *PURCHASES))

    assert rules_of(ready) == [*PURCHASES.values()]
    assert ready.rows("lines") == []


def test_the_first_rule_that_an_invoice_line_breaks(
    retail: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    retail.take_in(duck, written(tmp_path / "retail.csv", RETAIL, *INVOICE_LINES))

    assert rules_of(retail) == [*INVOICE_LINES.values()]


def test_an_amount_is_rounded_half_up_once_per_line(
    retail: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    lines = [f"1,A,Box,{quantity},{DAY},{price},7,France" for quantity, price in AMOUNTS]
    retail.take_in(duck, written(tmp_path / "retail.csv", RETAIL, *lines))

    found = {row["source_line"]: row["amount"] for row in retail.rows("lines")}

    assert [found[line] for line in sorted(found)] == [*map(Decimal, AMOUNTS.values())]


def test_class_and_kind(retail: Shop, duck: DuckDB, tmp_path: Path) -> None:
    lines = [f"{o},{p},Box,{q},{DAY},{price},7,France" for o, p, q, price in KINDS]
    retail.take_in(duck, written(tmp_path / "retail.csv", RETAIL, *lines))

    found = {row["order_id"]: (row["class"], row["kind"]) for row in retail.rows("lines")}

    assert found == {order: kind for (order, *_), kind in KINDS.items()}


def test_codes_are_upper_case_and_customers_whole(
    retail: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    line = f"536365.0,85123a,WHITE  HEART ,6,{DAY},2.55,17850.0,United Kingdom"
    retail.take_in(duck, written(tmp_path / "retail.csv", RETAIL, line))

    (found,) = retail.rows("lines")

    assert found["product"] == "85123A"
    assert found["description"] == "WHITE HEART"
    assert found["customer_id"] == "17850"
    assert found["order_id"] == "536365"
    assert found["unit_price"] == Decimal("2.5500")
    assert str(found["at"]) == DAY


def test_a_blank_customer_is_nobody_in_particular(
    retail: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    line = f"1,A,nan,1,{DAY},5.00,,"
    retail.take_in(duck, written(tmp_path / "retail.csv", RETAIL, line))

    (found,) = retail.rows("lines")

    assert found["customer_id"] == "(anonymous)"
    assert found["country"] == "(unknown)"
    assert found["description"] is None


def test_names_of_products_keep_their_case(ready: Shop, duck: DuckDB, tmp_path: Path) -> None:
    ready.take_in(duck, written(tmp_path / "a.csv", ACHATS, "1,1,2024-01-02,5.00,Mouse"))

    (found,) = ready.rows("lines")

    assert found["product"] == "Mouse"
    assert found["country"] == "France"
    assert found["order_id"] == found["line_id"] == "1"
    assert (found["quantity"], found["unit_price"]) == (1, Decimal("5.0000"))


def test_a_purchase_before_registration_is_kept_and_flagged(
    ready: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    days = {"2023-12-31": True, "2024-01-01": False, "2024-01-02": False}
    lines = [f"{number},1,{day},5.00,Mouse" for number, day in enumerate(days)]
    ready.take_in(duck, written(tmp_path / "a.csv", ACHATS, *lines))

    found = {str(row["at"].date()): row["is_before_registration"] for row in ready.rows("lines")}

    assert found == days


def test_exact_repeats_in_one_file_are_real(retail: Shop, duck: DuckDB, tmp_path: Path) -> None:
    line = f"1,A,Box,1,{DAY},5.00,7,France"
    retail.take_in(duck, written(tmp_path / "retail.csv", RETAIL, line, line))

    assert len(retail.rows("lines")) == 2
    assert len({row["line_id"] for row in retail.rows("lines")}) == 2


def test_the_id_of_a_line_is_that_of_its_fields_and_its_occurrence(
    retail: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    box, mug = f"1,A,Box,1,{DAY},5.00,7,France", f"1,B,Mug,2,{DAY},1.00,7,France"
    refused = "1,A,Box,1,never,5.00,7,France"
    lines = (box, mug, refused, box, box, refused)
    retail.take_in(duck, written(tmp_path / "retail.csv", RETAIL, *lines))

    at = int(datetime.fromisoformat(DAY).replace(tzinfo=UTC).timestamp())
    fields = {"A": f"1|A|1|{at}|50000|500|7|France", "B": f"1|B|2|{at}|10000|200|7|France"}
    wanted = [("A", 1), ("B", 1), ("A", 2), ("A", 3)]
    texts = [f"online_retail|{fields[name]}|{nth}".replace("|", "\x1f") for name, nth in wanted]
    assert [row["line_id"] for row in retail.rows("lines")] == [
        md5(text.encode(), usedforsecurity=False).hexdigest() for text in texts
    ]


def test_a_line_that_another_file_brought_is_not_added_again(
    retail: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    old, new = f"1,A,Box,1,{DAY},5.00,7,France", f"2,A,Box,1,{DAY},5.00,7,France"
    retail.take_in(duck, written(tmp_path / "one.csv", RETAIL, old, old))
    told = retail.take_in(duck, written(tmp_path / "two.csv", RETAIL, old, old, old, new))

    assert told[-1].startswith("two.csv: 4 rows: 2 new, 2 unchanged, 0 corrected, 0 quarantined")
    assert len(retail.rows("lines")) == 4


def test_another_description_is_the_same_line(retail: Shop, duck: DuckDB, tmp_path: Path) -> None:
    retail.take_in(duck, written(tmp_path / "1.csv", RETAIL, f"1,A,Box,1,{DAY},5.00,7,France"))
    retail.take_in(duck, written(tmp_path / "2.csv", RETAIL, f"1,A,BOX!,1,{DAY},5.00,7,France"))

    assert [row["description"] for row in retail.rows("lines")] == ["Box"]


def test_the_same_file_again_changes_nothing(ready: Shop, duck: DuckDB, tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", ACHATS, "1,1,2024-01-02,5.00,Mouse")
    ready.take_in(duck, path)
    before = ready.lake.silver.current()

    told = ready.take_in(duck, path)

    assert told == ["a.csv was read before, by the layout clients_achats: nothing changed."]
    assert ready.lake.silver.current() == before


def test_other_fields_under_the_same_id_are_a_correction(
    ready: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    ready.take_in(duck, written(tmp_path / "1.csv", ACHATS, "1,1,2024-01-02,5.00,Mouse",
                                "2,1,2024-01-02,7.00,Phone"))  # fmt: skip
    told = ready.take_in(duck, written(tmp_path / "2.csv", ACHATS, "1,1,2024-01-02,6.00,Mouse",
                                       "2,1,2024-01-02,7.00,Phone"))  # fmt: skip

    amounts = {row["line_id"]: str(row["amount"]) for row in ready.rows("lines")}
    (earlier,) = ready.rows("lines_history")

    assert told == ["2.csv: 2 rows: 0 new, 1 unchanged, 1 corrected, 0 quarantined."]
    assert amounts == {"1": "6.00", "2": "7.00"}
    assert (earlier["line_id"], str(earlier["amount"])) == ("1", "5.00")
    assert earlier["replaced_at"] is not None


def test_an_id_that_a_spreadsheet_made_a_decimal_number_is_the_same(
    ready: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    """Catches: the purchases of a file counted twice, as pandas writes ids where one is blank."""
    ready.take_in(duck, written(tmp_path / "1.csv", ACHATS, "7,1,2024-01-02,5.00,Mouse"))
    told = ready.take_in(duck, written(tmp_path / "2.csv", ACHATS, "7.0,1.0,2024-01-02,5.0,Mouse"))

    assert told == ["2.csv: 1 rows: 0 new, 1 unchanged, 0 corrected, 0 quarantined."]


def test_of_two_versions_in_one_file_the_later_wins(
    ready: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    told = ready.take_in(
        duck,
        written(tmp_path / "1.csv", ACHATS, "1,1,2024-01-02,5.00,Mouse",
                "1,1,2024-01-02,6.00,Mouse", "1,1,2024-01-02,6.00,Mouse"),
    )  # fmt: skip

    assert told == ["1.csv: 3 rows: 1 new, 1 unchanged, 1 corrected, 0 quarantined."]
    assert [str(row["amount"]) for row in ready.rows("lines")] == ["6.00"]
    assert [str(row["amount"]) for row in ready.rows("lines_history")] == ["5.00"]


def test_a_correction_back_and_forth_keeps_every_version(
    ready: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    for number, amount in enumerate(("5.00", "6.00", "5.00"), start=1):
        line = f"1,1,2024-01-02,{amount},Mouse"
        ready.take_in(
            duck,
            written(tmp_path / f"{number}.csv", ACHATS, line, f"9{number},1,2024-01-02,1.00,X"),
        )

    history = [str(row["amount"]) for row in ready.rows("lines_history")]
    standing = {row["line_id"]: str(row["amount"]) for row in ready.rows("lines")}

    assert history == ["5.00", "6.00"]
    assert standing["1"] == "5.00"


def test_the_books_of_a_file_add_up(ready: Shop, duck: DuckDB, tmp_path: Path) -> None:
    ready.take_in(duck, written(tmp_path / "1.csv", ACHATS, "1,1,2024-01-02,5.00,Mouse"))
    ready.take_in(
        duck,
        written(tmp_path / "2.csv", ACHATS, "1,1,2024-01-02,6.00,Mouse",
                "2,1,2024-01-02,1.25,Phone", "3,9,2024-01-02,2.50,Phone",
                "4,1,2024-01-02,abc,Phone", "2,1,2024-01-02,1.25,Phone"),
    )  # fmt: skip

    book = next(row for row in ready.rows("ingestions") if row["source_file"] == "2.csv")

    assert (book["row_count"], str(book["amount"])) == (5, "11.00")
    assert (book["new_count"], str(book["new_amount"])) == (1, "1.25")
    assert (book["unchanged_count"], str(book["unchanged_amount"])) == (1, "1.25")
    assert (book["corrected_count"], str(book["corrected_amount"])) == (1, "6.00")
    assert (book["quarantined_count"], str(book["quarantined_amount"])) == (2, "2.50")


def test_a_refused_row_keeps_what_was_written(ready: Shop, duck: DuckDB, tmp_path: Path) -> None:
    ready.take_in(duck, written(tmp_path / "1.csv", ACHATS, "7,9,2024-01-02,2.50,Phone"))

    (refused,) = ready.rows("quarantine")

    assert refused["raw"].split(" | ") == [
        "7", "", "9", "Phone", "", "", "", "2.50", "2024-01-02", "",
    ]  # fmt: skip
    assert (refused["customer_id"], str(refused["amount"])) == ("9", "2.50")


def test_columns_that_no_field_needs_may_have_any_name(
    ready: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    path = written(tmp_path / "1.csv", ACHATS + ',"a ""b""",,', "1,1,2024-01-02,5.00,Mouse,x,,")

    ready.take_in(duck, path)

    assert [row["amount"] for row in ready.rows("lines")] == [Decimal("5.00")]
