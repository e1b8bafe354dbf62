"""Publishing a run's alerts: part by part, once all are found and have their risk.

How far up the list an alert belongs follows from all others. So the parts wait in a temporary
folder, and each alert is written once, where it belongs; with the risk of its own week alone it
would be written again, with every index and its case.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pyarrow as pa
from pyarrow import compute as pc
from sqlalchemy import Engine

from txplatform.connectors import memory
from txplatform.domains.spend.publishing import ranking
from txplatform.domains.spend.publishing.alerts import AlertChanges, publish_alerts
from txplatform.domains.spend.rules.ranking import (
    UNDECIDED,
    BrokenRules,
    Kind,
    RuleSet,
    Weight,
    kinds_of,
    weight_of,
)
from txplatform.errors import PlatformError

SIDE_BY_SIDE = 2
"""Parts that PostgreSQL takes in at the same time, each on a connection of its own."""

MANY_OTHERS = 40
"""Alerts of other weeks to one that was found: more take longer to count than it takes to write
that one again."""

PACKED = pa.ipc.IpcWriteOptions(compression="zstd")

Weights = Mapping[Kind, Weight]
Part = Mapping[date, pa.Table]


class PublishedWeek(NamedTuple):
    """The alerts of a week, and what became of them."""

    found: pa.Table
    changes: AlertChanges

    @property
    def is_new(self) -> bool:
        """Whether all of its alerts were found for the first time."""
        return self.changes.raised == len(self.found)


def publish_parts(
    engine: Engine, parts: Iterable[Part], weigh: Callable[[], Weights], run_id: str
) -> Iterator[dict[date, PublishedWeek]]:
    """Publish the alerts of weeks with their risk, once those of all parts are found.

    In the end those are ranked that were there already: they move with the new ones.

    Args:
        engine: PostgreSQL.
        parts: weeks by Monday, with their alerts as `alerting.find` returns them.
        weigh: the weights of every kind of alert, by what has been decided so far.
        run_id: the run that writes.

    Yields:
        By Monday, the weeks of each part, in order.

    Raises:
        PlatformError: that of `parts`, once what came before it has been published.
    """
    refusal: PlatformError | None = None
    with TemporaryDirectory() as folder:
        found = _Found(folder, weigh())
        try:
            for part in parts:
                found.keep(part)
        except PlatformError as error:
            refusal = error
        others = ranking.count_others(engine, found.weeks)
        is_settled = True
        for published in _in_turns(engine, found.ranked(_risks(engine, found, others)), run_id):
            is_settled &= all(one.is_new for one in published.values())
            yield published
            memory.give_back()
    if not is_settled or ranking.count_others(engine, found.weeks) or weigh() != found.weights:
        ranking.rank_alerts(engine, weigh())
    if refusal:
        raise refusal


def _risks(engine: Engine, found: "_Found", others: int) -> dict[RuleSet, Decimal]:
    counts = found.counts
    if 0 < others <= found.alert_count * MANY_OTHERS:
        counts = counts + ranking.counts_of_others(engine, found.weeks, found.weights)
    return ranking.risks_of(engine, counts, found.weights)


def _in_turns(
    engine: Engine, parts: Iterator[Part], run_id: str
) -> Iterator[dict[date, PublishedWeek]]:
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        running: deque[Future[dict[date, PublishedWeek]]] = deque()
        for part in parts:
            running.append(pool.submit(_publish, engine, part, run_id))
            if len(running) > SIDE_BY_SIDE:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def _publish(engine: Engine, part: Part, run_id: str) -> dict[date, PublishedWeek]:
    changes = publish_alerts(engine, part, run_id)
    return {week: PublishedWeek(found, changes[week]) for week, found in part.items()}


class _Found:
    """The parts that were found, in files, and which rules their purchases break."""

    def __init__(self, folder: str, weights: Weights) -> None:
        self._folder = folder
        self._parts: list[Part] = []
        self.weights = dict(weights)
        self.counts = Counter[RuleSet]()
        self.alert_count = 0

    @property
    def weeks(self) -> list[date]:
        """The Mondays of all parts."""
        return [week for part in self._parts for week in part]

    def keep(self, part: Part) -> None:
        """Take a part: its alerts go to a file, and what its weeks were found with stays."""
        whole = pa.concat_tables(part.values()).replace_schema_metadata()
        for kind in sorted(kinds_of(whole)[0]):  # one that nobody has ever seen has its prior
            self.weights.setdefault(kind, weight_of(kind, UNDECIDED))
        self.counts.update(BrokenRules.of(whole, self.weights).counts)
        self.alert_count += whole.num_rows
        file = pa.OSFile(self._file(len(self._parts)), "wb")
        with file, pa.ipc.new_file(file, whole.schema, options=PACKED) as writer:
            writer.write_table(whole)
        # Not a slice without rows: it would hold on to the memory of all of its table.
        self._parts.append({week: found.schema.empty_table() for week, found in part.items()})

    def ranked(self, risks: Mapping[RuleSet, Decimal]) -> Iterator[Part]:
        """The parts again, their alerts with the risk that follows from all."""
        for number, part in enumerate(self._parts):
            with pa.OSFile(self._file(number)) as file:
                whole = pa.ipc.open_file(file).read_all()
            position = whole.schema.get_field_index("risk")
            of_alerts = BrokenRules.of(whole, self.weights).risks(risks)
            ranked = whole.set_column(position, whole.schema.field(position), of_alerts)
            yield {week: _of_week(ranked, week, empty) for week, empty in part.items()}

    def _file(self, number: int) -> str:
        return f"{self._folder}/{number}.arrow"


def _of_week(ranked: pa.Table, week: date, empty: pa.Table) -> pa.Table:
    own = ranked.filter(pc.equal(ranked["week_start"], pa.scalar(week)))
    return own.replace_schema_metadata(empty.schema.metadata)
