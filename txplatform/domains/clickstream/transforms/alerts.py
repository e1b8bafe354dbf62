"""Tables to alerts in plain Python, rule by rule, with the numbers of each judgement."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from math import sqrt
from statistics import median
from typing import Any, NamedTuple

from txplatform.domains.clickstream.transforms.lines import Event
from txplatform.domains.clickstream.transforms.tables import Rows, floor
from txplatform.periods import HOUR, WEEK

MAD_TO_SIGMA = 1.4826
FIVE = timedelta(minutes=5)
LEAST_WEEKS, LEAST_RECENT, MOST_RECENT, LEAST_HOURS = 3, 12, 24, 12
BURST = timedelta(seconds=60)


class RuleVersion(NamedTuple):
    """A version of a rule, from an event time on."""

    code: str
    version: int
    parameters: Mapping[str, float]
    valid_from: datetime


def valid_at(rules: Iterable[RuleVersion], code: str, moment: datetime) -> RuleVersion | None:
    """The version by which a window that starts at a moment is judged."""
    known = [rule for rule in rules if rule.code == code and rule.valid_from <= moment]
    return max(known, key=lambda rule: (rule.valid_from, rule.version), default=None)


def z_score(x: float, baseline: Sequence[float]) -> tuple[float, float]:
    """How far a count lies from what is usual, and the usual count.

    The root is what chance alone makes of a count: twelve equal windows do not make the next one an
    alarm for one event more.
    """
    usual = float(median(baseline))
    spread = float(median([abs(n - usual) for n in baseline]))
    return (x - usual) / max(MAD_TO_SIGMA * spread, sqrt(max(usual, 1.0))), usual


def activity(
    windows: Rows, first_event_at: datetime, watermark: datetime, rules: Sequence[RuleVersion]
) -> Rows:
    """RATE and SILENCE on every final five-minute window of every type and country."""
    counts: dict[tuple[str, str], dict[datetime, int]] = {}
    for (minutes, start, kind, country), values in windows.items():
        if minutes == 5:
            counts.setdefault((kind, country), {})[start] = values[0]
    begin, last = floor(first_event_at, 5), floor(watermark, 5) - FIVE
    found: Rows = {}
    for (kind, country), known in counts.items():
        for start in sorted(_reached(known)):
            if start <= last and (baseline := _baseline(known, start, begin)):
                x = known.get(start, 0)
                score, usual = z_score(x, baseline)
                for rule in _broken(start, score, usual, rules):
                    found[*rule, f"{kind} {country}", start] = (x, usual, score)
    return found


def _reached(known: Iterable[datetime]) -> set[datetime]:
    """Windows in whose judgement one of the known ones has a part: in all others 0 meets 0."""
    shifts = [n * FIVE for n in range(MOST_RECENT + 1)] + [n * WEEK for n in range(1, 5)]
    return {start + shift for start in known for shift in shifts}


def _baseline(known: Mapping[datetime, int], start: datetime, begin: datetime) -> list[int]:
    weeks = [start - n * WEEK for n in range(1, 5) if start - n * WEEK >= begin]
    if len(weeks) >= LEAST_WEEKS:
        return [known.get(moment, 0) for moment in weeks]
    recent = [start - n * FIVE for n in range(1, MOST_RECENT + 1) if start - n * FIVE >= begin]
    return [known.get(moment, 0) for moment in recent] if len(recent) >= LEAST_RECENT else []


def _broken(
    start: datetime, score: float, usual: float, rules: Sequence[RuleVersion]
) -> Iterator[tuple[str, int]]:
    rate, silence = valid_at(rules, "RATE", start), valid_at(rules, "SILENCE", start)
    if rate and score > rate.parameters["z"]:
        yield "RATE", rate.version
    is_usual = silence is not None and usual >= silence.parameters["least_median"]
    if silence and is_usual and score < -silence.parameters["z"]:
        yield "SILENCE", silence.version


def abandoned(hours: Rows, watermark: datetime, rules: Sequence[RuleVersion]) -> Rows:
    """ABANDON on every final hour: the share of abandoned carts against the 24 hours before."""
    found: Rows = {}
    for (hour,), (decided, left) in hours.items():
        before = [hours.get((hour - n * HOUR,), (0, 0)) for n in range(1, 25)]
        shares = [gone / all_ for all_, gone in before if all_]
        rule = valid_at(rules, "ABANDON", hour)
        if rule is None or hour + HOUR > watermark or len(shares) < LEAST_HOURS or not decided:
            continue
        share, usual = left / decided, float(median(shares))
        if decided >= rule.parameters["least_carts"] and share > rule.parameters["factor"] * usual:
            found["ABANDON", rule.version, "shop", hour] = (share, usual, share / max(usual, 0.01))
    return found


def velocity(
    visits: Mapping[str, list[Event]], watermark: datetime, rules: Sequence[RuleVersion]
) -> Rows:
    """VELOCITY on every final minute: most events of a visit within 60 seconds that end in it."""
    found: Rows = {}
    for session_id, visit in visits.items():
        for minute, most in bursts([event.event_time for event in visit]):
            rule = valid_at(rules, "VELOCITY", minute)
            if rule is None or minute + timedelta(minutes=1) > watermark:
                continue
            if most > rule.parameters["most_events"]:
                limit = rule.parameters["most_events"]
                found["VELOCITY", rule.version, session_id, minute] = (most, limit, float(most))
    return found


def bursts(moments: Sequence[datetime]) -> Iterator[tuple[datetime, int]]:
    """By minute, the most events within 60 seconds that end in it; `moments` are sorted."""
    most: dict[datetime, int] = {}
    last_of: dict[datetime, int] = {moment: at for at, moment in enumerate(moments)}
    for moment, at in last_of.items():
        n = at + 1 - bisect_left(moments, moment - BURST + timedelta(milliseconds=1))
        most[floor(moment, 1)] = max(n, most.get(floor(moment, 1), 0))
    yield from most.items()


def all_alerts(tables: Mapping[str, Any], rules: Sequence[RuleVersion]) -> Rows:
    """Every alert that holds, given the tables, the visits and the watermark."""
    watermark, first = tables["watermark"], tables["first_event_at"]
    if watermark is None or first is None:
        return {}
    return {
        **activity(tables["windows"], first, watermark, rules),
        **abandoned(tables["carts_hourly"], watermark, rules),
        **velocity(tables["visits"], watermark, rules),
    }
