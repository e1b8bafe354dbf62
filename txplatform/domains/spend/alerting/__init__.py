"""One computation of alerts: read some weeks and their past, let Spark apply the rules, say it.

`documents.py` reads, `benford.py` looks at whole departments. What stands in PostgreSQL afterwards
is `publishing`'s business.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from itertools import chain
from typing import TypeVar

import pyarrow as pa
from pyarrow import compute as pc
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from txplatform import money
from txplatform.connectors import memory, spark
from txplatform.connectors.lake import with_metadata
from txplatform.domains.spend import measuring
from txplatform.domains.spend.alerting import documents
from txplatform.domains.spend.measuring import WeekMeasure, unfit
from txplatform.domains.spend.queries.rulebook import rulebook
from txplatform.domains.spend.rules.cases import cases_of
from txplatform.domains.spend.rules.catalogue import WEIGHTS, Rulebook
from txplatform.domains.spend.rules.engine import find_alerts
from txplatform.domains.spend.rules.look_back import LookBack, with_keys
from txplatform.domains.spend.rules.purchases import Known, Scope, kept, prepare
from txplatform.domains.spend.rules.sentences import render
from txplatform.periods import WEEK, monday_of, mondays
from txplatform.platform import Platform

T = TypeVar("T")

ALERTS = pa.schema(
    [
        ("alert_id", pa.string()),
        ("rule", pa.string()),
        ("rule_version", pa.int32()),
        ("severity", pa.string()),
        ("week_start", pa.date32()),
        ("transaction_date", pa.date32()),
        ("department", pa.string()),
        ("division", pa.string()),
        ("merchant", pa.string()),
        ("category", pa.string()),
        ("transaction_ids", pa.list_(pa.string())),
        ("transaction_count", pa.int32()),
        ("amount_at_risk", money.ARROW),
        ("evidence", pa.string()),
        ("risk", pa.decimal128(7, 6)),
        ("sentence", pa.string()),
        ("case_id", pa.string()),
        ("case_amount_at_risk", money.ARROW),
    ]
)
"""What is found of a week: the columns of the table `alerts` that do not depend on when it was
found. `evidence` is JSON."""


def find(
    platform: Platform,
    session: SparkSession,
    wanted: Sequence[date],
    merchants: pa.Table | None = None,
) -> Iterator[dict[date, pa.Table]]:
    """Find the alerts of some weeks, part by part: none holds more than can be read at once.

    Args:
        platform: where the purchases and the settings of the rules are.
        session: Spark, in this process or over Spark Connect.
        wanted: Mondays, ascending, without a gap.
        merchants: as `documents.merchants` reads them; None: they are read.

    Yields:
        By Monday, each week's alerts (`ALERTS`) with the fingerprint of the documents and
        the version of the rules that they were found with as schema metadata.

    Raises:
        UsageError: the rules file cannot be used, or every rule is off.
        UnfitWeeksError: in the end, where sums of a wanted week do not fit: the alerts of the
            others were found, and it is left out of their past.
    """
    rules = rulebook(platform)
    begins = documents.first_day(platform.reading)
    if begins is None:
        empty, silent = ALERTS.empty_table(), measuring.NO_DOCUMENTS
        yield {week: _stamped(empty, silent, rules) for week in wanted}
        return
    known = documents.merchants(platform.reading) if merchants is None else merchants
    first_days = known.select(["merchant", "first_day"])
    fewest = rules["NEW_MERCHANT"].parameters["busy_week_transactions"]
    busy_from = documents.first_busy_week(platform.reading, fewest)
    refused: set[date] = set()

    def raise_alerts() -> Iterator[tuple[Sequence[date], pa.Table, pa.Table]]:
        for part, read, look_back in _ahead(_parts(platform, wanted, rules, refused)):
            scope = Scope(part[0], part[-1], begins, busy_from)
            yield part, read, _raised(session, Known(read, look_back, first_days), scope, rules)

    for part, read, raised in _ahead(raise_alerts()):
        measures = documents.measures(read, part[0], part[-1])
        if fit := {week: measures[week] for week in part if week not in refused}:
            yield _by_week(_told(raised, read, rules), fit, rules)
    if refused:
        raise unfit.error(platform.reading, refused)


def _ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, each made while the one before it is used.

    MongoDB is asked for a part while Spark looks at the one before it, and Python at the one
    before that.
    """
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item
            del item  # while the next one is made, nobody needs it any more
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _parts(
    platform: Platform, wanted: Sequence[date], rules: Rulebook, refused: set[date]
) -> Iterator[tuple[Sequence[date], pa.Table, LookBack]]:
    """The weeks wanted part by part, with their transactions and what is known of the weeks before.

    Every week is read once, those before the first wanted one too. Wanted ones whose sums do not
    fit are left out, and added to `refused`.
    """
    look_back: LookBack | None = None
    begins = documents.first_day(platform.reading) or wanted[0]
    oldest = max(wanted[0] - WEEK * rules.history_weeks, monday_of(begins))
    parallel = platform.settings.mongo_parallel_reads
    before = mondays(oldest, wanted[0] - WEEK)
    parts = partial(measuring.parts, platform.reading)
    for part in chain(parts(before), parts(wanted)):
        read = documents.purchases(platform.reading, part[0], part[-1], parallel)
        doubtful = documents.find_unfit(read)
        refused |= doubtful.keys() & wanted
        read = with_keys(documents.left_out(read, doubtful), rules)
        known = LookBack.of(read)
        look_back = look_back.and_then(known, part[0], rules) if look_back else known
        if part[0] >= wanted[0]:
            yield part, read, look_back
        del read, known
        memory.give_back()


