"""The seeded sample: the same bytes for the same seed, believable, and its totals are right."""

import csv
import io
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from txplatform.connectors.files import open_table, verify
from txplatform.domains.spend.sources.ingest import ingest_file
from txplatform.domains.spend.sources.layouts import load_layout
from txplatform.domains.spend.sources.records import Policy, Purchase, RecordParser
from txplatform.domains.spend.sources.sample import SampleTotals, write_sample
from txplatform.domains.spend.sources.sample_mistakes import MISTAKES

TODAY = date(2026, 11, 23)
POLICY = Policy(last_day=TODAY)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SampleTotals]:
    """The sample of the demo and what it says of itself."""
    path = tmp_path_factory.mktemp("sample") / "sample.csv"
    return path, write_sample(path, today=TODAY)


@pytest.fixture(scope="module")
def purchases(written: tuple[Path, SampleTotals]) -> list[Purchase]:
    """Its good rows."""
    with open_table(verify(written[0])) as table:
        parser = RecordParser(load_layout("delaware"), table.header, POLICY, "sample.csv")
        parsed = [parser.parse(row) for row in table.rows]
    return [one for one in parsed if isinstance(one, Purchase)]


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    one, two, three = (tmp_path / name for name in ("one", "two", "three"))

    first = write_sample(one, rows=500, seed=7, today=TODAY)

    assert write_sample(two, rows=500, seed=7, today=TODAY) == first
    assert one.read_bytes() == two.read_bytes()
    write_sample(three, rows=500, seed=8, today=TODAY)
    assert one.read_bytes() != three.read_bytes()


def test_an_ingestion_finds_exactly_what_the_sample_says(
    written: tuple[Path, SampleTotals], mongo_database: Database[dict[str, Any]]
) -> None:
    path, totals = written

    report = ingest_file(mongo_database, path, load_layout("delaware"), POLICY)

    assert report.loaded == totals.purchases == 60_000
    assert report.loaded_amount == totals.total_amount
    assert report.refused == totals.refused == 300
    assert report.refused_by_rule == totals.refused_by_rule
    assert (min(report.weeks), max(report.weeks)) == (totals.first_week, totals.last_week)


def test_every_rule_that_can_refuse_a_row_of_csv_is_there(
    written: tuple[Path, SampleTotals],
) -> None:
    assert written[1].refused_by_rule.keys() == MISTAKES.keys()
    assert len(MISTAKES) == 18


def test_two_years_that_end_with_the_last_week_that_is_over(
    written: tuple[Path, SampleTotals], purchases: list[Purchase]
) -> None:
    totals = written[1]
    days = [purchase.transaction_date for purchase in purchases]

    assert totals.last_week == date(2026, 11, 16)
    assert totals.last_week - totals.first_week == timedelta(weeks=103)
    assert totals.first_week <= min(days)
    assert max(days) <= date(2026, 11, 22)
    weeks = {day - timedelta(days=day.weekday()) for day in days}
    assert len(weeks) == 104


@pytest.mark.parametrize(
    ("today", "last_week"),
    [
        (date(2026, 11, 22), date(2026, 11, 9)),
        (date(2026, 11, 23), date(2026, 11, 16)),
        (date(2026, 11, 29), date(2026, 11, 16)),
    ],
)
def test_the_open_week_is_left_out(today: date, last_week: date, tmp_path: Path) -> None:
    assert write_sample(tmp_path / "x.csv", rows=100, today=today).last_week == last_week


def test_departments_and_divisions(purchases: list[Purchase]) -> None:
    divisions = {(purchase.department, purchase.division) for purchase in purchases}
    per_department = Counter(department for department, _ in divisions)

    assert len(per_department) >= 3
    assert min(per_department.values()) >= 4
    # The same name in two departments is two divisions.
    assert len({division for _, division in divisions}) < len(divisions)


def test_a_twentieth_are_exact_twins(purchases: list[Purchase]) -> None:
    twins = len(purchases) - len(set(purchases))

    assert 0.04 < twins / len(purchases) < 0.07


def test_refunds_are_there_and_believable(purchases: list[Purchase]) -> None:
    refunds = [purchase for purchase in purchases if purchase.cents < 0]

    assert 0.01 < len(refunds) / len(purchases) < 0.04
    bought = Counter((p.department, p.merchant, p.cents) for p in purchases if p.cents > 0)
    assert all((p.department, p.merchant, -p.cents) in bought for p in refunds)


def test_weekends_are_quiet_and_amounts_skewed(purchases: list[Purchase]) -> None:
    weekend = sum(purchase.transaction_date.weekday() >= 5 for purchase in purchases)
    amounts = sorted(purchase.cents for purchase in purchases)
    mean, median = sum(amounts) / len(amounts), amounts[len(amounts) // 2]

    assert 0.01 < weekend / len(purchases) < 0.1
    assert mean > 1.3 * median
    assert amounts[-1] > 50 * median


def test_abuses_are_planted(written: tuple[Path, SampleTotals], purchases: list[Purchase]) -> None:
    assert set(written[1].planted) == {"SPLIT", "CATEGORY", "ROUND", "JUST_BELOW"}
    gambling = [purchase for purchase in purchases if purchase.category == "Gambling"]
    assert len(gambling) == written[1].planted["CATEGORY"]
    assert all(purchase.transaction_date.weekday() == 5 for purchase in gambling)
    same_day = Counter(
        (p.department, p.division, p.merchant, p.transaction_date)
        for p in purchases
        if 38_000 <= p.cents <= 49_500
    )
    assert sum(count >= 3 for count in same_day.values()) >= 10


def test_amounts_are_written_in_several_ways(written: tuple[Path, SampleTotals]) -> None:
    cells = [row[-1] for row in csv.reader(io.StringIO(written[0].read_text())) if row]

    assert any(cell.startswith("($") for cell in cells)
    assert any("," in cell for cell in cells)
    assert any(cell.startswith("-") for cell in cells)
    assert any(cell.startswith("$") for cell in cells)


def test_a_small_sample_still_has_every_kind(tmp_path: Path) -> None:
    totals = write_sample(tmp_path / "small.csv", rows=200, today=TODAY)

    assert (totals.purchases, totals.refused) == (200, len(MISTAKES))
