"""An office: its books filled from text tables, its dashboard opened page by page.

Streamlit's own AppTest runs the script as the server does; the databases are real.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import pytest
from pyspark.sql import SparkSession
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from txplatform.domains.spend import computation, publishing, tables, weeks
from txplatform.embedded import Endpoints
from txplatform.platform import Platform
from txplatform.serving.dashboard.installation import installation
from txplatform.serving.dashboard.links import address
from txplatform.settings import Settings
from txplatform_tests.domains.spend.found_alerts import publish_found
from txplatform_tests.domains.spend.purchases import documents_of

SECONDS = 30
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
        measured = weeks.measure(self.platform.database, FIRST, LAST, 1)
        publishing.record_measures(self.platform.engine, measured.values())

    def compute(self, wanted: Sequence[date] = (FIRST, LAST)) -> None:
        """Compute weeks and publish them."""
        rows = computation.compute(self.platform, _no_spark, wanted)
        publishing.publish(self.platform.engine, rows, "run-1")

    def start(self, **parameters: str) -> AppTest:
        """The start page as the address with these parameters shows it to Ada."""
        return self._shown("", "controller", parameters)

    def page(self, path: str = "", role: str = "controller", **parameters: str) -> AppTest:
        """A page of spend as the address with these parameters shows it to Ada; it may not fail."""
        return self._shown(address("spend", path), role, parameters)

    def _shown(self, page: str, role: str, parameters: Mapping[str, str]) -> AppTest:
        kwargs = {"name": "Ada", "role": role}
        app = AppTest.from_function(_script, default_timeout=SECONDS, kwargs=kwargs)
        app._page_hash = calc_hash(page)
        for name, value in parameters.items():
            app.query_params[name.rstrip("_")] = value
        app.run()
        assert not app.exception, app.exception
        return app


def _script(name: str, role: str) -> None:
    """What AppTest runs, on its own: the shell after the door."""
    from txplatform.serving.dashboard import app as dashboard_app
    from txplatform.serving.tokens import Person, Role

    dashboard_app.show(Person(name, Role(role)), "en_US", is_signed_in=False)


def _no_spark() -> SparkSession:
    raise AssertionError("the engine mongo needs no Spark")


@contextmanager
def office_of(
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    endpoints: Endpoints,
    mongo_database: str,
    postgres_url: str,
    currency: str = "EUR",
) -> Iterator[Office]:
    """An office on these databases, which dashboards of this process and its children find."""
    variables = {
        "STATE_DIR": settings.state,
        "MONGO_URI": endpoints.mongo_uri,
        "MONGO_DATABASE": mongo_database,
        "POSTGRES_URL": postgres_url,
        "SPEND_ENGINE": "mongo",
        "LOCAL_USER": "Ada",
        "SPEND_CURRENCY": currency,
    }
    for name, value in variables.items():
        monkeypatch.setenv(f"TXPLATFORM_{name}", str(value))
    # Streamlit makes its script the main module, which every later child process would import.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    installation.cache_clear()
    yield Office(installation())
    installation().close()
    installation.cache_clear()


def figures(app: AppTest) -> dict[str, str]:
    """The figures of a page by their label."""
    return {metric.label: metric.value for metric in app.metric}


def tables_of(app: AppTest) -> list[dict[str, list[str]]]:
    """The tables of a page: heading to cells."""
    return [
        {str(name): [plain(cell) for cell in column] for name, column in one.value.items()}
        for one in app.table
    ]


def plain(written: str) -> str:
    """Text as a reader sees it, without what keeps it from being Markdown."""
    return written.replace("\u2060", "").replace("\\", "")


def said(app: AppTest) -> str:
    """All sentences of a page."""
    kinds = (app.title, app.header, app.caption, app.info, app.warning, app.error, app.success)
    texts = [*app.markdown, *(one for kind in kinds for one in kind)]
    return "\n".join(plain(str(one.value)) for one in texts)
