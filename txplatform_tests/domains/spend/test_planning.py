"""Which weeks to compute: what ingestions changed, what is stale, what hangs on it."""

from datetime import date

from txplatform.domains.spend import planning, publishing, tables
from txplatform.domains.spend.measuring import NO_DOCUMENTS
from txplatform.domains.spend.queries.status import WeekStatus, week_status
from txplatform.domains.spend.sources import arrival
from txplatform.domains.spend.transforms import CODE_VERSION
from txplatform.periods import WEEK
from txplatform_tests.domains.spend.books import Books
from txplatform_tests.domains.spend.purchases import csv_lines
from txplatform_tests.domains.spend.weekly_tables import computed_weeks

WEEK_1, WEEK_2, WEEK_3, WEEK_4 = (date(2026, 10, 19) + n * WEEK for n in range(4))
FIRST_FILE = """
    date       | department | division | amount
    2026-10-20 | Roads      | Bridges  | 10.00
    2026-10-27 | Roads      | Bridges  | 20.00
    2026-11-03 | Roads      | Bridges  | 30.00
    2026-11-10 | Roads      | Bridges  | 40.00
    """
LATE_FILE = """
    date       | department | division | amount
    2026-10-27 | Roads      | Bridges  | 20.00
    2026-10-28 | Roads      | Signs    | 5.00
    """


def _stale(books: Books) -> list[date]:
    return planning.stale_weeks(books.platform)


def _compute_by_hand(books: Books, *weeks: date) -> None:
    """Publish some row of each week as computed from the documents that are known now."""
    known = {one.week_start: one.fingerprint for one in _status(books)}
    for week in weeks:
        row = f"week_start | department | division | total_amount\n{week} | Roads | Bridges | 1.00"
        inputs = {
            "fingerprint": known.get(week, NO_DOCUMENTS),
            "previous_fingerprint": known.get(week - WEEK, NO_DOCUMENTS),
            "code_version": CODE_VERSION,
        }
        publishing.publish(books.platform.engine, computed_weeks(row, **inputs), "by hand")


def _status(books: Books) -> list[WeekStatus]:
    return week_status(books.platform.engine, CODE_VERSION)


def test_late_rows_make_their_week_and_the_next_one_stale(books: Books) -> None:
    books.ingest(FIRST_FILE, "first.csv")
    assert _stale(books) == [WEEK_1, WEEK_2, WEEK_3, WEEK_4]
    books.run(f"{WEEK_1}", f"{WEEK_4}")
    assert _stale(books) == []

    report = books.ingest(LATE_FILE, "late.csv")

    assert (report.loaded, report.unchanged) == (1, 1)
    assert _stale(books) == [WEEK_2, WEEK_3]
    books.run(f"{WEEK_2}", f"{WEEK_3}")
    assert _stale(books) == []


def test_a_file_that_repeats_what_is_known_makes_nothing_stale(books: Books) -> None:
    """Catches: staleness by the ingestion instead of by its documents."""
    books.ingest(FIRST_FILE, "first.csv")
    _compute_by_hand(books, WEEK_1, WEEK_2, WEEK_3, WEEK_4)

    again = books.ingest(FIRST_FILE, "the same under another name.csv")
    part = books.ingest("\n".join(FIRST_FILE.strip().splitlines()[:3]), "a part.csv")

    assert again.is_skipped
    assert part.unchanged == 2
    assert _stale(books) == []


def test_what_changed_is_news_once(books: Books) -> None:
    path = books.platform.lake.root.with_name("first.csv")
    path.write_text("\n".join(csv_lines(FIRST_FILE)))
    arrival.take(books.platform, str(path), "generic")

    news = [publishing.note_changes(books.platform) for _ in range(2)]

    assert [list(one) for one in news] == [[WEEK_1, WEEK_2, WEEK_3, WEEK_4], []]


def test_what_nobody_noted_is_noted_by_the_next_one(books: Books) -> None:
    """An ingestion that was killed before it told anybody: the next command tells."""
    for name, text in (("first.csv", FIRST_FILE), ("late.csv", LATE_FILE)):
        path = books.platform.lake.root.with_name(name)
        path.write_text("\n".join(csv_lines(text)))
        arrival.take(books.platform, str(path), "generic")

    news = publishing.note_changes(books.platform)

    assert news[WEEK_2].document_count == 2
    assert len(news) == 4


def test_an_unfinished_ingestion_is_no_news_yet(books: Books) -> None:
    books.ingest(FIRST_FILE, "first.csv")
    ingestions = books.platform.database[tables.INGESTIONS]
    ingestions.update_many({}, {"$set": {"status": "running", "is_noted": False}})

    assert publishing.note_changes(books.platform) == {}
    assert ingestions.count_documents({"is_noted": True}) == 0


def test_a_week_brings_the_stale_week_after_it_along(books: Books) -> None:
    """Catches: W+1 left stale, every following week computed for nothing."""
    books.ingest(FIRST_FILE, "first.csv")
    _compute_by_hand(books, WEEK_1, WEEK_2, WEEK_3, WEEK_4)
    books.ingest(LATE_FILE, "late.csv")

    chosen = [
        planning.with_followers(books.platform, weeks)
        for weeks in ([WEEK_2], [WEEK_1], [WEEK_3], [WEEK_4, WEEK_2])
    ]

    assert chosen == [[WEEK_2, WEEK_3], [WEEK_1, WEEK_2], [WEEK_3], [WEEK_2, WEEK_3, WEEK_4]]


def test_a_week_after_that_was_never_computed_stays_so(books: Books) -> None:
    books.ingest(FIRST_FILE, "first.csv")
    _compute_by_hand(books, WEEK_1, WEEK_2)
    books.ingest(LATE_FILE, "late.csv")

    assert planning.with_followers(books.platform, [WEEK_2]) == [WEEK_2]
    assert _stale(books) == [WEEK_2, WEEK_3, WEEK_4]


def test_all_weeks_reach_from_the_first_purchase_to_the_last(books: Books) -> None:
    """The silent weeks between are computed too: one that became empty is emptied."""
    books.buy(
        """
        date       | department | division | amount
        2026-10-20 | Roads      | Bridges  | 10.00
        2026-11-10 | Roads      | Bridges  | 40.00
        """
    )

    assert planning.all_weeks(books.platform) == [WEEK_1, WEEK_2, WEEK_3, WEEK_4]


def test_without_purchases_there_are_no_weeks(books: Books) -> None:
    assert planning.all_weeks(books.platform) == []
    assert planning.stale_weeks(books.platform) == []
    assert publishing.note_changes(books.platform) == {}


def test_the_open_week_is_computed_only_when_it_is_asked_for(books: Books) -> None:
    """Catches: a week that looks complete on Tuesday."""
    this_week = planning.open_week(books.platform)
    last_week = this_week - WEEK
    books.ingest(
        f"""
        date        | department | division | amount
        {last_week} | Roads      | Bridges  | 10.00
        {this_week} | Roads      | Bridges  | 20.00
        """,
        "two weeks.csv",
    )

    assert planning.all_weeks(books.platform) == [last_week]
    assert _stale(books) == [last_week]
    assert planning.with_followers(books.platform, [this_week]) == [this_week]


def test_purchases_of_the_open_week_alone_leave_nothing_to_compute(books: Books) -> None:
    this_week = planning.open_week(books.platform)
    books.buy(f"date | department | division | amount\n{this_week} | Roads | Bridges | 1.00")

    assert planning.all_weeks(books.platform) == []
