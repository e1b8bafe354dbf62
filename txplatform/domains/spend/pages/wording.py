"""What pages put into words: why spend moved, where a week stands, what an alert says and is."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from txplatform.domains.spend.pages.reader import SpendReader
from txplatform.domains.spend.queries.cases import evidence_of
from txplatform.domains.spend.queries.status import WeekStatus
from txplatform.domains.spend.queries.trends import Movement, Sums
from txplatform.domains.spend.rules.catalogue import Rule
from txplatform.domains.spend.rules.sentences import kinds_of, render, word
from txplatform.domains.spend.tables.cases import RULES_APART
from txplatform.serving.dashboard.formats import as_text

CENT = Decimal("0.01")
PER_CENT = Decimal("0.0001")
PER_MILLION = Decimal("0.000001")


def change_pct(now: Decimal, before: Decimal) -> Decimal | None:
    """(now - before) / before * 100, four decimals, half up; None where `before` is <= 0."""
    if before <= 0:
        return None
    return ((now - before) / before * 100).quantize(PER_CENT, ROUND_HALF_UP)


def fraction(part: Decimal, whole: Decimal) -> Decimal:
    """part / whole, six decimals, half up, as the shares of the table."""
    return (part / whole).quantize(PER_MILLION, ROUND_HALF_UP)


def state(reader: SpendReader, status: WeekStatus) -> str:
    """Where a week stands; the open one is not over, whatever was computed of it."""
    is_open = status.week_start >= reader.open_week
    return reader.text("week.open" if is_open else f"week.{status.state}")


def refused(reader: SpendReader, rule: str, reason: str = "") -> str:
    """Why a row is refused: as it was written down in English, else what its rule means."""
    meaning = reader.texts.get(f"refused_row.{rule}", rule)
    return reason if reason and reader.language == "en" else meaning


def reason(reader: SpendReader, movement: Movement) -> str:
    """Why the net total moved: the larger of refunds, number of purchases and their size.

    The gross total is number x average, so its change is the change of the number at the old
    average and the change of the average at the new number.
    """
    now, before = movement.now, movement.before
    if not before.transaction_count:
        return reader.text("reason.new", count=reader.whole(now.transaction_count))
    if not now.transaction_count:
        return reader.text("reason.gone", count=reader.whole(before.transaction_count))
    average_now, average_before = _average(now), _average(before)
    by_number = (now.transaction_count - before.transaction_count) * average_before
    by_average = (average_now - average_before) * now.transaction_count
    by_refunds = now.refund_amount - before.refund_amount
    largest = max(by_number, by_average, by_refunds, key=abs)
    if largest == by_refunds:
        amounts = {"now": now.refund_amount, "before": before.refund_amount}
        return reader.text(
            "reason.refunds", **{name: reader.money(a) for name, a in amounts.items()}
        )
    if largest == by_number:
        key = "reason.more" if by_number > 0 else "reason.fewer"
        counts = {"now": now.transaction_count, "before": before.transaction_count}
        return reader.text(key, **{name: reader.whole(count) for name, count in counts.items()})
    key = "reason.dearer" if by_average > 0 else "reason.cheaper"
    return reader.text(
        key, now=_written(reader, average_now), before=_written(reader, average_before)
    )


def _average(sums: Sums) -> Decimal:
    return (sums.total_amount - sums.refund_amount) / sums.transaction_count


def _written(reader: SpendReader, average: Decimal) -> str:
    return reader.money(average.quantize(CENT, ROUND_HALF_UP))


def sentences(reader: SpendReader, alerts: Sequence[Mapping[str, Any]]) -> list[str]:
    """The sentence of each alert; the database keeps the English one and the evidence."""
    if reader.language == "en":
        return [str(one["sentence"]) for one in alerts]
    rules = {rule.code: rule for rule in reader.rulebook.rules}
    found = evidence_of(reader.engine, [one["alert_id"] for one in alerts])
    said = []
    for one in alerts:
        version, evidence = found[one["alert_id"]]
        rule = rules.get(one["rule"])
        is_same = rule is not None and rule.version == version
        said.append(render(rule, evidence, "fr") if rule and is_same else str(one["sentence"]))
    return said


def tags(rules: str) -> str:
    """The rules of a case, each as a tag; Markdown."""
    return " ".join(f":gray-badge[{as_text(rule)}]" for rule in rules.split(RULES_APART))


def facts(reader: SpendReader, rule: Rule | None, evidence: Mapping[str, str]) -> dict[str, str]:
    """Name and value of each fact; those of a rule that is no more are left as they were kept."""
    kinds = kinds_of(rule) if rule else {}
    names = reader.texts
    order = [*kinds, *sorted(evidence.keys() - kinds.keys())]
    return {
        names.get(f"evidence.{name}", name): _value(
            reader, kinds.get(name, ""), str(evidence[name])
        )
        for name in order
        if name in evidence
    }


def _value(reader: SpendReader, kind: str, fact: str) -> str:
    match kind:
        case "money":
            return reader.money(Decimal(fact))
        case "number" | "count" | "days":
            return reader.number(Decimal(fact))
        case "percent":
            return reader.share(Decimal(fact))
        case "day":
            return reader.day(date.fromisoformat(fact))
        case "word":
            return word(fact, "fr" if reader.language == "fr" else "en")
    return fact
