"""Deciding on alerts: take up, decide, assign, comment, undo, look a second time.

Each function takes the alerts as the caller saw them and writes all of its entries or none.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Engine, func
from sqlalchemy.dialects.postgresql import insert

from txplatform.domains.spend.decisions.entries import (
    FINAL,
    LONGEST_NAME,
    MOVES,
    Entry,
    Kind,
    RefusalError,
    Seen,
    Standing,
    State,
    conflict,
    optional,
    require_unchanged,
    required,
    standings,
)
from txplatform.domains.spend.tables import decisions
from txplatform.errors import UsageError

REASON, NAME, ASSIGNEE = "The reason", "The name of whoever decides", "The assignee"
After = tuple[State, str | None]


class _Act(NamedTuple):
    """What is written on every alert alike."""

    kind: Kind
    reason: str | None
    by: str


def decide(
    engine: Engine, seen: Sequence[Seen], state: State, reason: str | None, by: str
) -> list[Entry]:
    """Take alerts up (open -> in_review), or decide them (in_review -> final, with a reason).

    Whoever takes up an alert that is assigned to nobody is its assignee.

    Args:
        engine: PostgreSQL.
        seen: the alerts with the sequence that the caller saw.
        state: where to: in_review, justified, abusive or dismissed.
        reason: why; needed for the last three.
        by: who decides.

    Raises:
        UsageError: a reason is missing, or the move is not legal from where an alert stands.
        ConflictError: an alert has a newer entry; nothing was written.
    """
    why = (required if state in FINAL else optional)(reason, REASON)

    def after(standing: Standing, who: str) -> After:
        if state not in MOVES[standing.state]:
            facts = {"state": standing.state, "wanted": state}
            raise RefusalError(_illegal(standing, state), "illegal", **facts)
        is_taken_up = state is State.IN_REVIEW and standing.assignee is None
        return state, who if is_taken_up else standing.assignee

    return _append(engine, seen, _Act(Kind.DECIDE, why, by), after)


def _illegal(standing: Standing, state: State) -> str:
    way = ", ".join(sorted(MOVES[standing.state])) or "nothing but an undo"
    return (
        f"The alert {standing.alert_id} is {standing.state} and cannot become {state}: "
        f"from there it is {way}."
    )


def assign(engine: Engine, seen: Sequence[Seen], assignee: str | None, by: str) -> list[Entry]:
    """Say who looks into alerts; None or blank: nobody. Raises as `decide` does."""
    whom = optional(assignee, ASSIGNEE, LONGEST_NAME)
    return _append(
        engine, seen, _Act(Kind.ASSIGN, None, by), lambda standing, _: (standing.state, whom)
    )


def comment(engine: Engine, seen: Sequence[Seen], text: str, by: str) -> list[Entry]:
    """Write something down on alerts. Raises as `decide` does."""
    said = required(text, "The comment")
    return _append(engine, seen, _Act(Kind.COMMENT, said, by), _as_it_is)


def _as_it_is(standing: Standing, _: str) -> After:
    return standing.state, standing.assignee


def undo(engine: Engine, seen: Sequence[Seen], reason: str, by: str) -> list[Entry]:
    """Go back to before the newest change of each alert, by a new entry; comments stay.

    Raises as `decide` does; also UsageError where there is nothing left to undo.
    """

    def after(standing: Standing, _: str) -> After:
        earlier = standing.before_last_change()
        if earlier is None:
            sentence = f"Nothing is left to undo on the alert {standing.alert_id}."
            raise RefusalError(sentence, "nothing_to_undo")
        return earlier

    return _append(engine, seen, _Act(Kind.UNDO, required(reason, REASON), by), after)


def second_look(
    engine: Engine, seen: Sequence[Seen], state: State, reason: str, by: str
) -> list[Entry]:
    """Confirm that alerts were rightly dismissed (`dismissed`), or reopen them (`in_review`).

    Raises as `decide` does; also UsageError where an alert is not dismissed, or where the same
    person dismissed it.
    """
    if state not in (State.DISMISSED, State.IN_REVIEW):
        raise UsageError("A second look ends with dismissed (confirmed) or in_review (reopened).")

    def after(standing: Standing, who: str) -> After:
        if standing.state is not State.DISMISSED:
            sentence = f"The alert {standing.alert_id} is {standing.state}, not dismissed."
            raise RefusalError(sentence, "not_dismissed", state=standing.state)
        if standing.dismissed_by == who:
            raise RefusalError(
                f"{who} dismissed the alert {standing.alert_id}: the second look is another's.",
                "own_dismissal",
                name=who,
            )
        return state, standing.assignee

    return _append(engine, seen, _Act(Kind.SECOND_LOOK, required(reason, REASON), by), after)


def _append(
    engine: Engine,
    seen: Sequence[Seen],
    act: _Act,
    after: Callable[[Standing, str], After],
) -> list[Entry]:
    """Write one entry per alert in one transaction."""
    wanted = {one.alert_id: one for one in sorted(seen)}
    who = required(act.by, NAME, LONGEST_NAME)
    if not wanted or len(wanted) != len(seen):
        raise RefusalError("Name at least one alert, and each of them once.", "none_marked")
    with engine.begin() as connection:
        now = standings(connection, list(wanted))
        require_unchanged(wanted.values(), now)
        rows = []
        for standing in now.values():
            state, assignee = after(standing, who)
            rows.append(
                {
                    "alert_id": standing.alert_id,
                    "sequence": standing.sequence + 1,
                    "kind": act.kind.value,
                    "state": state.value,
                    "assignee": assignee,
                    "reason": act.reason,
                    "decided_by": who,
                    "decided_at": func.clock_timestamp(),
                }
            )
        _insert(connection, rows)
        return [one.entries[-1] for one in standings(connection, list(wanted)).values()]


def _insert(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    """Insert, or say who did in the meantime: the key (alert, sequence) lets only one in.

    The rows are sorted, so that two decisions on many alerts wait for each other and do not block.
    """
    statement = insert(decisions).values(rows).on_conflict_do_nothing()
    written = set(connection.execute(statement.returning(decisions.c.alert_id)).scalars())
    lost = [str(row["alert_id"]) for row in rows if row["alert_id"] not in written]
    if lost:
        raise conflict(standings(connection, lost).values())
