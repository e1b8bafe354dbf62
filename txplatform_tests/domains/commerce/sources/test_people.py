"""Names and addresses: hashed with the installation's key wherever silver has them."""

from pathlib import Path

import pyarrow as pa

from txplatform.domains.commerce.computation.engines import DuckDB
from txplatform.domains.commerce.sources.people import hidden
from txplatform_tests.domains.commerce.shops import CLIENTS, Shop, written

ROWS = (
    "1,Ann,both@x.org,2024-01-01,Spain",
    "2,,both@x.org,2024-01-01,Spain",
    "3,Ann,odd address,2024-01-01,Spain",
    ",Dan,dan@x.org,2024-01-01,Spain",
)


def secretive(shop: Shop, key: str) -> Shop:
    """The shop with a key."""
    return shop._replace(lake=shop.lake._replace(people_key=key))


def test_without_a_key_everything_stays() -> None:
    rows = pa.table({"name": ["Ann"], "email": ["a@x.org"]})

    assert hidden(rows, "customers", None) is rows


def test_no_name_and_no_address_is_left_in_silver(shop: Shop, duck: DuckDB, tmp_path: Path) -> None:
    own = secretive(shop, "key")
    own.take_in(duck, written(tmp_path / "clients.csv", CLIENTS, *ROWS))
    own.take_in(duck, written(tmp_path / "more.csv", CLIENTS, "1,Eve,eve@x.org,2024-01-01,Spain"))

    tables = ("customers", "customers_history", "issues", "quarantine")
    told = str([own.rows(name) for name in tables])
    assert own.rows("customers_history")
    for word in ("Ann", "Dan", "Eve", "x.org", "odd address"):
        assert word not in told
    assert "(unknown)" in told


def test_the_same_person_has_the_same_hash_and_another_key_another(
    shop: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    own = secretive(shop, "key")
    own.take_in(duck, written(tmp_path / "clients.csv", CLIENTS, *ROWS))
    emails = {row["customer_id"]: row["email"] for row in own.rows("customers")}
    names = {row["customer_id"]: row["name"] for row in own.rows("customers")}
    row = pa.table({"name": ["Ann"], "email": ["both@x.org"]})

    assert emails["1"] == emails["2"] != emails["3"]
    assert names["1"] == names["3"]
    assert names["2"] == "(unknown)"
    assert hidden(row, "customers", "key")["email"].to_pylist() == [emails["1"]]
    assert hidden(row, "customers", "other")["email"].to_pylist() != [emails["1"]]


def test_a_correction_is_still_seen(shop: Shop, duck: DuckDB, tmp_path: Path) -> None:
    own = secretive(shop, "key")
    own.take_in(duck, written(tmp_path / "1.csv", CLIENTS, ROWS[0]))

    told = own.take_in(duck, written(tmp_path / "2.csv", CLIENTS, ROWS[0], ROWS[1]))

    assert told == ["2.csv: 2 rows: 1 new, 1 unchanged, 0 corrected, 0 quarantined."]
