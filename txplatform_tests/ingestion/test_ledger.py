"""Records of intakes: begun, taken up again, failed, ended; of any domain."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil
import pytest
from pymongo.database import Database

from txplatform.errors import SourceError
from txplatform.ingestion.ledger import FAILED, FINISHED, RUNNING, Ledger, is_under_way


def record(database: Database[Any]) -> dict[str, Any]:
    """The one record of the collection."""
    (found,) = database["intakes"].find()
    return dict(found)


def test_an_intake_is_recorded_before_anything_happens(mongo_database: Database[Any]) -> None:
    begun = Ledger(mongo_database["intakes"]).begin("a", {"file": "a.csv"})

    assert begun == record(mongo_database)
    process = begun.pop("process")
    assert begun == {"_id": "a", "file": "a.csv", "status": RUNNING, "attempts": 1}
    assert process["pid"] == os.getpid()


def test_an_interrupted_one_is_taken_up_as_it_was_begun(mongo_database: Database[Any]) -> None:
    ledger = Ledger(mongo_database["intakes"])
    ledger.begin("a", {"file": "a.csv"})

    again = ledger.begin("a", {"file": "renamed.csv"})

    assert (again["file"], again["attempts"]) == ("a.csv", 2)


def test_two_at_once_are_one_record(mongo_database: Database[Any]) -> None:
    ledger = Ledger(mongo_database["intakes"])
    with ThreadPoolExecutor(8) as pool:
        attempts = [one["attempts"] for one in pool.map(lambda _: ledger.begin("a", {}), range(8))]

    assert sorted(attempts) == list(range(1, 9))
    assert record(mongo_database)["attempts"] == 8


def test_a_failure_keeps_its_sentence_until_it_no_longer_holds(
    mongo_database: Database[Any],
) -> None:
    ledger = Ledger(mongo_database["intakes"])
    ledger.begin("a", {})
    with pytest.raises(SourceError), ledger.recording_failure("a"):
        raise SourceError("a.csv is damaged.")
    failed = record(mongo_database)
    ledger.begin("a", {})
    ledger.end("a", {"status": FINISHED, "rows": 3}, outdated=["error"])

    assert (failed["status"], failed["error"]) == (FAILED, "a.csv is damaged.")
    assert record(mongo_database) == {"_id": "a", "status": FINISHED, "attempts": 2, "rows": 3}


def test_a_mistake_of_ours_stays_unfinished(mongo_database: Database[Any]) -> None:
    ledger = Ledger(mongo_database["intakes"])
    ledger.begin("a", {})
    with pytest.raises(ZeroDivisionError), ledger.recording_failure("a"):
        raise ZeroDivisionError

    assert record(mongo_database)["status"] == RUNNING


def test_who_was_killed_works_on_nothing(mongo_database: Database[Any]) -> None:
    """Catches: an intake that is in progress for ever, because nobody was left to say otherwise."""
    begun = Ledger(mongo_database["intakes"]).begin("a", {})
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        theirs = {
            **begun["process"],
            "pid": other.pid,
            "started": psutil.Process(other.pid).create_time(),
        }
        lives = is_under_way({**begun, "process": theirs})
        other.kill()

    assert lives
    assert not is_under_way({**begun, "process": theirs})
    assert is_under_way(begun)
    assert not is_under_way({**begun, "process": {**begun["process"], "started": 1.0}})
    assert is_under_way({**begun, "process": {**theirs, "host": "another"}})
    assert not is_under_way({**begun, "status": FAILED})
