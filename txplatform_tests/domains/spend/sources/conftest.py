"""What the tests of ingestion share: ingesting a file that is written down in the test."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pymongo.collection import Collection
from pymongo.database import Database

from txplatform import embedded
from txplatform.domains.spend.sources.collection import ingest_collection
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


@pytest.fixture
def company(mongo_database: Database[dict[str, Any]]) -> Iterator[Collection[dict[str, Any]]]:
    """The company's collection `purchases.2026` in a database of its own."""
    database = mongo_database.client[f"{mongo_database.name}_company"]
    yield database["purchases.2026"]
    mongo_database.client.drop_database(database)


@pytest.fixture
def ingest_company(
    company: Collection[dict[str, Any]],
    mongo_database: Database[dict[str, Any]],
    endpoints: embedded.Endpoints,
) -> Ingest:
    """`ingest_company(layout)`: the report of the company's collection."""

    def run(layout: Layout | None = None) -> IngestionReport:
        uri = address(endpoints, f"{company.database.name}.{company.name}")
        return ingest_collection(mongo_database, uri, layout or small(), POLICY)

    return run


def address(endpoints: embedded.Endpoints, path: str) -> str:
    """The address of a collection on the test's server."""
    server, _, options = endpoints.mongo_uri.partition("/?")
    return f"{server.rstrip('/')}/{path}?{options or 'authSource=admin'}"


def purchase(number: object, day: object = "2026-06-01", amount: object = "5.28") -> dict[str, Any]:
    """A document as something else filled it in."""
    names = {"department": "Roads", "division": "North", "merchant": "Shell"}
    return {"_id": number, **names, "day": day, "amount": amount}
