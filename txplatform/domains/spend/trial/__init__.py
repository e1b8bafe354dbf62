"""A trial of the rules: abuses planted into the purchases of a file, and what is found of them.

Reads a file and computes in Spark; no database is read or written. `planting.py` plants what
`abuses.py` makes on the grounds of `grounds.py`; `learning.py` decides, `evaluation.py` compares
and draws.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
from pyarrow import compute as pc
from pyspark.sql import SparkSession

from txplatform import money
from txplatform.connectors.files import open_table, verify
from txplatform.domains.spend.alerting import apply_rules
from txplatform.domains.spend.rules.catalogue import Rulebook
from txplatform.domains.spend.rules.purchases import Known, Scope
from txplatform.domains.spend.sources.identity import ContentIds
from txplatform.domains.spend.sources.ingest import file_format
from txplatform.domains.spend.sources.layouts import Layout
from txplatform.domains.spend.sources.load import batches
from txplatform.domains.spend.sources.records import Policy, Purchase, RecordParser
from txplatform.domains.spend.trial.evaluation import Evaluation, evaluate
from txplatform.domains.spend.trial.grounds import SETTLED_WEEKS
from txplatform.domains.spend.trial.learning import Trial, learning
from txplatform.domains.spend.trial.planting import Mixture, plant
from txplatform.periods import WEEK, monday_of

PURCHASES = pa.schema(
    [
        ("transaction_id", pa.string()),
        ("department", pa.string()),
        ("division", pa.string()),
        ("merchant", pa.string()),
        ("category", pa.string()),
        ("transaction_date", pa.date32()),
        ("amount", money.ARROW),
        ("card", pa.string()),
    ]
)


def purchases_of_file(path: Path, layout: Layout, policy: Policy) -> pa.Table:
    """The purchases of a file as the rules read them; refused rows are left out.

    Raises:
        SourceError: the file cannot be read as a whole.
    """
    content = verify(path, layout.encoding)
    with open_table(content, file_format(layout)) as table:
        parser = RecordParser(layout, table.header, policy, path.name)
        identify, parts = ContentIds(), []
        for batch in batches(table.rows):
            parsed = [one for one in map(parser.parse, batch) if isinstance(one, Purchase)]
            ids = [one.id for one in identify(parsed, range(len(parsed)))]
            rows = [_row(name, one) for name, one in zip(ids, parsed, strict=True)]
            parts.append(pa.Table.from_pylist(rows, PURCHASES))
    return pa.concat_tables(parts) if parts else PURCHASES.empty_table()


def _row(transaction_id: str, purchase: Purchase) -> dict[str, object]:
    fields = {name: getattr(purchase, name) for name in PURCHASES.names[1:] if name != "amount"}
    amount = Decimal(purchase.cents).scaleb(-2)
    return {"transaction_id": transaction_id, "amount": amount, **fields}


def try_rules(
    session: SparkSession, purchases: pa.Table, rules: Rulebook, mixture: Mixture
) -> Evaluation:
    """Plant abuses, apply the rules to every week that can hold some, and compare.

    Args:
        session: Spark.
        purchases: as `purchases_of_file` reads them, of more than a year.
        rules: parameters and limits; a rule that is off is left out.
        mixture: what to plant; the same seed plants the same.

    Raises:
        UsageError: the purchases span too few weeks.
    """
    planted, abuses = plant(purchases, rules, *mixture)
    ground = _Ground.of(planted, rules)
    known = Known.of(planted, _first_days(planted), ground.scope, rules)
    alerts = apply_rules(session, known, ground.scope, rules)
    trial = Trial(alerts, ground.bought, abuses)
    found = evaluate(trial.ranked(), abuses, ground.purchases)
    return found._replace(learning=learning(trial))


class _Ground(NamedTuple):
    """The weeks that were looked at, and how many purchases of each department lie in them."""

    scope: Scope
    bought: Mapping[str, int]

    @property
    def purchases(self) -> int:
        """How many purchases lie in all of them."""
        return sum(self.bought.values())

    @classmethod
    def of(cls, planted: pa.Table, rules: Rulebook) -> "_Ground":
        """The weeks after the year by which the rules know what is usual."""
        days = planted["transaction_date"]
        begins, ends = pc.min(days).as_py(), pc.max(days).as_py()
        first = monday_of(begins) + WEEK * SETTLED_WEEKS
        fewest = rules["NEW_MERCHANT"].parameters["busy_week_transactions"]
        busy_from = next(_busy_weeks(planted, fewest), None)
        scope = Scope(first, monday_of(ends), begins, busy_from)
        within = planted.filter(pc.greater_equal(days, pa.scalar(first)))
        return cls(scope, Counter(within["department"].to_pylist()))


def _busy_weeks(planted: pa.Table, fewest: int) -> Iterator[date]:
    mondays = pc.floor_temporal(planted["transaction_date"], unit="week").cast(pa.date32())
    counted = pa.table({"week": mondays}).group_by("week").aggregate([([], "count_all")])
    for row in counted.sort_by("week").to_pylist():
        if row["count_all"] >= fewest:
            yield row["week"]


def _first_days(planted: pa.Table) -> pa.Table:
    bought = planted.filter(pc.greater(planted["amount"], pa.scalar(Decimal("0.00"), money.ARROW)))
    days = bought.group_by("merchant").aggregate([("transaction_date", "min")])
    return days.rename_columns({"transaction_date_min": "first_day"})
