"""Late data in Dagster's own eyes: what its UI shows as stale, week by week."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest
from pyspark.sql import SparkSession

from txplatform.domains.spend.queries.status import week_status
from txplatform.domains.spend.transforms import CODE_VERSION
from txplatform.orchestration.instance import environment, open_instance
from txplatform.orchestration.partitions import RANGE_END, RANGE_START
from txplatform.platform import Platform
from txplatform_tests.domains.spend.books import Books

WEEKS = ("2026-10-19", "2026-10-26", "2026-11-02", "2026-11-09")
FIRST_FILE = """
    date       | department | division | amount
    2026-10-20 | Roads      | Bridges  | 10.00
    2026-10-27 | Roads      | Bridges  | 20.00
    2026-11-03 | Roads      | Bridges  | 30.00
    2026-11-10 | Roads      | Bridges  | 40.00
    """
LATE_FILE = """
    date       | department | division | amount
    2026-10-28 | Roads      | Signs    | 5.00
    """


@pytest.fixture
def persisted_books(
    platform: Platform,
    spark: SparkSession,  # noqa: ARG001 - the runs find this session
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Books]:
    """Books whose Dagster instance is the platform's own, in PostgreSQL."""
    for name, value in environment(platform.settings, platform.endpoints).items():
        monkeypatch.setenv(name, value)
    with open_instance(platform.settings, platform.endpoints) as instance:
        yield Books(platform, instance)


def stale(books: Books, asset: str) -> list[str]:
    """The weeks of an asset that Dagster calls stale; the others are fresh."""
    graph = books.definitions.resolve_asset_graph()
    context = LoadingContextForTest(books.instance)
    resolver = CachingStaleStatusResolver(books.instance, graph, context)
    statuses = {week: resolver.get_status(dg.AssetKey(asset), week) for week in WEEKS}
    assert set(statuses.values()) <= {StaleStatus.FRESH, StaleStatus.STALE}
    return [week for week, status in statuses.items() if status is StaleStatus.STALE]


def test_late_rows_make_exactly_two_weeks_of_a_range_run_stale(persisted_books: Books) -> None:
    """Catches: one data version for a whole run, by which every week of it would be stale."""
    books = persisted_books
    books.ingest(FIRST_FILE, "first.csv")
    assert books.run(WEEKS[0], WEEKS[-1]).failure is None
    assert stale(books, "weekly_aggregates") == []

    books.ingest(LATE_FILE, "late.csv")

    assert stale(books, "transactions") == []
    assert stale(books, "weekly_aggregates") == [WEEKS[1], WEEKS[2]]
    books.run(WEEKS[1], WEEKS[2])
    assert stale(books, "weekly_aggregates") == []
    assert stale(books, "weekly_transactions") == []


def test_a_week_repaired_alone_leaves_the_next_one_stale(books: Books) -> None:
    """A single week materialised by hand in the UI: W+1 still shows the change from the old W."""
    books.ingest(FIRST_FILE, "first.csv")
    books.run(WEEKS[0], WEEKS[-1])
    books.ingest(LATE_FILE, "late.csv")

    books.run(WEEKS[1])

    assert stale(books, "weekly_aggregates") == [WEEKS[2]]


def test_measuring_unchanged_weeks_again_makes_nothing_stale(books: Books) -> None:
    """Catches: a version that is new with every materialisation."""
    books.ingest(FIRST_FILE, "first.csv")
    books.run(WEEKS[0], WEEKS[-1])
    measuring = books.definitions.resolve_implicit_global_asset_job_def().get_subset(
        asset_selection={dg.AssetKey("transactions")}
    )

    for week in WEEKS:
        assert measuring.execute_in_process(instance=books.instance, partition_key=week).success

    assert stale(books, "weekly_aggregates") == []


