"""What a cell means, said a second time in another way: the parsers are compared with this.

Nothing here is shared with `parsing.py` but the list of currency signs: amounts are taken apart by
hand and added up as integers, days are `strptime`'s, names are cleaned character by character.
"""

import calendar
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from txplatform.connectors.files import Cell
from txplatform.domains.spend.sources.parsing import CURRENCY_SIGNS, NumberSigns

SPACES = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
LIMIT = 10**18
HEADS = ("", "-", "¤", "-¤", "¤-", "(", "(¤", "¤(")
TAILS = ("", "-", "¤", "-¤", ")", "¤)")
STRPTIME = {"yyyy": "%Y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "dd": "%d", "d": "%d", "HH": "%H"}
CELL = '(?:"(?:[^"]|"")*"|[^",]*)'
INVISIBLE = {"Cc", "Cf", "Cs"}


def cents(cell: Cell, signs: NumberSigns) -> int | None:
    """The amount of a cell in cents; None where it is to be refused."""
    if cell is None or isinstance(cell, (bool, date)):
        return None
    return _cents_of_text(cell.strip(), signs) if isinstance(cell, str) else _cents_of(cell)


def _cents_of(number: int | Decimal) -> int | None:
    if isinstance(number, Decimal) and (not number.is_finite() or abs(number.adjusted()) > 40):
        return 0 if number == 0 else None
    exact = Fraction(number) * 100
    return int(exact) if exact.denominator == 1 and abs(exact) < LIMIT else None


def _cents_of_text(text: str, signs: NumberSigns) -> int | None:
    text = text.replace("\N{MINUS SIGN}", "-")
    point = re.escape(signs.decimal)
    found = re.search(f"{point}?[0-9](.*[0-9])?{point}?", text, re.DOTALL)
    if found is None:
        return None
    head, tail = _shape(text[: found.start()], signs), _shape(text[found.end() :], signs)
    if head not in HEADS or tail not in TAILS or ("(" in head) != (")" in tail):
        return None
    both = f"{head}{tail}"
    if both.count("¤") > 1 or both.count("-") + both.count("(") > 1:
        return None
    size = _digits(found.group(), signs)
    return -size if size and {"-", "("} & set(both) and "+" not in text else size


def _shape(part: str, signs: NumberSigns) -> str | None:
    """What stands beside a number, its currency as `¤`; None for anything else."""
    own = [sign for sign, codes in CURRENCY_SIGNS.items() if signs.currency in codes]
    marked = "\0" if "¤" in part else part.replace("+", "-")
    for money in (signs.currency, *own):
        marked = marked.replace(money, "¤")
    shape = "".join(char for char in marked if char not in SPACES)
    is_apart = re.search(rf"¤[{SPACES}]+\(", marked)
    return None if is_apart or set(shape) - set("¤-()") else shape


def _digits(text: str, signs: NumberSigns) -> int | None:
    whole, *fractions = text.split(signs.decimal)
    cents = [f"{part:0<2}"[:2] + f"{part:0<2}"[2:].rstrip("0") for part in fractions]
    if len(fractions) > 1 or not all(_is_number(part) and len(part) == 2 for part in cents):
        return None
    separators = set(whole) - set("0123456789")
    groups = re.split(f"[{re.escape(''.join(separators))}]", whole) if separators else [whole]
    if not _are_thousands(groups, separators, signs):
        return None
    digits = "".join(groups).lstrip("0") + "".join(cents or ["00"])
    return int(digits) if len(digits) <= 18 else None


def _are_thousands(groups: Sequence[str], separators: set[str], signs: NumberSigns) -> bool:
    if not separators:
        return True
    lengths = [len(group) for group in groups]
    is_known = len(separators) == 1 and separators <= {*SPACES, signs.thousands}
    is_regular = 1 <= lengths[0] <= 3 and set(lengths[1:]) == {3}
    return is_known and is_regular and groups[0][0] != "0"


def _is_number(text: str) -> bool:
    return bool(text) and set(text) <= set("0123456789")


def day(cell: Cell, date_format: str) -> date | None:
    """The day of a cell as `strptime` reads it; None where it cannot."""
    if not isinstance(cell, str):
        return cell if isinstance(cell, date) else None
    text = cell.strip()
    pattern = re.sub("yyyy|M{2,4}|dd?|HH", lambda found: STRPTIME[found.group()], date_format)
    pattern = pattern.replace("mm", "%M").replace("ss", "%S")
    if "MMM" in date_format:
        text = re.sub("[A-Za-z]{3,}", _month, text)
        pattern = pattern.replace("%B", "%b")
    try:
        return datetime.strptime(re.sub(r"(:[0-9]{2})\.[0-9]+$", r"\1", text), pattern).date()
    except ValueError:
        return None


def _month(found: re.Match[str]) -> str:
    """A month by its beginning, as `strptime` abbreviates it."""
    names = [name for name in calendar.month_name if name.lower().startswith(found[0].lower())]
    return names[0][:3] if names else found[0]


def is_plain_day(text: str, date_format: str) -> bool:
    """Whether `strptime` is as strict with a text as the contract: no space of its own."""
    is_spaced = sum(map(str.isspace, text.strip())) != date_format.count(" ")
    touching = "MMdd" in date_format or "ddMM" in date_format or "HH" in date_format
    is_short = touching and len(text.strip()) != len(date_format)
    return text.isascii() and not is_spaced and not is_short and "t" not in text


def cells(record: str) -> list[str] | None:
    """The cells of a record whose quotes are where they belong; None for any other."""
    if not re.fullmatch(f"{CELL}(?:,{CELL})*", record, re.DOTALL):
        return None
    found = [one.group(1) for one in re.finditer(f"(?:^|,)({CELL})", record, re.DOTALL)]
    plain = [one[1:-1].replace('""', '"') if one.startswith('"') else one for one in found]
    return plain if record else []


def name(cell: Cell) -> str:
    """A text cell as a name; blank where it says nothing."""
    kept = "".join(
        " " if char.isspace() else char
        for char in str(cell)
        if char.isspace() or unicodedata.category(char) not in INVISIBLE
    )
    return re.sub(" +", " ", re.sub(r"\s", " ", unicodedata.normalize("NFC", kept))).strip()
