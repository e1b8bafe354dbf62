"""Taking a file back: silver is what it would be had the file never come."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from txplatform.connectors.object_store import ObjectStore
from txplatform.domains.commerce.computation.engines import DuckDB
from txplatform.domains.commerce.sources import bronze
from txplatform.domains.commerce.sources.layouts import layout
from txplatform.domains.commerce.sources.withdrawal import Wish, known_files, withdraw
from txplatform.errors import UsageError
from txplatform_tests.domains.commerce.shops import ACHATS, CLIENTS, RETAIL, Shop, new_shop, written

ANN = "1,Ann,a@x.org,2024-01-01,Spain"
INSTANTS = ("ingested_at", "replaced_at")


def taken_back(shop: Shop, duck: DuckDB, file: str, why: str = "wrong") -> str:
    """Withdraw a file by its name."""
    contents = {row["source_file"]: row["content"] for row in known_files(shop.lake)}
    return withdraw(shop.lake, duck, layout(shop.layout), Wish(contents[file], "Ada", why), "test")


def contents(shop: Shop, *names: str) -> dict[str, list[tuple[str, ...]]]:
    """Rows of silver's tables, instants left out, in some order."""
    return {
        name: sorted(
            tuple(str(value) for column, value in row.items() if column not in INSTANTS)
            for row in shop.rows(name)
        )
        for name in names
    }


