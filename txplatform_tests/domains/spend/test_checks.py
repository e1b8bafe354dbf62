"""Business checks: what a controller is warned of, and what passes in silence."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import dagster as dg
import pytest

from txplatform.domains.spend import planning, publishing, tables
from txplatform.domains.spend.checks import CHECKS
from txplatform.domains.spend.settings import SpendSettings
from txplatform.orchestration.partitions import range_tags
from txplatform.platform import Platform
from txplatform_tests.domains.spend.books import Books
from txplatform_tests.domains.spend.weekly_tables import computed_weeks, weeks_of_amounts

FIRST, LAST = date(2026, 11, 9), date(2026, 11, 16)
ORDINARY = """
    date       | department | division | merchant | amount
    2026-11-16 | Roads      | Bridges  | Acme     | 10.00
    """
USUAL = [100, 110, 90, 105, 95, 100, 110, 90, 105, 95, 100, 110]

Evaluations = dict[str, dg.AssetCheckEvaluation]


@pytest.fixture
def books(platform: Platform) -> Iterator[Books]:
    """Books without Spark, which no check needs."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield Books(platform, instance)


def evaluate(books: Books) -> Evaluations:
    """Every check, in one run over the weeks `FIRST` to `LAST`."""
    keys = {key for check in CHECKS for key in check.check_keys}
    job = books.definitions.resolve_implicit_global_asset_job_def()
    only_checks = job.get_subset(asset_selection=set(), asset_check_selection=keys)
    result = only_checks.execute_in_process(instance=books.instance, tags=range_tags(FIRST, LAST))
    assert result.success, "a check warns and never blocks"
    return {one.check_name: one for one in result.get_asset_check_evaluations()}


def findings(one: dg.AssetCheckEvaluation) -> list[str]:
    """The first findings of a check that warns."""
    assert not one.passed
    assert one.severity is dg.AssetCheckSeverity.WARN
    assert one.metadata["weeks"].value == f"{FIRST} to {LAST}"
    return str(one.metadata["first_findings"].value).split("\n")


def test_ordinary_weeks_pass_every_check(books: Books) -> None:
    books.ingest(ORDINARY, "ordinary.csv")
    before = FIRST - timedelta(weeks=12)
    publishing.publish(books.platform.engine, weeks_of_amounts(before, [*USUAL, 100, 105]), "run")

    evaluations = evaluate(books)

    assert {name: one.passed for name, one in evaluations.items()} == {
        "expected_file": True,
        "refused_rows": True,
        "signed_weeks_stand": True,
        "unknown_names": True,
        "usual_totals": True,
        "vanished_divisions": True,
    }
    assert evaluations["usual_totals"].description == "Nothing unusual."


def test_no_purchases_at_all_pass_every_check(books: Books) -> None:
    assert all(one.passed for one in evaluate(books).values())


@pytest.mark.parametrize(("bad_rows", "is_warned"), [(0, False), (2, False), (3, True)])
def test_a_file_with_more_than_two_percent_refused_is_named(
    books: Books, bad_rows: int, *, is_warned: bool
) -> None:
    good = [f"2026-11-16 | Roads | Bridges | {n}.00" for n in range(1, 101 - bad_rows)]
    bad = [f"2026-02-30 | Roads | Bridges | {n}.00" for n in range(bad_rows)]
    books.ingest("\n".join(["date | department | division | amount", *good, *bad]), "bad.csv")

    check = evaluate(books)["refused_rows"]

    assert check.passed is not is_warned
    if is_warned:
        assert findings(check) == ["- bad.csv: 3 of 100 rows"]


def test_a_file_of_other_weeks_is_not_named_again(books: Books) -> None:
    """Catches: one bad file raises the same alarm after every run, for ever."""
    refused = "date | department | division | amount\n2026-02-30 | Roads | Bridges | 1.00\n"
    books.ingest(refused + "2026-01-05 | Roads | Bridges | 1.00", "of january.csv")
    books.ingest(refused, "of no week.csv")

    assert findings(evaluate(books)["refused_rows"]) == ["- of no week.csv: 1 of 1 rows"]


