"""Alerts as real runs, from purchases in MongoDB to rows in PostgreSQL."""

import threading
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession
from sqlalchemy import Engine

from txplatform.connectors.lake import metadata_of
from txplatform.domains.spend import alerting, planning, publishing
from txplatform.domains.spend.alerting import _ahead
from txplatform.domains.spend.measuring import WeekMeasure
from txplatform.domains.spend.queries.rulebook import rulebook
from txplatform.domains.spend.queries.status import alert_status, alerts_by_severity
from txplatform.domains.spend.settings import SpendSettings
from txplatform.errors import PlatformError
from txplatform.freshness import PeriodState
from txplatform.platform import Platform
from txplatform_tests.domains.spend.books import Books
from txplatform_tests.domains.spend.found_alerts import publish_found
from txplatform_tests.domains.spend.test_staleness import stale

WEEK_1, WEEK_2, WEEK_3 = "2026-10-19", "2026-10-26", "2026-11-02"
PURCHASES = """
    date       | department | division | amount | merchant
    2026-10-20 | Roads      | Bridges  | 80.00  | Ironmonger
    2026-10-20 | Roads      | Bridges  | 80.00  | Ironmonger
    2026-10-24 | Roads      | Signs    | 12.50  | Garden Shop
    2026-10-27 | Roads      | Signs    | 300.00 | Ironmonger
    2026-11-10 | Parks      | Trees    | 33.10  | Ironmonger
    """
LATE = """
    date       | department | division | amount | merchant
    2026-10-27 | Roads      | Signs    | 200.00 | Ironmonger
    """
SHOWN = "SELECT rule, week_start::text, transaction_count, amount_at_risk::text FROM alerts"
FOUND = [
    ("DUPLICATE", WEEK_1, 2, "80.00"),
    ("ROUND", WEEK_2, 1, "300.00"),
    ("WEEKEND", WEEK_1, 1, "12.50"),
]


def shown(books: Books) -> list[tuple[Any, ...]]:
    """The alerts that hold."""
    rows = books.select(f"{SHOWN} WHERE superseded_at IS NULL ORDER BY 1, 2, 4")
    return [tuple(row.values()) for row in rows]


def states(books: Books) -> Mapping[str, PeriodState]:
    """How the alerts of each week stand."""
    version = rulebook(books.platform).version
    status = alert_status(books.platform.engine, version)
    return {f"{week.week_start}": week.state for week in status}


def test_late_purchases_make_the_alerts_of_their_own_week_stale(books: Books) -> None:
    """Two runs with everything: what is raised, what the UI shows, what is stale afterwards."""
    books.ingest(PURCHASES, "first.csv")
    run = books.alert(WEEK_1, "2026-11-09")

    assert (run.failure, run.rows_written, run.rows_removed) == (None, 3, 0)
    assert shown(books) == FOUND
    assert stale(books, "alerts") == []
    assert planning.stale_alert_weeks(books.platform) == []
    _assert_metadata(books)

    books.ingest(LATE, "late.csv")

    assert stale(books, "alerts") == stale(books, "benford") == [WEEK_2]
    assert states(books) == {
        WEEK_1: PeriodState.FRESH,
        WEEK_2: PeriodState.STALE,
        WEEK_3: PeriodState.FRESH,
        "2026-11-09": PeriodState.FRESH,
    }
    assert planning.stale_alert_weeks(books.platform) == [date.fromisoformat(WEEK_2)]
    again = books.alert(WEEK_2)
    assert (again.failure, again.rows_written, again.rows_removed) == (None, 1, 0)
    assert shown(books) == sorted([*FOUND, ("ROUND", WEEK_2, 1, "200.00")])
    assert planning.stale_alert_weeks(books.platform) == []


def _assert_metadata(books: Books) -> None:
    week, silent = (books.materializations("alerts")[one].metadata for one in (WEEK_1, WEEK_3))

    assert week["dagster/partition_row_count"].value == 2
    assert week["amount_at_risk"].value == "92.50"
    assert "| DUPLICATE | medium | 1 |" in str(week["by_rule"].value)
    first = str(week["riskiest"].value).splitlines()[2]
    assert first.startswith(
        "| 0.311 | 12.50 | WEEKEND | Roads | 12.50 at Garden Shop on 24 October"
    )
    assert str(week["dashboard"].value).endswith(f"/spend-alerts?from={WEEK_1}&to={WEEK_1}")
    assert silent["dagster/partition_row_count"].value == 0
    tests = books.materializations("benford")[WEEK_1].metadata
    assert tests["dagster/partition_row_count"].value == len(_benford(books))
    assert tests["tests_that_do_not_conform"].value == 0


