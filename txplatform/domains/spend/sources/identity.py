"""Who a purchase is: the `_id` of its document, and the fingerprint that makes weeks stale.

Without an id in the source, `_id` is the hash (blake2b, 16 bytes, as 32 hex digits) of the
canonical fields and, from the second identical row of a file on, of its occurrence number. With
an id it is readable: `layout:id`, or `database.collection:id` for a company's collection.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple, cast

import numpy as np
import numpy.typing as npt

from txplatform.domains.spend.sources.records import Purchase
from txplatform.domains.spend.sources.remembering import REMEMBERED

ID_BYTES = 16
FINGERPRINT_BYTES = 5


class Identified(NamedTuple):
    """The `_id` of a purchase, and the canonical text that it was made of."""

    id: str
    text: str


class ContentIds:
    """Identifies the purchases of a file without ids, in the order of the file."""

    def __init__(self) -> None:
        self._occurrences = Occurrences()

    def __call__(self, purchases: Sequence[Purchase], _lines: Sequence[int], /) -> list[Identified]:
        """Identify the next purchases of the file."""
        texts = [canonical_text(purchase) for purchase in purchases]
        digests = [content_digest(text) for text in texts]
        ids = map(id_of_occurrence, digests, self._occurrences.number(digests))
        return list(map(Identified, ids, texts))


class SourceIds:
    """Identifies purchases that have an id, below the prefix of their source."""

    def __init__(self, prefix: str) -> None:
        """Prefix the ids with the name of a layout or collection."""
        self._prefix = prefix

    def __call__(self, purchases: Sequence[Purchase], _lines: Sequence[int], /) -> list[Identified]:
        """Identify purchases."""
        ids = [f"{self._prefix}:{purchase.id}" for purchase in purchases]
        return list(map(Identified, ids, map(canonical_text, purchases)))


def canonical_text(purchase: Purchase) -> str:
    """The canonical fields as one text; names hold no control characters, so none joins alike."""
    department, division, merchant, category, day, cents, year, period, card, _ = purchase
    return (
        f"{department}\x1f{division}\x1f{merchant}\x1f{category}\x1f{_iso(day)}\x1f{cents}\x1f"
        f"{'' if year is None else year}\x1f{'' if period is None else period}\x1f{card or ''}"
    )


@lru_cache(REMEMBERED)
def _iso(day: date) -> str:
    return day.isoformat()


def content_digest(text: str) -> bytes:
    """Hash of the canonical fields of a row."""
    return blake2b(text.encode(), digest_size=ID_BYTES).digest()


def id_of_occurrence(digest: bytes, occurrence: int) -> str:
    """The `_id` of the n-th identical row of a file (1 is the first)."""
    if occurrence == 1:
        return digest.hex()
    return blake2b(b"%s%d" % (digest, occurrence), digest_size=ID_BYTES).hexdigest()


def fingerprint(document_id: str, text: str) -> int:
    """40-bit hash of a document's identity and its canonical fields."""
    content = f"{document_id}\x1f{text}".encode()
    return int.from_bytes(blake2b(content, digest_size=FINGERPRINT_BYTES).digest())


class _Run(NamedTuple):
    keys: npt.NDArray[np.uint64]
    counts: npt.NDArray[np.uint32]


class Occurrences:
    """Numbers identical rows of one file: 12 bytes per distinct row, whatever repeats.

    Sorted runs are merged as they grow (a log-structured merge), so that 10 million rows take
    120 MB where a dictionary takes over 1 GB. Rows are told apart by 64 bits of their hash: in 10
    million rows a pair that differs shares them with a probability below 1 in 300,000.
    """

    def __init__(self) -> None:
        self._runs: list[_Run] = []

    def number(self, digests: Sequence[bytes]) -> list[int]:
        """The occurrence number of each of the next rows of the file, from 1."""
        if not digests:
            return []
        keys = np.frombuffer(b"".join(digests), dtype="<u8")[:: ID_BYTES // 8]
        distinct, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
        order = np.argsort(inverse, kind="stable")
        starts = np.cumsum(counts) - counts
        rank = np.empty(len(keys), dtype=np.int64)
        rank[order] = np.arange(len(keys)) - np.repeat(starts, counts)
        numbers = rank + 1 + self._seen(distinct)[inverse]
        self._add(_Run(distinct, counts.astype(np.uint32)))
        return cast("list[int]", numbers.tolist())

    def holds(self, digests: Sequence[bytes]) -> list[bool]:
        """Whether each row has been numbered before."""
        if not digests:
            return []
        keys = np.frombuffer(b"".join(digests), dtype="<u8")[:: ID_BYTES // 8]
        return [bool(count) for count in self._seen(keys)]

    def memory_bytes(self) -> int:
        """What the numbering holds in memory."""
        return sum(run.keys.nbytes + run.counts.nbytes for run in self._runs)

    def _seen(self, keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
        total = np.zeros(len(keys), dtype=np.int64)
        for run in self._runs:
            at = np.minimum(np.searchsorted(run.keys, keys), len(run.keys) - 1)
            total += np.where(run.keys[at] == keys, run.counts[at], 0)
        return total

    def _add(self, run: _Run) -> None:
        while self._runs and len(self._runs[-1].keys) < 2 * len(run.keys):
            run = _merged(self._runs.pop(), run)
        self._runs.append(run)


def _merged(one: _Run, other: _Run) -> _Run:
    keys = np.concatenate([one.keys, other.keys])
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    counts = np.concatenate([one.counts, other.counts])[order]
    firsts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    return _Run(keys[firsts], np.add.reduceat(counts, firsts, dtype=np.uint32))
