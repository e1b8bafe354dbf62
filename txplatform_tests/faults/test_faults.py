"""A short campaign, and whether its judges notice what they are there for."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from txplatform_tests.faults import kinds, promises
from txplatform_tests.faults.accounts import Accounts, File, Row, lines_of, write_file
from txplatform_tests.faults.campaign import begin, fight, plan, sentence, stage_of_own
from txplatform_tests.faults.forked import Ended
from txplatform_tests.faults.ledger import Outcome, append, read, table, with_table
from txplatform_tests.faults.play import Fault, Stage
from txplatform_tests.faults.watching import Seen, halves

SEED, SECONDS = 20, 20
CHEAP = ("deciding", "withdrawing", "ingesting", "writing", "computing")
"""In this order, so that a slow machine has played some of each kind that it has time for."""

WEEK = date(2026, 8, 3)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """An installation of the campaign's own; its variables go with it."""
    with stage_of_own() as stage:
        yield stage


def test_a_short_campaign_breaks_no_promise(stage: Stage) -> None:
    faults = [one for one in plan(60, SEED) if is_cheap(one)]
    faults = sorted(faults, key=lambda one: CHEAP.index(one.moment))[::3]
    said: list[str] = []

    outcomes = list(fight(stage, faults, said.append, SECONDS))

    assert [one for one in outcomes if not one.has_survived] == []
    assert sum(one.strikes for one in outcomes) >= 1, said
    assert len(said) >= len(outcomes)
    assert stage.reader.looks > 100


def is_cheap(fault: Fault) -> bool:
    """Whether a fault needs neither Java nor Dagster's daemon."""
    kind = kinds.BY_NAME[fault.kind]
    return (
        kind.needs in {kinds.BARE, kinds.SMALL_DISK}
        and fault.moment in CHEAP
        and ("TXPLATFORM_SPEND_ENGINE" not in kind.variables)
    )


def test_what_is_lost_is_noticed(stage: Stage) -> None:
    begin(stage, Fault("1:1", "a test", "computing"))
    assert promises.broken(stage.world, has_alerts=False) == []
    stage.world.decided.append(("never", 1))
    with stage.world.mongo() as client:
        database = client[stage.world.settings.mongo_database]
        database.transactions.delete_one({})
        database.ingestions.update_one({}, {"$set": {"status": "running"}})
        database.transactions_rejected.insert_one({})
    session = stage.world.postgres()
    with session.cursor() as cursor:
        cursor.execute("UPDATE weekly_transactions SET total_amount = total_amount + 0.01")
    session.close()

    found = promises.broken(stage.world, has_alerts=True)

    for part in (
        "transactions: 1 missing",
        "is not finished: running",
        "refused rows instead of",
        "weekly_transactions: ",
        "1 decisions were lost",
        "alerts: ",
    ):
        assert any(part in one for one in found), part
    assert any("half of the week" in one for one in seen_by(stage))


def seen_by(stage: Stage) -> list[str]:
    """What the reader has to say once it has looked again."""
    looks = stage.reader.looks
    while stage.reader.looks < looks + 4:
        stage.reader.join(0.05)
    return stage.reader.take_broken()


def rows(*totals: str) -> list[Seen]:
    """Rows of a week of 30.00 in which one department bought."""
    thirty = Decimal("30.00")
    return [Seen(WEEK, "Roads", Decimal(one), 1, thirty, thirty) for one in totals]


def test_half_a_week_is_noticed() -> None:
    assert halves({WEEK: rows("10.00", "20.00")}) == []
    assert halves({WEEK: rows("20.00")}) == [WEEK]
    of_two = [*rows("10.00"), *(one._replace(of_week=Decimal(31)) for one in rows("20.00"))]
    assert halves({WEEK: of_two}) == [WEEK]


