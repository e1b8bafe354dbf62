"""All tables of a log at once: what the stream's tables must say, whatever way they came about."""

from collections.abc import Iterable, Sequence
from typing import Any

from txplatform.domains.clickstream.sources.event_log import Line
from txplatform.domains.clickstream.transforms import alerts, lines, tables
from txplatform.domains.clickstream.transforms.alerts import RuleVersion
from txplatform.domains.clickstream.transforms.lines import Reading, Terms
from txplatform.domains.clickstream.transforms.tables import Rows

COUNTS = ("read", "accepted", "duplicate", "conflict", "refused", "late")


def computed(log: Iterable[Line], rules: Sequence[RuleVersion], terms: Terms) -> dict[str, Rows]:
    """Every table by name, as key to values."""
    reading = lines.read(log, terms)
    watermark = lines.watermark(reading.partitions.values(), terms)
    visits = tables.by_session(reading.events)
    carts = tables.carts(visits, watermark, terms.patience)
    windows = tables.windows(reading.events, watermark)
    on_time = [event.event_time for event in reading.events if not event.is_late]
    judged: dict[str, Any] = {
        "watermark": watermark,
        "first_event_at": min(on_time, default=None),
        "windows": windows,
        "carts_hourly": tables.carts_hourly(carts),
        "visits": visits,
    }
    return {
        **_log_tables(reading),
        "activity_windows": windows,
        "carts": carts,
        "carts_hourly": judged["carts_hourly"],
        "funnel_hourly": tables.funnel(visits),
        "stream_alerts": alerts.all_alerts(judged, rules),
    }


def _log_tables(reading: Reading) -> dict[str, Rows]:
    return {
        "events": {
            (one.partition, one.offset): (one.event_id, *one.content, one.is_late, one.late_by)
            for one in reading.events
        },
        "events_rejected": {(p, offset): (rule,) for p, offset, rule in reading.rejected},
        "event_conflicts": {
            (one.partition, one.offset): (one.event_id, *one.content) for one in reading.conflicts
        },
        "stream_positions": {
            (number,): (one.next_offset, one.newest, *(one.counts[name] for name in COUNTS))
            for number, one in reading.partitions.items()
        },
    }
