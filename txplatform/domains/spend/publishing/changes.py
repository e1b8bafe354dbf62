"""Making known which weeks ingestions changed: measured, and noted in PostgreSQL."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from txplatform.domains.spend import measuring, tables
from txplatform.domains.spend.measuring import WeekMeasure
from txplatform.domains.spend.publishing.weekly import record_measures
from txplatform.domains.spend.sources.ingestions import UNNOTED
from txplatform.platform import Platform


def note_changes(platform: Platform) -> dict[date, WeekMeasure]:
    """Measure the weeks that finished ingestions changed and that nobody has measured since.

    Returns:
        The weeks whose measure is news: these, and the week after each, are now stale where they
        were computed before. Whoever dies in between leaves the rest to the next call.
    """
    ingestions = platform.database[tables.INGESTIONS]
    found = list(ingestions.find(UNNOTED, {"weeks": 1, "is_shown": 1}))
    changed = sorted({week.date() for one in found for week in one["weeks"]})
    measured, noted = _measured_and_noted(platform, changed)
    shown = {week.date() for one in found if one.get("is_shown") for week in one["weeks"]}
    news = {week: measured[week] for week in sorted(shown.union(noted))}
    ingestions.update_many(
        {"_id": {"$in": [one["_id"] for one in found]}}, {"$set": {"is_noted": True}}
    )
    return news


def show_changes(platform: Platform, changed: Iterable[date]) -> None:
    """Let people see at once which weeks a withdrawal made stale, where Dagster is not loaded.

    The next `note_changes` tells them to Dagster too.
    """
    weeks_changed = sorted(changed)
    _measured_and_noted(platform, weeks_changed)
    days = [datetime(week.year, week.month, week.day) for week in weeks_changed]
    platform.database[tables.INGESTIONS].update_many(
        {"weeks": {"$in": days}, "is_noted": {"$ne": True}}, {"$set": {"is_shown": True}}
    )


def _measured_and_noted(
    platform: Platform, changed: Sequence[date]
) -> tuple[Mapping[date, WeekMeasure], list[date]]:
    """The measures of weeks, and the weeks of which they are news in PostgreSQL."""
    if not changed:
        return {}, []
    parallel = platform.settings.mongo_parallel_reads
    measured = measuring.measure(platform.database, changed[0], changed[-1], parallel)
    noted = record_measures(platform.engine, (measured[week] for week in changed))
    return measured, noted
