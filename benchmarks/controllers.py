"""What the desk's endpoints and pages take with the alerts of ten million purchases.

    PYTHONPATH=. python benchmarks/controllers.py --state FOLDER [--size 10000000] [--file FILE]

`controllers_data.py` fills the folder, which stays for the next time. Each figure is asked for many
times, with other filters each time (seeded): endpoints of a running server over HTTP, pages as
Streamlit runs them. Prints the median and the 95th percentile beside the bar and, where everything
was asked, appends them to benchmarks/results/controllers.jsonl; ends with 1 where a figure is
beyond its bar, and stops at the first answer that is none.
"""

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import controllers_data
import httpx
import paging
from measuring import keep, served
from sqlalchemy import text

from txplatform.domains.spend.queries.alert_counts import alert_counts
from txplatform.domains.spend.queries.alert_filter import AlertFilter
from txplatform.domains.spend.tables import TRANSACTIONS
from txplatform.platform import Platform, opened
from txplatform.serving.api.app import build
from txplatform.settings import export

SEED = 1
ENDPOINT_ROUNDS, PAGE_ROUNDS = 20, 8
ENDPOINT_MS, PAGE_MS = 300, 2_000
SHARE = 0.19
"""Alerts per purchase, as the rules raise them in the city's with a limit of 500."""
Asked = Mapping[str, Any]
Question = Callable[[], tuple[str, Asked]]


