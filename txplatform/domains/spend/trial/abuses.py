"""What a planted abuse of each rule looks like; some are hard, see `planting.py`."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from math import ceil

import numpy as np

from txplatform.domains.spend.rules.merchant_keys import normalised
from txplatform.domains.spend.trial.grounds import (
    MAD_FACTOR,
    Cents,
    Ground,
    Place,
    Purchase,
    category_and_day,
    elsewhere,
    lacking,
    weeks_to_spike,
    with_score,
)
from txplatform.periods import monday_of

Abuses = Iterator[list[Purchase]]
SATURDAY, SUNDAY = timedelta(days=5), timedelta(days=6)
MANY = 400
SPIKE_WEEKS = 12


def _is_hard(ground: Ground, times: int) -> Iterator[bool]:
    return map(ground.is_hard, range(times))


def _respelled(place: Place) -> Place:
    """The same merchant as somebody else writes it."""
    name = place.merchant
    return place._replace(merchant=f" {name.swapcase()} .".replace(" ", "  - "))


def splits(ground: Ground, times: int) -> Abuses:
    """Three parts a little below the limit, on a Saturday; hard: two that just exceed it."""
    for is_hard in _is_hard(ground, times):
        place, day = ground.place(), ground.weekday()
        limit = ground.limit(place)
        if not is_hard:
            parts = [ground.share(limit, 0.951, 0.999) for _ in range(3)]
            yield [Purchase(_weekend(day, SATURDAY), place, cents) for cents in parts]
            continue
        part = ground.share(limit, 0.5, 0.7)
        rest = limit - part + ground.chance.randint(1, 20)
        yield [Purchase(day, place, part), Purchase(day, _respelled(place), rest)]


def duplicates(ground: Ground, times: int) -> Abuses:
    """A round invoice above the limit, charged twice; hard: a small one, spelled differently."""
    for is_hard in _is_hard(ground, times):
        place, day = ground.place(), ground.weekday()
        cents = ground.share(5_600, 0.9, 1.2) if is_hard else _round(_much(ground, place))
        again = _respelled(place) if is_hard else place
        yield [Purchase(day, place, cents), Purchase(day, again, cents)]


def repeats(ground: Ground, times: int) -> Abuses:
    """Vouchers above the limit, again after days; hard: a small invoice, after a week."""
    for is_hard in _is_hard(ground, times):
        place, day = ground.place(), ground.weekday()
        if not is_hard:
            place = _prohibited(ground, place)
        cents = ground.share(3_100, 0.5, 1.5) if is_hard else _much(ground, place)
        days = 7 if is_hard else ground.chance.randint(1, 6)
        first = Purchase(day - timedelta(days=days), place, cents, is_culprit=False)
        yield [first, Purchase(day, _respelled(place) if is_hard else place, cents)]


def weekends(ground: Ground, times: int) -> Abuses:
    """A private purchase above the limit on a Sunday; hard: a small one on a Saturday."""
    excepted = ground.rules["WEEKEND"].parameters["excepted_categories"]
    for is_hard in _is_hard(ground, times):
        place = ground.place(lambda place, _key: not _has_word(place.category, excepted))
        if is_hard:
            day = _weekend(ground.weekday(), SATURDAY)
            yield [Purchase(day, place, ground.share(2_000, 0.5, 2))]
        else:
            day = _weekend(ground.weekday(), SUNDAY)
            yield [Purchase(day, _prohibited(ground, place), _much(ground, place))]


def categories(ground: Ground, times: int) -> Abuses:
    """A prohibited category just below the limit at a weekend; hard: a small one, in a plural."""
    words = ground.rules["CATEGORY"].parameters["prohibited"]
    for is_hard in _is_hard(ground, times if words else 0):
        place, day = ground.place(), ground.weekday()
        if is_hard:
            word = ground.chance.choice(words).upper()
            hidden = place._replace(category=f"Misc. goods, {word} & other")
            yield [Purchase(day, hidden, ground.share(2_500, 0.3, 1.5))]
        else:
            cents = ground.share(ground.limit(place), 0.955, 0.995)
            yield [Purchase(_weekend(day, SATURDAY), _prohibited(ground, place), cents)]


def just_below(ground: Ground, times: int) -> Abuses:
    """Two that keep to the limit, on a Saturday; hard: one, at an end of the range."""
    lowest = ground.rules["JUST_BELOW"].parameters["lowest_share_of_limit"]
    for is_hard in _is_hard(ground, times):
        place, day = ground.place(), ground.weekday()
        limit = ground.limit(place)
        if is_hard:
            end = ground.chance.choice((ceil(limit * lowest), limit))
            yield [Purchase(day, place, end)]
        else:
            amounts = [ground.share(limit, 0.96, 0.999) for _ in range(2)]
            yield [Purchase(_weekend(day, SATURDAY), place, cents) for cents in amounts]


def over_limit(ground: Ground, times: int) -> Abuses:
    """Far above the limit and what is usual, on a Sunday; hard: a cent or so above the limit."""
    for is_hard in _is_hard(ground, times):
        place, day, amounts = category_and_day(ground)
        if is_hard:
            yield [Purchase(day, place, ground.limit(place) + ground.chance.randint(1, 99))]
        else:
            yield [Purchase(_weekend(day, SUNDAY), place, _unheard_of(ground, place, amounts))]


def round_amounts(ground: Ground, times: int) -> Abuses:
    """A large round sum on a Sunday; hard: the smallest one that counts."""
    parameters = ground.rules["ROUND"].parameters
    multiple, lowest = (int(parameters[name] * 100) for name in ("multiple_of", "lowest_amount"))
    for is_hard in _is_hard(ground, times):
        place, day, amounts = category_and_day(ground)
        if is_hard:
            yield [Purchase(day, place, max(1, ceil(lowest / multiple)) * multiple)]
        else:
            cents = _round(_unheard_of(ground, place, amounts), multiple)
            yield [Purchase(_weekend(day, SUNDAY), place, cents)]


def new_merchants(ground: Ground, times: int) -> Abuses:
    """A supplier made up for the purpose, paid a large round sum; hard: just large enough."""
    for number, is_hard in enumerate(_is_hard(ground, times)):
        place, day, amounts = category_and_day(ground)
        made_up = f"Phoenix Services {chr(65 + number % 26)}{number // 26 or ''} Ltd"
        place = place._replace(merchant=made_up)
        large = int(np.percentile(amounts, 90) * 1.1) + 1  # later plants shift it
        cents = large if is_hard else _round(_unheard_of(ground, place, amounts))
        yield [Purchase(day, place, cents)]


def outliers(ground: Ground, times: int) -> Abuses:
    """Far above what is usual in its category, on a Sunday; hard: a score of 3.7."""
    highest = float(ground.rules["OUTLIER"].parameters["highest_score"])
    for is_hard in _is_hard(ground, times):
        place, day, amounts = category_and_day(ground)
        if is_hard:
            yield [Purchase(day, place, with_score(amounts, highest + 0.2))]
        else:
            yield [Purchase(_weekend(day, SUNDAY), place, _unheard_of(ground, place, amounts))]


def refunds(ground: Ground, times: int) -> Abuses:
    """A refund where the division never bought; hard: one of more than it ever paid there."""
    for is_hard in _is_hard(ground, times):
        place, day = ground.place(), ground.weekday()
        if not is_hard:
            known = ground.merchants_of(place)
            is_everywhere = known >= ground.merchants
            other = "Reversals Ltd" if is_everywhere else ground.place(lacking(known)).merchant
            place = place._replace(merchant=other)
        paid = ground.most_paid(place)
        cents = paid + 1 if is_hard else ground.share(ground.limit(place), 0.5, 3)
        yield [Purchase(day, place, -cents)]


def spikes(ground: Ground, times: int) -> Abuses:
    """One purchase that doubles a department's week; hard: barely dear, of many small ones."""
    refunded = ground.merchants_of_planted("REFUND_UNMATCHED")  # or their refunds were matched
    for is_hard, week in zip(
        _is_hard(ground, times), weeks_to_spike(ground, SPIKE_WEEKS), strict=False
    ):
        score = 4.5 if is_hard else 12
        wanted = max(week.usual + week.deviation / MAD_FACTOR * score - week.spent, 100)
        place = ground.place(elsewhere(week.department, refunded))
        count = min(ceil(wanted / (ground.limit(place) * 0.8)), MANY) if is_hard else 1
        places = [ground.place(elsewhere(week.department, refunded)) for _ in range(count)]
        yield [
            Purchase(
                week.monday + (timedelta(days=number % 5) if is_hard else SATURDAY),
                place,
                ceil(wanted / count) + number,
            )
            for number, place in enumerate(places)
        ]


