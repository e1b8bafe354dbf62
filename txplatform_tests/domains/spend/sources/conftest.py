"""What the tests of ingestion share: ingesting a file that is written down in the test."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from txplatform.domains.spend.sources.ingest import ingest_file
from txplatform.domains.spend.sources.layouts import Layout
from txplatform.domains.spend.sources.records import Policy
from txplatform.domains.spend.sources.report import IngestionReport
from txplatform_tests.domains.spend.sources.layouts import COLUMNS, small

Ingest = Callable[..., IngestionReport]

POLICY = Policy(last_day=date(2026, 11, 23))
WITH_IDS = small('id_column = "id"', COLUMNS)


@pytest.fixture
def ingest(mongo_database: Database[dict[str, Any]], tmp_path: Path) -> Ingest:
    """`ingest(text, name)`: the report of a CSV file of this text; blanks beside commas go."""

    def run(
        text: str, name: str = "june.csv", layout: Layout | None = None, policy: Policy = POLICY
    ) -> IngestionReport:
        return ingest_file(mongo_database, write(tmp_path / name, text), layout or small(), policy)

    return run


def write(path: Path, text: str) -> Path:
    """A CSV file of a text table, whose cells may be aligned with blanks."""
    lines = (",".join(cell.strip() for cell in line.split(",")) for line in text.split("\n"))
    path.write_text("\n".join(lines).strip("\n") + "\n", encoding="utf-8")
    return path
