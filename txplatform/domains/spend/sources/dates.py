"""The day that a cell says, in the format that a layout declares with Unicode's and Java's letters.

An instant (a time with an offset) becomes the day it falls on in the layout's time zone; a number
is a date where the format is compact (`yyyyMMdd`) or `excel`.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from txplatform.connectors.files import Cell
from txplatform.domains.spend.sources.parsing import NO_VALUES, Refusal

EXCEL = "excel"
EXCEL_ANCHOR, FIRST_SERIAL, LAST_SERIAL = date(1899, 12, 30), 61, 2_958_465
"""Excel counts a 29 February 1900 that never was: days before it are not told."""
CENTURY, LARGEST_NUMBER = 2000, 10**14
UTC = ZoneInfo("UTC")

NAME, OFFSET = r"[A-Za-z]+\.?", r"(?P<offset>Z|[+-][0-9]{2}(?::?[0-9]{2})?)"
HALF = r"(?P<half>[AaPp])\.?[Mm]\.?"
FIELDS = {
    "yyyy": r"(?P<year>[0-9]{4}|[0-9]{1,3})",
    "yy": r"(?P<year_of_century>[0-9]{2})",
    "MMMM": rf"(?P<month_name>{NAME})",
    "MMM": rf"(?P<month_name>{NAME})",
    "MM": r"(?P<month>[0-9]{1,2})",
    "M": r"(?P<month>[0-9]{1,2})",
    "dd": r"(?P<day>[0-9]{1,2})",
    "d": r"(?P<day>[0-9]{1,2})",
    **dict.fromkeys(("EEEE", "EEE", "E"), NAME),
    "T": "T",
    **dict.fromkeys(("HH", "H"), "(?P<hour>[01]?[0-9]|2[0-3])"),
    **dict.fromkeys(("hh", "h"), "(?P<hour>0?[1-9]|1[0-2])"),
    "mm": "(?P<minute>[0-5][0-9])",
    "ss": r"[0-5][0-9](?:\.[0-9]+)?",
    "S": "[0-9]{1,9}",
    **dict.fromkeys(("a", "AM", "PM"), HALF),
    **dict.fromkeys(("XXX", "XX", "X", "xxx", "xx", "x", "ZZZZZ", "Z"), OFFSET),
}
TOKEN = re.compile(
    r"'[^']*'|yyyy|yy|M{1,4}|d{1,2}|E{1,4}|HH?|hh?|mm|ss|S+|a|AM|PM|X{1,3}|x{1,3}|ZZZZZ|Z|."
)
COMPACT = re.compile("(?:yyyy|yy|MM|dd|HH|mm|ss)+")
TOUCHING = ("yyyy", "yy", "MM", "M", "dd", "d")
EXACTLY_ONE = (("year", "year_of_century"), ("month", "month_name"), ("day",))
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


def read_date(cell: Cell, date_format: str, zone: ZoneInfo = UTC) -> date | Refusal:
    """The written day.

    Args:
        cell: text, a day or a number.
        date_format: in the form `MM/dd/yyyy`, or `excel` for serial numbers.
        zone: in which an instant becomes the day it falls on.
    """
    if isinstance(cell, str):
        text = cell.strip()
        if not text:
            return Refusal("DATE_EMPTY", "the date is empty")
        return _of_serial(text) if date_format == EXCEL else _of_text(text, date_format, zone)
    if isinstance(cell, date):
        return cell
    if cell is None:
        return Refusal("DATE_EMPTY", "the date is empty")
    return _of_number(cell, date_format, zone)


def _of_number(cell: bool | int | Decimal, date_format: str, zone: ZoneInfo) -> date | Refusal:
    number = Decimal(cell)
    is_day = number.is_finite() and 0 < number < LARGEST_NUMBER and not isinstance(cell, bool)
    if is_day and date_format == EXCEL:
        return _of_serial(f"{number:f}")
    if is_day and COMPACT.fullmatch(date_format) and number == int(number):
        return _of_text(f"{int(number):0{len(date_format)}}", date_format, zone)
    return Refusal("DATE_FORMAT", f"{cell!s:.40} is a number, and the layout says {date_format}")


def _of_serial(text: str) -> date | Refusal:
    days = int(found[1]) if (found := re.fullmatch(r"([0-9]{1,7})(?:\.[0-9]*)?", text)) else 0
    if FIRST_SERIAL <= days <= LAST_SERIAL:
        return EXCEL_ANCHOR + timedelta(days)
    counted = Refusal("DATE_FORMAT", f"{text!r:.60} is not a day as Excel counts them")
    return NO_VALUES.get(text, counted)


def _of_text(text: str, date_format: str, zone: ZoneInfo) -> date | Refusal:
    found = date_pattern(date_format).fullmatch(text)
    if found is None:
        written = Refusal("DATE_FORMAT", f"{text!r:.60} is not written as {date_format}")
        return NO_VALUES.get(text, written)
    parts = found.groupdict()
    year = parts.get("year") or f"{CENTURY + int(parts['year_of_century'])}"
    if len(year) <= 2:
        return Refusal("DATE_TWO_DIGIT_YEAR", f"{text!r:.60} does not say the century")
    if len(year) != 4:
        return Refusal("DATE_FORMAT", f"{text!r:.60} is not written as {date_format}")
    try:
        day = date(int(year), _month(parts), int(parts["day"]))
        return _of_instant(day, parts, zone) if parts.get("offset") else day
    except (ValueError, OverflowError):
        return Refusal("DATE_IMPOSSIBLE", f"{text!r:.60} is not a day of the calendar")


def _month(parts: Mapping[str, str]) -> int:
    if "month" in parts:
        return int(parts["month"])
    name = parts["month_name"].lower().removesuffix(".")
    numbers = [at for at, month in enumerate(MONTHS, 1) if month.startswith(name)]
    return numbers[0] if len(name) >= 3 and numbers else 0


def _of_instant(day: date, parts: Mapping[str, str], zone: ZoneInfo) -> date:
    hour = int(parts.get("hour") or 0)
    if half := parts.get("half"):
        hour = hour % 12 + 12 * (half in "Pp")
    written = datetime(day.year, day.month, day.day, hour, int(parts.get("minute") or 0))
    return written.replace(tzinfo=_offset(parts["offset"])).astimezone(zone).date()


def _offset(text: str) -> timezone:
    if text == "Z":
        return timezone(timedelta())
    digits = text[1:].replace(":", "")
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return timezone(-ahead if text[0] == "-" else ahead)


@lru_cache(64)
def date_pattern(date_format: str) -> re.Pattern[str]:
    """The pattern of a date format.

    Raises:
        ValueError: the format has no year, month and day, or unknown letters.
    """
    tokens = TOKEN.findall(date_format)
    fields = ["S" if token.strip("S") == "" else token for token in tokens]
    unknown = [token for token in fields if token.isalpha() and token not in FIELDS]
    names = re.findall(r"<(\w+)>", "".join(FIELDS.get(token, "") for token in fields))
    is_whole = all(sum(map(names.count, group)) == 1 for group in EXACTLY_ONE)
    if unknown or not is_whole or len(set(names)) < len(names):
        raise ValueError(
            f"{date_format!r} is not a date format: write it with yyyy, MM (or MMM) and dd, such "
            "as MM/dd/yyyy or yyyy-MM-dd'T'HH:mm:ss.SSSXXX, or as excel"
        )
    return re.compile("".join(map(_part, ["", *fields], fields, [*fields[1:], ""])))


def _part(before: str, token: str, after: str) -> str:
    """The pattern of one token; where numbers touch (`yyyyMMdd`), 2024115 would be two days."""
    if token not in FIELDS:
        return re.escape(token.strip("'") if len(token) > 1 else token)
    if token in TOUCHING and (before in TOUCHING or after in TOUCHING):
        return re.sub(r"\[0-9\]\{.*(?=\))", f"[0-9]{{{max(2, len(token))}}}", FIELDS[token])
    return FIELDS[token]