def _unheard_of(ground: Ground, place: Place, amounts: Cents) -> int:
    """Above the limit, and with a score of 4 to 6 in its category."""
    highest = float(ground.rules["OUTLIER"].parameters["highest_score"])
    unusual = with_score(amounts, highest + ground.chance.uniform(0.5, 2.5))
    return max(unusual, _much(ground, place))


def _much(ground: Ground, place: Place) -> int:
    """An amount that is well above the limit."""
    return ground.share(ground.limit(place), 3, 9)


def _round(cents: int, multiple: int = 10_000) -> int:
    return ceil(cents / multiple) * multiple


def _weekend(day: date, weekend: timedelta) -> date:
    """The Saturday or Sunday of the week of a day."""
    return monday_of(day) + weekend


def _prohibited(ground: Ground, place: Place) -> Place:
    """The same place, selling what may not be bought; where nothing is prohibited, as it is."""
    words = ground.rules["CATEGORY"].parameters["prohibited"]
    return place._replace(category=ground.chance.choice(words).capitalize()) if words else place


def _has_word(category: str, words: list[str]) -> bool:
    """As `policy.has_phrase` recognises a category, on the safe side."""
    known = normalised(category)
    return any(normalised(word) in known for word in words)


ABUSES: Mapping[str, Callable[[Ground, int], Abuses]] = {
    "SPLIT": splits,
    "DUPLICATE": duplicates,
    "REPEAT": repeats,
    "WEEKEND": weekends,
    "CATEGORY": categories,
    "JUST_BELOW": just_below,
    "OVER_LIMIT": over_limit,
    "ROUND": round_amounts,
    "NEW_MERCHANT": new_merchants,
    "OUTLIER": outliers,
    "REFUND_UNMATCHED": refunds,
    "SPIKE": spikes,
}
"""By rule, in the order of planting: those that look at what is usual come last."""
