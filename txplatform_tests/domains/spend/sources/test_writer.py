"""Batches one after the other: the ids are asked for only where some may be known."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import pytest
from pymongo.database import Database

from txplatform.domains.spend import tables
from txplatform.domains.spend.sources.documents import Entry
from txplatform.domains.spend.sources.identity import SourceIds
from txplatform.domains.spend.sources.ingestions import Ingestion, own
from txplatform.domains.spend.sources.records import Purchase
from txplatform.domains.spend.sources.report import Outcome, Tally
from txplatform.domains.spend.sources.writer import TransactionWriter

EARLIER, NOW = datetime(2026, 5, 4), datetime(2026, 6, 1)


def entries(file: str, first_line: int, names: Iterable[str]) -> list[Entry]:
    """Rows of a file: `a` is the purchase a, `A` the same one corrected."""
    day = date(2026, 5, 4)
    rows = [
        Purchase("Roads", "North", name, "Fuel", day, 500, None, None, None, name.lower())
        for name in names
    ]
    identified = zip(SourceIds(file)(rows, ()), rows, strict=True)
    return [Entry(*known, row, line) for line, (known, row) in enumerate(identified, first_line)]


def written(database: Database[Any], file: str, at: datetime, batches: Iterable[str]) -> Tally:
    """The tally of an ingestion that writes these batches."""
    ingestion, tally, line = Ingestion(file, file, at, False, at), Tally(), 2
    writer = TransactionWriter(own(database), ingestion, tally, has_ids=True)
    for batch in batches:
        writer.write(entries("x", line, batch))
        line += len(batch)
    return tally


@pytest.mark.parametrize(
    ("before", "batches", "outcomes"),
    [
        ("", ["ab", "cd"], {"loaded": 4}),
        ("", ["ab", "ab", "cd"], {"loaded": 4, "unchanged": 2}),
        ("", ["ab", "Ac", "d"], {"loaded": 4, "corrected": 1}),
        ("", ["aA", "ab"], {"loaded": 2, "corrected": 2}),
        ("ab", ["ab", "cd", "ef"], {"loaded": 4, "unchanged": 2}),
        ("ef", ["ab", "cd", "ef", "gh"], {"loaded": 6, "unchanged": 2}),
        ("de", ["ab", "cD", "eE", "f"], {"loaded": 4, "corrected": 2, "unchanged": 1}),
    ],
)
def test_known_and_new_batches_in_any_order(
    mongo_database: Database[Any], before: str, batches: list[str], outcomes: dict[Outcome, int]
) -> None:
    written(mongo_database, "earlier", EARLIER, [before])

    tally = written(mongo_database, "now", NOW, batches)

    assert {name: count for name, count in tally.rows.items() if count} == outcomes
    last = {name.lower(): name for name in before + "".join(batches)}
    kept = mongo_database[tables.TRANSACTIONS].find(sort=[("_id", 1)])
    assert [document["merchant"] for document in kept] == [last[name] for name in sorted(last)]
    replaced = mongo_database[tables.TRANSACTIONS_HISTORY].count_documents({})
    assert replaced == tally.rows["corrected"]
