"""Gold's copies are made with the login that computes, and read with the one that reads."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from pymongo.errors import OperationFailure

from txplatform import embedded
from txplatform.domains.commerce.publishing import copies
from txplatform.domains.commerce.queries import lists
from txplatform.domains.commerce.queries.lists import Wanted
from txplatform.platform import Platform
from txplatform.settings import Settings
from txplatform.settings.logins import Component
from txplatform_tests.domains.commerce.shops import gold_table


@pytest.fixture
def installation(settings: Settings, endpoints: embedded.Endpoints) -> Iterator[Platform]:
    """The session's embedded servers, as an installation without settings uses them."""
    assert endpoints
    owner = Platform(settings)
    yield owner
    for name in ("gold_growth", "gold_kpis"):
        owner.database.drop_collection(name)
    owner.close()


def test_who_computes_copies_and_who_reads_reads(installation: Platform) -> None:
    """Twice: the second time there are collections to replace."""
    computing = installation.acting(Component.COMPUTE).database
    reading = installation.acting(Component.READ).database
    kpis = gold_table("kpis", [{"customer_count": 1}])
    for net in ("1.00", "2.50"):
        growth = gold_table("growth", [{"net_amount": Decimal(net)}])
        copies.to_mongo(computing, {"growth": growth, "kpis": kpis}, "run-1")

    assert lists.listing(reading, "growth", Wanted(10)).sums == {"net_amount": Decimal("2.50")}
    with pytest.raises(OperationFailure, match="not authorized"):
        copies.to_mongo(reading, {"kpis": kpis}, "run-2")
