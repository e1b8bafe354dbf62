"""A JSON list taken apart into its objects, in bounded memory: `[{...}, {...}]`.

So Socrata answers (`/resource/....json`), and `mongoexport --jsonArray` writes one line of it.
"""

import re
from collections.abc import Iterator
from typing import TextIO

from txplatform.connectors.files.rows import LONGEST_RECORD

CHUNK = 1 << 16
TO_A_BRACE = re.compile(r'(?:[^"{}]++|"(?:[^"\\]++|\\.)*+")*+[{}]', re.DOTALL)
"""Up to the next brace that stands in no text."""
END = "]"
BETWEEN = " \t\r\n,"
DEEPER = {"{": 1, "}": -1}


def listed(stream: TextIO) -> Iterator[tuple[int, str]]:
    """Every record of a list with the line where it begins; what stands between two is one too.

    Raises:
        ValueError: an object is too long to be kept, or the list does not end.
    """
    line, last = 1, ""
    for record in _records(stream):
        last = record.strip(BETWEEN) or last
        if (kept := record.strip(BETWEEN)) and kept != END:
            yield line + record[: record.index(kept)].count("\n"), kept
        line += record.count("\n")
    if last != END:
        raise ValueError(f"the list ends with {last[-40:]!r}, not with {END}")


def _records(stream: TextIO) -> Iterator[str]:
    """The text, cut where an object begins and where it ends."""
    held, scanned, depth = _without_bracket(stream), 0, 0
    while chunk := stream.read(CHUNK):
        held += chunk
        begin = 0
        while brace := TO_A_BRACE.match(held, scanned):
            scanned = brace.end()
            before, depth = depth, max(0, depth + DEEPER[held[scanned - 1]])
            if {before, depth} == {0, 1}:
                cut = scanned - depth  # an opening brace belongs to what follows
                yield held[begin:cut]
                begin = cut
        held, scanned = held[begin:], scanned - begin
        if len(held) > LONGEST_RECORD:
            raise ValueError(f"an object has over {LONGEST_RECORD:,} characters")
    yield from held.rstrip().rpartition(END) if held.rstrip().endswith(END) else (held,)


def _without_bracket(stream: TextIO) -> str:
    """What is read to get behind the bracket that opens the list: its lines count."""
    read = ""
    while (sign := stream.read(1)) and sign != "[":
        read += sign
    return read