def _benford(books: Books) -> list[dict[str, Any]]:
    tests = books.select(
        "SELECT department, test, purchase_count, conformity FROM benford_tests "
        "WHERE week_start = :week ORDER BY 1, 2",
        week=date.fromisoformat(WEEK_1),
    )
    assert tests[:1] == [
        {"department": "", "test": "first_digit", "purchase_count": 3, "conformity": None}
    ]
    return tests


def test_a_range_finds_what_single_weeks_find(books: Books, spark: SparkSession) -> None:
    """Catches: a week that depends on what ran with it; one that loses its past."""
    weeks = [date.fromisoformat(week) for week in (WEEK_1, WEEK_2)]
    books.buy(PURCHASES)

    (together,) = alerting.find(books.platform, spark, weeks)
    (single,) = alerting.find(books.platform, spark, weeks[1:])

    assert list(together) == weeks
    first, second = weeks
    assert _sorted(single[second]).equals(_sorted(together[second]))
    assert metadata_of(single[second]) == metadata_of(together[second])
    assert together[first].schema.remove_metadata() == alerting.ALERTS
    assert metadata_of(together[first]).keys() == {"fingerprint", "rules_version"}


def _sorted(table: pa.Table) -> pa.Table:
    return table.sort_by("alert_id")


def test_without_purchases_nothing_is_found(platform: Platform, spark: SparkSession) -> None:
    week = date.fromisoformat(WEEK_1)

    (found,) = alerting.find(platform, spark, [week])

    assert found[week].num_rows == 0
    assert metadata_of(found[week])["fingerprint"] == "empty"


def test_a_part_is_made_while_the_one_before_is_used() -> None:
    """Catches: MongoDB, Spark and Python taking turns; an error that comes too early, or never."""
    begun = [threading.Event() for _ in range(3)]

    def parts() -> Iterator[int]:
        for number, event in enumerate(begun[:2]):
            event.set()
            yield number
        begun[2].set()
        raise PlatformError("No third part.")

    found = _ahead(parts())

    for number in (0, 1):
        assert next(found) == number
        assert begun[number + 1].wait(60)
    with pytest.raises(PlatformError, match="No third part"):
        next(found)


@pytest.fixture
def misruled(books: Books, tmp_path: Path) -> Books:
    """Books whose rules file has a key that nobody knows."""
    path = tmp_path / "rules.toml"
    path.write_text("[SPLIT]\nno_such_key = 1\n", encoding="utf-8")
    books.platform.settings = books.platform.settings.having(SpendSettings, rules=path)
    books.buy(PURCHASES)
    return books


def test_a_rule_that_fails_stops_no_table(misruled: Books) -> None:
    alerts, table = misruled.alert(WEEK_1), misruled.run(WEEK_1)

    assert "rules.toml" in (alerts.failure or "")
    assert "no_such_key" in (alerts.failure or "")
    assert table.failure is None
    assert shown(misruled) == []
    assert misruled.select("SELECT * FROM alert_weeks") == []


def test_alerts_of_other_documents_or_rules_are_stale(desk: Engine) -> None:
    measures = [
        WeekMeasure(date.fromisoformat(week), 1, Decimal("5.00"), fingerprint)
        for week, fingerprint in ((WEEK_1, "own"), (WEEK_2, "new"), (WEEK_3, "own"))
    ]
    publishing.record_measures(desk, measures)
    publish_found(desk, f"alert_id | week_start\na | {WEEK_1}\nb | {WEEK_2}\nc | 2026-11-09")

    of_today, of_other_rules = (
        {f"{week.week_start}": week.state.value for week in alert_status(desk, version)}
        for version in ("1", "2")
    )

    assert of_today == {
        WEEK_1: "fresh",
        WEEK_2: "stale",
        WEEK_3: "missing",
        "2026-11-09": "stale",  # its documents are gone
    }
    assert of_other_rules[WEEK_1] == "stale"
    assert alerts_by_severity(desk) == {"high": 3, "medium": 0, "low": 0}
