"""What must come out of generated events, counted while they are made and not by our transforms."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from txplatform.domains.clickstream.sources.event_log import partition_of
from txplatform.domains.clickstream.sources.sample import CLOSING, Arrival, Plan, shoppers
from txplatform.domains.clickstream.sources.sample_shoppers import HOUR_MS, MINUTE_MS, Act, Session

STEPS = ("view", "add", "checkout", "purchase")
WINDOW_MINUTES = (1, 5, 60)


class Truth:
    """Counts of everything that passes through `watch`."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.counts: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.windows: dict[tuple[int, int, str, str], list[Any]] = {}
        self.sessions: set[str] = set()
        self.closing: list[Session] = []
        self._newest: defaultdict[int, int] = defaultdict(lambda: -(1 << 62))

    def watch(self, arrivals: Iterable[Arrival]) -> Iterator[Arrival]:
        """Pass the lines on and count them."""
        for arrival in arrivals:
            self._count(arrival)
            yield arrival

    def _count(self, arrival: Arrival) -> None:
        self.counts["rows"] += 1
        if arrival.act is None:
            self.refused[arrival.rule] += 1
        elif arrival.is_repeat:
            self.counts["duplicates"] += 1
        else:
            self.counts["accepted"] += 1
            self._count_event(arrival.act, partition_of(arrival.line.key))

    def _count_event(self, act: Act, partition: int) -> None:
        is_late = act.at_ms < self._newest[partition] - self.plan.lateness_ms
        self._newest[partition] = max(self._newest[partition], act.at_ms)
        self.counts["late"] += is_late
        if act.customer_id == CLOSING:
            self.closing.append(Session([act], ""))
        else:
            self.sessions.add(act.session_id)
        for minutes in WINDOW_MINUTES:
            start = act.at_ms // (minutes * MINUTE_MS) * minutes * MINUTE_MS
            key = (minutes, start, act.type, act.country)
            window = self.windows.setdefault(key, [0, set(), 0, 0])
            window[0] += 1
            window[1].add(act.session_id)
            window[2] += act.cents
            window[3] += is_late

    def summary(self) -> dict[str, Any]:
        """Everything as JSON; call it when all lines have passed."""
        whole = [*self._whole_sessions(), *self.closing]
        return {
            **{name: self.counts[name] for name in ("rows", "accepted", "duplicates", "late")},
            "conflicts": 0,
            "refused": dict(sorted(self.refused.items())),
            "windows": [
                [*key, n, len(sessions), cents, late]
                for key, (n, sessions, cents, late) in sorted(self.windows.items())
            ],
            "carts": dict(sorted(Counter(one.outcome for one in whole if one.outcome).items())),
            "funnel": funnel(whole),
            "anomalies": [anomaly._asdict() for anomaly in self.plan.anomalies()],
        }

    def _whole_sessions(self) -> Iterator[Session]:
        """The sessions that were sent, as their shoppers acted: generated once more."""
        left = set(self.sessions)
        for one in shoppers(self.plan) if left else ():
            if one.acts[0].session_id in left:
                left.discard(one.acts[0].session_id)
                yield one
            if not left:
                return


def funnel(sessions: Iterable[Session]) -> dict[int, list[int]]:
    """By hour: sessions that reached each step in order, and those that skipped one."""
    hours: defaultdict[int, list[int]] = defaultdict(lambda: [0] * 5)
    for one in sessions:
        first = {step: [a.at_ms for a in one.acts if a.type == step] for step in STEPS}
        hour, since = min(a.at_ms for a in one.acts) // HOUR_MS * HOUR_MS, 0
        reached = 0
        for step in STEPS:
            after = [at for at in first[step] if at >= since]
            if not after:
                break
            since, reached = min(after), reached + 1
            hours[hour][reached - 1] += 1
        hours[hour][4] += any(first[step] for step in STEPS[reached:])
    return {hour: hours[hour] for hour in sorted(hours)}
