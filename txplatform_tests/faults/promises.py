"""Promises 1 to 4, held against the campaign's own accounts; each finding is a sentence.

Promise 2 is the reader's (`watching.py`), promise 5 that of whoever starts commands
(`forked.Ended.complaint`).
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from bson import Decimal128
from sqlalchemy import text

from txplatform_tests.faults.accounts import File, Row
from txplatform_tests.faults.deciding import OF_CASE
from txplatform_tests.faults.installation import World

WEEKLY = text("SELECT * FROM weekly_transactions ORDER BY week_start, department, division")
ALERTS = text(
    "SELECT rule, department, division, merchant, transaction_date, transaction_count FROM alerts "
    "WHERE superseded_at IS NULL AND rule IN ('SPLIT', 'DUPLICATE') "
    "AND alert_id NOT LIKE 'to decide %'"  # those that `campaign.begin` raises for controllers
)
STAMPS = ("computed_at", "run_id")


def broken(world: World, has_alerts: bool) -> list[str]:
    """What does not hold now that the work is finished."""
    with world.mongo() as client:
        database = client[world.settings.mongo_database]
        found = [*_rows_lost(world, database), *_files_unbalanced(world, database)]
    found += [*_weeks_wrong(world), *_decisions_lost(world)]
    return [*found, *(_alerts_wrong(world) if has_alerts else ())]


def weekly_rows(world: World) -> list[dict[str, Any]]:
    """The table as it stands, stamps included."""
    return _select(world, "SELECT * FROM weekly_transactions ORDER BY 1, 2, 3")


def _rows_lost(world: World, database: Any) -> Iterator[str]:
    """Promise 1: purchases and earlier versions are those of the files, each once."""
    accounts = world.accounts
    stored = Counter(map(_row, database.transactions.find()))
    yield from _difference("transactions", Counter(map(_nameless, accounts.rows())), stored)
    history = Counter(map(_row, database.transactions_history.find()))
    replaced = Counter(map(_nameless, accounts.replaced.elements()))
    yield from _difference("transactions_history", replaced, history)


def _files_unbalanced(world: World, database: Any) -> Iterator[str]:
    """Promise 1: per file rows read = loaded + unchanged + corrected + refused, all finished."""
    records = {one["file"]: one for one in database.ingestions.find()}
    for file in world.accounts.files:
        record = records.get(str(file.path)) or records.get(file.path.name)
        if record is None or record["status"] != "finished":
            yield f"{file.path.name} is not finished: {record and record['status']}"
        else:
            yield from _unbalanced(file, record)
    refused = database.transactions_rejected.count_documents({})
    expected = sum(file.refused for file in world.accounts.files)
    if refused != expected:
        yield f"{refused} refused rows instead of {expected}"


def _unbalanced(file: File, record: dict[str, Any]) -> Iterator[str]:
    rows = record["rows_read"]
    parts = [record[name] for name in ("loaded", "unchanged", "corrected", "refused")]
    if rows != sum(parts) or rows != len(file.rows) + file.refused or parts[-1] != file.refused:
        yield f"{file.path.name} has {len(file.rows)}+{file.refused} rows: {rows} = {parts}"


def _weeks_wrong(world: World) -> Iterator[str]:
    """Promises 2 and 3: every cell is that of the oracle, and the history is in order."""
    expected = world.accounts.weekly()
    stored = [
        {name: value for name, value in row.items() if name not in STAMPS}
        for row in weekly_rows(world)
    ]
    if stored != expected:
        wrong = [one for one in expected if one not in stored]
        yield f"weekly_transactions: {len(stored)} of {len(expected)} rows, wrong: {wrong[:2]}"
    backwards = "SELECT 1 FROM weekly_transactions_history WHERE valid_from >= valid_to"
    if _select(world, backwards):
        yield "weekly_transactions_history runs backwards"


HALF_DECIDED = rf"""
    SELECT reason FROM decisions WHERE reason LIKE '{OF_CASE}%'
    GROUP BY reason
    HAVING count(DISTINCT alert_id) <> substring(reason FROM '{OF_CASE}([0-9]+)')::int"""  # noqa: S608 - constants


def _decisions_lost(world: World) -> Iterator[str]:
    """Promise 4: every entry that was acknowledged is there, and sequences have no gap."""
    entries = _select(world, "SELECT alert_id, sequence FROM decisions ORDER BY 1, 2")
    stored = {(one["alert_id"], one["sequence"]) for one in entries}
    if lost := set(world.decided) - stored:
        yield f"{len(lost)} decisions were lost, such as {min(lost)}"
    numbers: dict[str, list[int]] = {}
    for alert, sequence in sorted(stored):
        numbers.setdefault(alert, []).append(sequence)
    if any(found != list(range(1, len(found) + 1)) for found in numbers.values()):
        yield "the entries of an alert have a gap"
    if halves := _select(world, HALF_DECIDED):
        yield f"{len(halves)} decisions on a case are not on each of its alerts"


def _alerts_wrong(world: World) -> Iterator[str]:
    """The alerts of two rules are those counted by hand: none lost, none twice."""
    stored = Counter(tuple(one.values()) for one in _select(world, ALERTS.text))
    yield from _difference("alerts", world.accounts.alerts(), stored)


def _select(world: World, query: str) -> list[dict[str, Any]]:
    session = world.postgres()
    try:
        with session.cursor() as cursor:
            cursor.execute(query)
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor]
    finally:
        session.close()


def _difference(what: str, expected: Counter[Any], stored: Counter[Any]) -> Iterator[str]:
    if stored != expected:
        lost, doubled = expected - stored, stored - expected
        yield (
            f"{what}: {lost.total()} missing, {doubled.total()} too many, such as "
            f"{next(iter([*lost, *doubled]))}"
        )


def _row(document: dict[str, Any]) -> Row:
    amount: Decimal128 = document["amount"]
    day: date = document["transaction_date"].date()
    cents = int(amount.to_decimal().scaleb(2))
    names = document["department"], document["division"], document["merchant"]
    return Row("", *names, day, cents)


def _nameless(row: Row) -> Row:
    return row._replace(id="")
