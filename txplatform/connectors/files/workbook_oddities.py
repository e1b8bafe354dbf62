"""What a workbook's reader does not tell of cells: which have no value, which are merged."""

from collections.abc import Sequence
from typing import NamedTuple

UNCOMPUTED = "#FORMULA!"
"""Stands for a formula without a saved value; Excel has no such error."""
UNKNOWN_ERROR = "#ERROR!"
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
"""By the codes of Excel's binary formats."""

Place = tuple[int, int]
"""Row and column from 0."""


class Oddities(NamedTuple):
    """What the reader shows as blank, and cells that are one, from the first to the last."""

    values: dict[Place, str]
    merged: Sequence[tuple[Place, Place]] = ()
