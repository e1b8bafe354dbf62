"""One running API for the tests of its endpoints, over a small organisation's books."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import httpx
import pytest

from txplatform import embedded
from txplatform.domains.spend import publishing, tables
from txplatform.domains.spend.measuring import NO_DOCUMENTS, WeekMeasure
from txplatform.domains.spend.settings import SpendSettings
from txplatform.domains.spend.transforms import CODE_VERSION
from txplatform.periods import WEEK
from txplatform.platform import Platform
from txplatform.serving.api.app import build
from txplatform.settings import Settings
from txplatform_tests.conftest import new_platform
from txplatform_tests.domains.spend.alert_rows import raise_alerts
from txplatform_tests.domains.spend.purchases import documents_of
from txplatform_tests.domains.spend.weekly_tables import computed_weeks
from txplatform_tests.serving.running import calling

MONDAY = date(2026, 11, 9)
HOSTILE = "'; DROP TABLE alerts; --"
SCRIPT = "<script>alert(1)</script>"
FORMULA = "=cmd()"
ROWS = f"""
week_start | department | division  | total_amount        | refund_amount | transaction_count
2026-11-09 | {FORMULA}  | -Signs    | 0.30                | -0.10         | 3
2026-11-09 | {HOSTILE}  | {SCRIPT}  | 9999999999999999.00 | 0.00          | 1
2026-11-16 | Roads      | Bridges   | -15.75              | -15.75        | 1
"""
PURCHASES = f"""
date       | department | division | amount | merchant   | source_file | source_line
2026-11-09 | {FORMULA}  | -Signs   | 0.20   | +Smith     | a.csv       | 2
2026-11-11 | {FORMULA}  | -Signs   | 0.20   | {SCRIPT}   | a.csv       | 3
2026-11-15 | {FORMULA}  | -Signs   | -0.10  | Smith      | b.csv       | 7
2026-11-15 | {HOSTILE}  | {SCRIPT} | 7.00   | {HOSTILE}  | b.csv       | 8
2026-11-16 | Roads      | Bridges  | -15.75 | Smith      | b.csv       | 9
"""
ALERTS = f"""
alert_id | rule  | department | merchant | risk
a        | SPLIT | {FORMULA}  | @Smith   | 0.9
b        | ROUND | {HOSTILE}  | {SCRIPT} | 0.6
c        | SPLIT | Roads      | Jones    | 0.3
"""


@pytest.fixture(scope="module")
def served(
    settings: Settings, endpoints: embedded.Endpoints, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """The platform that the API serves, with two weeks, three alerts and five purchases.

    Two more were written by hand and are in no week of the table.
    """
    with new_platform(settings, endpoints, tmp_path_factory.mktemp("lake")) as platform:
        platform.settings = platform.settings.having(SpendSettings, limit=Decimal(500))
        _fill(platform)
        yield platform


def _fill(platform: Platform) -> None:
    documents = documents_of(PURCHASES)
    for one in documents:
        one["source_line"] = int(one["source_line"])
        one["ingested_at"] = datetime(2026, 11, 17)
    by_hand = {"transaction_date": datetime(2026, 11, 24), "amount": "12.50"}
    platform.database[tables.TRANSACTIONS].insert_many([*documents, by_hand, {**by_hand}])
    inputs = {"fingerprint": "a", "previous_fingerprint": NO_DOCUMENTS}
    weeks = computed_weeks(ROWS, code_version=CODE_VERSION, **inputs)
    publishing.publish(platform.engine, weeks, "a run")
    measure = WeekMeasure(MONDAY, 4, Decimal("7.30"), "a")
    later = WeekMeasure(MONDAY + WEEK, 1, Decimal("-15.75"), "later")
    publishing.record_measures(platform.engine, [measure, later])
    raise_alerts(platform.engine, ALERTS)


@pytest.fixture(scope="module")
def api(served: Platform) -> Iterator[httpx.Client]:
    """A client on this machine; there are no tokens."""
    with calling(build(served)) as client:
        yield client
