"""The merchant key, in Python: what makes eight spellings of one shop one.

The pages use it for a merchant's history; `purchases.with_keys` computes the same in Spark.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping

UNKNOWN = "(unknown)"
"""What ingestion writes for a blank name: never grouped, so it has no key."""


def normalised(name: str) -> str:
    """NFC, upper case, one space for whatever is neither a letter nor a digit, trimmed."""
    upper = unicodedata.normalize("NFC", name).upper()
    return " ".join(
        "".join(sign if sign.isalpha() or sign.isdecimal() else " " for sign in upper).split()
    )


def merchant_key(
    name: str, aliases: Mapping[str, str], store_numbers: Iterable[str] = ()
) -> str | None:
    """The key of a merchant, or None where the name does not tell it from others.

    Args:
        name: as the source writes it.
        aliases: other spelling -> name to keep, both normalised.
        store_numbers: normalised names of which a number behind the name is the store's.
    """
    key = normalised(name)
    if name == UNKNOWN or not key:
        return None
    if pattern := store_number_pattern(store_numbers):
        key = re.sub(pattern, r"\1", key)
    return aliases.get(key, key)


def store_number_pattern(names: Iterable[str]) -> str:
    """The regular expression of a listed name with words behind it that all hold a digit.

    Names are letters, digits and single spaces, so that Java and Python read it alike.
    """
    longest_first = sorted(names, key=len, reverse=True)
    return rf"^({'|'.join(longest_first)})(?: [^ ]*[0-9][^ ]*)+$" if longest_first else ""
