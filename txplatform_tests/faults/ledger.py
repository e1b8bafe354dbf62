"""What campaigns found, one JSON line per fault; it adds up and is part of the repository."""

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from txplatform_tests.faults import kinds

LEDGER = Path(__file__).with_name("ledger.jsonl")
PAGE = Path(__file__).parents[2] / "docs" / "guarantees.md"
BEGIN, END = "<!-- the ledger -->\n", "<!-- so far the ledger -->"
HEAD = "| fault | at a moment of | injected | survived | seconds to recover: median | most |"


@dataclass(frozen=True)
class Outcome:
    """One fault that was injected."""

    seed: str
    """`campaign seed:number`, by which the fault is repeated."""
    kind: str
    moment: str
    seconds: float
    """From the end of what the fault broke until the documented commands had finished the work."""
    broken: tuple[str, ...] = ()
    """The promises that did not hold, in words."""
    strikes: int = 1
    """How often it struck: the command that is given again may be hit again."""

    @property
    def has_survived(self) -> bool:
        """Whether every promise held."""
        return not self.broken


def append(outcome: Outcome, path: Path = LEDGER) -> None:
    """Add a fault."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(outcome), ensure_ascii=False) + "\n")


def read(path: Path = LEDGER) -> list[Outcome]:
    """Every fault that was ever injected."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found = [json.loads(line) for line in lines]
    return [Outcome(**{**one, "broken": tuple(one["broken"])}) for one in found]


def table(outcomes: Iterable[Outcome]) -> list[str]:
    """The faults by kind as a Markdown table, with a line of sums."""
    by_kind: dict[str, list[Outcome]] = {}
    for one in outcomes:
        by_kind.setdefault(one.kind, []).append(one)
    lines = [HEAD, "|---|---|--:|--:|--:|--:|"]
    lines += [_line(kind, found) for kind, found in sorted(by_kind.items())]
    everything = [one for found in by_kind.values() for one in found]
    return [*lines, _line("**all**", everything)] if everything else lines


def with_table(page: str, outcomes: Iterable[Outcome]) -> str:
    """The page with the table of these outcomes in its place."""
    before, _, rest = page.partition(BEGIN)
    after, found = rest.partition(END)[2], list(outcomes)
    played = {one.kind for one in found}
    waiting = ", ".join(kind.name for kind in kinds.ALL if kind.name not in played)
    lines = [BEGIN, *table(found), "", f"Not in the ledger yet: {waiting or 'nothing'}.", "", END]
    return before + "\n".join(lines) + after


def _line(kind: str, found: Sequence[Outcome]) -> str:
    moments = "" if kind.startswith("*") else ", ".join(sorted({one.moment for one in found}))
    survived = [one for one in found if one.has_survived]
    seconds = [one.seconds for one in survived] or [0.0]
    figures = f"{statistics.median(seconds):.1f} | {max(seconds):.1f}"
    injected, lived = (sum(one.strikes for one in each) for each in (found, survived))
    return f"| {kind} | {moments} | {injected} | {lived} | {figures} |"
