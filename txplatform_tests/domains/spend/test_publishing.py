"""Publishing computed weeks: what is replaced, what is left alone, what is remembered."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, text

from txplatform.connectors.period_tables import Replacement
from txplatform.domains.spend import publishing
from txplatform.domains.spend.measuring import NO_DOCUMENTS, WeekMeasure
from txplatform.domains.spend.queries.weekly_table import weekly_rows
from txplatform_tests.domains.spend.text_tables import assert_rows
from txplatform_tests.domains.spend.weekly_tables import computed_weeks, empty_week

BEFORE = """
    week_start | department | division | total_amount
    2026-11-09 | Roads      | Bridges  | 1.00
    2026-11-16 | Parks      | Trees    | 20.00
    2026-11-16 | Roads      | Bridges  | 30.00
    """
CORRECTED = """
    week_start | department | division | total_amount
    2026-11-16 | Parks      | Trees    | 25.00
    2026-11-16 | Roads      | Bridges  | 30.00
    """
NINTH, SIXTEENTH = date(2026, 11, 9), date(2026, 11, 16)
SHOWN = "week_start, department, division, total_amount, run_id"


def _publish(engine: Engine, weeks: str, run_id: str) -> dict[date, Replacement]:
    return publishing.publish(engine, computed_weeks(weeks), run_id)


def _select(engine: Engine, query: str, **values: Any) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(query), values).mappings()]


def _table(engine: Engine) -> list[dict[str, Any]]:
    return _select(engine, f"SELECT * FROM weekly_transactions ORDER BY {SHOWN}")  # noqa: S608


def _as_of(engine: Engine, instant: datetime) -> list[dict[str, Any]]:
    return _select(engine, "SELECT * FROM weekly_transactions_as_of(:at)", at=instant)


def _now(engine: Engine) -> datetime:
    now: datetime = _select(engine, "SELECT clock_timestamp() AS now")[0]["now"]
    return now


def test_the_first_publication_writes_every_row(engine: Engine) -> None:
    done = _publish(engine, BEFORE, "first")

    assert done == {
        NINTH: Replacement(inserted=1, removed=0, unchanged=0),
        SIXTEENTH: Replacement(inserted=2, removed=0, unchanged=0),
    }
    assert_rows(
        _table(engine),
        """
        week_start | department | division | total_amount | run_id
        2026-11-09 | Roads      | Bridges  | 1.00         | first
        2026-11-16 | Parks      | Trees    | 20.00        | first
        2026-11-16 | Roads      | Bridges  | 30.00        | first
        """,
    )


def test_the_same_again_changes_nothing(engine: Engine) -> None:
    """Catches: a table that is written anew (`computed_at` moves, history fills)."""
    _publish(engine, BEFORE, "first")
    before = _table(engine)

    done = _publish(engine, BEFORE, "second")

    assert done[SIXTEENTH] == Replacement(inserted=0, removed=0, unchanged=2)
    assert _table(engine) == before
    assert _select(engine, "SELECT * FROM weekly_transactions_history") == []


def test_a_correction_replaces_what_changed_and_remembers_it(engine: Engine) -> None:
    _publish(engine, BEFORE, "first")
    before = _table(engine)

    done = _publish(engine, CORRECTED, "second")

    assert done == {SIXTEENTH: Replacement(inserted=1, removed=1, unchanged=1)}
    assert_rows(
        _table(engine),
        """
        week_start | department | division | total_amount | run_id
        2026-11-09 | Roads      | Bridges  | 1.00         | first
        2026-11-16 | Parks      | Trees    | 25.00        | second
        2026-11-16 | Roads      | Bridges  | 30.00        | first
        """,
    )
    [old] = _select(engine, "SELECT * FROM weekly_transactions_history")
    [new] = [row for row in _table(engine) if row["run_id"] == "second"]
    assert (old.pop("valid_from"), old.pop("valid_to")) == (old["computed_at"], new["computed_at"])
    assert old == before[1]


def test_the_table_is_known_as_of_any_instant(engine: Engine) -> None:
    """Catches: a row in two versions at once, one that is missing between two versions."""
    instants, tables = [_now(engine)], [_table(engine)]
    for run_id, weeks in enumerate((BEFORE, CORRECTED, BEFORE, CORRECTED)):
        _publish(engine, weeks, f"run {run_id}")
        instants.append(_now(engine))
        tables.append(_table(engine))

    for instant, table in zip(instants, tables, strict=True):
        key = [tuple(row.values()) for row in _as_of(engine, instant)]
        assert sorted(key, key=str) == sorted((tuple(row.values()) for row in table), key=str)


def test_a_version_begins_at_the_instant_at_which_the_one_before_it_ends(engine: Engine) -> None:
    _publish(engine, BEFORE, "first")
    _publish(engine, CORRECTED, "second")
    [turn] = _select(engine, "SELECT valid_from, valid_to FROM weekly_transactions_history")

    for instant in turn.values():
        trees = [row for row in _as_of(engine, instant) if row["division"] == "Trees"]
        assert len(trees) == 1


def test_a_division_that_is_gone_is_gone(engine: Engine) -> None:
    _publish(engine, BEFORE, "first")

    _publish(
        engine,
        """
        week_start | department | division | total_amount
        2026-11-16 | Parks      | Trees    | 20.00
        """,
        "second",
    )

    assert_rows(
        _table(engine),
        """
        week_start | department | division | run_id
        2026-11-09 | Roads      | Bridges  | first
        2026-11-16 | Parks      | Trees    | first
        """,
    )
    assert_rows(
        _select(engine, "SELECT * FROM weekly_transactions_history"),
        """
        week_start | department | division | total_amount | run_id
        2026-11-16 | Roads      | Bridges  | 30.00        | first
        """,
    )


def test_a_week_that_became_empty_is_emptied(engine: Engine) -> None:
    _publish(engine, BEFORE, "first")

    done = publishing.publish(engine, empty_week(SIXTEENTH, fingerprint="empty"), "second")

    assert done == {SIXTEENTH: Replacement(inserted=0, removed=2, unchanged=0)}
    assert [row["week_start"] for row in _table(engine)] == [NINTH]
    [_, emptied] = _select(engine, "SELECT * FROM computed_weeks ORDER BY week_start")
    assert (emptied["row_count"], emptied["total_amount"]) == (0, Decimal("0.00"))
    assert (emptied["fingerprint"], emptied["run_id"]) == ("empty", "second")


def test_null_is_a_value_like_any_other(engine: Engine) -> None:
    """Catches: `=` instead of IS NOT DISTINCT FROM, by which NULL always differs from NULL."""
    with_change = """
        week_start | department | division | total_amount | department_change_pct
        2026-11-16 | Roads      | Bridges  | 30.00        | 5.0000
        """
    without = with_change.replace("5.0000", "      ")
    outcomes = [
        _publish(engine, weeks, f"run {number}")[SIXTEENTH]
        for number, weeks in enumerate((without, without, with_change, without))
    ]

    assert outcomes == [
        Replacement(inserted=1, removed=0, unchanged=0),
        Replacement(inserted=0, removed=0, unchanged=1),
        Replacement(inserted=1, removed=1, unchanged=0),
        Replacement(inserted=1, removed=1, unchanged=0),
    ]


def test_a_computed_week_says_what_it_was_computed_from(engine: Engine) -> None:
    publishing.publish(engine, computed_weeks(BEFORE, fingerprint="old"), "first")
    publishing.publish(engine, computed_weeks(CORRECTED, fingerprint="new"), "second")

    computed = _select(engine, "SELECT * FROM computed_weeks ORDER BY week_start")
    assert [(row["fingerprint"], row["run_id"], row["row_count"]) for row in computed] == [
        ("old", "first", 1),
        ("new", "second", 2),
    ]
    assert [row["total_amount"] for row in computed] == [Decimal("1.00"), Decimal("55.00")]


def test_columns_are_copied_by_name(engine: Engine) -> None:
    """Catches: a COPY that trusts the order of columns (Parquet and Spark may give another)."""
    [(week, rows)] = computed_weeks(CORRECTED).items()
    reordered = rows.select(sorted(rows.column_names, reverse=True))

    publishing.publish(engine, {week: reordered}, "first")

    assert weekly_rows(engine, None, None)["total_amount"].to_pylist() == [
        Decimal("25.00"),
        Decimal("30.00"),
    ]


def _measured(week: date, amount: str, fingerprint: str) -> WeekMeasure:
    return WeekMeasure(week, 1, Decimal(amount), fingerprint)


def test_only_news_about_a_week_is_news(engine: Engine) -> None:
    first = [_measured(NINTH, "1.00", "a"), _measured(SIXTEENTH, "2.00", "b")]
    second = [_measured(NINTH, "1.00", "a"), _measured(SIXTEENTH, "3.00", "c")]

    news = [publishing.record_measures(engine, measures) for measures in (first, first, second)]

    assert news == [[NINTH, SIXTEENTH], [], [SIXTEENTH]]
    amounts = _select(engine, "SELECT total_amount FROM source_weeks ORDER BY week_start")
    assert [row["total_amount"] for row in amounts] == [Decimal("1.00"), Decimal("3.00")]


def test_a_silent_week_is_news_only_where_it_had_documents(engine: Engine) -> None:
    silent = _measured(NINTH, "0.00", NO_DOCUMENTS)

    assert publishing.record_measures(engine, [silent]) == []
    assert publishing.record_measures(engine, []) == []
    publishing.record_measures(engine, [_measured(NINTH, "1.00", "a")])
    assert publishing.record_measures(engine, [silent]) == [NINTH]