def asked(books: Books) -> dict[str, object]:
    """What the asset `stale_weeks` says now."""
    job = books.definitions.resolve_implicit_global_asset_job_def().get_subset(
        asset_selection={dg.AssetKey("stale_weeks")}
    )
    assert job.execute_in_process(instance=books.instance).success
    return {
        name: value.value
        for name, value in books.materializations("stale_weeks")[""].metadata.items()
        if value.value
    }


def test_the_platform_says_which_weeks_are_stale_whatever_was_reported(books: Books) -> None:
    """Catches: "Report materialization" in the UI, after which Dagster shows a week as fresh."""
    books.ingest(FIRST_FILE, "first.csv")
    books.run(WEEKS[0], WEEKS[-1])
    assert asked(books) == {}
    books.ingest(LATE_FILE, "late.csv")

    for week in WEEKS:
        report(books, "weekly_aggregates", week)

    assert {WEEKS[1], WEEKS[2]}.isdisjoint(stale(books, "weekly_aggregates"))
    assert asked(books) == {"weekly_transactions": [WEEKS[1], WEEKS[2]]}
    books.run(WEEKS[1], WEEKS[2])
    assert asked(books) == {}


def requested(books: Books, job: str) -> list[tuple[str, str]]:
    """The ranges of weeks that a job's schedule asks for this morning."""
    schedule = books.definitions.resolve_schedule_def(f"{job}_late")
    now = datetime.now(UTC)
    context = dg.build_schedule_context(books.instance, now, {"platform": books.platform})
    asked_for = schedule.evaluate_tick(context).run_requests or []
    return [(one.tags[RANGE_START], one.tags[RANGE_END]) for one in asked_for]


def test_the_schedule_asks_the_platform_whatever_was_reported(persisted_books: Books) -> None:
    """Catches: late purchases that nobody repairs where Dagster's schedule is in charge."""
    books = persisted_books
    books.ingest(FIRST_FILE, "first.csv")
    books.run(WEEKS[0], WEEKS[-1])
    books.alert(WEEKS[0], WEEKS[-1])
    assert requested(books, "weekly_spend") == requested(books, "weekly_alerts") == []
    books.ingest(LATE_FILE, "late.csv")

    for week in WEEKS:
        report(books, "weekly_aggregates", week)
        report(books, "alerts", week)

    assert requested(books, "weekly_spend") == [(WEEKS[1], WEEKS[2])]
    assert requested(books, "weekly_alerts") == [(WEEKS[1], WEEKS[1])]
    books.run(WEEKS[1], WEEKS[2])
    assert requested(books, "weekly_spend") == []


def report(books: Books, asset: str, week: str) -> None:
    """What the UI's "Report materialization" does."""
    books.instance.report_runless_asset_event(dg.AssetMaterialization(asset, partition=week))


def test_what_dagster_alone_knows_or_forgot_is_listed(books: Books) -> None:
    """Catches: weeks wiped in the UI, or reported and never computed, that nobody tells of."""
    books.ingest(FIRST_FILE, "first.csv")
    books.run(WEEKS[0], WEEKS[2])
    assert asked(books) == {}

    books.instance.wipe_assets([dg.AssetKey("weekly_transactions")])
    for week in (WEEKS[1], WEEKS[3]):
        report(books, "weekly_transactions", week)
    report(books, "alerts", WEEKS[0])

    assert asked(books) == {
        "weekly_transactions_unlike_dagster": [WEEKS[0], WEEKS[2], WEEKS[3]],
        "alerts_unlike_dagster": [WEEKS[0]],
    }
    assert states(books) == {week: "missing" if week == WEEKS[3] else "fresh" for week in WEEKS}
    books.run(WEEKS[0], WEEKS[3])
    assert asked(books) == {"alerts_unlike_dagster": [WEEKS[0]]}


def states(books: Books) -> dict[str, str]:
    """What `txplatform spend status` says of the weeks."""
    found = week_status(books.platform.engine, CODE_VERSION)
    return {f"{one.week_start}": one.state.value for one in found}
