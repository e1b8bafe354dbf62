"""The made-up shop: same seed, same bytes; as disordered as it says."""

from txplatform.domains.clickstream.sources.sample import Arrival, Plan, generated
from txplatform.domains.clickstream.sources.sample_truth import Truth

PLAN = Plan(20_000, seed=3, rate=0.8)


def made(plan: Plan) -> tuple[list[Arrival], dict[str, object]]:
    truth = Truth(plan)
    arrivals = list(truth.watch(generated(plan)))
    return arrivals, truth.summary()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    plan = Plan(300)

    assert made(plan) == made(plan)
    assert [one.line for one in made(plan)[0]] != [one.line for one in made(Plan(300, seed=2))[0]]


def test_there_are_as_many_lines_as_asked_for_and_those_that_end_the_sessions() -> None:
    arrivals, truth = made(Plan(1_000))

    assert 1_000 <= len(arrivals) <= 1_030
    assert truth["rows"] == len(arrivals)


def test_lines_come_in_the_order_of_their_arrival() -> None:
    arrived = [one.arrived_ms for one in generated(Plan(2_000))]

    assert arrived == sorted(arrived)


def test_the_shares_are_those_that_are_promised() -> None:
    arrivals, truth = made(PLAN)
    behind = [a.arrived_ms - a.act.at_ms for a in arrivals if a.act and not a.is_repeat]
    carts = dict(truth["carts"])  # type: ignore[call-overload]
    left = carts["abandoned"] + carts["recovered"]

    assert 0.04 < sum(1_000 <= ms < 120_000 for ms in behind) / len(behind) < 0.06
    assert 0.004 < sum(ms >= 180_000 for ms in behind) / len(behind) < 0.006
    assert 0.008 < sum(a.is_repeat for a in arrivals) / len(arrivals) < 0.013
    assert 0.0005 < sum(a.act is None for a in arrivals) / len(arrivals) < 0.002
    assert 0.26 < left / sum(carts.values()) < 0.34
    assert 0.06 < carts["recovered"] / left < 0.14


def test_three_anomalies_are_planted_where_it_is_known_what_is_usual() -> None:
    assert [a.rule for a in PLAN.anomalies()] == ["SILENCE", "RATE", "VELOCITY"]
    assert Plan(500).anomalies() == []
