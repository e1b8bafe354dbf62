"""Counts cases that were not there before, in bounded memory: a campaign does not count twice."""

from collections.abc import Iterable


class Distinct:
    """Remembers cases by 28 bits of their hash; two that share them count as one."""

    def __init__(self) -> None:
        self._seen = bytearray(1 << 25)
        self.total = 0

    def count(self, cases: Iterable[str]) -> int:
        """How many of these cases are new."""
        return sum(map(self.is_new, cases))

    def is_new(self, *case: str | int) -> bool:
        """Count a case, unless it was there before."""
        place = hash(case) & 0xFFF_FFFF
        bit = 1 << (place & 7)
        if self._seen[place >> 3] & bit:
            return False
        self._seen[place >> 3] |= bit
        self.total += 1
        return True
