"""Planting abuses: seeded, labelled, every rule, and where the rules can find them."""

import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pyarrow as pa
import pytest

from txplatform.domains.spend.rules.catalogue import Rulebook, load_rules
from txplatform.domains.spend.trial.grounds import SETTLED_WEEKS, Ground
from txplatform.domains.spend.trial.planting import Abuse, plant
from txplatform.errors import UsageError

MONDAY = date(2024, 1, 1)
MERCHANTS = [f"Shop {letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
DEPARTMENTS = {"Roads": ("Bridges", "Signs"), "Parks": ("Trees", "Lawns", "Ponds")}


def purchases(weeks: int, per_week: int = 40) -> pa.Table:
    """Ordinary purchases of some weeks, with a refund here and there."""
    chance = random.Random(7)  # noqa: S311 - seeded, not secret
    rows = []
    for number in range(weeks * per_week):
        department = chance.choice(list(DEPARTMENTS))
        day = MONDAY + timedelta(weeks=number // per_week, days=chance.randrange(5))
        cents = round(4_000 * chance.lognormvariate(0, 0.8))
        rows.append(
            {
                "transaction_id": f"t{number}",
                "department": department,
                "division": chance.choice(DEPARTMENTS[department]),
                "merchant": chance.choice(MERCHANTS),
                "category": chance.choice(("Stationery", "Hardware")),
                "transaction_date": day,
                "amount": Decimal(cents).scaleb(-2),
                "card": None,
            }
        )
    types = {"transaction_date": pa.date32(), "amount": pa.decimal128(18, 2)}
    names = list(rows[0])
    return pa.Table.from_pylist(rows, pa.schema([(n, types.get(n, pa.string())) for n in names]))


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return load_rules(None, Decimal(500), {})


@pytest.fixture(scope="module")
def ordinary() -> pa.Table:
    return purchases(80)


@pytest.fixture(scope="module")
def planted(ordinary: pa.Table, rulebook: Rulebook) -> tuple[pa.Table, tuple[Abuse, ...]]:
    return plant(ordinary, rulebook, 10, 1)


def test_every_rule_gets_its_abuses_easy_and_hard(
    planted: tuple[pa.Table, tuple[Abuse, ...]], rulebook: Rulebook
) -> None:
    _, abuses = planted
    counts = Counter(abuse.rule for abuse in abuses)

    # Spikes keep apart from each other: two departments have room for few.
    assert {rule.code: 10 for rule in rulebook.rules if rule.code != "SPIKE"}.items() <= dict(
        counts
    ).items()
    assert counts["SPIKE"] >= 2
    hard = Counter(abuse.rule for abuse in abuses if abuse.is_hard)
    assert set(hard.values()) == {1}


def test_labels_name_purchases_that_were_added(
    planted: tuple[pa.Table, tuple[Abuse, ...]], ordinary: pa.Table
) -> None:
    table, abuses = planted
    labelled = [one for abuse in abuses for one in abuse.transaction_ids]

    assert table.slice(0, ordinary.num_rows).equals(ordinary)
    assert table["transaction_id"].to_pylist()[ordinary.num_rows :] == labelled
    assert len(set(labelled)) == len(labelled)
    assert table.schema == ordinary.schema
    assert all(set(abuse.culprits) <= set(abuse.transaction_ids) for abuse in abuses)


def test_culprits_lie_where_the_rules_know_what_is_usual(
    planted: tuple[pa.Table, tuple[Abuse, ...]],
) -> None:
    _, abuses = planted
    first = MONDAY + timedelta(weeks=SETTLED_WEEKS)

    assert {abuse.week_start.weekday() for abuse in abuses} == {0}
    assert min(abuse.week_start for abuse in abuses) >= first
    assert max(abuse.week_start for abuse in abuses) < MONDAY + timedelta(weeks=80)


def test_the_same_seed_plants_the_same(
    planted: tuple[pa.Table, tuple[Abuse, ...]], ordinary: pa.Table, rulebook: Rulebook
) -> None:
    again, other = (plant(ordinary, rulebook, 10, seed) for seed in (1, 2))

    assert again[0].equals(planted[0])
    assert again[1] == planted[1]
    assert not other[0].equals(planted[0])


def test_a_rule_that_is_off_gets_none(ordinary: pa.Table) -> None:
    _, abuses = plant(ordinary, load_rules(), 10, 1)

    assert {abuse.rule for abuse in abuses}.isdisjoint({"SPLIT", "JUST_BELOW", "OVER_LIMIT"})


def test_a_year_of_purchases_is_too_little(rulebook: Rulebook) -> None:
    with pytest.raises(UsageError, match="span 50 weeks; planting abuses takes more than 60"):
        Ground(purchases(50), rulebook, random.Random(1))  # noqa: S311 - not secret


def test_another_share_of_hard_ones_is_planted_where_it_is_asked_for(
    ordinary: pa.Table, rulebook: Rulebook
) -> None:
    _, abuses = plant(ordinary, rulebook, 12, 1, hard_one_in=4)

    hard = [abuse.is_hard for abuse in abuses if abuse.rule == "ROUND"]
    assert hard == [False, False, False, True] * 3