def test_the_accounts_know_what_a_withdrawal_leaves() -> None:
    accounts = Accounts()
    twin = Row("", "Roads", "Signs", "ACME", WEEK, 300_00)
    known, corrected = twin._replace(id="7"), twin._replace(id="7", cents=1)
    accounts.take(File(Path("a.csv"), "plain", (twin,), 0))
    accounts.take(File(Path("b.csv"), "ids", (known,), 0))

    accounts.take_back(File(Path("c.csv"), "plain", (twin, twin), 1))
    accounts.take_back(File(Path("d.csv"), "ids", (corrected,), 0))

    assert accounts.rows() == [twin, known]
    assert sorted(accounts.replaced.elements()) == sorted([twin, known, corrected])
    assert [file.path.name for file in accounts.files] == ["a.csv", "b.csv"]


def test_the_accounts_follow_the_contract() -> None:
    accounts = Accounts()
    twin = Row("", "Roads", "Signs", "ACME", WEEK, 300_00)
    known = twin._replace(id="7")
    path = Path("june.csv")
    accounts.take(File(path, "plain", (twin, twin), 1))
    accounts.take(File(path, "plain", (twin, twin._replace(cents=5)), 0))
    accounts.take(File(path, "ids", (known,), 0))
    accounts.take(File(path, "ids", (known._replace(cents=900_00),), 0))

    assert sorted(row.cents for row in accounts.rows()) == [5, 300_00, 300_00, 900_00]
    assert list(accounts.replaced) == [known]
    assert accounts.weekly()[0]["total_amount"] == Decimal("1500.05")
    assert dict(accounts.alerts()) == {
        ("SPLIT", "Roads", "Signs", "ACME", WEEK, 3): 1,
        ("DUPLICATE", "Roads", "Signs", "ACME", WEEK, 2): 1,
    }
    assert lines_of(accounts.files) == 7


def test_a_seed_gives_the_same_files_and_the_same_plan(tmp_path: Path) -> None:
    first, second = (
        write_file(Accounts(), Random("5:1"), tmp_path / "a.csv", 40)  # noqa: S311
        for _ in range(2)
    )

    assert first == second
    assert len(first.path.read_text(encoding="utf-8").splitlines()) == lines_of([first]) + 1
    assert plan(30, 5) == plan(30, 5) != plan(30, 6)


@pytest.mark.parametrize(
    ("ended", "is_fine"),
    [
        (Ended(0, "done", "a warning\nand another"), True),
        (Ended(-9, "", ""), True),
        (Ended(1, "", "MongoDB does not answer.\n"), True),
        (Ended(1, "", "MongoDB does not answer.\nIt really does not.\n"), False),
        (Ended(1, "", ""), False),
        (Ended(1, "Traceback (most recent call last)", "A sentence."), False),
        (Ended(-11, "", "A sentence."), False),
    ],
)
def test_a_failure_is_one_sentence(ended: Ended, is_fine: bool) -> None:
    assert (ended.complaint is None) == is_fine


def test_the_ledger_adds_up(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    assert read(ledger) == []
    fine = Outcome("1:1", "disk full", "writing", 2.5, (), 3)
    worse = Outcome("1:2", "disk full", "ingesting", 9.0, ("a row is gone",))
    for one in (fine, worse):
        append(one, ledger)

    assert read(ledger) == [fine, worse]
    assert table(read(ledger))[2:] == [
        "| disk full | ingesting, writing | 4 | 3 | 2.5 | 2.5 |",
        "| **all** |  | 4 | 3 | 2.5 | 2.5 |",
    ]


def test_the_table_takes_its_place_on_the_page() -> None:
    page = "a\n<!-- the ledger -->\nold\n<!-- so far the ledger -->\nz\n"

    found = with_table(page, [Outcome("1:1", "disk full", "writing", 2.5)])

    assert "old" not in found
    assert found.startswith("a\n")
    assert found.endswith("z\n")
    assert "| disk full | writing | 1 | 1 | 2.5 | 2.5 |" in found
    assert with_table(found, [Outcome("1:1", "disk full", "writing", 2.5)]) == found


def test_a_broken_promise_says_how_to_play_it_again() -> None:
    said = sentence(Outcome("3:17", "disk full", "writing", 0.0, ("a row is gone",)), 4, 9)

    assert said.splitlines()[-1].strip() == "again: make faults SEED=3 ONLY=17"
