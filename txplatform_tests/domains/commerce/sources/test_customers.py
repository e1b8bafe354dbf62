"""Customers: blemishes that never cost a sale, corrections, and orphans that load by themselves."""

from datetime import date
from pathlib import Path

from txplatform.domains.commerce.computation.engines import DuckDB
from txplatform.domains.commerce.sources.ingest import replay
from txplatform.domains.commerce.sources.layouts import layout
from txplatform_tests.domains.commerce.shops import ACHATS, CLIENTS, Shop, written

BLEMISHES = {
    "1,Ann,ann@x.org,2024-01-01,France": set[str](),
    "2,Ann,ann2@x.org,2024-02-30,France": {"BAD_REGISTRATION"},
    "3,Ann,ann3@x.org,soon,France": {"BAD_REGISTRATION"},
    "4,Ann,ann4@x.org,2099-01-01,France": {"FUTURE_REGISTRATION"},
    "5,Ann,ann5@x.org,,France": {"BLANK_REGISTRATION"},
    "6,Ann,nobody,2024-01-01,France": {"BAD_EMAIL"},
    "7,Ann,,2024-01-01,France": {"BAD_EMAIL"},
    "8,,ann8@x.org,2024-01-01,France": {"BLANK_NAME"},
    "9,Ann,ann9@x.org,2024-01-01,": {"BLANK_COUNTRY"},
    "10,,x,x,": {"BAD_EMAIL", "BAD_REGISTRATION", "BLANK_COUNTRY", "BLANK_NAME"},
    "11,Ann,both@x.org,2024-01-01,France": {"SHARED_EMAIL"},
    "12,Bob,both@x.org,2024-01-01,France": {"SHARED_EMAIL"},
}


