"""Cases: alerts of a week that share purchases, their names, and what they question once."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txplatform import money
from txplatform.domains.spend.rules.cases import cases_of

MONDAY = date(2026, 11, 9)
AMOUNTS = {"p1": "400.00", "p2": "480.00", "p3": "480.00", "p4": "10.00", "p5": "-7.00"}
ALERTS = pa.schema(
    [
        ("alert_id", pa.string()),
        ("week_start", pa.date32()),
        ("transaction_ids", pa.list_(pa.string())),
        ("amount_at_risk", money.ARROW),
    ]
)


def alert(name: str, ids: str, amount: str | None = None, week: date = MONDAY) -> dict[str, Any]:
    """An alert; it questions its purchases as a whole unless it says how much of them."""
    purchases = ids.split()
    whole = sum((abs(Decimal(AMOUNTS[one])) for one in purchases), Decimal(0))
    at_risk = Decimal(amount) if amount else whole
    return dict(zip(ALERTS.names, (name, week, purchases, at_risk), strict=True))


def found(alerts: Sequence[dict[str, Any]]) -> tuple[list[str], list[Decimal]]:
    """The case of each alert and its amount."""
    purchases = pa.table(
        {
            "transaction_id": list(AMOUNTS),
            "amount": pa.array([Decimal(one) for one in AMOUNTS.values()], money.ARROW),
        }
    )
    names, amounts = cases_of(pa.Table.from_pylist(list(alerts), ALERTS), purchases)
    return names.to_pylist(), amounts.to_pylist()


def grouped(alerts: Sequence[dict[str, Any]]) -> set[frozenset[str]]:
    """The alerts that are in one case together."""
    cases: dict[str, set[str]] = {}
    for name, one in zip(found(alerts)[0], alerts, strict=True):
        cases.setdefault(name, set()).add(one["alert_id"])
    return {frozenset(one) for one in cases.values()}


def test_one_suspicious_pair_is_one_case_whatever_rules_it_breaks() -> None:
    alerts = [
        alert("split", "p2 p3"),
        alert("below 2", "p2"),
        alert("below 3", "p3"),
        alert("double", "p2 p3", "480.00"),
        alert("else", "p4"),
    ]

    assert grouped(alerts) == {
        frozenset({"split", "below 2", "below 3", "double"}),
        frozenset({"else"}),
    }
    assert found(alerts)[1] == [Decimal("960.00")] * 4 + [Decimal("10.00")]


def test_alerts_are_connected_through_others_whatever_their_order() -> None:
    first, second, bridge = alert("a", "p1 p2"), alert("b", "p3 p4"), alert("c", "p2 p3")

    assert len(grouped([first, second])) == 2
    for order in ([first, second, bridge], [bridge, second, first], [second, bridge, first]):
        assert grouped(order) == {frozenset("abc")}


def test_a_week_is_a_week_and_what_has_no_purchases_stands_alone() -> None:
    later = alert("later", "p1", week=MONDAY + timedelta(7))
    spikes = [alert("spike 1", "", "5.00"), alert("spike 2", "", "6.00")]

    names, amounts = found([alert("a", "p1"), later, *spikes])

    assert len(set(names)) == 4
    assert names[2:] == ["spike 1", "spike 2"], "named after the alert"
    assert amounts[2:] == [Decimal("5.00"), Decimal("6.00")]


def test_the_name_depends_on_week_and_smallest_purchase_alone() -> None:
    """Catches: a link that dies with a new version of a rule, or with a third alert."""
    [name], _ = found([alert("a", "p2 p3")])

    assert found([alert("b", "p2"), alert("c", "p3 p2")])[0] == [name, name]
    assert found([alert("a", "p1 p2 p3")])[0] != [name]
    assert found([alert("a", "p2", week=MONDAY + timedelta(7))])[0] != [name]


@pytest.mark.parametrize(
    ("others", "amount"),
    [([], "480.00"), (["p2"], "480.00"), (["p2", "p3"], "960.00"), (["p1 p2"], "880.00")],
)
def test_of_twins_all_but_one_are_questioned_unless_others_question_it(
    others: list[str], amount: str
) -> None:
    alerts = [alert("twins", "p2 p3", "480.00"), *(alert(one, one) for one in others)]

    assert set(found(alerts)[1]) == {Decimal(amount)}


def test_a_refund_counts_without_its_sign() -> None:
    assert found([alert("refund", "p5")])[1] == [Decimal("7.00")]


@given(st.lists(st.lists(st.sampled_from(list(AMOUNTS)), min_size=1, unique=True), max_size=9))
def test_cases_are_the_connected_parts(ids: list[list[str]]) -> None:
    """Against the plain definition: repeat joining what overlaps until nothing does."""
    alerts = [alert(f"{number}", " ".join(one)) for number, one in enumerate(ids)]
    parts: list[tuple[set[str], set[str]]] = []
    for one in alerts:
        touching = [part for part in parts if part[1] & set(one["transaction_ids"])]
        joined = ({one["alert_id"]}, set(one["transaction_ids"]))
        for part in touching:
            joined = (joined[0] | part[0], joined[1] | part[1])
        parts = [part for part in parts if part not in touching] + [joined]

    assert grouped(alerts) == {frozenset(names) for names, _ in parts}
    totals = dict(zip((one["alert_id"] for one in alerts), found(alerts)[1], strict=True))
    for names, purchases in parts:
        whole = sum((abs(Decimal(AMOUNTS[one])) for one in purchases), Decimal(0))
        assert {totals[name] for name in names} == {whole}
