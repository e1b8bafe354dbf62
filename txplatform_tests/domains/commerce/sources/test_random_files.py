"""Random files, in any order and split anyhow: silver against a dictionary in plain Python."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from txplatform.domains.commerce.computation.engines import DuckDB
from txplatform_tests.domains.commerce.shops import ACHATS, CLIENTS, RETAIL, Shop, new_shop, written

KNOWN = ("1", "2", "3")


class Purchase(NamedTuple):
    """A purchase as a test makes it; customer 9 is in no file."""

    id: str
    customer: str
    cents: int

    @property
    def text(self) -> str:
        """Its line; what is below one cent is refused."""
        return f"{self.id},{self.customer},2024-01-02,{self.cents / 100:.2f},Mouse"

    @property
    def is_right(self) -> bool:
        """Whether nothing refuses it."""
        return self.cents > 0 and self.customer in KNOWN


purchase = st.builds(
    Purchase,
    id=st.sampled_from([str(n) for n in range(1, 9)]),
    customer=st.sampled_from([*KNOWN, "9"]),
    cents=st.integers(-50, 300),
)
files = st.lists(st.lists(purchase, min_size=1, max_size=8), min_size=1, max_size=4)


class Expected:
    """What silver must hold, line by line."""

    def __init__(self) -> None:
        self.standing: dict[str, Purchase] = {}
        self.history: list[Purchase] = []
        self.counts: Counter[str] = Counter()

    def take(self, one: Purchase) -> None:
        """Read a line."""
        known = self.standing.get(one.id)
        if not one.is_right:
            self.counts["quarantined"] += 1
        elif known is None:
            self.counts["new"] += 1
            self.standing[one.id] = one
        elif known == one:
            self.counts["unchanged"] += 1
        else:
            self.counts["corrected"] += 1
            self.history.append(known)
            self.standing[one.id] = one


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """A new folder for each example."""
    return lambda: tmp_path_factory.mktemp("shop")


def taken(folder: Path, duck: DuckDB, parts: list[list[Purchase]]) -> Shop:
    """A shop that has read some files."""
    shop = new_shop(folder, "clients_achats")
    people = [f"{name},N,n@x.org,2024-01-01,Spain" for name in KNOWN]
    shop.take_in(duck, written(folder / "clients.csv", CLIENTS, *people))
    for number, part in enumerate(parts):
        path = written(folder / f"{number}.csv", ACHATS, *(one.text for one in part))
        shop.take_in(duck, path)
    return shop


def distinct(parts: list[list[Purchase]]) -> list[list[Purchase]]:
    """Files without those that say the same as an earlier one: they are skipped."""
    seen: list[list[Purchase]] = []
    for part in parts:
        if [one.text for one in part] not in [[one.text for one in known] for known in seen]:
            seen.append(part)
    return seen


@given(parts=files)
@settings(max_examples=settings().max_examples // 3)
def test_corrections_follow_the_order_of_arrival(
    parts: list[list[Purchase]], folders: Callable[[], Path], duck: DuckDB
) -> None:
    expected = Expected()
    shop = taken(folders(), duck, parts)
    for part in distinct(parts):
        for one in part:
            expected.take(one)

    standing = {row["line_id"]: row["amount"] for row in shop.rows("lines")}
    history = Counter((row["line_id"], row["amount"]) for row in shop.rows("lines_history"))
    books = [row for row in shop.rows("ingestions") if row["kind"] == "lines"]
    counts = {name: sum(book[f"{name}_count"] for book in books) for name in
              ("new", "unchanged", "corrected", "quarantined")}  # fmt: skip

    assert standing == {
        name: Decimal(one.cents).scaleb(-2) for name, one in expected.standing.items()
    }
    assert history == Counter((o.id, Decimal(o.cents).scaleb(-2)) for o in expected.history)
    assert counts == {name: expected.counts[name] for name in counts}


line = st.tuples(st.sampled_from("123"), st.sampled_from("AB"), st.integers(1, 3))


@given(lines=st.lists(line, min_size=2, max_size=12), cut=st.integers(1, 11))
@settings(max_examples=settings().max_examples // 3)
def test_files_that_overlap_bring_each_line_once(
    lines: list[tuple[str, str, int]], cut: int, folders: Callable[[], Path], duck: DuckDB
) -> None:
    folder = folders()
    texts = [f"{o},{p},Box,{q},2024-01-02 09:00:00,1.50,7,Spain" for o, p, q in lines]
    shop = new_shop(folder, "online_retail")
    shop.take_in(duck, written(folder / "part.csv", RETAIL, *texts[: max(1, cut % len(texts))]))
    shop.take_in(duck, written(folder / "whole.csv", RETAIL, *texts))

    found = Counter((r["order_id"], r["product"], r["quantity"]) for r in shop.rows("lines"))

    assert found == Counter(lines)
