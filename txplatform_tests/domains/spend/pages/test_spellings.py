"""Merchants with several names on the desk: evidence, a tick, the entry to paste."""

import tomllib
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pytest

from txplatform.domains.spend import publishing
from txplatform_tests.domains.spend.pages.office import Office
from txplatform_tests.domains.spend.test_publishing_merchants import SCHEMA
from txplatform_tests.serving.pages import said, tables_of

SCRIPT = "<script>alert(1)</script>"


def bought_at(office: Office, **purchases: int) -> None:
    """Merchants with so many purchases of 10.50 each."""
    columns = [
        list(purchases),
        list(purchases.values()),
        [count * Decimal("10.50") for count in purchases.values()],
        [date(2026, 11, 9)] * len(purchases),
    ]
    table = pa.table(columns, schema=SCHEMA)
    publishing.publish_merchants(office.platform.engine, table, "a run")


@pytest.mark.parametrize(("lang", "heading"), [("en_US", "several names"), ("fr_FR", "noms")])
def test_ticking_a_shop_gives_the_entry(office: Office, lang: str, heading: str) -> None:
    office.fill()
    bought_at(office, **{"Shell 1": 4, "SHELL 22": 2, SCRIPT: 3, f"{SCRIPT} Ltd": 1})
    app = office.page("alerts", list="spellings", lang=lang)

    assert heading in said(app)
    assert [len(next(iter(one.values()))) for one in tables_of(app)] == [2, 2]
    assert SCRIPT in str(tables_of(app)[1])
    assert app.code == [], "nothing is ticked"

    app.checkbox(key="spelling.SHELL").check().run()

    (entry,) = app.code
    assert tomllib.loads(entry.value) == {"merchants": {"store_numbers": ["SHELL"], "aliases": {}}}


def test_where_nothing_is_alike_it_says_so(office: Office) -> None:
    office.fill()

    assert "No two merchants look like one shop" in said(office.page("alerts", list="spellings"))
