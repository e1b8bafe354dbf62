"""docs/spend.md says of each column and field what the declared tables say."""

import pytest
from sqlalchemy import Column

from txplatform.connectors.postgres import sql_type
from txplatform.domains.spend import tables
from txplatform_tests.architecture.source_tree import ROOT

NUMBERS = (ROOT / "docs" / "spend.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("column", list(tables.weekly_transactions.columns), ids=lambda c: c.name)
def test_each_column_is_explained_in_its_own_words(column: Column[object]) -> None:
    assert f"| `{column.name}` | {sql_type(column)} | {column.comment} |" in NUMBERS


@pytest.mark.parametrize("name", list(tables.DOCUMENT_FIELDS))
def test_each_field_of_a_purchase_is_explained_in_its_own_words(name: str) -> None:
    kind, meaning = tables.DOCUMENT_FIELDS[name]
    assert f"| `{name}` | {kind} | {meaning} |" in NUMBERS