class Figure(NamedTuple):
    """How long something took, in milliseconds, and how long it may."""

    name: str
    times: list[float]
    bar: int

    @property
    def p95(self) -> float:
        """The time that 95 of 100 do not exceed, nearest rank."""
        return sorted(self.times)[-(-len(self.times) * 95 // 100) - 1]


class Chance:
    """Filters drawn from what is there."""

    def __init__(self, platform: Platform) -> None:
        self.draw = random.Random(SEED)  # noqa: S311 - a seeded benchmark
        with platform.engine.connect() as connection:
            cells = (
                "SELECT week_start, department, division FROM weekly_transactions ORDER BY 1,2,3"
            )
            self.cells = connection.execute(text(cells)).all()
            ids = "SELECT alert_id FROM alerts ORDER BY md5(alert_id) LIMIT 1000"
            self.alerts = list(connection.execute(text(ids)).scalars())
            self.rules = list(
                connection.execute(text("SELECT DISTINCT rule FROM alerts")).scalars()
            )
        self.weeks = sorted({str(row[0]) for row in self.cells})

    def cell(self) -> dict[str, str]:
        """A week, department and division with purchases."""
        week, department, division = self.draw.choice(self.cells)
        return {"week": str(week), "department": department, "division": division}

    def span(self, weeks: int) -> dict[str, str]:
        """Some weeks in a row."""
        start = self.draw.randrange(len(self.weeks) - weeks)
        return {"from": self.weeks[start], "to": self.weeks[start + weeks - 1]}

    def of(self, *names: str) -> dict[str, str]:
        """Parts of a cell, or a rule or alert."""
        found = {**self.cell(), "rule": self.draw.choice(self.rules)}
        return {name: found[name] for name in names}


def endpoints(chance: Chance) -> dict[str, Question]:
    """What is asked of the API, by name."""
    alert = partial(chance.draw.choice, chance.alerts)
    found: dict[str, Question] = {
        name: partial(_question, path, params)
        for name, (path, params) in {**_of_alerts(chance), **_of_the_rest(chance)}.items()
    }
    found["an alert with what resembles it"] = lambda: (f"/spend/alerts/{alert()}", {})
    found["decisions on an alert"] = lambda: (f"/spend/alerts/{alert()}/decisions", {})
    return found


def _of_alerts(chance: Chance) -> dict[str, tuple[str, Callable[[], Asked]]]:
    undecided = {"state": ["open", "in_review"]}
    return {
        "alerts, all": ("/spend/alerts", dict),
        "alerts, undecided": ("/spend/alerts", lambda: undecided),
        "alerts, abusive": ("/spend/alerts", lambda: {"state": "abusive"}),
        "alerts of a department": ("/spend/alerts", lambda: chance.of("department")),
        "alerts of a division, undecided": (
            "/spend/alerts",
            lambda: {**chance.of("department", "division"), **undecided},
        ),
        "alerts of 12 weeks, undecided": (
            "/spend/alerts",
            lambda: {**chance.span(12), **undecided},
        ),
        "alerts of a rule": ("/spend/alerts", lambda: chance.of("rule")),
        "alerts of somebody": ("/spend/alerts", lambda: {"assignee": "controller 3"}),
        "alerts with a text, 12 weeks": (
            "/spend/alerts",
            lambda: {**chance.span(12), "text": "tesco"},
        ),
        "alerts with a text, all": ("/spend/alerts", lambda: {"text": "tesco"}),
        "alerts with a text that a third has, all": ("/spend/alerts", lambda: {"text": "limit"}),
        "alerts with a text that is nowhere": ("/spend/alerts", lambda: {"text": "nowhere at all"}),
    }


def _of_the_rest(chance: Chance) -> dict[str, tuple[str, Callable[[], Asked]]]:
    return {
        "alert-counts, all": ("/spend/alert-counts", dict),
        "alert-counts of a department": ("/spend/alert-counts", lambda: chance.of("department")),
        "alert-counts of 12 weeks": ("/spend/alert-counts", lambda: chance.span(12)),
        "alert-counts of a division": (
            "/spend/alert-counts",
            lambda: chance.of("department", "division"),
        ),
        "second-looks": ("/spend/second-looks", dict),
        "rules with their quality": ("/spend/rules", dict),
        "merchant-proposals": ("/spend/merchant-proposals", dict),
        "weeks": ("/spend/weeks", dict),
        "weekly-transactions, all": ("/spend/weekly-transactions", dict),
        "weekly-transactions of a department": (
            "/spend/weekly-transactions",
            lambda: chance.of("department"),
        ),
        "departments": ("/spend/departments", dict),
        "departments of 12 weeks": ("/spend/departments", lambda: chance.span(12)),
        "transactions of a week": ("/spend/transactions", lambda: chance.of("week")),
        "transactions of a cell": (
            "/spend/transactions",
            lambda: chance.of("week", "department", "division"),
        ),
        "benford": ("/spend/benford", dict),
        "refresh-time": ("/spend/refresh-time", dict),
        "metrics": ("/metrics", dict),
    }


def _question(path: str, params: Callable[[], Asked]) -> tuple[str, Asked]:
    return path, params()


def pages(chance: Chance) -> dict[str, Question]:
    """What is looked at, by name."""
    year = partial(chance.span, 52)
    everything = {"from": chance.weeks[0], "to": chance.weeks[-1]}
    return {
        "overview, all weeks": lambda: ("", everything),
        "overview, 12 weeks": lambda: ("", chance.span(12)),
        "departments, 52 weeks": lambda: ("departments", year()),
        "inbox, all weeks": lambda: ("alerts", everything),
        "inbox of a department": lambda: ("alerts", {**everything, **chance.of("department")}),
        "inbox of a division": lambda: (
            "alerts",
            {**everything, **chance.of("department", "division")},
        ),
        "a case": lambda: ("alerts", {"alert": chance.draw.choice(chance.alerts)}),
        "second looks": lambda: ("alerts", {"list": "second_looks"}),
        "rule quality": lambda: ("alerts", {"list": "quality"}),
        "rule quality by month": lambda: (
            "alerts",
            {**everything, "list": "quality", "period": "month"},
        ),
        "merchants with several names": lambda: ("alerts", {"list": "spellings"}),
        "why this number": lambda: ("why", chance.of("week", "department", "division")),
        "data health, 52 weeks": lambda: ("health", year()),
    }


def measured(platform: Platform, part: str) -> Iterator[Figure]:
    """Every figure whose name has `part`."""
    chance = Chance(platform)
    with served(build(platform)) as address, httpx.Client(base_url=address, timeout=60) as http:
        for name, ask in endpoints(chance).items():
            if part in name:
                times = [_timed(_get, http, *ask()) for _ in range(ENDPOINT_ROUNDS)]
                yield Figure(name, times, ENDPOINT_MS)
    for name, ask in pages(chance).items():
        if part in f"page {name}":
            yield Figure(
                f"page {name}", [_timed(_open, *ask()) for _ in range(PAGE_ROUNDS)], PAGE_MS
            )


def _timed(what: Callable[..., None], *about: Any) -> float:
    began = time.perf_counter()
    what(*about)
    return (time.perf_counter() - began) * 1000


def _get(http: httpx.Client, path: str, asked: Asked) -> None:
    http.get(path, params=dict(asked)).raise_for_status()


def _open(path: str, asked: Asked) -> None:
    paging.run("spend", path, asked, "controller")


def main() -> int:
    """Fill what is missing, measure, print; 1 where a figure is beyond its bar."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--state", required=True, help="A folder that keeps the data.")
    parser.add_argument("--size", type=int, default=10_000_000)
    parser.add_argument("--alerts", type=int, help="Left out: as many as the purchases raise.")
    parser.add_argument("--file", type=Path)
    parser.add_argument("--only", default="", help="Part of the name of what is measured.")
    arguments = parser.parse_args()
    export(
        TXPLATFORM_STATE_DIR=arguments.state,
        TXPLATFORM_SPEND_LIMIT="500",
        TXPLATFORM_SPEND_ENGINE="mongo",
    )
    figures = []
    with opened() as platform:
        alerts = arguments.alerts or round(arguments.size * SHARE)
        controllers_data.fill(platform, arguments.size, alerts, arguments.file)
        sys.stdout.write("| asked | median ms | p95 ms | bar ms |\n|---|---|---|---|\n")
        for one in measured(platform, arguments.only):
            middle = statistics.median(one.times)
            sys.stdout.write(f"| {one.name} | {middle:,.0f} | {one.p95:,.0f} | {one.bar:,} |\n")
            sys.stdout.flush()
            figures.append(one)
        if not arguments.only:
            _keep(platform, figures)
    return int(any(one.p95 > one.bar for one in figures))


def _keep(platform: Platform, figures: Sequence[Figure]) -> None:
    documents = platform.database[TRANSACTIONS].estimated_document_count()
    shared = {"documents": documents, "alerts": alert_counts(platform.engine, AlertFilter()).total}
    keep(
        "controllers",
        (
            {
                "name": one.name,
                **shared,
                "median_ms": statistics.median(one.times),
                "p95_ms": one.p95,
                "bar_ms": one.bar,
                "rounds": len(one.times),
            }
            for one in figures
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
