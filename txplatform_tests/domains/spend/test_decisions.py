"""Decisions on alerts: legal moves only, all or nothing, appended, and the second is told."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from txplatform.domains.spend import decisions
from txplatform.domains.spend.decisions import (
    FINAL,
    ConflictError,
    Entry,
    Kind,
    Seen,
    State,
    UnknownAlertError,
)
from txplatform.domains.spend.queries.cases import decision_page
from txplatform.errors import UsageError
from txplatform_tests.domains.spend.alert_rows import raise_alerts, seen, settle

ALERTS = "alert_id\na\nb\nc"


@pytest.fixture(autouse=True)
def alerts(desk: Engine) -> None:
    """The alerts a, b and c."""
    raise_alerts(desk, ALERTS)


def history(desk: Engine, alert_id: str = "a") -> list[tuple[object, ...]]:
    """Kind, state and assignee of the entries on an alert."""
    found = decision_page(desk, alert_id)
    assert found is not None
    return [(row["kind"], row["state"], row["assignee"]) for row in found.rows.to_pylist()]


def test_an_alert_is_taken_up_and_decided(desk: Engine) -> None:
    [taken] = decisions.decide(desk, seen("a"), State.IN_REVIEW, None, "Ada")
    [decided] = decisions.decide(
        desk, seen("a", sequence=1), State.ABUSIVE, "  the sum was split  ", "Grace"
    )

    assert taken[:7] == ("a", 1, Kind.DECIDE, State.IN_REVIEW, "Ada", None, "Ada")
    assert decided[:7] == (
        "a", 2, Kind.DECIDE, State.ABUSIVE, "Ada", "the sum was split", "Grace",
    )  # fmt: skip
    assert decided.decided_at > taken.decided_at


@pytest.mark.parametrize("state", [State.OPEN, *sorted(FINAL)])
def test_an_open_alert_is_taken_up_before_it_is_decided(desk: Engine, state: State) -> None:
    with pytest.raises(UsageError, match=f"a is open and cannot become {state}: .* in_review"):
        decisions.decide(desk, seen("a"), state, "because", "Ada")

    assert history(desk) == []


@pytest.mark.parametrize("state", [State.OPEN, State.IN_REVIEW, *sorted(FINAL)])
def test_what_is_decided_changes_by_an_undo_only(desk: Engine, state: State) -> None:
    settle(desk, "a", State.JUSTIFIED)

    with pytest.raises(UsageError, match=r"a is justified and cannot become .* but an undo"):
        decisions.decide(desk, seen("a", sequence=2), state, "because", "Ada")


@pytest.mark.parametrize("state", sorted(FINAL))
@pytest.mark.parametrize("reason", [None, "", " \n "])
def test_a_decision_has_a_reason(desk: Engine, state: State, reason: str | None) -> None:
    decisions.decide(desk, seen("a"), State.IN_REVIEW, None, "Ada")

    with pytest.raises(UsageError, match="The reason is missing"):
        decisions.decide(desk, seen("a", sequence=1), state, reason, "Ada")


@pytest.mark.parametrize(
    ("by", "sentence"),
    [("  ", "is missing"), ("x" * 201, "201 characters: 200 is the most"), ("a\0b", "control")],
)
def test_whoever_decides_has_a_name(desk: Engine, by: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        decisions.decide(desk, seen("a"), State.IN_REVIEW, None, by)


@pytest.mark.parametrize("reason", ["\ud800", "a\0b", "x" * 4_001])
def test_a_reason_is_text_that_can_be_kept(desk: Engine, reason: str) -> None:
    with pytest.raises(UsageError, match="The comment"):
        decisions.comment(desk, seen("a"), reason, "Ada")


def test_hostile_texts_live_happily(desk: Engine) -> None:
    said = "'; DROP TABLE decisions; --\n<script>alert(1)</script> %s {0}"

    [entry] = decisions.comment(desk, seen("a"), said, "'; DROP TABLE alerts; --")

    assert (entry.reason, entry.decided_by) == (said, "'; DROP TABLE alerts; --")


def test_an_alert_that_is_not_there_is_named(desk: Engine) -> None:
    with pytest.raises(UnknownAlertError, match="There is no alert 'x'"):
        decisions.assign(desk, seen("a", "x"), "Ada", "Ada")

    assert history(desk) == []


def test_assigning_and_commenting_leave_the_state(desk: Engine) -> None:
    decisions.assign(desk, seen("a"), "Grace", "Ada")
    decisions.comment(desk, seen("a", sequence=1), "ask for the receipt", "Ada")
    decisions.decide(desk, seen("a", sequence=2), State.IN_REVIEW, None, "Ada")
    decisions.assign(desk, seen("a", sequence=3), " ", "Ada")

    assert history(desk) == [
        ("assign", "open", "Grace"),
        ("comment", "open", "Grace"),
        ("decide", "in_review", "Grace"),
        ("assign", "in_review", None),
    ]


def test_many_are_decided_at_once(desk: Engine) -> None:
    decisions.decide(desk, seen("c", "a", "b"), State.IN_REVIEW, None, "Ada")

    entries = decisions.decide(
        desk, seen("a", "b", "c", sequence=1), State.DISMISSED, "paid twice a year", "Ada"
    )

    assert [(one.alert_id, one.state) for one in entries] == [
        ("a", State.DISMISSED), ("b", State.DISMISSED), ("c", State.DISMISSED),
    ]  # fmt: skip


def test_many_are_decided_all_or_nothing_and_each_conflict_is_named(desk: Engine) -> None:
    decisions.decide(desk, seen("a"), State.IN_REVIEW, None, "Grace")
    decisions.comment(desk, seen("c"), "wait", "Edith")

    with pytest.raises(ConflictError) as refused:
        decisions.decide(desk, seen("a", "b", "c"), State.IN_REVIEW, None, "Ada")

    said = str(refused.value)
    assert "alert a changed: Grace made the entry decide (in_review) on 20" in said
    assert "alert c changed: Edith made the entry comment (open)" in said
    assert "because: wait" in said
    assert "alert b" not in said
    assert history(desk, "b") == []


@pytest.mark.parametrize("wanted", [[], [Seen("a", 0), Seen("a", 1)], [Seen("a", 0)] * 2])
def test_each_alert_is_named_once(desk: Engine, wanted: list[Seen]) -> None:
    with pytest.raises(UsageError, match="at least one alert, and each of them once"):
        decisions.comment(desk, wanted, "hm", "Ada")


def test_a_sequence_that_was_never_there_is_a_conflict(desk: Engine) -> None:
    with pytest.raises(ConflictError, match="a has no entry yet"):
        decisions.comment(desk, seen("a", sequence=7), "hm", "Ada")


def test_an_undo_goes_back_step_by_step_and_keeps_comments(desk: Engine) -> None:
    settle(desk, "a", State.ABUSIVE)
    decisions.comment(desk, seen("a", sequence=2), "really?", "Grace")

    decisions.undo(desk, seen("a", sequence=3), "wrong alert", "Ada")
    decisions.undo(desk, seen("a", sequence=4), "not mine either", "Ada")
    with pytest.raises(UsageError, match="Nothing is left to undo on the alert a"):
        decisions.undo(desk, seen("a", sequence=5), "once more", "Ada")

    assert history(desk)[2:] == [
        ("comment", "abusive", "Ada"),
        ("undo", "in_review", "Ada"),
        ("undo", "open", None),
    ]


def test_after_an_undo_it_is_decided_anew(desk: Engine) -> None:
    settle(desk, "a", State.ABUSIVE)
    decisions.undo(desk, seen("a", sequence=2), "wrong button", "Ada")
    decisions.decide(desk, seen("a", sequence=3), State.DISMISSED, "a refund came", "Ada")

    decisions.undo(desk, seen("a", sequence=4), "wrong again", "Ada")

    assert [state for _, state, _ in history(desk)][-2:] == ["dismissed", "in_review"]


def test_a_second_look_is_another_persons(desk: Engine) -> None:
    settle(desk, "a", State.DISMISSED, "Ada")

    with pytest.raises(UsageError, match="Ada dismissed the alert a: the second look is another"):
        decisions.second_look(desk, seen("a", sequence=2), State.DISMISSED, "fine", " Ada ")
    [confirmed] = decisions.second_look(
        desk, seen("a", sequence=2), State.DISMISSED, "fine", "Grace"
    )

    assert (confirmed.kind, confirmed.state) == (Kind.SECOND_LOOK, State.DISMISSED)


def test_a_second_look_may_reopen(desk: Engine) -> None:
    settle(desk, "a", State.DISMISSED)

    decisions.second_look(desk, seen("a", sequence=2), State.IN_REVIEW, "no receipt", "Grace")
    decisions.decide(desk, seen("a", sequence=3), State.ABUSIVE, "confessed", "Grace")

    assert history(desk)[-1][:2] == ("decide", "abusive")


@pytest.mark.parametrize("state", [State.ABUSIVE, State.JUSTIFIED, State.OPEN])
def test_a_second_look_confirms_or_reopens(desk: Engine, state: State) -> None:
    settle(desk, "a", State.DISMISSED)

    with pytest.raises(UsageError, match=r"ends with dismissed .* or in_review"):
        decisions.second_look(desk, seen("a", sequence=2), state, "hm", "Grace")


def test_a_second_look_is_at_what_was_dismissed(desk: Engine) -> None:
    settle(desk, "a", State.ABUSIVE)

    with pytest.raises(UsageError, match="a is abusive, not dismissed"):
        decisions.second_look(desk, seen("a", sequence=2), State.DISMISSED, "hm", "Grace")


def _at_once(*acts: Callable[[], list[Entry]]) -> tuple[list[Entry], list[str]]:
    """What acts in threads of their own wrote, and what those that were refused were told."""
    start, written, told = threading.Barrier(len(acts)), list[Entry](), list[str]()

    def act(one: Callable[[], list[Entry]]) -> None:
        start.wait()
        try:
            written.extend(one())
        except ConflictError as refusal:
            told.append(str(refusal))

    threads = [threading.Thread(target=act, args=(one,)) for one in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return written, told


def test_of_two_controllers_at_once_the_second_is_told(desk: Engine) -> None:
    """Catches: a decision that overwrites another, and one that is lost without a word."""
    for round_ in range(10):
        name = f"r{round_}"
        raise_alerts(desk, f"alert_id\n{name}")

        written, told = _at_once(
            *(
                lambda by=by, name=name: decisions.decide(
                    desk, seen(name), State.IN_REVIEW, None, by
                )
                for by in ("Ada", "Grace")
            )
        )

        [winner] = written
        assert len(told) == 1
        assert f"{winner.decided_by} made the entry decide (in_review)" in told[0]
        assert history(desk, name) == [("decide", "in_review", winner.decided_by)]


def test_two_who_decide_many_at_once_do_not_block_each_other(desk: Engine) -> None:
    """Catches: a deadlock of two that take the same alerts in another order, and halves."""
    written, told = _at_once(
        lambda: decisions.comment(desk, seen("a", "b", "c"), "mine", "Ada"),
        lambda: decisions.comment(desk, seen("c", "b", "a"), "mine", "Grace"),
    )

    assert len({entry.decided_by for entry in written}) == 1
    assert [entry.alert_id for entry in written] == ["a", "b", "c"]
    assert all(f"alert {one} changed" in told[0] for one in "abc")


@pytest.mark.parametrize("table", ["decisions", "sign_offs"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {} SET signed_by = 'x'", "DELETE FROM {}", "TRUNCATE {}", "TRUNCATE {} CASCADE"],
)
def test_the_database_itself_lets_nobody_change_an_entry(
    desk: Engine, table: str, statement: str
) -> None:
    settle(desk, "a", State.ABUSIVE)
    column = "decided_by" if table == "decisions" else "signed_by"
    change = statement.format(table).replace("signed_by", column)

    with (
        pytest.raises(ProgrammingError, match=r"append-only|permission denied"),
        desk.begin() as connection,
    ):
        connection.execute(text(change))

    assert len(history(desk)) == 2
