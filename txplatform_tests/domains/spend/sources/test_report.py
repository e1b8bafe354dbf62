"""Reports: conservation, one sentence, and the way through the record and back."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txplatform.domains.spend.sources.report import IngestionReport, Outcome, Tally
from txplatform.errors import ReconciliationError

OUTCOMES: list[Outcome] = ["loaded", "unchanged", "corrected", "refused"]
ROWS = st.lists(st.tuples(st.sampled_from(OUTCOMES), st.none() | st.integers(-(10**15), 10**15)))


def tallied(rows: list[tuple[Outcome, int | None]]) -> Tally:
    """A tally of rows with their outcomes and cents."""
    tally = Tally()
    for outcome, cents in rows:
        tally.read([cents])
        tally.add(outcome, [cents])
    return tally


def report_of(tally: Tally) -> IngestionReport:
    """The report of a tally."""
    return tally.report("x.csv", "small", datetime(2026, 11, 23, 12, 30), 1.5)


@given(ROWS)
def test_rows_and_amounts_add_up(rows: list[tuple[Outcome, int | None]]) -> None:
    tally = tallied(rows)
    tally.require_conservation("x.csv")
    report = report_of(tally)

    assert report.rows_read == (
        report.loaded + report.unchanged + report.corrected + report.refused
    )
    assert report.read_amount == (
        report.loaded_amount
        + report.unchanged_amount
        + report.corrected_amount
        + report.refused_amount
    )


@pytest.mark.parametrize(
    ("lost", "sentence"),
    [
        (1, "x.csv: 3 rows of 6.00 were read, but 2 rows of 5.00 are accounted for"),
        (None, "x.csv: 3 rows of 6.00 were read, but 2 rows of 6.00 are accounted for"),
    ],
)
def test_a_lost_row_is_noticed(lost: int | None, sentence: str) -> None:
    tally = tallied([("loaded", 200), ("refused", 300 if lost else 400)])
    tally.read([100 if lost else None])

    with pytest.raises(ReconciliationError) as error:
        tally.require_conservation("x.csv")

    assert str(error.value).startswith(sentence)


@given(ROWS, ROWS)
def test_tallies_add_up(
    one: list[tuple[Outcome, int | None]], other: list[tuple[Outcome, int | None]]
) -> None:
    total = tallied(one)
    total += tallied(other)

    assert report_of(total) == report_of(tallied(one + other))


def test_a_record_gives_the_report_back_as_skipped() -> None:
    tally = tallied([("loaded", 528), ("corrected", -100), ("refused", None)])
    tally.refused_by_rule["AMOUNT_TEXT"] = 1
    tally.weeks = {date(2026, 11, 16)}
    report = report_of(tally)

    again = IngestionReport.of_record(
        {"file": "x.csv", "layout": "small", **report.to_record()}, "y.csv"
    )

    assert again.is_skipped
    assert again.file == "y.csv"
    assert again.sentence == (
        "y.csv was ingested before, with the layout small on 2026-11-23 12:30 UTC: nothing to do."
    )
    assert {**again.to_json(), "file": "x.csv", "is_skipped": False} == report.to_json()


def test_the_sentence() -> None:
    tally = tallied([("loaded", 1) for _ in range(1_200)])
    tally += tallied([("refused", None)])

    assert report_of(tally).sentence == (
        "x.csv: 1,201 rows read, 1,200 loaded, 0 unchanged, 0 corrected, 1 refused."
    )


def test_json_has_amounts_as_text() -> None:
    text = report_of(tallied([("loaded", 10**17 + 1)])).to_json()

    assert text["loaded_amount"] == "1000000000000000.01"
    assert Decimal(text["loaded_amount"]) == Decimal("1000000000000000.01")
    assert text["finished_at"] == "2026-11-23T12:30:00"
