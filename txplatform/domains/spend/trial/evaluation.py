"""How good the rules are: what they find of planted abuses, and what they say of other purchases.

Pure arithmetic over alerts and labels; `planting.py` makes the labels, the package the alerts.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

import pyarrow as pa

from txplatform.domains.spend.trial.learning import Learning
from txplatform.domains.spend.trial.planting import Abuse

FIRST_PERCENTS = (1, 2, 5)
LABEL, BAR, LINE, TEXT = 190, 360, 24, 16
RULE, LIST = "#0072b2", "#d55e00"  # told apart by the colour-blind (Okabe and Ito)


class RuleQuality(NamedTuple):
    """What one rule did; shares are fractions.

    Attributes:
        planted: abuses of the rule.
        recall: of these, those that it found.
        recall_hard: the same of the hard ones.
        precision: of its alerts, those about planted purchases. A lower bound: what else it
            found in the purchases that were there may be abuse too.
        alerts_per_1000: alerts about no planted purchase, per 1,000 purchases not planted.
    """

    planted: int
    recall: float
    recall_hard: float
    precision: float
    alerts_per_1000: float


class Evaluation(NamedTuple):
    """The quality of all rules, and of the list that a controller reads.

    `found_in_first` has, by per cent of the purchases, the share of planted abuses that a
    controller meets who reads the alerts by risk, then amount at risk, until their purchases are
    so many; `easy_in_first` and `hard_in_first` have it of the easy and of the hard ones.
    """

    purchases: int
    rules: Mapping[str, RuleQuality]
    found_in_first: Mapping[int, float]
    easy_in_first: Mapping[int, float]
    hard_in_first: Mapping[int, float]
    learning: Learning | None = None

    def as_json(self) -> dict[str, Any]:
        """What `txplatform spend rules evaluate --json` prints."""
        names = ("recall", "precision", "alerts_per_1000")
        found = {f"found_in_first_{n}_pct": share for n, share in self.found_in_first.items()}
        return {
            "rules": {
                code: {name: getattr(quality, name) for name in names}
                for code, quality in self.rules.items()
            },
            **found,
            **({"learning": self.learning._asdict()} if self.learning else {}),
        }


class _Alert(NamedTuple):
    """An alert as it is compared with labels."""

    rule: str
    about: frozenset[str]


def evaluate(alerts: pa.Table, abuses: Sequence[Abuse], purchases: int) -> Evaluation:
    """Compare alerts with the labels of planted abuses.

    Args:
        alerts: columns of the table `alerts`: `alert_id`, `rule`, `transaction_ids`,
            `department`, `week_start`, `risk` and `amount_at_risk`.
        abuses: the labels.
        purchases: transactions of the weeks that were looked at, planted ones included.
    """
    order = [("risk", "descending"), ("amount_at_risk", "descending"), ("alert_id", "ascending")]
    read = list(_alerts(alerts.sort_by(order)))
    planted = {about for abuse in abuses for about in _all_of(abuse)}
    codes = dict.fromkeys(abuse.rule for abuse in abuses)
    groups = (abuses, *([a for a in abuses if a.is_hard == is_hard] for is_hard in (False, True)))
    every, easy, hard = (_in_first(read, group, purchases) for group in groups)
    return Evaluation(
        purchases,
        {code: _quality(code, read, abuses, planted, purchases) for code in codes},
        every,
        easy,
        hard,
    )


def _alerts(alerts: pa.Table) -> Iterable[_Alert]:
    names = ("rule", "transaction_ids", "department", "week_start")
    for rule, ids, department, week in zip(*(alerts[n].to_pylist() for n in names), strict=True):
        yield _Alert(rule, frozenset(ids or [_week_of(department, week)]))


def _week_of(department: str, week: object) -> str:
    """What an alert without purchases (SPIKE) is about."""
    return f"{week} {department}"


def _culprits(abuse: Abuse) -> frozenset[str]:
    if abuse.rule == "SPIKE":
        return frozenset([_week_of(abuse.department, abuse.week_start)])
    return frozenset(abuse.culprits)


def _all_of(abuse: Abuse) -> frozenset[str]:
    return _culprits(abuse) | frozenset(abuse.transaction_ids)


def _quality(
    code: str,
    alerts: Sequence[_Alert],
    abuses: Sequence[Abuse],
    planted: set[str],
    purchases: int,
) -> RuleQuality:
    own = [alert for alert in alerts if alert.rule == code]
    named = frozenset[str]().union(*(alert.about for alert in own))
    of_rule = [abuse for abuse in abuses if abuse.rule == code]
    others = sum(alert.about.isdisjoint(planted) for alert in own)
    unplanted = purchases - sum(len(abuse.transaction_ids) for abuse in abuses)
    return RuleQuality(
        planted=len(of_rule),
        recall=_share(_culprits(abuse) <= named for abuse in of_rule),
        recall_hard=_share(_culprits(abuse) <= named for abuse in of_rule if abuse.is_hard),
        precision=_share(not alert.about.isdisjoint(planted) for alert in own),
        alerts_per_1000=round(1_000 * others / max(unplanted, 1), 3),
    )


def _in_first(
    alerts: Sequence[_Alert], abuses: Sequence[Abuse], purchases: int
) -> dict[int, float]:
    """The share of abuses met in the first per cents of the purchases, by risk."""
    position: dict[str, int] = {}
    for alert in alerts:
        met = len(position)
        for about in alert.about:
            position.setdefault(about, met)
    first = [min((position.get(one, purchases) for one in _all_of(a)), default=0) for a in abuses]
    return {
        percent: _share(at * 100 < percent * purchases for at in first)
        for percent in FIRST_PERCENTS
    }


def _share(outcomes: Iterable[bool]) -> float:
    """The fraction that is true; of nothing, 0."""
    known = list(outcomes)
    return round(sum(known) / len(known), 4) if known else 0.0


def svg(found: Evaluation) -> str:
    """A bar per rule (recall) and per share of the list (planted abuses found in it)."""
    bars = [(code, one.recall, RULE) for code, one in found.rules.items()]
    bars += [
        (f"found in first {percent} %", share, LIST)
        for percent, share in found.found_in_first.items()
    ]
    height = LINE * (len(bars) + 1)
    lines = "".join(_line(number, *bar) for number, bar in enumerate(bars, start=1))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LABEL + BAR + 70}" height="{height}" '
        f'font-family="sans-serif" font-size="13" role="img">'
        f"<title>Planted abuses that the rules find</title>{lines}</svg>\n"
    )


def _line(number: int, label: str, share: float, colour: str) -> str:
    baseline = number * LINE
    return (
        f'<text x="{LABEL - 8}" y="{baseline}" text-anchor="end">{escape(label)}</text>'
        f'<rect x="{LABEL}" y="{baseline - 13}" width="{share * BAR:.1f}" height="{TEXT}" '
        f'fill="{colour}"/>'
        f'<text x="{LABEL + share * BAR + 6:.1f}" y="{baseline}">{share:.0%}</text>'
    )
