"""Dagster's conditions over real ingestions: which weeks they ask for when purchases arrive."""

from datetime import UTC, datetime

import dagster as dg
import pytest

from txplatform.orchestration.automation import on_changes
from txplatform_tests.domains.spend.books import Books

NOW = datetime(2026, 11, 25, tzinfo=UTC)
AFTER_A_SILENT_WEEK = """
    date       | department | division | amount
    2026-10-20 | Roads      | Bridges  | 10.00
    2026-11-03 | Roads      | Bridges  | 30.00
    """


@pytest.fixture
def automatic(books: Books) -> Books:
    """The books, with the setting that has Dagster compute what changed."""
    settings = books.platform.settings.model_copy(update={"automation": "conditions"})
    books.platform.settings = settings
    assert on_changes(settings) is not None
    return books


def test_a_week_after_a_silent_one_is_asked_for(automatic: Books) -> None:
    """Catches: the conditions wait for ever for the silent week, which nobody ingests."""
    definitions, instance = automatic.definitions, automatic.instance
    everything = dg.AssetSelection.all()
    first = dg.evaluate_automation_conditions(definitions, instance, everything, NOW)

    automatic.ingest(AFTER_A_SILENT_WEEK, "purchases.csv")

    second = dg.evaluate_automation_conditions(definitions, instance, everything, NOW, first.cursor)
    asked_for = second.get_requested_partitions(dg.AssetKey("weekly_transactions"))
    assert {"2026-10-19", "2026-11-02"} <= {str(week) for week in asked_for}
