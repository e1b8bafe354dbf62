"""The books of a file: what adds up, what does not, and how they are told."""

import pytest

from txplatform.domains.commerce.sources import books
from txplatform.domains.commerce.sources.books import Books
from txplatform.domains.commerce.sources.bronze import Arrival
from txplatform.domains.commerce.sources.layouts import Kind
from txplatform.errors import ReconciliationError

ARRIVAL = Arrival("abc", "achats.csv", Kind.LINES, 10, "bronze/x/abc/rows.parquet")
COUNTS = {"new": 5, "unchanged": 2, "corrected": 1, "quarantined": 2}
AMOUNTS = {"new": 500, "unchanged": 200, "corrected": 100, "quarantined": 50}


def kept(**changes: object) -> Books:
    """Books that add up, with changes."""
    usual: dict[str, object] = {
        "arrival": ARRIVAL,
        "counts": COUNTS,
        "amounts": AMOUNTS,
        "refused_by_rule": {"BAD_DATE": 1, "ORPHAN": 1},
        "read_count": 10,
        "read_amount": 850,
    }
    return Books(**(usual | changes))  # type: ignore[arg-type]


def test_books_that_add_up_pass() -> None:
    kept().require_balanced()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"read_count": 11}, r"11 rows of 8\.50 were read, but 10 rows of 8\.50"),
        ({"read_amount": 851}, r"10 rows of 8\.51 were read, but 10 rows of 8\.50"),
        ({"counts": {**COUNTS, "new": 4}}, "but 9 rows"),
        ({"amounts": {**AMOUNTS, "quarantined": 0}}, r"of 8\.00 are accounted for"),
        ({"read_amount": 10**18}, r"add up to more than 10,000,000,000,000,000: nothing of it"),
    ],
)
def test_books_that_do_not_add_up_are_refused(changes: dict[str, object], sentence: str) -> None:
    with pytest.raises(ReconciliationError, match=sentence):
        kept(**changes).require_balanced()


def test_a_file_is_told_in_one_line() -> None:
    assert kept().sentence() == (
        "achats.csv: 10 rows: 5 new, 2 unchanged, 1 corrected, 2 quarantined "
        "(BAD_DATE 1, ORPHAN 1)."
    )
    assert kept(refused_by_rule={}).sentence().endswith("2 quarantined.")


def test_books_are_stored_and_read_again() -> None:
    figures = books.figures(kept().table("clients_achats"))

    assert (figures["row_count"], figures["amount"]) == (10, 850)
    assert {name: figures[f"{name}_count"] for name in COUNTS} == COUNTS
    assert {name: figures[f"{name}_amount"] for name in AMOUNTS} == AMOUNTS


def test_a_replay_moves_rows_out_of_the_quarantine() -> None:
    earlier = books.figures(kept().table("clients_achats"))
    again = kept(
        counts={"new": 1, "unchanged": 0, "corrected": 0, "quarantined": 1},
        amounts={"new": 30, "unchanged": 0, "corrected": 0, "quarantined": 20},
        refused_by_rule={"BAD_DATE": 1},
        read_count=2,
        read_amount=50,
    )

    total = again.added_to(earlier)

    total.require_balanced()
    assert dict(total.counts) == {"new": 6, "unchanged": 2, "corrected": 1, "quarantined": 1}
    assert dict(total.amounts) == {
        "new": 530,
        "unchanged": 200,
        "corrected": 100,
        "quarantined": 20,
    }


def test_the_stored_books_say_which_file_and_layout() -> None:
    (row,) = kept().table("clients_achats").to_pylist()

    assert (row["content"], row["source_file"], row["layout"]) == (
        "abc",
        "achats.csv",
        "clients_achats",
    )
    assert (row["kind"], row["rows"]) == ("lines", "bronze/x/abc/rows.parquet")
    assert row["ingested_at"] is not None
