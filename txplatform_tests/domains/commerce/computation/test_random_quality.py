"""Random files with every kind of bad cell: what `quality` counts, against plain Python."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from txplatform.domains.commerce.computation import refresh
from txplatform.platform import Platform
from txplatform.settings import load_settings
from txplatform_tests.domains.commerce.shops import ACHATS, CLIENTS, written

PEOPLE = ("1,Ann,a@x.org,2024-01-01,Spain", "2,Bob,b@x.org,2024-02-01,")


class Row(NamedTuple):
    """A purchase as a test makes it; customer 9 is in no file."""

    id: str
    customer: str
    day: str
    amount: str
    product: str

    @property
    def rule(self) -> str | None:
        """Which rule refuses it, the first that does."""
        cents = self.cents
        broken = {
            "BAD_AMOUNT": cents is None,
            "MISSING_ID": not self.id,
            "BAD_DATE": self.day == "soon",
            "FUTURE_DATE": self.day.startswith("2099"),
            "AMOUNT_NOT_POSITIVE": cents is not None and cents <= 0,
            "ORPHAN": self.customer == "9",
        }
        return next((rule for rule, holds in broken.items() if holds), None)

    @property
    def cents(self) -> int | None:
        """Its amount, where it can be read."""
        return None if self.amount in ("", "x", "1.005") else int(Decimal(self.amount) * 100)


row = st.builds(
    Row,
    id=st.sampled_from(["", "1", "2", "3", "4", "5", "6"]),
    customer=st.sampled_from(["", "1", "2", "9"]),
    day=st.sampled_from(["2024-01-15", "2024-03-01", "soon", "2099-01-01"]),
    amount=st.sampled_from(["", "x", "1.005", "-2.00", "0", "3.10", "12.34", "99"]),
    product=st.sampled_from(["", "Pen", "Ink"]),
)
GOOD = Row("0", "1", "2024-01-20", "5.00", "Pen")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """A new folder for each example."""
    return lambda: tmp_path_factory.mktemp("quality")


def measured(folder: Path, rows: list[Row]) -> dict[tuple[str, str], tuple[int, int, int]]:
    """What gold's table says of the lines: checked, passed and cents by stage and rule."""
    platform = Platform(load_settings(state_dir=folder / "state", lake_dir=folder / "lake"))
    files = [
        written(folder / "clients.csv", CLIENTS, *PEOPLE),
        written(folder / "achats.csv", ACHATS, *map(",".join, rows)),
    ]
    refresh.ingest(platform, files, "clients_achats")
    with refresh.engine_of(platform) as engine:
        refresh.compute(platform, engine, None, "run")
    return {
        (one["stage"], one["rule"]): (
            one["checked"],
            one["passed"],
            int((one["amount"] or 0) * 100),
        )
        for one in refresh.published_table(platform, "quality").to_pylist()
        if one["source"] == "lines"
    }


@given(rows=st.lists(row, max_size=12))
@settings(max_examples=settings().max_examples // 5)
def test_every_count_is_that_of_plain_python(rows: list[Row], folders: Callable[[], Path]) -> None:
    rows = [GOOD, *rows]
    found = measured(folders(), rows)

    refused = Counter(one.rule for one in rows if one.rule)
    amounts: Counter[str | None] = Counter()
    for one in rows:
        amounts[one.rule] += one.cents or 0
    standing = {one.id: one for one in rows if not one.rule}
    number = len(rows)

    for stage in ("raw", "silver"):
        for rule in ("BAD_AMOUNT", "MISSING_ID", "BAD_DATE", "FUTURE_DATE", "ORPHAN"):
            assert found[stage, rule] == (number, number - refused[rule], amounts[rule]), rule
    products = sum(1 for one in rows if one.product)
    assert found["raw", "product_present"][:2] == (number, products)
    keys = [one.id for one in rows if one.id]
    assert found["raw", "is_known_once"][:2] == (len(keys), len(set(keys)))
    known = sum(1 for one in standing.values() if one.product)
    assert found["silver", "product_present"][:2] == (len(standing), known)
    named = sum(1 for one in standing.values() if one.customer)
    assert found["silver", "customer_id_present"][:2] == (len(standing), named)
    early = [one for one in standing.values() if one.customer == "2" and one.day < "2024-02-01"]
    cents = sum(one.cents or 0 for one in early)
    assert found["silver", "is_after_registration"] == (
        len(standing),
        len(standing) - len(early),
        cents,
    )
    assert found["silver", "rows_accounted"][:2] == (number, number)
    assert found["silver", "amounts_accounted"] == (2, 2, 0)
    assert found["silver", "stands_once"][:2] == (len(standing), len(standing))