def test_what_a_file_brought_leaves_and_it_can_come_again(
    shop: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    first = written(tmp_path / "1.csv", ACHATS, "1,1,2024-01-02,5.00,Mouse")
    second = written(tmp_path / "2.csv", ACHATS, "2,1,2024-01-03,6.00,Phone")
    shop.take_in(duck, written(tmp_path / "clients.csv", CLIENTS, ANN), first, second)

    told = taken_back(shop, duck, "2.csv", "another shop's file")

    assert told.startswith("2.csv was taken back: 2 lines became 1;")
    assert [row["line_id"] for row in shop.rows("lines")] == ["1"]
    (noted,) = shop.rows("withdrawals")
    assert (noted["withdrawn_by"], noted["withdrawn_because"]) == ("Ada", "another shop's file")
    assert shop.take_in(duck) == []
    assert shop.take_in(duck, second)[0].endswith("1 new, 0 unchanged, 0 corrected, 0 quarantined.")
    assert len(shop.rows("withdrawals")) == 1


def test_what_it_corrected_stands_again(shop: Shop, duck: DuckDB, tmp_path: Path) -> None:
    shop.take_in(duck, written(tmp_path / "clients.csv", CLIENTS, ANN))
    for number, amount in enumerate(("5.00", "7.00", "9.00")):
        line = f"1,1,2024-01-02,{amount},Mouse"
        shop.take_in(duck, written(tmp_path / f"{number}.csv", ACHATS, line))

    taken_back(shop, duck, "1.csv")
    assert [str(row["amount"]) for row in shop.rows("lines")] == ["9.00"]
    assert [str(row["amount"]) for row in shop.rows("lines_history")] == ["5.00"]

    taken_back(shop, duck, "2.csv")
    assert [str(row["amount"]) for row in shop.rows("lines")] == ["5.00"]
    assert shop.rows("lines_history") == []


def test_a_line_that_a_later_file_had_too_stays(retail: Shop, duck: DuckDB, tmp_path: Path) -> None:
    line = "1,A,Box,2,2024-01-03 09:15:00,5.00,11,France"
    other = "2,B,Tin,1,2024-01-04 09:15:00,1.00,11,France"
    retail.take_in(duck, written(tmp_path / "1.csv", RETAIL, line))
    retail.take_in(duck, written(tmp_path / "2.csv", RETAIL, line, other))

    taken_back(retail, duck, "1.csv")

    assert [row["source_file"] for row in retail.rows("lines")] == ["2.csv", "2.csv"]
    (book,) = retail.rows("ingestions")
    assert (book["new_count"], book["unchanged_count"]) == (2, 0)


def test_purchases_of_customers_who_leave_are_orphans_again(
    shop: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    achats = written(tmp_path / "achats.csv", ACHATS, "1,1,2024-01-02,5.00,Mouse")
    shop.take_in(duck, written(tmp_path / "clients.csv", CLIENTS, ANN), achats)

    taken_back(shop, duck, "clients.csv")

    assert shop.rows("customers") == shop.rows("lines") == []
    assert [row["rule"] for row in shop.rows("quarantine")] == ["ORPHAN"]


def test_without_its_record_a_file_is_withdrawn_all_the_same(
    shop: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    shop.take_in(duck, written(tmp_path / "clients.csv", CLIENTS, ANN))
    store: ObjectStore = shop.lake.store
    (book,) = known_files(shop.lake)
    bronze.forget(store, book["rows"])  # as a run that is killed here leaves it

    taken_back(shop, duck, "clients.csv")

    assert shop.rows("customers") == []
    assert any(name.endswith("/bytes") for name in store.names("bronze"))


@pytest.mark.parametrize(("content", "told"), [("", "No file begins"), ("zz", "No file begins")])
def test_a_file_that_there_is_not_is_a_sentence(
    content: str, told: str, shop: Shop, duck: DuckDB
) -> None:
    wish = Wish(content, "Ada", "why")

    with pytest.raises(UsageError, match=told):
        withdraw(shop.lake, duck, layout(shop.layout), wish, "test")


def test_a_beginning_that_several_files_have_is_a_sentence(
    shop: Shop, duck: DuckDB, tmp_path: Path
) -> None:
    alike: dict[str, list[Path]] = {}
    for number in range(17):  # of 17 hashes two begin with the same digit
        line = f"{number},1,2024-01-02,5.00,Mouse"
        file = written(tmp_path / f"{number}.csv", ACHATS, line)
        alike.setdefault(sha256(file.read_bytes()).hexdigest()[0], []).append(file)
    common, files = next((digit, some) for digit, some in alike.items() if len(some) > 1)
    shop.take_in(duck, *files)

    with pytest.raises(UsageError, match="Several files begin"):
        withdraw(shop.lake, duck, layout(shop.layout), Wish(common, "Ada", "why"), "test")


line = st.tuples(st.integers(1, 4), st.sampled_from([1, 2, 9]), st.integers(-100, 300))
batches = st.lists(st.lists(line, min_size=1, max_size=5), min_size=2, max_size=4)


def text_of(one: tuple[int, int, int], day: int) -> str:
    """A purchase as a file has it."""
    number, customer, cents = one
    return f"{number},{customer},2024-01-0{day},{cents / 100:.2f},Pen"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """A new folder for each example."""
    return lambda: tmp_path_factory.mktemp("withdrawal")


@given(batches=batches, data=st.data())
@settings(max_examples=settings().max_examples // 6)
def test_silver_is_as_if_the_file_had_never_come(
    batches: list[list[tuple[int, int, int]]],
    data: Any,
    folders: Callable[[], Path],
    duck: DuckDB,
) -> None:
    folder = folders()
    clients = written(folder / "clients.csv", CLIENTS, ANN, "2,Bob,b@x.org,2024-01-01,Peru")
    files = [
        written(folder / f"{number}.csv", ACHATS, *(text_of(one, number + 1) for one in lines))
        for number, lines in enumerate(batches)
    ]
    gone = data.draw(st.sampled_from(files))
    before, after = files[: files.index(gone)], files[files.index(gone) + 1 :]
    left, never = new_shop(folder / "a", "clients_achats"), new_shop(folder / "b", "clients_achats")
    for file in (clients, *before):
        left.take_in(duck, file)
    copytree(folder / "a", folder / "b", dirs_exist_ok=True)
    for shop, later in ((left, [gone, *after]), (never, after)):
        for file in later:
            shop.take_in(duck, file)

    taken_back(left, duck, gone.name)

    names = ("lines", "lines_history", "customers", "quarantine", "ingestions", "raw_quality")
    assert contents(left, *names) == contents(never, *names)
