"""Finished tables are checked against their declaration before they are written."""

from typing import Any

import pyarrow as pa
import pytest

from txplatform.domains.commerce import tables
from txplatform.domains.commerce.tables.arrow import finished, schema_of
from txplatform.domains.commerce.tables.frames import validated
from txplatform.errors import ReconciliationError

ACTIVITY = tables.GOLD["activity"]
COHORTS = tables.GOLD["cohorts"]


def activity(*rows: tuple[str | None, int | None, str]) -> pa.Table:
    """Rows of the table activity."""
    names = ("customer_id", "recency_days", "status")
    return pa.Table.from_pylist(
        [dict(zip(names, row, strict=True)) for row in rows], schema_of(ACTIVITY)
    )


def cohort(**changes: Any) -> pa.Table:
    """A row of the table cohorts in whole units."""
    usual = dict.fromkeys(schema_of(COHORTS).names, 0) | {"is_complete": True}
    units = {name: [value] for name, value in (usual | changes).items()}
    return finished(pa.table(units), schema_of(COHORTS))


def test_what_is_declared_passes_as_it_is() -> None:
    rows = activity(("a", 3, "active"), ("b", None, "active"))

    assert validated(ACTIVITY, rows) is rows


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (activity(("a", 3, "active"), ("a", 4, "active")), "activity cannot be published"),
        (activity((None, 3, "active")), "customer_id fails not_nullable"),
        (activity(("a", -3, "active")), "recency_days fails greater_than_or_equal_to"),
        (activity(("a", 3, "active")).drop_columns("status"), "cannot be published"),
        (
            activity(("a", 3, "active")).set_column(1, "recency_days", pa.array(["3"])),
            "columns or their types",
        ),
    ],
)
def test_what_is_not_declared_is_a_sentence(rows: pa.Table, sentence: str) -> None:
    with pytest.raises(ReconciliationError, match=sentence):
        validated(ACTIVITY, rows)


def test_rates_lie_between_none_and_all() -> None:
    validated(COHORTS, cohort(retention=1_000_000))

    with pytest.raises(ReconciliationError, match="retention fails in_range"):
        validated(COHORTS, cohort(retention=1_000_001))


def test_a_table_without_a_key_may_repeat_itself() -> None:
    summary = tables.GOLD["activity_summary"]
    units = {name: [1, 1] for name in schema_of(summary).names}

    validated(summary, finished(pa.table(units), schema_of(summary)))
