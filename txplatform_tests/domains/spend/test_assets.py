"""The weekly job as real Dagster runs: purchases in MongoDB, rows in PostgreSQL."""

from datetime import date
from decimal import Decimal

import dagster as dg
import pytest
from bson import Decimal128

from txplatform.connectors.lake import metadata_of
from txplatform.domains.spend import tables
from txplatform.orchestration.partitions import PARTITION, RANGE_END, RANGE_START
from txplatform_tests.domains.spend.books import Books, without_stamps
from txplatform_tests.domains.spend.text_tables import assert_rows

WEEK_1, WEEK_2, WEEK_3, WEEK_4 = "2026-10-19", "2026-10-26", "2026-11-02", "2026-11-09"
PURCHASES = """
    date       | department | division | amount
    2026-10-12 | Roads      | Bridges  | 80.00
    2026-10-19 | Roads      | Bridges  | 100.00
    2026-10-25 | Roads      | Bridges  | -20.00
    2026-10-26 | Parks      | Trees    | 40.00
    2026-10-26 | Roads      | Signs    | 60.00
    2026-11-09 | Roads      | Signs    | 30.00
    """
COUNT = "dagster/partition_row_count"
WEEKS_1_TO_4 = """
    week_start | department | division | total_amount | department_share | department_previous_amount | department_change_pct
    2026-10-19 | Roads      | Bridges  | 80.00        | 1.000000         | 80.00                      | 0.0000
    2026-10-26 | Parks      | Trees    | 40.00        | 0.400000         |                            |
    2026-10-26 | Roads      | Signs    | 60.00        | 0.600000         | 80.00                      | -25.0000
    2026-11-09 | Roads      | Signs    | 30.00        | 1.000000         |                            |
    """  # noqa: E501 - one line per row


def test_purchases_become_the_rows_of_their_weeks(books: Books) -> None:
    """The silent week 2026-11-02 has no row; the week before the range is read, not written."""
    books.buy(PURCHASES)

    run = books.run(WEEK_1, WEEK_4)

    assert (run.failure, run.rows_written, run.periods) == (None, 4, 4)
    assert_rows(books.rows(), WEEKS_1_TO_4)
    assert {row["run_id"] for row in books.rows()} == {run.run_id}


def test_a_range_may_begin_and_end_in_silent_weeks(books: Books) -> None:
    """As a backfill in the UI does, and `run --all` where a part's edge is silent."""
    books.buy(PURCHASES)

    table, alerts = books.run("2026-11-02", "2026-11-16"), books.alert("2026-11-02", "2026-11-16")
    books.forget(division="Signs")
    emptied = books.run(WEEK_4, "2026-11-16")

    assert [run.failure for run in (table, alerts, emptied)] == [None] * 3
    assert (table.rows_written, emptied.rows_removed, books.rows()) == (1, 1, [])


def test_a_range_and_single_weeks_in_any_order_give_identical_rows(books: Books) -> None:
    """Catches: a week that depends on which other weeks ran with it or before it."""
    books.buy(PURCHASES)
    for week in (WEEK_4, WEEK_1, WEEK_3, WEEK_2):
        assert books.run(week).failure is None
    assert_rows(books.rows(), WEEKS_1_TO_4)
    one_by_one = books.rows()

    again = books.run(WEEK_1, WEEK_4)

    assert (again.rows_written, again.rows_removed) == (0, 0)
    assert books.rows() == one_by_one
    assert books.select("SELECT * FROM weekly_transactions_history") == []


def test_a_correction_changes_its_week_and_the_week_after(books: Books) -> None:
    books.buy(PURCHASES)
    books.run(WEEK_1, WEEK_4)
    [before] = books.select("SELECT clock_timestamp() AS now")
    old = books.rows()

    books.forget(amount={"$lt": 0})
    run = books.run(WEEK_1, WEEK_4)

    assert (run.rows_written, run.rows_removed) == (2, 2)
    assert_rows(
        books.rows(),
        """
        week_start | department | division | total_amount | department_previous_amount | department_change_pct
        2026-10-19 | Roads      | Bridges  | 100.00       | 80.00                      | 25.0000
        2026-10-26 | Parks      | Trees    | 40.00        |                            |
        2026-10-26 | Roads      | Signs    | 60.00        | 100.00                     | -40.0000
        2026-11-09 | Roads      | Signs    | 30.00        |                            |
        """,  # noqa: E501 - one line per row
    )
    as_of = books.select(
        "SELECT * FROM weekly_transactions_as_of(:now) ORDER BY 1, 2, 3", now=before["now"]
    )
    assert as_of == old


def test_a_week_that_became_empty_is_emptied(books: Books) -> None:
    """Catches: a week without documents that is skipped, in the lake or in the table."""
    books.buy(PURCHASES)
    books.run(WEEK_1, WEEK_4)

    books.forget(department="Parks")
    books.forget(division="Signs")
    run = books.run(WEEK_2)

    assert (run.rows_written, run.rows_removed) == (0, 2)
    assert {f"{row['week_start']}" for row in books.rows()} == {WEEK_1, WEEK_4}
    assert books.platform.lake.read("weekly_aggregates", WEEK_2).num_rows == 0


def test_the_lake_keeps_each_week_with_what_it_was_computed_from(books: Books) -> None:
    books.buy(PURCHASES)
    books.run(WEEK_1, WEEK_2)

    first, second = (books.platform.lake.read("weekly_aggregates", w) for w in (WEEK_1, WEEK_2))

    assert [*first.to_pylist(), *second.to_pylist()] == without_stamps(books.rows())
    assert metadata_of(second)["previous_fingerprint"] == metadata_of(first)["fingerprint"]
    assert metadata_of(second)["fingerprint"] != metadata_of(first)["fingerprint"]


