"""Where the seconds go: the weekly job of one week and of all weeks, Spark warm, by its parts.

    python benchmarks/profile_job.py [--size 2m] [--file purchases.csv.gz] [--state FOLDER]

Python's own profiler, so nothing is timed that the product does not do. Appends to
benchmarks/results/profile.jsonl.
"""

import cProfile
import pstats
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import data
from measuring import keep
from rivals import ours

from txplatform.domains.spend import computation, planning, publishing
from txplatform.domains.spend.settings import SpendSettings
from txplatform.periods import WEEK, mondays, ranges
from txplatform.platform import Platform

PARTS = {
    ("__init__.py", "division_sums"): "MongoDB adds up, Arrow arrives",
    ("computation.py", "_rows"): "Spark computes the rows",
    ("invariants.py", "require_reconciled"): "rows against documents, to the cent",
    ("computation.py", "_by_week"): "the table cut into weeks",
    ("postgres.py", "stage"): "COPY into a temporary table",
    ("weekly.py", "_publish_together"): "transactions of up to 52 weeks",
}


def profiled(platform: Platform, session: Any, spans: Sequence[tuple[date, date]]) -> list[Any]:
    """Seconds of each part, and what is left over."""
    profile = cProfile.Profile()
    began = time.monotonic()
    profile.enable()
    for first, last in spans:
        computed = computation.compute(platform, lambda: session, mondays(first, last))
        publishing.publish(platform.engine, computed, "benchmark")
    profile.disable()
    whole = time.monotonic() - began
    found = {
        part: figures[3]
        for (file, _, function), figures in pstats.Stats(profile).stats.items()  # type: ignore[attr-defined]
        if (part := PARTS.get((Path(file).name, function)))
    }
    parts = [(part, found[part]) for part in PARTS.values() if part in found]
    rest = whole - sum(seconds for _, seconds in parts)
    return [
        {"part": part, "seconds": seconds, "share": seconds / whole}
        for part, seconds in [*parts, ("the rest", rest), ("whole", whole)]
    ]


def main() -> None:
    """Measure, print, append."""
    arguments = data.options(__doc__).parse_args()
    with data.filled(arguments) as platform:
        session = ours.session(platform)
        every = planning.all_weeks(platform)
        most = platform.settings.of(SpendSettings).weeks_per_run
        jobs = {
            "one week": [(every[-10], every[-10])],
            "all weeks": list(ranges(every, WEEK, most)),
        }
        profiled(platform, session, [(every[-12], every[-12])])
        size = data.sums(platform.database)[0]
        for name, spans in jobs.items():
            parts = profiled(platform, session, spans)
            keep("profile", ({"name": name, "documents": size, **one} for one in parts))


if __name__ == "__main__":
    main()
