"""The platform's one currency: that of the setting, else that of the first layout used."""

from typing import Any

import pytest
from pymongo.database import Database

from txplatform.domains.spend import tables
from txplatform.domains.spend.sources.layouts import Layout, parse_layout
from txplatform.domains.spend.sources.records import Policy
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