def test_every_week_of_a_run_says_what_it_holds(books: Books) -> None:
    books.buy(PURCHASES)
    run = books.run(WEEK_1, WEEK_4)

    documents = books.materializations("transactions")
    table = books.materializations("weekly_transactions")

    assert [
        (week, _figure(documents[week], COUNT), _figure(one, COUNT), _figure(one, "total_amount"))
        for week, one in table.items()
    ] == [
        (WEEK_1, 2, 1, "80.00"),
        (WEEK_2, 2, 2, "100.00"),
        (WEEK_3, 0, 0, "0.00"),
        (WEEK_4, 1, 1, "30.00"),
    ]
    assert [_figure(one, "total_amount_plotted") for one in table.values()] == [80, 100, 0, 30]
    assert str(_figure(table[WEEK_4], "dashboard")).endswith(f"/spend?from={WEEK_4}&to={WEEK_4}")
    versions = {week: (one.tags or {})["dagster/data_version"] for week, one in documents.items()}
    assert versions[WEEK_3] == "empty"
    assert len(set(versions.values())) == 4
    assert run.sentence().startswith(f"{WEEK_1} to {WEEK_4}: 4 rows written, 0 removed (run ")


def _figure(one: dg.AssetMaterialization, name: str) -> object:
    return one.metadata[name].value


@pytest.mark.parametrize(
    ("tags", "sentence"),
    [
        (
            {PARTITION: "2026-11-17"},
            "2026-11-17 is a Tuesday; its week starts on Monday 2026-11-16.",
        ),
        ({PARTITION: "2009-12-28"}, "The week 2009-12-28 lies outside 2010-01-04 to"),
        ({PARTITION: "2099-01-05"}, "The week 2099-01-05 lies outside 2010-01-04 to"),
        ({RANGE_START: "2026-11-10", RANGE_END: "2026-11-17"}, "is a Tuesday"),
    ],
)
def test_a_run_of_something_that_is_no_week_fails_before_it_computes(
    books: Books, tags: dict[str, str], sentence: str
) -> None:
    """Dagster does not validate keys of launched runs: a Tuesday ran green as another week."""
    books.buy(PURCHASES)

    with pytest.raises(Exception, match=sentence):
        books.job.execute_in_process(instance=books.instance, tags=tags)

    assert books.rows() == []
    assert books.materializations("transactions") == {}
    assert books.select("SELECT * FROM source_weeks") == []


def test_publishing_a_week_that_was_never_computed_says_what_to_do(books: Books) -> None:
    """A user of the UI who materialises the last asset alone reads this."""
    only_last = books.definitions.resolve_implicit_global_asset_job_def().get_subset(
        asset_selection={dg.AssetKey("weekly_transactions")}
    )

    result = only_last.execute_in_process(
        instance=books.instance, tags={PARTITION: WEEK_1}, raise_on_error=False
    )

    assert not result.success
    [failure] = [event for event in result.all_events if event.is_step_failure]
    assert f"The lake has no weekly_aggregates of {WEEK_1}" in str(failure.event_specific_data)


def test_the_open_week_is_computed_when_asked_for_and_says_so(
    books: Books,
) -> None:
    today = date.today()  # noqa: DTZ011 - the settings' zone is UTC, as is the test's machine
    books.buy(f"date | department | division | amount\n{today} | Roads | Bridges | 5.00")
    monday = date.fromordinal(today.toordinal() - today.weekday())

    assert books.run(f"{monday}").failure is None
    assert [row["total_amount"] for row in books.rows()] == [Decimal("5.00")]
    assert books.alert(f"{monday}").failure is None
    for asset in ("transactions", "weekly_aggregates", "weekly_transactions", "alerts", "benford"):
        one = books.materializations(asset)[f"{monday}"]
        assert _figure(one, "open_week") == "not over: its figures will still change", asset


def test_a_week_that_cannot_be_computed_fails_alone_within_a_range(books: Books) -> None:
    """As a backfill in the UI runs it: the others are written and shown, the run says why."""
    books.buy(PURCHASES)
    books.platform.database[tables.TRANSACTIONS].update_one(
        {"department": "Parks"}, {"$set": {"amount": "40.00"}}
    )

    table, alerts = books.run(WEEK_1, WEEK_4), books.alert(WEEK_1, WEEK_4)

    for run in (table, alerts):
        assert str(run.failure).startswith(f"Week {WEEK_2} cannot be computed (MongoDB, line")
    assert [f"{row['week_start']}" for row in books.rows()] == [WEEK_1, WEEK_4]
    for asset in ("weekly_aggregates", "weekly_transactions", "alerts"):
        assert list(books.materializations(asset)) == [WEEK_1, WEEK_3, WEEK_4]
    assert _figure(books.materializations("weekly_transactions")[WEEK_1], COUNT) == 1

    books.platform.database[tables.TRANSACTIONS].update_one(
        {"department": "Parks"}, {"$set": {"amount": Decimal128("40.00")}}
    )
    assert books.run(WEEK_1, WEEK_4).failure is None
    assert_rows(books.rows(), WEEKS_1_TO_4)
    assert set(books.materializations("weekly_transactions")) == {WEEK_1, WEEK_2, WEEK_3, WEEK_4}
