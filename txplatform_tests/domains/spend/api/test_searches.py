"""A word that more alerts have than are counted: the API says that there are more."""

import httpx
import pytest

from txplatform.domains.spend.queries.inbox import COUNTED
from txplatform.platform import Platform
from txplatform_tests.domains.spend.alert_rows import raise_many


@pytest.fixture(scope="module", autouse=True)
def many(served: Platform) -> None:
    """One alert more than are counted."""
    raise_many(served.engine, COUNTED + 1, sentence="'Bought a hammer.'")


@pytest.mark.parametrize("kind", ["application/json", "text/csv"])
def test_headers_say_that_there_are_more(api: httpx.Client, kind: str) -> None:
    answer = api.get("/spend/alerts", params={"text": "hammer"}, headers={"Accept": kind})

    said = (answer.headers["x-total-count"], answer.headers["x-total-exact"])
    assert said == (str(COUNTED), "false")
    assert "next" in answer.links


def test_the_answer_says_so_and_the_counts_know_them_all(api: httpx.Client) -> None:
    found = api.get("/spend/alerts", params={"text": "hammer", "limit": 2}).json()

    assert (found["total"], found["is_total_exact"], len(found["items"])) == (COUNTED, False, 2)
    assert api.get("/spend/alert-counts", params={"text": "hammer"}).json()["total"] == COUNTED + 1
    assert api.get("/spend/alerts").json()["is_total_exact"] is True, (
        "without words all are counted"
    )