def test_a_blemish_is_noted_and_the_customer_stays(
    shop: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    shop.take_in(duck, written(tmp_path / "clients.csv", CLIENTS, *BLEMISHES))

    noted: dict[str, set[str]] = {row["customer_id"]: set() for row in shop.rows("customers")}
    for row in shop.rows("issues"):
        noted[row["customer_id"]].add(row["issue"])
    assert noted == {line.partition(",")[0]: issues for line, issues in BLEMISHES.items()}
    assert shop.rows("quarantine") == []


def test_what_is_blank_is_unknown_and_what_cannot_be_read_is_empty(
    shop: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    shop.take_in(duck, written(tmp_path / "clients.csv", CLIENTS, "1,,odd,soon,"))

    (found,) = shop.rows("customers")

    assert (found["name"], found["country"]) == ("(unknown)", "(unknown)")
    assert (found["email"], found["registered_on"]) == ("odd", None)


def test_a_customer_without_an_id_is_refused(shop: Shop, duck: DuckDB, tmp_path: Path) -> None:
    shop.take_in(duck, written(tmp_path / "clients.csv", CLIENTS, ",Ann,a@x.org,2024-01-01,Spain"))

    assert [row["rule"] for row in shop.rows("quarantine")] == ["MISSING_ID"]
    assert shop.rows("customers") == []


def test_customers_who_share_an_e_mail_are_two(shop: Shop, duck: DuckDB, tmp_path: Path) -> None:
    shop.take_in(duck, written(tmp_path / "clients.csv", CLIENTS, "1,Ann,a@x.org,2024-01-01,Spain",
                               "2,Bob,a@x.org,2024-01-01,Spain"))  # fmt: skip

    assert len(shop.rows("customers")) == 2


def test_who_shares_an_e_mail_with_a_customer_of_another_file_is_noted(
    shop: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    shop.take_in(duck, written(tmp_path / "1.csv", CLIENTS, "1,Ann,a@x.org,2024-01-01,Spain"))
    second = ("1,Ann,a@x.org,2024-01-01,Peru", "2,Bob,a@x.org,2024-01-01,Spain", "3,Cid,,,Spain")
    shop.take_in(duck, written(tmp_path / "2.csv", CLIENTS, *second))

    shared = [row for row in shop.rows("issues") if row["issue"] == "SHARED_EMAIL"]
    assert {row["customer_id"] for row in shared} == {"1", "2"}

    shop.take_in(duck, written(tmp_path / "3.csv", CLIENTS, "4,Dan,a@x.org,2024-01-01,Spain"))

    shared = [row for row in shop.rows("issues") if row["issue"] == "SHARED_EMAIL"]
    assert {row["customer_id"] for row in shared} == {"1", "2", "4"}
    assert {row["written"] for row in shared} == {None}, "an address is the customers' tables'"


def test_a_customers_row_is_corrected_and_its_history_kept(
    shop: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    shop.take_in(duck, written(tmp_path / "1.csv", CLIENTS, "1,Ann,a@x.org,2024-01-01,Spain"))
    told = shop.take_in(duck, written(tmp_path / "2.csv", CLIENTS, "1,Ann,a@x.org,2024-01-01,Peru"))

    assert told == ["2.csv: 1 rows: 0 new, 0 unchanged, 1 corrected, 0 quarantined."]
    assert [row["country"] for row in shop.rows("customers")] == ["Peru"]
    assert [row["country"] for row in shop.rows("customers_history")] == ["Spain"]


def test_an_orphan_loads_once_its_customer_arrives(
    shop: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    lines = (
        "1,7,2024-01-02,5.00,Mouse",
        "2,8,2024-01-02,6.00,Mouse",
        "3,7,2024-01-02,bad,Mouse",
    )
    shop.take_in(duck, written(tmp_path / "achats.csv", ACHATS, *lines))
    assert shop.rows("lines") == []

    told = shop.take_in(
        duck, written(tmp_path / "clients.csv", CLIENTS, "7,Ann,a@x.org,2024-01-01,Spain")
    )

    (line,) = shop.rows("lines")
    book = next(row for row in shop.rows("ingestions") if row["kind"] == "lines")
    assert told[-1].startswith("Replayed: achats.csv")
    assert (line["line_id"], line["country"], line["source_file"]) == ("1", "Spain", "achats.csv")
    assert sorted(row["rule"] for row in shop.rows("quarantine")) == ["BAD_AMOUNT", "ORPHAN"]
    assert (book["row_count"], book["new_count"], book["quarantined_count"]) == (3, 1, 2)
    assert (str(book["new_amount"]), str(book["quarantined_amount"])) == ("5.00", "6.00")


def test_customers_are_read_before_lines_whatever_the_order(
    shop: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    achats = written(tmp_path / "achats.csv", ACHATS, "1,7,2024-01-02,5.00,Mouse")
    clients = written(tmp_path / "clients.csv", CLIENTS, "7,Ann,a@x.org,2024-01-01,Spain")

    shop.take_in(duck, achats, clients)

    assert shop.rows("quarantine") == []
    assert len(shop.rows("lines")) == 1


def test_a_replay_after_a_change_of_the_layout(shop: Shop, duck: DuckDB, tmp_path: Path) -> None:
    shop.take_in(duck, written(tmp_path / "clients.csv", CLIENTS, "7,Ann,a@x.org,2024-01-01,Spain"))
    shop.take_in(duck, written(tmp_path / "a.csv", ACHATS, "1,7,2024-01-02,-5.00,Mouse",
                               "2,7,2024-01-02,0.00,Mouse"))  # fmt: skip
    assert len(shop.rows("quarantine")) == 2

    generous = layout("clients_achats").model_copy(update={"refunds": True, "zero_amount": "free"})
    told = list(replay(shop.lake, duck, generous, "test"))

    kinds = {row["line_id"]: row["kind"] for row in shop.rows("lines")}
    assert len(told) == 1
    assert kinds == {"1": "refund", "2": "free"}
    assert shop.rows("quarantine") == []


def test_a_replay_of_what_is_still_wrong_says_nothing(
    shop: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    shop.take_in(duck, written(tmp_path / "a.csv", ACHATS, "1,7,2024-01-02,bad,Mouse"))
    before = shop.lake.silver.current()

    assert list(replay(shop.lake, duck, layout("clients_achats"), "test")) == []
    assert shop.lake.silver.current() == before


def test_a_registration_in_silver_is_a_day(shop: Shop, duck: DuckDB, tmp_path: Path) -> None:
    shop.take_in(duck, written(tmp_path / "c.csv", CLIENTS, "7,Ann,a@x.org,2024-2-3,Spain"))

    assert [row["registered_on"] for row in shop.rows("customers")] == [date(2024, 2, 3)]
