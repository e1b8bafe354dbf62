"""New versions of alert rules: appended while the stream runs, judged from an event time on."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, insert, select, text

from txplatform.connectors import postgres
from txplatform.domains.clickstream.tables import stream_jobs, stream_rules
from txplatform.errors import UsageError

PARAMETERS: dict[str, dict[str, tuple[float, float]]] = {
    "RATE": {"z": (0.1, 100)},
    "SILENCE": {"z": (0.1, 100), "least_median": (0, 1e9)},
    "ABANDON": {"factor": (1, 100), "least_carts": (1, 1e9)},
    "VELOCITY": {"most_events": (10, 1e6)},
}
"""By rule, its numbers and their bounds; bursts of ten events or fewer are not kept."""

LOCK = text("SELECT pg_advisory_xact_lock(hashtext('clickstream.stream_rules'))")
"""Against a second change, and against a batch that is judging by the versions that it has seen."""


class TooLateError(UsageError):
    """A version would judge windows that were judged already."""


def rules(engine: Engine) -> Sequence[Row[Any]]:
    """Every version of every rule."""
    order = (stream_rules.c.code, stream_rules.c.version)
    with engine.connect() as connection:
        return connection.execute(select(stream_rules).order_by(*order)).all()


def change_rule(
    engine: Engine,
    code: str,
    parameters: Mapping[str, float],
    valid_from: datetime,
    changed_by: str,
) -> Row[Any]:
    """Append a version of a rule.

    Raises:
        UsageError: there is no such rule, or its numbers are not these.
        TooLateError: it would be valid before the watermark: a replay would give other alerts.
    """
    require_right(code, parameters)
    with engine.begin() as connection:
        connection.execute(LOCK)
        watermark = _watermark(connection)
        if watermark is not None and valid_from <= watermark:
            raise TooLateError(
                f"Windows up to {watermark:%Y-%m-%d %H:%M:%S} were judged already: let the version "
                "be valid from a later moment on."
            )
        known = select(func.coalesce(func.max(stream_rules.c.version), 0)).where(
            stream_rules.c.code == code
        )
        values = {
            "code": code,
            "version": connection.execute(known).scalar_one() + 1,
            "parameters": dict(parameters),
            "valid_from": valid_from,
            "changed_by": changed_by,
            "changed_at": postgres.now(connection),
        }
        return connection.execute(insert(stream_rules).values(values).returning(stream_rules)).one()


def require_right(code: str, parameters: Mapping[str, float]) -> None:
    """Refuse what is no rule, or numbers that it does not have.

    Raises:
        UsageError: the sentence says which numbers it takes.
    """
    wanted = PARAMETERS.get(code)
    if wanted is None:
        raise UsageError(f"There is no rule {code!r}: say one of {', '.join(PARAMETERS)}.")
    is_right = wanted.keys() == parameters.keys() and all(
        low <= parameters[name] <= high for name, (low, high) in wanted.items()
    )
    if not is_right:
        bounds = ", ".join(f"{n} ({low:g} to {high:g})" for n, (low, high) in wanted.items())
        raise UsageError(f"{code} takes exactly {bounds}.")


def _watermark(connection: Connection) -> datetime | None:
    found: datetime | None = connection.execute(
        select(func.max(stream_jobs.c.watermark))
    ).scalar_one()
    return found
