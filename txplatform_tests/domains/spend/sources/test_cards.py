"""Cards: nowhere but as a keyed hash, refused rows and earlier versions included."""

from pathlib import Path
from typing import Any

import pytest
from bson import json_util
from pymongo.database import Database

from txplatform.connectors.files import Row
from txplatform.domains.spend.sources.cards import MARK, WITHHELD, card_identity, keeping
from txplatform.domains.spend.sources.ingest import ingest_file
from txplatform.domains.spend.sources.layouts import Layout, load_layout
from txplatform.domains.spend.sources.quarantine import refused_rows, replay_rejected
from txplatform.domains.spend.sources.records import Policy
from txplatform.errors import UsageError
from txplatform_tests.domains.spend.sources.conftest import POLICY
from txplatform_tests.domains.spend.sources.stored import rejected, transactions

Mongo = Database[dict[str, Any]]

CARD = "4111-MARKER-1111"
KEY = b"a key"
HASHING = Policy(last_day=POLICY.last_day, card_key=KEY)
PLAIN = Policy(last_day=POLICY.last_day, card_identity="plain")
HEADER = "id,date,department,amount,card"
GOOD = f"1,2026-06-01,Roads,5.28,{CARD}"
BAD = [
    f"2,2026-06-31,Roads,5.28,{CARD}",
    f'3,2026-06-01,Roads,much,"{CARD}"',
    f"4,2026-06-01,Roads,5.28,{CARD},more",
    f"5,2026-06-01,Roads,5.28,and,again,{CARD}",
    f'6,2026-06-01,"Ro"ads,5.28,{CARD}',
    f"{CARD}",
]
LINES = [
    f'{{"date": "2026-06-31", "department": "Roads", "amount": 5.28, "card": "{CARD}"}}',
    f'{{"date": "2026-06-31", "department": "Roads", "amount": "x", "card": ["{CARD}"]}}',
    f'["{CARD}"]',
    f'{{"date": "2026-06-01", "card": "{CARD}"',
]


@pytest.fixture
def layout() -> Layout:
    """The shipped layout that maps cards, of rows with ids."""
    generic = load_layout("generic")
    return generic.model_copy(update={"id_column": "id"})


def everything(database: Mongo) -> str:
    """Every document of every collection, as text."""
    found = {name: list(database[name].find()) for name in sorted(database.list_collection_names())}
    return json_util.dumps(found)


def write(path: Path, *lines: str) -> Path:
    """A file of these lines."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_no_card_is_anywhere(mongo_database: Mongo, layout: Layout, tmp_path: Path) -> None:
    report = ingest_file(
        mongo_database, write(tmp_path / "a.csv", HEADER, GOOD, *BAD), layout, HASHING
    )
    corrected = GOOD.replace("5.28", "6.28").replace(CARD, f"{CARD}-2")
    ingest_file(mongo_database, write(tmp_path / "b.csv", HEADER, corrected), layout, HASHING)
    lines = write(tmp_path / "c.jsonl", *LINES)
    ingest_file(mongo_database, lines, load_layout("generic"), HASHING)

    assert (report.loaded, report.refused) == (1, len(BAD))
    assert "MARKER" not in everything(mongo_database)
    assert len(transactions(mongo_database, "card")[0]) == 32


def test_a_card_is_kept_as_it_arrives_where_the_setting_says_so(
    mongo_database: Mongo, layout: Layout, tmp_path: Path
) -> None:
    ingest_file(mongo_database, write(tmp_path / "a.csv", HEADER, GOOD, *BAD), layout, PLAIN)

    assert transactions(mongo_database, "card") == [CARD]
    assert set(BAD) == {row["text"] for row in refused_rows(mongo_database)}


def test_a_layout_without_cards_keeps_the_text_as_it_arrived(
    mongo_database: Mongo, layout: Layout, tmp_path: Path
) -> None:
    without = layout.model_copy(
        update={"columns": layout.columns.model_copy(update={"card": None})}
    )
    ingest_file(mongo_database, write(tmp_path / "a.csv", HEADER, *BAD), without, POLICY)

    assert set(BAD) == {row["text"] for row in refused_rows(mongo_database)}


def test_a_refused_row_is_replayed_with_its_card_hashed_as_ever(
    mongo_database: Mongo, layout: Layout, tmp_path: Path
) -> None:
    """Catches: a mark that is hashed again, and so a buyer who is two."""
    european = GOOD.replace("1,2026", "7,2026").replace("5.28", '"5,28"')
    ingest_file(mongo_database, write(tmp_path / "a.csv", HEADER, GOOD, european), layout, HASHING)
    mended = layout.model_copy(update={"decimal_sign": ",", "thousands_sign": "."})

    report = replay_rejected(mongo_database, mended, HASHING)

    assert (report.loaded, report.refused) == (1, 0)
    assert len(set(transactions(mongo_database, "card"))) == 1
    assert transactions(mongo_database, "amount") == ["5.28", "5.28"]


def test_a_row_that_kept_no_text_stays_refused_and_says_why(
    mongo_database: Mongo, layout: Layout, tmp_path: Path
) -> None:
    ingest_file(mongo_database, write(tmp_path / "a.csv", HEADER, BAD[3]), layout, HASHING)
    [before] = refused_rows(mongo_database)

    report = replay_rejected(mongo_database, layout, HASHING)

    [after] = refused_rows(mongo_database)
    assert before["text"] == after["text"] == WITHHELD
    assert before["reason"] == after["reason"] == "7 cells instead of 5"
    assert report.refused == 1
    assert rejected(mongo_database, "raw") == [WITHHELD]


@pytest.mark.parametrize("forged", [MARK, f"{MARK}{'0' * 48}", f"{MARK}x", "hashed card", "é"])
def test_a_mark_that_somebody_else_wrote_is_a_card_like_any_other(
    layout: Layout, forged: str
) -> None:
    """Catches: a file that claims another buyer's hash."""
    identity = card_identity(layout, KEY)

    assert identity(forged) not in (None, "0" * 32)
    assert identity(forged) == identity(forged)


def test_a_mark_is_good_with_its_own_key_only(layout: Layout) -> None:
    keep = keeping(layout, HEADER.split(","), "a.csv", KEY)
    raw = keep(Row(2, ["2", "2026-06-31", "Roads", "5.28", CARD])).raw
    mark = json_util.loads(raw)["card"]

    assert mark.startswith(MARK)
    assert card_identity(layout, KEY)(mark) == card_identity(layout, KEY)(CARD)
    assert card_identity(layout, b"another")(mark) != card_identity(layout, KEY)(CARD)


def test_cards_without_a_key_are_refused(layout: Layout) -> None:
    with pytest.raises(UsageError, match="set TXPLATFORM_SPEND_CARD_KEY"):
        card_identity(layout, b"")
