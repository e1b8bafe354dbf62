"""Whose card: kept as a keyed hash wherever it would stand, in refused rows too.

A refused row keeps its text to be read and run again. Where its layout maps a card and cards are
hashed, the row is kept as JSON with a mark in the card's place: the same hash, and a proof that
whoever wrote it had the key. A row in which the card cannot be told from other cells keeps no text;
its file and line are known.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b
from hmac import compare_digest
from typing import NamedTuple

from txplatform.connectors.files import Cell, Row, raw_text
from txplatform.domains.spend.sources.columns import HeaderColumns, is_blank
from txplatform.domains.spend.sources.layouts import Layout
from txplatform.domains.spend.sources.parsing import NO_VALUES, read_text
from txplatform.domains.spend.sources.remembering import REMEMBERED
from txplatform.errors import UsageError

HASH_BYTES, PROOF_BYTES = 16, 8
MARK = "hashed card "
WITHHELD = "(not kept: the line has a card somewhere; look it up in the file)"

CardIdentity = Callable[[str], str | None]


class Kept(NamedTuple):
    """What is kept of a refused row: its text, and whether cards were taken out of it."""

    raw: str
    is_redacted: bool


def card_identity(layout: Layout, key: bytes | None) -> CardIdentity:
    """What is kept of a card: its hash, or, without a key (None), itself.

    Raises:
        UsageError: the layout has cards, and the key to hash them with is empty.
    """
    if key is None or not layout.columns.card:
        return lambda text: text or None
    if not key:
        raise UsageError(
            f"The layout {layout.name} has cards, and there is no key to hash them with: set "
            "TXPLATFORM_SPEND_CARD_KEY."
        )
    short = _short(key)

    @lru_cache(REMEMBERED)
    def hashed(text: str) -> str | None:
        known = _in_mark(text, short)
        return known or (_hash(text, HASH_BYTES, short) if text else None)

    return hashed


def keeping(
    layout: Layout, header: Sequence[str], where: str, key: bytes | None
) -> Callable[[Row], Kept]:
    """How refused rows of a table are kept: as they arrived, or without their cards.

    Args:
        layout: says which columns are cards.
        header: of the table.
        where: names the source in errors.
        key: of the hash of cards; None: they are kept as they arrive.
    """
    columns = HeaderColumns(layout, header, where)
    positions = columns.positions(layout.columns.card or (), is_required=False)
    if not positions or key is None:
        return lambda row: Kept(raw_text(header, row), is_redacted=False)
    identity, short = card_identity(layout, key), _short(key)

    def marked(cell: Cell) -> Cell:
        text = read_text(cell)
        found = None if text in NO_VALUES else identity(text)
        return cell if found is None else f"{MARK}{found}{_proof(found, short)}"

    def without_cards(row: Row) -> Kept:
        beyond = row.cells[len(header) :]
        if row.problem or len(row.cells) < len(header) or not all(map(is_blank, beyond)):
            return Kept(WITHHELD, is_redacted=True)
        cells = [
            marked(cell) if at in positions else cell
            for at, cell in enumerate(row.cells[: len(header)])
        ]
        return Kept(raw_text(header, Row(row.line, cells)), is_redacted=True)

    return without_cards


def _short(key: bytes) -> bytes:
    """A key of any length as one that blake2b takes."""
    return blake2b(key).digest()


def _hash(text: str, size: int, key: bytes) -> str:
    return blake2b(text.encode(), digest_size=size, key=key).hexdigest()


def _proof(hashed: str, key: bytes) -> str:
    return _hash(f"{MARK}{hashed}", PROOF_BYTES, key)


def _in_mark(text: str, key: bytes) -> str | None:
    """The hash in a mark that was made with the key; None where the text is none."""
    if not text.startswith(MARK):
        return None
    found = text.removeprefix(MARK)[: 2 * HASH_BYTES]
    is_ours = compare_digest(text.encode(), f"{MARK}{found}{_proof(found, key)}".encode())
    return found if is_ours else None
