"""Events to windows, carts and funnel in plain Python: one loop per table, nothing incremental."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from txplatform.domains.clickstream.sources.vocabulary import CART_TYPES
from txplatform.domains.clickstream.transforms.lines import Event, in_order

Rows = dict[tuple[Any, ...], tuple[Any, ...]]
"""A table: key to values."""
ANCHOR = datetime(2000, 1, 1, tzinfo=UTC)
MINUTES = (1, 5, 60)


def floor(moment: datetime, minutes: int) -> datetime:
    """The start of the window that a moment lies in."""
    length = timedelta(minutes=minutes)
    return ANCHOR + (moment - ANCHOR) // length * length


def by_session(events: Iterable[Event]) -> dict[str, list[Event]]:
    """The events of each visit, in order."""
    visits: defaultdict[str, list[Event]] = defaultdict(list)
    for event in in_order(events):
        visits[event.session_id].append(event)
    return visits


def windows(events: Iterable[Event], watermark: datetime | None) -> Rows:
    """Windows of 1, 5 and 60 minutes: events, sessions, amount, late ones, whether final."""
    groups: defaultdict[tuple[Any, ...], list[Event]] = defaultdict(list)
    for event in events:
        for minutes in MINUTES:
            start = floor(event.event_time, minutes)
            groups[minutes, start, event.type, event.country].append(event)
    return {
        key: (
            len(group),
            len({event.session_id for event in group}),
            sum((event.amount for event in group), Decimal("0.00")),
            sum(event.is_late for event in group),
            watermark is not None and key[1] + timedelta(minutes=key[0]) <= watermark,
        )
        for key, group in groups.items()
    }


def carts(visits: dict[str, list[Event]], watermark: datetime | None, patience: timedelta) -> Rows:
    """The cart of every visit that had one."""
    return {
        (session_id,): cart(visit, watermark, patience)
        for session_id, visit in visits.items()
        if any(event.type in CART_TYPES for event in visit)
    }


def cart(visit: list[Event], watermark: datetime | None, patience: timedelta) -> tuple[Any, ...]:
    """One cart: pieces in and out, value, last touch, due, purchase, status, abandonment."""
    last = max(event.event_time for event in visit if event.type in CART_TYPES)
    purchases = [event.event_time for event in visit if event.type == "purchase"]
    before = [at for at in purchases if at < last]
    bought = min((at for at in purchases if at >= last), default=None)
    lines = [event for event in visit if not before or event.event_time > max(before)]
    added = [event for event in lines if event.type == "add"]
    removed = [event for event in lines if event.type == "remove"]
    pieces_in, pieces_out = (sum(e.quantity for e in part) for part in (added, removed))
    value_in, value_out = (sum(e.amount for e in part) for part in (added, removed))
    due = last + patience
    if bought is not None and bought < due:
        status = "purchased"
    elif pieces_in - pieces_out <= 0:
        status = "emptied"
    elif watermark is None or due > watermark:
        status = "open"
    else:
        status = "abandoned" if bought is None else "recovered"
    abandoned_at = due if status in {"abandoned", "recovered"} else None
    value = Decimal(value_in) - Decimal(value_out)
    return (pieces_in, pieces_out, value, last, due, bought, status, abandoned_at)


def carts_hourly(carts: Rows) -> Rows:
    """Decided carts by the hour in which they fell due."""
    hours: defaultdict[datetime, list[int]] = defaultdict(lambda: [0, 0])
    for *_, due, _, status, _ in carts.values():
        if status in {"purchased", "abandoned", "recovered"}:
            hours[floor(due, 60)][0] += 1
            hours[floor(due, 60)][1] += status != "purchased"
    return {(hour,): tuple(counts) for hour, counts in hours.items()}


def steps(visit: list[Event]) -> tuple[list[datetime], bool]:
    """When each step of the funnel was first reached in order, and whether one was skipped."""
    reached: list[datetime] = []
    for step in ("view", "add", "checkout", "purchase"):
        since = reached[-1] if reached else ANCHOR
        at = [e.event_time for e in visit if e.type == step and e.event_time >= since]
        if not at:
            break
        reached.append(min(at))
    missing = ("view", "add", "checkout", "purchase")[len(reached) :]
    return reached, any(event.type in missing for event in visit)


def funnel(visits: dict[str, list[Event]]) -> Rows:
    """The funnel of each hour, by the visits' first events."""
    hours: defaultdict[datetime, list[int]] = defaultdict(lambda: [0] * 5)
    for visit in visits.values():
        counts = hours[floor(visit[0].event_time, 60)]
        reached, is_out_of_order = steps(visit)
        for number in range(len(reached)):
            counts[number] += 1
        counts[4] += is_out_of_order
    return {(hour,): tuple(counts) for hour, counts in hours.items() if any(counts)}
