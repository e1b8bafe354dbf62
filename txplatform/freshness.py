"""How far the results of a domain follow what arrived: by period, all counted, and what is late."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple


class PeriodState(StrEnum):
    """What the results of a period say, against what is there now."""

    FRESH = "fresh"
    STALE = "stale"
    MISSING = "missing"


class Late(NamedTuple):
    """Results that people wait for, and what they are told of that, once for each version."""

    version: str
    title: str
    sentence: str
    link: str


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

    @classmethod
    def of(cls, periods: Iterable[tuple[PeriodState, date, datetime | None]]) -> "Freshness":
        """Of periods: the state of each, its start, and when it was computed, if it was."""
        known = list(periods)
        counts = Counter(state for state, _, _ in known)
        computed = [(at, start) for _, start, at in known if at]
        return cls(
            fresh=counts[PeriodState.FRESH],
            stale=counts[PeriodState.STALE],
            missing=counts[PeriodState.MISSING],
            newest=max((start for _, start in computed), default=None),
            refreshed_at=max((at for at, _ in computed), default=None),
        )

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
