"""The platform's one currency: that of its purchases; before any, the setting's or the layout's."""

from typing import Any

import pytest
from pymongo.database import Database

from txplatform.domains.spend import tables
from txplatform.domains.spend.sources import ingestions
from txplatform.domains.spend.sources.layouts import Layout, parse_layout
from txplatform.domains.spend.sources.quarantine import replay_rejected
from txplatform.domains.spend.sources.records import Policy
from txplatform.domains.spend.sources.withdrawal import known_ingestions, withdraw
from txplatform.errors import UsageError
from txplatform_tests.domains.spend.sources.conftest import POLICY, Ingest
from txplatform_tests.domains.spend.sources.layouts import COLUMNS, SMALL

JUNE = """
department, division, merchant, day,        amount
Roads,      North,    Shell,    2026-06-01, 5.28
"""
JULY = JUNE.replace("-06-", "-07-")


def in_currency(code: str) -> Layout:
    """The small layout in another currency."""
    return parse_layout(SMALL.replace("USD", code) + COLUMNS, "small.toml")


def setting(code: str) -> Policy:
    """The policy of a setting."""
    return Policy(currency=code, last_day=POLICY.last_day)


def currency_of(database: Database[dict[str, Any]]) -> str | None:
    """The currency that is recorded."""
    found = database[tables.PLATFORM].find_one({"_id": "currency"})
    return str(found["code"]) if found else None


def test_the_first_layout_decides(ingest: Ingest, mongo_database: Database[dict[str, Any]]) -> None:
    ingest(JUNE, layout=in_currency("EUR"))

    report = ingest(JULY, layout=in_currency("USD"))

    assert currency_of(mongo_database) == "EUR"
    assert (report.loaded, report.refused_by_rule) == (0, {"CURRENCY": 1})


def test_the_setting_wins_over_the_layout(
    ingest: Ingest, mongo_database: Database[dict[str, Any]]
) -> None:
    report = ingest(JUNE, layout=in_currency("EUR"), policy=setting("USD"))

    assert currency_of(mongo_database) == "USD"
    assert report.refused_by_rule == {"CURRENCY": 1}
    assert ingest(JULY, policy=setting("USD")).loaded == 1


def test_a_setting_may_change_while_there_are_no_purchases(
    ingest: Ingest, mongo_database: Database[dict[str, Any]]
) -> None:
    ingest(JUNE, layout=in_currency("EUR"), policy=setting("USD"))

    ingest(JULY, layout=in_currency("EUR"), policy=setting("EUR"))

    assert currency_of(mongo_database) == "EUR"


def test_a_currency_that_was_a_mistake_is_withdrawn_with_its_purchases(
    ingest: Ingest, mongo_database: Database[dict[str, Any]]
) -> None:
    """Catches: a draft's dollars, in which the pounds of the same file are refused for ever."""
    ingest(JUNE, layout=in_currency("USD"))
    [known] = known_ingestions(mongo_database)
    withdraw(mongo_database, str(known["_id"]), "Ann", "these are pounds")

    report = ingest(JUNE, layout=in_currency("GBP"))

    assert (currency_of(mongo_database), report.loaded, report.refused) == ("GBP", 1, 0)


def test_refused_rows_that_are_read_in_another_currency_decide_where_nothing_is_kept(
    ingest: Ingest, mongo_database: Database[dict[str, Any]]
) -> None:
    refused = ingest(JUNE.replace("5.28", "£5.28"), layout=in_currency("USD"))

    replayed = replay_rejected(mongo_database, in_currency("GBP"), POLICY)

    assert (refused.refused_by_rule, replayed.loaded) == ({"CURRENCY": 1}, 1)
    assert currency_of(mongo_database) == "GBP"


def test_an_ingestion_under_way_keeps_its_currency(
    mongo_database: Database[dict[str, Any]],
) -> None:
    ingestions.adopt_currency(mongo_database, "EUR")
    mongo_database[tables.INGESTIONS].insert_one({"_id": "first", "status": "running"})

    assert ingestions.platform_currency(mongo_database, None, "USD") == "EUR"


def test_a_setting_does_not_turn_the_purchases_into_another_currency(ingest: Ingest) -> None:
    ingest(JUNE)

    with pytest.raises(UsageError, match="TXPLATFORM_SPEND_CURRENCY is EUR, but the purchases are"):
        ingest(JULY, policy=setting("EUR"))


def test_a_file_that_cannot_be_read_decides_nothing(
    ingest: Ingest, mongo_database: Database[dict[str, Any]]
) -> None:
    with pytest.raises(Exception, match="has no column"):
        ingest("a,b\n", layout=in_currency("EUR"))

    assert currency_of(mongo_database) is None
