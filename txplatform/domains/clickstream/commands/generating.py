"""`generate`: made-up shoppers into the log, with what must come out of them beside it."""

import json
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from txplatform.cli.console import Json, err, out, print_json
from txplatform.errors import UsageError

if TYPE_CHECKING:
    from txplatform.domains.clickstream.sources.event_log import EventLog
    from txplatform.domains.clickstream.sources.sample import Arrival, Plan

WRITTEN_AT_ONCE = 20_000
LIVE_SECONDS = 0.5
"""How often a live shop writes: a segment of the folder each time."""

Events = Annotated[int, typer.Option(min=100, help="Lines to write, and a few to end sessions.")]
Seed = Annotated[int, typer.Option(help="Same seed, same bytes.")]
Rate = Annotated[float, typer.Option(min=0.01, help="Events a second of the shop's own time.")]
Live = Annotated[bool, typer.Option("--live", help="In real time from now on, until Ctrl-C.")]

Past = Annotated[
    int, typer.Option(min=0, max=1_440, help="Minutes of the past that a live shop begins with.")
]


def generate(
    events: Events = 20_000,
    seed: Seed = 1,
    rate: Rate = 2.0,
    is_live: Live = False,
    past: Past = 0,
    as_json: Json = False,
) -> None:
    """Write a made-up shop's events, with their disorder, into the log; it must be empty.

    `truth.json`, beside the job's checkpoint, says what must come out of them. A live shop has no
    truth, and goes on where it stopped.

    Example: txplatform clickstream generate --events 300000 --seed 7
    """
    from txplatform.domains.clickstream.settings import ClickstreamSettings
    from txplatform.domains.clickstream.sources.logs import log_of
    from txplatform.domains.clickstream.sources.sample import Plan
    from txplatform.settings import load_settings

    settings = load_settings()
    own, log = settings.of(ClickstreamSettings), log_of(settings)
    if is_live:
        start_ms = begin_of(log, past, round(time.time() * 1000))
        live(log, Plan(events, seed, rate, start_ms, own.currency, is_planted=False))
        return
    if any(log.ends().values()):
        raise UsageError(
            f"The log of {log.topic} has lines already: generate into another topic "
            "(TXPLATFORM_CLICKSTREAM_TOPIC), or let a live shop go on (--live)."
        )
    lateness_ms = own.allowed_lateness_seconds * 1000
    plan = Plan(events, seed, rate, currency=own.currency, lateness_ms=lateness_ms)
    told = write(log, plan, own.folder(settings))
    if as_json:
        print_json(told)
    else:
        out().print(f"{told['rows']:,} lines in {log.topic}; what must come out: {told['truth']}")


def begin_of(log: "EventLog", past: int, now_ms: int) -> int:
    """When a live shop opens its doors: some minutes ago, but not before the log's newest lines."""
    ends = log.ends()
    newest = (part[-1] for p, end in ends.items() if end for part in log.read(p, end - 1, end))
    return max([now_ms - past * 60_000, *(line.arrived_ms for line in newest)])


def write(log: "EventLog", plan: "Plan", folder: Path) -> dict[str, object]:
    """Write a plan's lines and its truth; how many lines, and where the truth is."""
    from txplatform.domains.clickstream.sources.sample import generated
    from txplatform.domains.clickstream.sources.sample_truth import Truth

    truth = Truth(plan)
    for part in _parts(truth.watch(generated(plan)), WRITTEN_AT_ONCE):
        log.append(one.line for one in part)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "truth.json"
    file.write_text(json.dumps(truth.summary()), encoding="utf-8")
    return {"rows": truth.counts["rows"], "truth": str(file)}


def _parts(arrivals: Iterable["Arrival"], size: int) -> Iterator[list["Arrival"]]:
    rest = iter(arrivals)
    while part := list(islice(rest, size)):
        yield part


def _is_full(waiting: "list[Arrival]") -> bool:
    """A shop with more customers than this machine can make up writes all the same."""
    return len(waiting) >= WRITTEN_AT_ONCE


def live(log: "EventLog", plan: "Plan") -> None:
    """Write a shop's lines when they arrive, until Ctrl-C."""
    from txplatform.domains.clickstream.sources.sample import arrivals

    err().print(f"A shop of {plan.rate:g} events a second writes to {log.topic}; Ctrl-C stops it.")
    waiting: list[Arrival] = []
    try:
        for arrival in arrivals(plan):
            while (pause := arrival.arrived_ms / 1000 - time.time()) > 0 or _is_full(waiting):
                log.append(one.line for one in waiting)
                waiting.clear()
                time.sleep(min(max(pause, 0), LIVE_SECONDS))
            waiting.append(arrival)
    except KeyboardInterrupt:
        err().print("Stopped.")
