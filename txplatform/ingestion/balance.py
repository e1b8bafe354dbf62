"""The one rule of every intake: what was read is what became of it, in rows and to the cent."""

from collections.abc import Iterable
from typing import NamedTuple

from txplatform.errors import ReconciliationError


class Total(NamedTuple):
    """Rows, and the sum of their amounts in cents; None where rows carry no amount."""

    rows: int
    cents: int | None = None

    def __str__(self) -> str:
        if self.cents is None:
            return f"{self.rows} rows"
        sign, cents = "-" * (self.cents < 0), abs(self.cents)
        return f"{self.rows} rows of {sign}{cents // 100}.{cents % 100:02}"


def require_balanced(source: str, read: Total, became: Iterable[Total]) -> None:
    """Refuse an intake that lost rows or amounts, or counted them twice.

    Args:
        source: names it in the sentence.
        read: everything that came.
        became: the same by what became of it.

    Raises:
        ReconciliationError: they differ.
    """
    parts = list(became)
    cents = None if read.cents is None else sum(part.cents or 0 for part in parts)
    accounted = Total(sum(part.rows for part in parts), cents)
    if accounted != read:
        raise ReconciliationError(
            f"{source}: {read} were read, but {accounted} are accounted for; "
            "the ingestion is not finished."
        )
