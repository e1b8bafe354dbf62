"""One week: in a running process and in a fresh one, with Spark warm, cold, and as it comes.

    python benchmarks/one_week.py [--size 2m] [--file purchases.csv.gz] [--rounds 3]

The fresh processes take turns; a running process computes neighbouring weeks one by one. Every
round ends in PostgreSQL, and every way must give the same rows. What history costs is what
`history.py` measures. Appends to benchmarks/results/one_week.jsonl.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import data
from measuring import apart, keep, rotated, summary, tell

from txplatform.domains.spend import computation, planning, publishing
from txplatform.embedded.connect import keep_warm
from txplatform.platform import Platform, opened

FRESH = {
    "stock": "fresh process, cold JVM with Spark's defaults",
    "cold": "fresh process, cold JVM",
    "connect": "fresh process, warm Spark Connect",
    "mongo": "fresh process, `TXPLATFORM_SPEND_ENGINE=mongo`",
}
WARM_WEEKS = 12


def fresh(platform: Platform, rounds: int) -> list[dict[str, Any]]:
    """Seconds from the start of a process to its end, by way."""
    state, week = str(platform.settings.state), planning.all_weeks(platform)[-10]
    size = data.sums(platform.database)[0]
    keep_warm(platform.settings)
    child = Path(__file__).with_name("fresh_week.py")

    def run(way: str) -> dict[str, Any]:
        return apart([sys.executable, child, way, state, week.isoformat()])

    first = run("connect")  # starts the server, which is then warm
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in FRESH}
    for number in range(rounds):
        for name in rotated(list(FRESH), number):
            found[name].append(run(name))
            tell(f"{number + 1} {name:<10} {found[name][-1]}")
    return [
        {
            "name": name,
            "title": title,
            "documents": size,
            **summary([one["wall"] for one in found[name]]),
            "peak_mb": max(one["peak_mb"] for one in found[name]),
            "exact": {one.get("content") for one in found[name]} == {first["content"]},
        }
        for name, title in FRESH.items()
    ]


def warm_here(state: str) -> None:
    """The running process: the seconds of neighbouring weeks, one by one."""
    from rivals import ours

    with opened(state_dir=state) as platform:
        session = ours.session(platform)
        chosen = planning.all_weeks(platform)[-WARM_WEEKS - 2 : -2]
        seconds = []
        for week in chosen:
            began = time.monotonic()
            computed = computation.compute(platform, lambda: session, [week])
            publishing.publish(platform.engine, computed, "benchmark")
            seconds.append(time.monotonic() - began)
    sys.stdout.write("\n" + json.dumps({"weeks": seconds[2:]}) + "\n")


def warm(platform: Platform) -> list[dict[str, Any]]:
    """One week after the other in one process."""
    figures = apart([sys.executable, __file__, "--state", platform.settings.state, "--warm"])
    tell(f"warm {figures}")
    size = data.sums(platform.database)[0]
    title = "one week in a running process"
    record = {"name": "warm", "title": title, "documents": size, "peak_mb": figures["peak_mb"]}
    return [{**record, **summary(figures["weeks"])}]


def main() -> None:
    """Measure, print, append."""
    parser = data.options(__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only-warm", action="store_true")
    parser.add_argument("--warm", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.warm:
        warm_here(arguments.state)
        return
    with data.filled(arguments) as platform:
        records = warm(platform)
        if not arguments.only_warm:
            records += fresh(platform, arguments.rounds)
    keep("one_week", records)


if __name__ == "__main__":
    main()