def apply_rules(session: SparkSession, known: Known, scope: Scope, rules: Rulebook) -> pa.Table:
    """The alerts (`ALERTS`) that the rules raise in the weeks of `scope`, with their sentences.

    Args:
        session: Spark.
        known: the transactions of the weeks wanted, and what is known of those before.
        scope: the weeks wanted.
        rules: parameters and limits.
    """
    return _told(_raised(session, known, scope, rules), known.transactions, rules)


def _raised(session: SparkSession, known: Known, scope: Scope, rules: Rulebook) -> pa.Table:
    with spark.sized(session, known.transactions.num_rows):
        prepared = prepare(partial(spark.frame, session), known, scope, rules, kept)
        found = find_alerts(prepared, rules)
        return found.withColumn("evidence", F.to_json("evidence")).toArrow()


def _told(found: pa.Table, purchases: pa.Table, rules: Rulebook) -> pa.Table:
    """What Spark found with its sentences, its cases and, until it is ranked, its own weight."""
    declared = {rule.code: rule for rule in rules.active}
    evidence = json.loads(f"[{','.join(found['evidence'].to_pylist())}]")
    pairs = zip(found["rule"].to_pylist(), evidence, strict=True)
    sentences = [render(declared[rule], facts) for rule, facts in pairs]
    told = found.append_column("sentence", pa.array(sentences, pa.string()))
    risks = [WEIGHTS[severity] for severity in found["severity"].to_pylist()]
    told = told.append_column("risk", pa.array(risks, ALERTS.field("risk").type))
    case_ids, amounts = cases_of(found, purchases)
    told = told.append_column("case_id", case_ids).append_column("case_amount_at_risk", amounts)
    return told.select(ALERTS.names).cast(ALERTS)


def _by_week(
    alerts: pa.Table, measures: Mapping[date, WeekMeasure], rules: Rulebook
) -> dict[date, pa.Table]:
    return {
        week: _stamped(
            alerts.filter(pc.equal(alerts["week_start"], pa.scalar(week))),
            measure.fingerprint,
            rules,
        )
        for week, measure in measures.items()
    }


def _stamped(alerts: pa.Table, fingerprint: str, rules: Rulebook) -> pa.Table:
    stamps = {"fingerprint": fingerprint, "rules_version": rules.version}
    return with_metadata(alerts, stamps)
