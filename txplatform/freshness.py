"""How far the results of a domain follow what arrived, counted in its periods."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Freshness:
    """How many periods of a domain are up to date, and which is the newest.

    Attributes:
        fresh: computed from what is there now.
        stale: computed from something else than what is there now.
        missing: something arrived, and nothing was computed.
        newest: the last period that was computed, by its start.
        refreshed_at: when a result was last computed.
    """

    fresh: int = 0
    stale: int = 0
    missing: int = 0
    newest: date | datetime | None = None
    refreshed_at: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing has arrived or been computed yet."""
        return not self.fresh + self.stale + self.missing

    @property
    def sentence(self) -> str:
        """The counts, the newest period and its refresh in one line."""
        if self.is_empty:
            return "Nothing has arrived yet."
        counts = f"{self.fresh:,} fresh, {self.stale:,} stale, {self.missing:,} missing"
        if self.newest is None:
            return f"{counts}; nothing is computed."
        refreshed = (
            f", refreshed {self.refreshed_at:%Y-%m-%d %H:%M %Z}" if self.refreshed_at else ""
        )
        newest = (
            f"{self.newest:%Y-%m-%d %H:%M}" if isinstance(self.newest, datetime) else self.newest
        )
        return f"{counts}; the newest is {newest}{refreshed}."