def test_blank_names_are_counted_in_the_weeks_of_the_run(books: Books) -> None:
    books.buy(
        """
        date       | department | division  | merchant  | amount
        2026-11-08 | (unknown)  | (unknown) | (unknown) | 1.00
        2026-11-09 | Roads      | (unknown) | Acme      | 2.00
        2026-11-22 | Roads      | (unknown) | (unknown) | 3.00
        2026-11-23 | (unknown)  | (unknown) | (unknown) | 4.00
        """
    )

    assert findings(evaluate(books)["unknown_names"]) == [
        "- 2 purchases without a division",
        "- 1 purchases without a merchant",
    ]


def test_a_total_far_from_the_weeks_before_is_named(books: Books) -> None:
    before = FIRST - timedelta(weeks=12)
    publishing.publish(books.platform.engine, weeks_of_amounts(before, [*USUAL, 100, 900]), "run")

    assert findings(evaluate(books)["usual_totals"]) == [
        "- 2026-11-16: 900.00, the weeks before had 100.00 in the middle"
    ]


def test_a_division_that_stopped_buying_is_named(books: Books) -> None:
    engine, before = books.platform.engine, FIRST - timedelta(weeks=12)
    publishing.publish(engine, weeks_of_amounts(before, [*USUAL, 100]), "run")
    others = """
        week_start | department | division | total_amount
        2026-11-16 | Roads      | Signs    | 1.00
        """
    publishing.publish(engine, computed_weeks(others), "run")

    assert findings(evaluate(books)["vanished_divisions"]) == ["- 2026-11-16: Roads / Bridges"]


def test_many_findings_are_counted_and_the_first_ten_shown(books: Books) -> None:
    engine, before = books.platform.engine, FIRST - timedelta(weeks=12)
    rows = [
        f"{before + timedelta(weeks=n)} | Roads | Division {division:02} | 1.00"
        for n in range(12)
        for division in range(14)
    ]
    header = "week_start | department | division | total_amount"
    weeks = computed_weeks("\n".join([header, *rows, f"{FIRST} | Roads | Division 00 | 1.00"]))
    publishing.publish(engine, weeks, "run")

    check = evaluate(books)["vanished_divisions"]

    assert check.metadata["findings"].value == 13
    assert findings(check) == [f"- {FIRST}: Roads / Division {n:02}" for n in range(1, 11)]


def test_a_file_that_has_not_come_is_missed(books: Books) -> None:
    """The one expected for the week that has just closed, until it or its like is there."""
    folder = books.platform.lake.root.with_name("drop")
    folder.mkdir()
    settings = books.platform.settings.having(
        SpendSettings, drop_folder=folder, expected_file="purchases-%Y-%m-%d*.csv"
    )
    expecting = Books(Platform(settings), books.instance)
    closed_week = planning.open_week(books.platform) - timedelta(weeks=1)

    missed = evaluate(expecting)["expected_file"]
    (folder / f"purchases-{closed_week}-final.csv").touch()
    come = evaluate(expecting)["expected_file"]
    expecting.platform.close()

    assert (missed.passed, come.passed) == (False, True)
    assert missed.severity is dg.AssetCheckSeverity.WARN
    assert missed.description == f"purchases-{closed_week}*.csv has not come to {folder}."


def test_a_signed_week_that_changed_is_named_with_the_difference(books: Books) -> None:
    """The alarm on failed checks carries the description, so it says who signed what."""
    engine = books.platform.engine
    publishing.publish(engine, weeks_of_amounts(FIRST, [100, 105]), "run")
    values = {"week_amount": 90, "transaction_count": 1, "row_count": 1, "fingerprint": "own"}
    signed = {"signed_by": "Ada", "signed_at": datetime(2026, 11, 24, tzinfo=UTC)}
    with engine.begin() as connection:
        insert = tables.sign_offs.insert()
        connection.execute(insert.values(week_start=FIRST, **values, **signed))
        connection.execute(
            insert.values(week_start=LAST, **{**values, "week_amount": 105}, **signed)
        )

    check = evaluate(books)["signed_weeks_stand"]

    said = (
        f"{FIRST} was signed off by Ada on 2026-11-24 with 90.00 in 1 purchases and now has "
        "100.00 in 1: +10.00."
    )
    assert findings(check) == [f"- {said}"]
    assert check.description == said
