"""What decisions teach: a controller decides the first cases rightly, and what comes next then."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

import pyarrow as pa

from txplatform.domains.spend.rules.ranking import (
    UNDECIDED,
    Evidence,
    Kind,
    kinds_of,
    risks_of_alerts,
    weight_of,
)
from txplatform.domains.spend.trial.planting import Abuse

DECIDED = 200
"""Cases that are decided, and cases that are looked at after them."""


class Learning(NamedTuple):
    """Abuses in the cases that come after those decided.

    Attributes:
        met: in the cases decided.
        without: in the next ones, with the weights of the severities.
        learnt: in the next ones, with what was decided.
        left: that are in any other case; no order has more in the next ones.
    """

    met: int
    without: int
    learnt: int
    left: int


class Trial(NamedTuple):
    """Alerts as a controller's list holds them, and what is planted in them."""

    alerts: pa.Table
    purchases: Mapping[str, int]
    abuses: Sequence[Abuse]

    def ranked(self, found: Mapping[Kind, Evidence] | None = None) -> pa.Table:
        """The alerts with their risk by the severities, or by what was found."""
        risks = risks_of_alerts(self.alerts, self.purchases, self._weights(found or {}))
        position = self.alerts.schema.get_field_index("risk")
        return self.alerts.set_column(position, "risk", risks)

    def _weights(self, found: Mapping[Kind, Evidence]) -> dict[Kind, Decimal]:
        kinds = sorted(kinds_of(self.alerts)[0])
        return {one: weight_of(one, found.get(one, UNDECIDED)).weight for one in kinds}


def learning(trial: Trial) -> Learning:
    """Decide the first cases as the labels say, and count what is planted in the next ones."""
    planted = _by_culprit(trial.abuses)
    abuses = _abuses_of_cases(trial.alerts, planted)
    listed = _cases(trial.ranked())
    decided, others = listed[:DECIDED], listed[DECIDED:]
    again = _cases(trial.ranked(_decisions(trial.alerts, set(decided), planted)))
    learnt = [case for case in again if case not in set(decided)]

    def count(cases: Sequence[str]) -> int:
        return len(set[int]().union(*(abuses[case] for case in cases)))

    return Learning(count(decided), count(others[:DECIDED]), count(learnt[:DECIDED]), count(others))


def _by_culprit(abuses: Sequence[Abuse]) -> dict[str, int]:
    found = {}
    for number, abuse in enumerate(abuses):
        week = [f"{abuse.week_start} {abuse.department}"]
        found.update(dict.fromkeys(week if abuse.rule == "SPIKE" else abuse.culprits, number))
    return found


def _about(alerts: pa.Table) -> Iterator[list[str]]:
    """The purchases of each alert; of one without any (SPIKE) its week and department."""
    names = ("transaction_ids", "week_start", "department")
    for ids, week, department in zip(*(alerts[n].to_pylist() for n in names), strict=True):
        yield ids or [f"{week} {department}"]


def _abuses_of_cases(alerts: pa.Table, planted: Mapping[str, int]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for case, about in zip(alerts["case_id"].to_pylist(), _about(alerts), strict=True):
        found[case].update(planted[one] for one in about if one in planted)
    return found


def _cases(alerts: pa.Table) -> list[str]:
    """The cases as the list shows them."""
    highest = alerts.group_by("case_id").aggregate(
        [("risk", "max"), ("case_amount_at_risk", "max")]
    )
    order = [("risk_max", "descending"), ("case_amount_at_risk_max", "descending")]
    found: list[str] = highest.sort_by([*order, ("case_id", "ascending")])["case_id"].to_pylist()
    return found


def _decisions(
    alerts: pa.Table, decided: set[str], planted: Mapping[str, int]
) -> dict[Kind, Evidence]:
    abusive, all_of = Counter[Kind](), Counter[Kind]()
    kinds, which = kinds_of(alerts)
    for case, place, about in zip(
        alerts["case_id"].to_pylist(), which.tolist(), _about(alerts), strict=True
    ):
        if case in decided:
            all_of[kinds[place]] += 1
            abusive[kinds[place]] += any(one in planted for one in about)
    return {kind: Evidence(abusive[kind], count) for kind, count in all_of.items()}
