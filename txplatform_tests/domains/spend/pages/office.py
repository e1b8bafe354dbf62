"""An office: its books filled from text tables, its dashboard opened page by page."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import pytest
from pyspark.sql import SparkSession
from streamlit.testing.v1 import AppTest

from txplatform.domains.spend import computation, measuring, publishing, tables
from txplatform.platform import Platform
from txplatform_tests.domains.spend.found_alerts import publish_found
from txplatform_tests.domains.spend.purchases import documents_of
from txplatform_tests.serving.pages import dashboard_of, opened_page

PURCHASES = """
date       | department | division                  | merchant   | amount   | source_file | line
2026-11-02 | Roads      | Bridges                   | Ironmonger | 1_000.00 | a.csv       | 2
2026-11-03 | Roads      | Tunnels                   | Ironmonger | 500.25   | a.csv       | 3
2026-11-09 | Roads      | Bridges                   | Ironmonger | 400.10   | a.csv       | 4
2026-11-10 | Roads      | Bridges                   | Ironmonger | 300.20   | a.csv       | 5
2026-11-11 | Roads      | Tunnels                   | Ironmonger | -20.05   | a.csv       | 6
2026-11-12 | Parks      | <script>alert(1)</script> | =1+1       | 10.01    | a.csv       | 7
2026-11-13 | Parks      | '; DROP TABLE alerts; --  | :red[x]    | 20.02    | a.csv       | 8
"""
ALERTS = """
alert_id | rule      | severity | week_start | risk | division | transaction_ids
split    | SPLIT     | high     | 2026-11-09 | 0.72 | Bridges  | p4 p5
double   | DUPLICATE | medium   | 2026-11-09 | 0.3  | Tunnels  | p6
"""
FIRST, LAST = date(2026, 11, 2), date(2026, 11, 9)


@dataclass(frozen=True)
class Office:
    """An installation of the test's own."""

    platform: Platform

    def fill(self, purchases: str = PURCHASES, alerts: str = ALERTS) -> None:
        """Buy, compute both weeks, raise the alerts."""
        self.buy(purchases)
        self.compute()
        publish_found(self.platform.engine, alerts)

    def buy(self, purchases: str) -> None:
        """Put purchases into MongoDB; they are `p` and their line."""
        documents = documents_of(purchases)
        for document in documents:
            document["source_line"] = int(document.pop("line"))
            document["_id"] = f"p{document['source_line'] - 1}"
        self.platform.database[tables.TRANSACTIONS].insert_many(documents)
        self.note()

    def note(self) -> None:
        """Make known what MongoDB holds now."""
        measured = measuring.measure(self.platform.database, FIRST, LAST, 1)
        publishing.record_measures(self.platform.engine, measured.values())

    def compute(self, wanted: Sequence[date] = (FIRST, LAST)) -> None:
        """Compute weeks and publish them."""
        rows = computation.compute(self.platform, _no_spark, wanted)
        publishing.publish(self.platform.engine, rows, "run-1")

    def start(self, **parameters: str) -> AppTest:
        """The start page as the address with these parameters shows it to Ada."""
        return opened_page("", role="controller", **parameters)

    def page(self, path: str = "", role: str = "controller", **parameters: str) -> AppTest:
        """A page of spend as the address with these parameters shows it to Ada; it may not fail."""
        return opened_page("spend", path, role, **parameters)


def _no_spark() -> SparkSession:
    raise AssertionError("the engine mongo needs no Spark")


@contextmanager
def office_of(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, currency: str = "EUR"
) -> Iterator[Office]:
    """An office on a platform's databases, which dashboards of this process and others find."""
    own = {"SPEND_ENGINE": "mongo", "LOCAL_USER": "Ada", "SPEND_CURRENCY": currency}
    with dashboard_of(platform, monkeypatch, **own) as found:
        yield Office(found)
