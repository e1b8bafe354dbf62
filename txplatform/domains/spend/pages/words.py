"""Reasons and states in words: why a division's spend moved, where a week stands."""

from decimal import ROUND_HALF_UP, Decimal

from txplatform.domains.spend.pages import texts
from txplatform.domains.spend.pages.desk import Desk
from txplatform.domains.spend.queries import WeekStatus
from txplatform.domains.spend.queries.trends import Movement, Sums

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


def state(desk: Desk, status: WeekStatus) -> str:
    """Where a week stands; the open one is not over, whatever was computed of it."""
    is_open = status.week_start >= desk.open_week
    return desk.text("week.open" if is_open else f"week.{status.state}")


def refused(desk: Desk, rule: str, reason: str = "") -> str:
    """Why a row is refused: as it was written down in English, else what its rule means."""
    meaning = texts.catalogue(desk.language).get(f"refused_row.{rule}", rule)
    return reason if reason and desk.language == "en" else meaning


def reason(desk: Desk, movement: Movement) -> str:
    """Why the net total moved: the larger of refunds, number of purchases and their size.

    The gross total is number x average, so its change is the change of the number at the old
    average and the change of the average at the new number.
    """
    now, before = movement.now, movement.before
    if not before.transaction_count:
        return desk.text("reason.new", count=desk.whole(now.transaction_count))
    if not now.transaction_count:
        return desk.text("reason.gone", count=desk.whole(before.transaction_count))
    average_now, average_before = _average(now), _average(before)
    by_number = (now.transaction_count - before.transaction_count) * average_before
    by_average = (average_now - average_before) * now.transaction_count
    by_refunds = now.refund_amount - before.refund_amount
    largest = max(by_number, by_average, by_refunds, key=abs)
    if largest == by_refunds:
        amounts = {"now": now.refund_amount, "before": before.refund_amount}
        return desk.text("reason.refunds", **{name: desk.money(a) for name, a in amounts.items()})
    if largest == by_number:
        key = "reason.more" if by_number > 0 else "reason.fewer"
        counts = {"now": now.transaction_count, "before": before.transaction_count}
        return desk.text(key, **{name: desk.whole(count) for name, count in counts.items()})
    key = "reason.dearer" if by_average > 0 else "reason.cheaper"
    return desk.text(key, now=_written(desk, average_now), before=_written(desk, average_before))


def _average(sums: Sums) -> Decimal:
    return (sums.total_amount - sums.refund_amount) / sums.transaction_count


def _written(desk: Desk, average: Decimal) -> str:
    return desk.money(average.quantize(CENT, ROUND_HALF_UP))
